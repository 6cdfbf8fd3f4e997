"""The bytes of every event, pinned: a change here is a change of what old logs mean.

A new event adds a line to ``golden_events.json``. A changed line needs a new version of the event and an upcaster.
"""

import json
from pathlib import Path

import pytest

from domain.event_codec import EventCodec, tag_of, version_of
from domain.ids import ThingId
from domain.kinds import KINDS
from domain.kinds.workspace import events as did
from domain.kinds.workspace.events import EVENTS
from domain.record import Event

GOLDEN = Path(__file__).with_name("golden_events.json")
ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")
TWO = ThingId("01890a5d-ac96-874b-8c3b-000000000002")

SAMPLES: tuple[Event, ...] = (
    did.PatternCreated(pattern_type="swings", name="Swings", category="price_action"),
    did.DetailsChanged(name="Swing points", category="structure"),
    did.DescriptionSubmitted(description="Hochs & „Tiefs“", reasoning="r", steps=("a", "b"), attachments=("https://x/1",)),
    did.StatusChanged(old="soon", new="implementing", reason="r", execution_id=ONE),
    did.MessagePosted(text='a "quoted"\nline', attachments=("https://x/1",)),
    did.SessionCreated(name="EURUSD", data={"bars": 500}, session_count=1),
    did.SessionCompleted(session_id=ONE, success_rate=0.75, result={"hits": 3}, session_count=1, overall_success_rate=0.5),
    did.FeedbackAdded(
        content="no",
        kind="missed",
        session_id=ONE,
        data={"bar": 7},
        attachments=("https://x/1",),
        feedback_count=2,
        unsent_count=1,
    ),
    did.FeedbackChanged(feedback_id=ONE, content="yes", kind="good", data={"bar": 8}, attachments=("https://x/1",)),
    did.FeedbackRemoved(feedback_id=ONE, feedback_count=1, unsent_count=0),
    did.FeedbackBatchSent(feedback_ids=(ONE, TWO), session_id=ONE, unsent_count=0),
    did.ClaudeStarted(execution_id=ONE, prompt_file="/tmp/p.json"),
    did.ClaudePhaseUpdate(execution_id=ONE, phase="testing", note="n", progress=40, round=2),
    did.ClaudeCheckpoint(execution_id=ONE, title="half", note="n", progress=50, data={"files": 3}),
    did.ClaudeCompleted(execution_id=ONE, files=("a.ts",), commit_hash="abc123", commit_message="add swings"),
    did.ClaudeFailed(execution_id=ONE, error="red", progress=50),
    did.ClaudeRetry(execution_id=ONE, reason="again", retry_count=1, max_retries=10, feedback_ids=(TWO,)),
    did.DeployStarted(execution_id=ONE, attempt=1),
    did.DeployBuilding(execution_id=ONE, attempt=1),
    did.DeploySucceeded(execution_id=ONE, attempt=1, url="https://x"),
    did.DeployFailed(execution_id=ONE, attempt=1, error="no disk"),
    did.DeployCanceled(execution_id=ONE, attempt=1, reason="stop"),
    did.DeployRetried(execution_id=ONE, attempt=2, reason="again"),
    did.UserApproved(note="good"),
    did.AdminVerified(note="ship"),
    did.VersionUpdated(old="0.0.0", new="1.0.0", note="n"),
    did.WorkspaceArchived(),
    did.WorkspaceReopened(),
    did.WorkspaceDeleted(),
)

codec = EventCodec(KINDS)


def golden() -> dict[str, dict[str, object]]:
    pinned: dict[str, dict[str, object]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return pinned


def test_every_event_is_pinned() -> None:
    assert set(golden()) == {tag_of(event) for event in EVENTS}
    assert {type(sample) for sample in SAMPLES} == set(EVENTS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: tag_of(type(sample)))
def test_an_event_is_written_as_it_always_was(sample: Event) -> None:
    pinned = golden()[tag_of(type(sample))]

    assert codec.encode_event(sample).decode() == pinned["body"]
    assert version_of(type(sample)) == pinned["version"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: tag_of(type(sample)))
def test_what_was_always_written_is_read(sample: Event) -> None:
    tag = tag_of(type(sample))
    pinned = golden()[tag]

    body = str(pinned["body"]).encode()
    assert codec.decode_event("workspace", tag, int(str(pinned["version"])), body) == sample
