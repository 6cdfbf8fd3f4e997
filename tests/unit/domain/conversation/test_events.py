"""The bytes of every event, pinned: a change here is a change of what old logs mean.

A new event adds a line to ``golden_events.json``. A changed line needs a new version of the event and an upcaster.
"""

import json
from pathlib import Path

import pytest

from domain.event_codec import EventCodec, tag_of, version_of
from domain.ids import ActorId, ThingId
from domain.kinds.conversation import events as did
from domain.kinds.conversation.decider import CONVERSATION
from domain.kinds.conversation.events import EVENTS
from domain.record import Event

GOLDEN = Path(__file__).with_name("golden_events.json")
ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")
TWO = ThingId("01890a5d-ac96-874b-8c3b-000000000002")
ADA = ActorId("01890a5d-ac96-874b-8c3b-00000000000a")
BEN = ActorId("01890a5d-ac96-874b-8c3b-00000000000b")

SAMPLES: tuple[Event, ...] = (
    did.ConversationStarted(project_id=ONE, context={"title": "Büro"}, session_hash="ab" * 32),
    did.MessageAdded(
        role="assistant", text='a "quoted"\nline', metadata={"ended": "stopped"}, turn_id=ONE, attempt=2, author_id=BEN
    ),
    did.TurnStarted(reply_to=ONE, on_behalf_of=ADA),
    did.TurnResumed(turn_id=ONE, attempt=2, position=9),
    did.TurnCompleted(
        turn_id=ONE,
        message_id=TWO,
        model="claude-sonnet",
        model_version="4.5",
        tokens=812,
        latency_ms=2300,
        cost_usd="0.0123",
        confidence=0.75,
        actions=({"type": "update_project", "updates": {"name": "Büro"}},),
        project_id=TWO,
        on_behalf_of=ADA,
    ),
    did.TurnStopped(turn_id=ONE, message_id=TWO),
    did.TurnFailed(turn_id=ONE, error="overloaded", message_id=TWO),
    did.TurnInterrupted(turn_id=ONE, attempt=1, owner_id=ADA),
    did.TurnRated(turn_id=ONE, message_id=TWO, metric_id=ONE, rating=4, accepted=True),
    did.MessageAnnotated(message_id=ONE, intent="requirement", entities=({"type": "number", "value": 150},), confidence=0.9),
    did.RequirementsExtracted(requirements={"desks": 120}),
    did.ContextSet(context={"title": "Büro"}),
    did.ConversationSummarised(summary="An office"),
    did.ActionRefused(turn_id=ONE, action="update_project", reason="not there"),
    did.ConversationCompleted(),
    did.ConversationAbandoned(),
    did.ConversationClaimed(guest_id=BEN, user_id=ADA, user_name="Ada"),
    did.ConversationDeleted(owner_id=ADA),
)

codec = EventCodec({CONVERSATION.kind: CONVERSATION})


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
    assert codec.decode_event("conversation", tag, int(str(pinned["version"])), body) == sample
