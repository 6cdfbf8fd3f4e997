"""The browser folds events as the rules do: both are held against one recorded room of each kind.

Each ``golden_room.json`` is written here and read by the browser's own tests (``npm test``). After a change of the rules write
them anew:
``python -m tests.unit.test_browser_golden``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.decider import Command, Context
from domain.event_codec import digest_of, encode, tag_of
from domain.ids import ActorId, CommandId, derived_id, keyed_id, room_address
from domain.kinds import KINDS as REGISTRY
from domain.kinds.workspace import commands as ask
from domain.kinds.workspace.decider import WORKSPACE
from domain.kinds.workspace.state import Workspace
from domain.record import Actor, Record
from domain.roles import Claims, Grant
from tests.unit.browser_plays import PLAYS

KINDS = Path(__file__).parents[2] / "client-examples" / "browser" / "src" / "kinds"
GOLDEN = KINDS / "workspace" / "golden_room.json"

UNSEEN = {
    "share": {"share_expired", "share_deleted", "share_claimed"},
    "concept": {"concept_deleted", "concept_claimed"},
    "quote": {"quote_expired", "quote_deleted", "owner_changed"},
    "conversation": {"action_refused", "conversation_abandoned", "conversation_claimed", "conversation_deleted"},
    "person": {
        *("search_noted", "search_clicked", "style_profile_set", "ai_preferences_set", "device_added", "device_removed"),
        *("comparison_changed", "comparison_removed", "claim_undone", "handed_over", "contents_handed_over"),
    },
}
"""Events without a part in the recorded rooms: they end a room, move it to somebody else, or change nothing that a view shows."""

ROOM = room_address("workspace", keyed_id("workspace", "swings"))
ADA = Actor(id=ActorId("11111111-1111-4111-8111-111111111111"), name="Ada")
CLAUDE = Actor(id=ActorId("22222222-2222-4222-8222-222222222222"), kind="bot", name="Claude")
START_MS = 1_760_000_000_000
ADMIN = Claims(grants=(Grant(role="admin"),), trust_token=True)
BOT = Claims(token_roles=frozenset({"bot"}), trust_token=True)


def command_id_of(number: int) -> CommandId:
    text = f"{START_MS + number * 1_000:012x}7{number:03x}8{number:015x}"
    return CommandId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


class Play:
    """A room that is given one command after the other."""

    def __init__(self) -> None:
        self.state: Workspace = WORKSPACE.initial(ROOM)
        self.records: list[Record] = []
        self.commands = 0

    def give(self, actor: Actor, command: type[Command], **fields: Any) -> str:
        """Returns the id of the command's first event."""
        self.commands += 1
        asked = command(room=ROOM, command_id=command_id_of(self.commands), **fields)
        now_ms = START_MS + self.commands * 1_000
        claims = BOT if actor is CLAUDE else ADMIN
        context = Context(room=ROOM, actor=actor, claims=claims, command_id=asked.command_id, now_ms=now_ms)
        decision = WORKSPACE.decide(self.state, asked, context)
        for ordinal, event in enumerate(decision.events):
            record = Record(
                room=ROOM,
                offset=len(self.records) + 1,
                time_ms=now_ms,
                actor=actor,
                command_id=asked.command_id,
                ordinal=ordinal,
                last=ordinal == len(decision.events) - 1,
                digest=digest_of(asked),
                event=event,
                version=1,
                body=encode(event),
            )
            self.records.append(record)
            self.state = WORKSPACE.evolve(self.state, record)
        return context.id_of_event()


def played() -> Iterator[Play]:
    """The life of a workspace; each yield is a moment at which a joiner's view is recorded."""
    play = Play()
    play.give(ADA, ask.Create, pattern_type="swings", name="Swings", category="price_action")
    yield play
    first = requested_and_half_done(play)
    yield play
    completed_and_deployed(play, first)
    yield play
    second = judged_and_sent_back(play)
    stopped_and_tried_again(play, second)
    yield play
    approved_archived_reopened(play)
    yield play


def requested_and_half_done(play: Play) -> str:
    give = play.give
    give(ADA, ask.ChangeDetails, name="Swing points")
    give(ADA, ask.SubmitDescription, description="Highs and lows", reasoning="They turn", steps=("Find a high", "Wait"))
    first = give(ADA, ask.RequestImplementation)
    give(CLAUDE, ask.StartExecution, prompt_file="prompts/1.json")
    give(CLAUDE, ask.AdvancePhase, execution_id=first, phase="planning", note="Reading", progress=5)
    give(CLAUDE, ask.AdvancePhase, execution_id=first, phase="implementing", progress=20)
    give(CLAUDE, ask.AddCheckpoint, execution_id=first, title="Detector written", progress=40)
    give(CLAUDE, ask.AdvancePhase, execution_id=first, phase="testing", progress=60)
    return first


