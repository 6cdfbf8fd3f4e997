"""Whatever people do: replay equals live, and a view with the events behind it equals the later view."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import encode
from domain.kinds.workspace.commands import COMMANDS
from domain.kinds.workspace.decider import WORKSPACE
from domain.kinds.workspace.fitting import VIEW_MAX_BYTES
from domain.kinds.workspace.rules_of_executions import PHASES
from domain.kinds.workspace.state import MESSAGES_MAX, SESSIONS_MAX, Workspace
from domain.receipts import Receipts
from domain.rejections import Rejection
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, EVE, GUEST, Story, deploying, workspace
from tests.unit.domain.workspace.samples import MAY_GIVE, SOME_ID

PEOPLE = (ADA, BEN, EVE, BOT, CLOCK, GUEST)

some = settings(max_examples=40, deadline=None)
"""A life is some twenty commands; a slow machine may take its time."""

texts = st.sampled_from(["short", "€ and 😀", "x" * 9_000])
objects = st.sampled_from([{}, {"a": {"b": None}}, {"a": "y" * 4_000}])


def ids(*known: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([*known, *known, *known, SOME_ID])


def fields_for(state: Workspace, verb: str) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that often fit what the workspace holds, and sometimes do not."""
    executions = ids(*(execution.id for execution in state.executions[-3:]))
    sessions = ids(*state.open_sessions[-3:], *state.past_sessions[-2:])
    items = ids(*list(state.unsent)[:3])
    percent = st.integers(0, 100)
    by_verb: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "create": {"pattern_type": st.just("swings"), "name": texts, "category": st.just("x")},
        "change_details": {"name": texts},
        "submit_description": {"description": texts},
        "post": {"text": texts},
        "create_session": {"name": st.just("S"), "data": objects},
        "complete_session": {"session_id": sessions, "success_rate": st.none() | st.floats(0, 1), "result": objects},
        "add_feedback": {"content": texts, "data": objects},
        "change_feedback": {"feedback_id": items, "data": objects},
        "remove_feedback": {"feedback_id": items},
        "advance_phase": {"execution_id": executions, "phase": st.sampled_from(PHASES), "progress": st.none() | percent},
        "add_checkpoint": {"execution_id": executions, "title": st.just("half"), "note": texts},
        "report_progress": {"execution_id": executions, "progress": percent},
        "fail_execution": {"execution_id": executions, "error": texts},
        "succeed_deploy": {"execution_id": executions, "url": st.just("https://x")},
        "fail_deploy": {"execution_id": executions, "error": texts},
        "append_deploy_log": {
            "execution_id": executions,
            "attempt": st.integers(1, 2),
            "position": st.just(0),
            "text": st.just("line"),
        },
        "set_version": {"version": st.sampled_from(["0.0.1", "0.1.0", "1.0.0"])},
    }
    if "execution_id" in COMMANDS[verb].__struct_fields__ and verb not in by_verb and verb != "start_execution":
        return st.fixed_dictionaries({"execution_id": executions})
    return st.fixed_dictionaries(by_verb.get(verb, {}))


def sensible(state: Workspace) -> list[str]:
    """Commands that lead on from here; what is left out is drawn now and then all the same."""
    verbs = ["post", "add_feedback", "send_feedback", "create_session", "complete_session", "approve", "verify", "return_to_beta"]
    if not state.is_there:
        return ["create"]
    if state.face.is_archived:
        return ["reopen"]
    if state.face.status == "soon":
        verbs += ["request_implementation"] * 3
    if state.running:
        verbs += ["advance_phase", "add_checkpoint", "report_progress", "complete_execution", "fail_execution"]
        verbs += ["start_deploy", "report_building", "succeed_deploy", "fail_deploy", "cancel_deploy", "retry_deploy"]
    elif state.waiting:
        verbs += ["start_execution"] * 5
    if any(execution.status == "failed" for execution in state.executions):
        verbs += ["retry_execution"] * 2
    return verbs


@st.composite
def lives(draw: st.DrawFn) -> Story:
    """A random story: many commands, most of them sensible, some refused."""
    story = draw(st.sampled_from([workspace, lambda: deploying("building")[0], lambda: workspace("in_review")]))()
    for _ in range(draw(st.integers(0, 40))):
        story.at_ms += draw(st.sampled_from([0, 1, 60_000, 400_000]))
        verb = draw(st.sampled_from(sensible(story.state)) if draw(st.integers(0, 7)) else st.sampled_from(sorted(COMMANDS)))
        who = MAY_GIVE[verb] if draw(st.integers(0, 7)) else draw(st.sampled_from(PEOPLE))
        give(story, who, verb, draw(fields_for(story.state, verb)))
    return story


def give(story: Story, who: Any, verb: str, fields: dict[str, Any]) -> None:
    before = story.state
    try:
        story.when(who, verb, **fields)
    except Rejection as rejection:
        assert str(rejection)
        assert story.state is before


@some
@given(lives())
def test_everything_stays_within_its_bounds(story: Story) -> None:
    state, view = story.state, story.view

    assert len(encode(view)) <= VIEW_MAX_BYTES
    assert len(state.messages) <= MESSAGES_MAX
    assert len(state.sessions) <= SESSIONS_MAX
    assert sum(execution.status == "running" for execution in state.executions) <= 1
    assert state.unsent_bytes == sum(item.size for item in state.unsent.values())
    assert state.face.unsent_feedback_count == len(state.unsent)


@some
@given(lives())
def test_progress_of_an_execution_never_falls(story: Story) -> None:
    highest: dict[str, int] = {}
    state = WORKSPACE.initial(story.room)
    for record in story.records:
        state = WORKSPACE.evolve(state, record)
        for execution in state.executions:
            assert execution.progress >= highest.get(execution.id, 0)
            highest[execution.id] = execution.progress


@some
@given(lives())
def test_what_is_due_is_live_and_named_once(story: Story) -> None:
    deadlines = WORKSPACE.due(story.state)

    assert len({deadline.what for deadline in deadlines}) == len(deadlines)
    assert {deadline.quiet_key for deadline in deadlines} == WORKSPACE.live_keys(story.state)


@some
@given(lives())
def test_every_accepted_command_is_found_with_its_place(story: Story) -> None:
    receipts = Receipts()
    for record in story.records:
        receipts = receipts.with_record(record)
    receipts = Receipts.load(receipts.dump())

    for record in story.records:
        receipt = receipts.find(record.actor.id, record.command_id, record.digest)
        assert receipt is not None
        assert receipt.first_offset == record.offset - record.ordinal
        assert receipt.first_offset <= record.offset <= receipt.last_offset
