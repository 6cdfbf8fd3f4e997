"""That the parts of the workspace cover one another: commands, rules, events, steps."""

import msgspec
import pytest

from domain.decider import Decider
from domain.event_codec import EventCodec, decode, encode, tag_of
from domain.kinds import KINDS
from domain.kinds.workspace import events as did
from domain.kinds.workspace import ticks
from domain.kinds.workspace.commands import COMMANDS
from domain.kinds.workspace.decider import WORKSPACE, WorkspaceDecider
from domain.kinds.workspace.events import EVENTS
from domain.kinds.workspace.evolution import STEPS
from domain.kinds.workspace.state import Workspace
from domain.record import Event
from domain.redaction import free_fields, redacted
from tests.unit.domain.story import ADA, BOT, EVE, Story, record_of, sent, started, workspace


def test_a_workspace_is_a_decider_by_type() -> None:
    decider: Decider[Workspace] = WORKSPACE

    assert KINDS[decider.kind] is decider
    assert decider.creates in decider.commands


def test_every_command_has_a_rule_and_a_place_in_the_table() -> None:
    assert set(WorkspaceDecider()._rules) == set(WorkspaceDecider()._may) == set(COMMANDS.values())


def test_every_event_class_is_listed_with_a_tag_of_its_own() -> None:
    defined = {value for value in vars(did).values() if isinstance(value, type) and issubclass(value, Event) and value is not Event}

    assert set(EVENTS) == defined
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)


def test_every_event_has_its_step_but_the_deletion_which_leaves_nothing() -> None:
    assert set(STEPS) == set(EVENTS) - {did.WorkspaceDeleted}


def test_every_tick_class_is_listed() -> None:
    assert WORKSPACE.ticks == (ticks.ExecutionProgress,)


def whole_life() -> Story:
    """A story in which every event happens."""
    story = workspace()
    story.given(EVE, "change_details", name="Swing points")
    story.given(ADA, "submit_description", description="Highs", reasoning="They turn", steps=("Look",), attachments=("https://x",))
    story.given(ADA, "post", text="hello")
    session_id = story.given(ADA, "create_session", name="S", data={"a": 1})
    story.given(ADA, "complete_session", session_id=session_id, success_rate=0.5, result={"b": 2})
    feedback_id = story.given(ADA, "add_feedback", content="no", data={"c": 3})
    story.given(ADA, "change_feedback", feedback_id=feedback_id, content="yes")
    story.given(ADA, "remove_feedback", feedback_id=feedback_id)
    story.given(ADA, "request_implementation")
    execution_id = started(story)
    story.given(BOT, "fail_execution", execution_id=execution_id, error="no")
    story.given(ADA, "retry_execution", execution_id=execution_id, reason="again")
    execution_id = started(story)
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="planning", note="n", progress=3)
    story.given(BOT, "add_checkpoint", execution_id=execution_id, title="half", note="n")
    story.given(BOT, "start_deploy", execution_id=execution_id)
    story.given(BOT, "fail_deploy", execution_id=execution_id, error="no")
    story.given(BOT, "retry_deploy", execution_id=execution_id, reason="again")
    story.given(BOT, "cancel_deploy", execution_id=execution_id, reason="stop")
    story.given(BOT, "retry_deploy", execution_id=execution_id)
    story.given(BOT, "report_building", execution_id=execution_id)
    story.given(BOT, "succeed_deploy", execution_id=execution_id, url="https://x")
    story.given(BOT, "complete_execution", execution_id=execution_id, commit_message="m")
    sent(story)
    story.given(BOT, "set_version", version="1.0.0", note="n")
    story.given(ADA, "approve", note="n")
    story.given(EVE, "verify", note="n")
    story.given(EVE, "return_to_beta", reason="r")
    story.given(ADA, "delete")
    story.given(ADA, "reopen")
    return story


def test_every_event_but_the_deletion_happens_in_a_whole_life() -> None:
    assert {type(record.event) for record in whole_life().records} == set(EVENTS) - {did.WorkspaceDeleted}


def test_a_log_whose_texts_were_redacted_folds_all_the_same() -> None:
    story = whole_life()
    state = WORKSPACE.initial(story.room)
    for record in story.records:
        event = redacted(record.event)
        body = encode(event)
        state = WORKSPACE.evolve(state, msgspec.structs.replace(record, event=event, body=body))

    assert encode(WORKSPACE.view(state))
    assert state.face.status == story.state.face.status
    assert "Highs" not in encode(WORKSPACE.view(state)).decode()


@pytest.mark.parametrize("event_class", EVENTS)
def test_free_text_is_what_people_write(event_class: type[Event]) -> None:
    ids_and_numbers = {"execution_id", "session_id", "feedback_id", "feedback_ids", "attempt", "progress", "old", "new"}

    assert not set(free_fields(event_class)) & ids_and_numbers


def test_a_state_comes_back_from_its_snapshot() -> None:
    story = whole_life()

    assert decode(encode(story.state), Workspace) == story.state
    assert WORKSPACE.state_type is Workspace


def test_records_come_back_from_the_journals_bytes() -> None:
    records = tuple(whole_life().records)
    codec = EventCodec(KINDS)

    assert codec.decode_records(codec.encode_records(records)) == records


def test_a_record_alone_makes_no_state_but_its_own() -> None:
    story = workspace()
    record = record_of(story.room, 2, did.MessagePosted(text="x"))

    before = story.state
    after = WORKSPACE.evolve(story.state, record)
    assert story.state is before
    assert after is not before