def completed_and_deployed(play: Play, first: str) -> None:
    give = play.give
    give(CLAUDE, ask.AdvancePhase, execution_id=first, phase="implementing", progress=61)
    give(CLAUDE, ask.AdvancePhase, execution_id=first, phase="implementing", note="Still", progress=62)
    give(ADA, ask.Post, text="Looks *good*")
    give(CLAUDE, ask.StartDeploy, execution_id=first)
    give(CLAUDE, ask.ReportBuilding, execution_id=first)
    give(CLAUDE, ask.SucceedDeploy, execution_id=first, url="https://example.org/1")
    files = ("a.py", "b.py")
    give(CLAUDE, ask.CompleteExecution, execution_id=first, files=files, commit_hash="c0ffee", commit_message="Find swings")


def judged_and_sent_back(play: Play) -> str:
    give = play.give
    session = give(ADA, ask.CreateSession, name="Monday")
    wrong = give(ADA, ask.AddFeedback, content="A low is missing", session_id=session)
    taken_back = give(ADA, ask.AddFeedback, content="Never mind")
    give(ADA, ask.ChangeFeedback, feedback_id=wrong, content="The second low is missing")
    give(ADA, ask.RemoveFeedback, feedback_id=taken_back)
    give(ADA, ask.CompleteSession, session_id=session, success_rate=0.75, result={"right": 3})
    return give(ADA, ask.SendFeedback)


def stopped_and_tried_again(play: Play, second: str) -> None:
    give = play.give
    give(CLAUDE, ask.StartExecution)
    give(ADA, ask.FailExecution, execution_id=second, error="Wrong data")
    third = give(CLAUDE, ask.RetryExecution, execution_id=second, reason="With the right data")
    give(CLAUDE, ask.StartExecution, execution_id=third)
    give(CLAUDE, ask.AdvancePhase, execution_id=third, phase="refining", progress=80)
    give(CLAUDE, ask.CompleteExecution, execution_id=third)
    give(CLAUDE, ask.StartDeploy, execution_id=third)
    give(ADA, ask.CancelDeploy, execution_id=third, reason="Not yet")
    give(CLAUDE, ask.RetryDeploy, execution_id=third)
    give(CLAUDE, ask.FailDeploy, execution_id=third, error="No space")


def approved_archived_reopened(play: Play) -> None:
    give = play.give
    give(CLAUDE, ask.SetVersion, version="0.2.0")
    give(ADA, ask.Approve, note="Fine")
    give(ADA, ask.ReturnToBeta, reason="One more look")
    give(ADA, ask.Approve)
    give(ADA, ask.Verify)
    give(ADA, ask.Delete)
    give(ADA, ask.Reopen)


def golden() -> dict[str, Any]:
    """Views without their messages (those are ``messages`` up to ``offset``), all messages, and some derived ids."""
    views = []
    for play in played():
        view = msgspec.to_builtins(WORKSPACE.view(play.state), enc_hook=lambda raw: msgspec.json.decode(raw))
        views.append({"offset": len(play.records), "view": {**view, "messages": []}})
    messages = [message_of(record) for record in play.records]
    ids = [
        {
            "room": ROOM,
            "actor": ADA.id,
            "command_id": command_id_of(n),
            "ordinal": n % 2,
            "id": derived_id(ROOM, ADA.id, command_id_of(n), n % 2),
        }
        for n in (1, 2, 400)
    ]
    return {"views": views, "messages": messages, "ids": ids}


def message_of(record: Record) -> dict[str, Any]:
    """A record as it is published."""
    return {
        "id": record.id,
        "offset": record.offset,
        "at": record.time_ms,
        "by": msgspec.to_builtins(record.actor),
        "event": msgspec.json.decode(record.body),
    }


def golden_of(kind: str) -> dict[str, Any]:
    """Whole views at some moments of a room's life, and all that happened in it."""
    views = []
    records: list[Record] = []
    for story in PLAYS[kind]():
        view = msgspec.json.decode(encode(story.decider.view(story.state)))
        views.append({"offset": len(story.records), "view": view})
        records = story.records
    return {"views": views, "messages": [message_of(record) for record in records]}


def written(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def test_the_golden_room_is_what_the_rules_make_of_it() -> None:
    assert GOLDEN.read_text() == written(golden())


def test_the_golden_room_has_every_event_but_the_deletion() -> None:
    tags = {message["event"]["type"] for message in golden()["messages"]}

    assert {event.__struct_config__.tag for event in WORKSPACE.events} - tags == {"workspace_deleted"}


@pytest.mark.parametrize("kind", PLAYS)
def test_each_golden_room_is_what_the_rules_make_of_it(kind: str) -> None:
    assert (KINDS / kind / "golden_room.json").read_text() == written(golden_of(kind))


@pytest.mark.parametrize("kind", PLAYS)
def test_each_golden_room_has_every_event_but_the_named_ones(kind: str) -> None:
    tags = {message["event"]["type"] for message in golden_of(kind)["messages"]}

    assert {tag_of(event) for event in REGISTRY[kind].events} - tags == UNSEEN[kind]


if __name__ == "__main__":
    GOLDEN.write_text(written(golden()))
    for played_kind in PLAYS:
        (KINDS / played_kind / "golden_room.json").write_text(written(golden_of(played_kind)))
