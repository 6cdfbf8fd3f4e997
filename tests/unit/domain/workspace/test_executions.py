"""Executions, rule by rule."""

import itertools

import pytest

from domain.ids import ThingId
from domain.kinds.workspace import events as did
from domain.kinds.workspace.rules_of_executions import PHASES
from domain.kinds.workspace.state import CHECKPOINTS_MAX
from domain.kinds.workspace.ticks import ExecutionProgress
from domain.rejections import OutOfOrder, UnknownThing, WrongStatus
from tests.unit.domain.story import ADA, BOT, EVE, Person, Story, ended, running, sent, started, workspace
from tests.unit.domain.workspace.samples import SOME_ID

WAYS_BACK = {("testing", "implementing"), ("refining", "implementing"), ("refining", "testing")}


def test_the_bot_starts_what_waits_longest() -> None:
    story = workspace("implementing")
    first = story.state.waiting.id
    sent(story)

    assert story.when(BOT, "start_execution", prompt_file="/tmp/prompt.json") == (
        did.ClaudeStarted(execution_id=first, prompt_file="/tmp/prompt.json"),
    )
    assert (story.state.running.id, story.state.running.started_at) == (first, story.at_ms)
    assert story.state.running.prompt_file == "/tmp/prompt.json"


def test_the_next_execution_may_be_named() -> None:
    story = workspace("implementing")
    first = story.state.waiting.id

    assert story.when(BOT, "start_execution", execution_id=first) == (did.ClaudeStarted(execution_id=first),)


def test_executions_run_in_order() -> None:
    story = workspace("implementing")
    first, second = story.state.waiting.id, sent(story)

    with pytest.raises(OutOfOrder, match=f"execution {first} is next"):
        story.when(BOT, "start_execution", execution_id=second)


@pytest.mark.parametrize("fields", ["named", "unnamed"])
def test_only_one_execution_runs(fields: str) -> None:
    story, execution_id = running()
    second = sent(story)

    with pytest.raises(WrongStatus, match=f"execution {execution_id} runs"):
        story.when(BOT, "start_execution", execution_id=second if fields == "named" else None)


@pytest.mark.parametrize("how", ["completed", "failed"])
def test_the_next_one_starts_when_the_first_has_ended(how: str) -> None:
    story, execution_id = running()
    second = sent(story)
    fields = {"error": "no"} if how == "failed" else {}
    story.given(BOT, "complete_execution" if how == "completed" else "fail_execution", execution_id=execution_id, **fields)

    assert story.when(BOT, "start_execution") == (did.ClaudeStarted(execution_id=second),)


def test_nothing_to_start_is_refused() -> None:
    with pytest.raises(WrongStatus, match="no execution waits"):
        workspace().when(BOT, "start_execution")


@pytest.mark.parametrize("how", ["running", "completed", "failed", "retry"])
def test_only_a_pending_execution_is_started(how: str) -> None:
    story, execution_id = running() if how == "running" else ended(how)

    with pytest.raises(WrongStatus, match=f"this one is {how}"):
        story.when(BOT, "start_execution", execution_id=execution_id)


@pytest.mark.parametrize(
    "verb,fields",
    [
        ("advance_phase", {"phase": "planning"}),
        ("add_checkpoint", {"title": "half"}),
        ("report_progress", {"progress": 1}),
        ("complete_execution", {}),
        ("fail_execution", {"error": "no"}),
    ],
)
@pytest.mark.parametrize("how", ["pending", "completed", "failed", "retry"])
def test_reports_are_for_running_executions(how: str, verb: str, fields: dict[str, object]) -> None:
    story, execution_id = ended(how)

    with pytest.raises(WrongStatus, match=f"this one is {how}"):
        story.when(BOT, verb, execution_id=execution_id, **fields)


@pytest.mark.parametrize("verb", ["start_execution", "complete_execution", "retry_execution", "start_deploy"])
def test_an_unknown_execution_is_refused(verb: str) -> None:
    with pytest.raises(UnknownThing, match=SOME_ID):
        workspace().when(BOT, verb, execution_id=SOME_ID)


def in_phase(phase: str) -> tuple[Story, ThingId]:
    story, execution_id = running()
    story.given(BOT, "advance_phase", execution_id=execution_id, phase=phase)
    return story, execution_id


@pytest.mark.parametrize("first", PHASES)
def test_any_phase_may_be_the_first(first: str) -> None:
    story, execution_id = running()

    assert story.when(BOT, "advance_phase", execution_id=execution_id, phase=first, note="go", progress=10) == (
        did.ClaudePhaseUpdate(execution_id=execution_id, phase=first, note="go", progress=10, round=1),
    )


@pytest.mark.parametrize("old,new", list(itertools.combinations(PHASES, 2)))
def test_phases_go_forward_freely(old: str, new: str) -> None:
    story, execution_id = in_phase(old)

    assert story.when(BOT, "advance_phase", execution_id=execution_id, phase=new) == (
        did.ClaudePhaseUpdate(execution_id=execution_id, phase=new, progress=0, round=1),
    )


@pytest.mark.parametrize("old,new", sorted(WAYS_BACK))
def test_refining_and_testing_go_back_to_work(old: str, new: str) -> None:
    story, execution_id = in_phase(new)
    story.given(BOT, "advance_phase", execution_id=execution_id, phase=old)

    assert story.when(BOT, "advance_phase", execution_id=execution_id, phase=new) == (
        did.ClaudePhaseUpdate(execution_id=execution_id, phase=new, progress=0, round=2),
    )


@pytest.mark.parametrize("old,new", [(b, a) for a, b in itertools.combinations(PHASES, 2) if (b, a) not in WAYS_BACK])
def test_there_is_no_other_way_back(old: str, new: str) -> None:
    story, execution_id = in_phase(old)

    with pytest.raises(OutOfOrder, match=f"from {old} there is no way back to {new}"):
        story.when(BOT, "advance_phase", execution_id=execution_id, phase=new)


def test_the_refused_phase_names_what_may_follow() -> None:
    story, execution_id = in_phase("testing")

    with pytest.raises(OutOfOrder, match="implementing, testing, refining, deploying"):
        story.when(BOT, "advance_phase", execution_id=execution_id, phase="planning")


def test_the_same_phase_again_is_a_note() -> None:
    story, execution_id = in_phase("planning")
    started_at = story.state.running.phases["planning"].started_at

    assert story.when(BOT, "advance_phase", execution_id=execution_id, phase="planning", note="still") == (
        did.ClaudePhaseUpdate(execution_id=execution_id, phase="planning", note="still", progress=0, round=1),
    )
    span = story.state.running.phases["planning"]
    assert (span.started_at, span.completed_at, span.rounds) == (started_at, None, 1)


def test_phases_keep_first_entry_last_leave_and_rounds() -> None:
    story, execution_id = in_phase("implementing")
    entered = story.at_ms
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="testing")
    left = story.at_ms
    assert story.state.running.phases["implementing"].completed_at == left
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="implementing")
    assert story.state.running.phases["implementing"].completed_at is None
    story.given(BOT, "complete_execution", execution_id=execution_id)

    span = story.state.execution(execution_id).phases["implementing"]
    assert (span.started_at, span.completed_at, span.rounds) == (entered, story.at_ms, 2)


@pytest.mark.parametrize("verb,fields", [("advance_phase", {"phase": "planning"}), ("add_checkpoint", {"title": "half"})])
def test_progress_never_falls(verb: str, fields: dict[str, object]) -> None:
    story, execution_id = running()
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="planning", progress=40)

    (event,) = story.when(BOT, verb, execution_id=execution_id, progress=20, **fields)
    assert event.progress == 40  # type: ignore[attr-defined]  # both events have it
    (event,) = story.when(BOT, verb, execution_id=execution_id, **fields)
    assert event.progress == 40  # type: ignore[attr-defined]  # both events have it
    story.given(BOT, verb, execution_id=execution_id, progress=60, **fields)
    assert story.state.running.progress == 60


def test_progress_is_a_tick_and_leaves_no_event() -> None:
    story, execution_id = in_phase("implementing")
    count = len(story.records)

    assert story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=30, note="reading") == ExecutionProgress(
        key=f"execution:{execution_id}", execution_id=execution_id, progress=30, phase="implementing", note="reading"
    )
    assert len(story.records) == count


def test_progress_before_the_first_phase_has_none() -> None:
    story, execution_id = running()
    tick = story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=3)

    assert isinstance(tick, ExecutionProgress)
    assert tick.phase is None


def test_a_tick_never_falls_behind_what_was_shown() -> None:
    story, execution_id = running()
    story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=30)
    tick = story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=20)

    assert isinstance(tick, ExecutionProgress)
    assert tick.progress == 30


def test_an_event_takes_up_the_progress_that_ticks_have_shown() -> None:
    story, execution_id = running()
    story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=30)
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="planning")
    assert story.state.running.progress == 30
    story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=50)
    story.given(BOT, "fail_execution", execution_id=execution_id, error="no")
    assert story.state.execution(execution_id).progress == 50


def test_a_checkpoint_joins_the_list_with_its_phase() -> None:
    story, execution_id = in_phase("testing")
    record = story.give(
        BOT,
        story.command("add_checkpoint", execution_id=execution_id, title="half", note="n", progress=50, data={"files": 3}),
    )[0]

    assert record.event == did.ClaudeCheckpoint(execution_id=execution_id, title="half", note="n", progress=50, data={"files": 3})
    (checkpoint,) = story.state.running.checkpoints
    assert (checkpoint.id, checkpoint.title, checkpoint.phase, checkpoint.progress) == (record.id, "half", "testing", 50)


def test_the_newest_checkpoints_are_kept() -> None:
    story, execution_id = running()
    for number in range(CHECKPOINTS_MAX + 3):
        story.given(BOT, "add_checkpoint", execution_id=execution_id, title=f"{number}")

    titles = [checkpoint.title for checkpoint in story.state.running.checkpoints]
    assert titles == [f"{number}" for number in range(3, CHECKPOINTS_MAX + 3)]


def test_a_completed_execution_has_its_result_and_full_progress() -> None:
    story, execution_id = running()
    story.given(
        BOT, "complete_execution", execution_id=execution_id, files=("a.ts",), commit_hash="abc", commit_message="add swings"
    )

    execution = story.state.execution(execution_id)
    assert (execution.status, execution.progress, execution.completed_at) == ("completed", 100, story.at_ms)
    assert (execution.files, execution.commit_hash, execution.commit_message) == (("a.ts",), "abc", "add swings")


def test_a_later_completed_execution_leaves_the_status() -> None:
    story = workspace("beta")
    sent(story)
    execution_id = started(story)

    assert story.when(BOT, "complete_execution", execution_id=execution_id) == (did.ClaudeCompleted(execution_id=execution_id),)


def test_the_bots_failure_carries_its_own_words() -> None:
    story, execution_id = running()

    assert story.when(BOT, "fail_execution", execution_id=execution_id, error="tests are red") == (
        did.ClaudeFailed(execution_id=execution_id, error="tests are red"),
    )
    execution = story.state.execution(execution_id)
    assert (execution.status, execution.error, execution.errored_at) == ("failed", "tests are red", story.at_ms)


@pytest.mark.parametrize("who", [ADA, EVE])
def test_a_person_who_stops_an_execution_is_named(who: Person) -> None:
    story, execution_id = running()

    assert story.when(who, "fail_execution", execution_id=execution_id, error="wrong branch") == (
        did.ClaudeFailed(execution_id=execution_id, error=f"stopped by {who.actor.name}: wrong branch"),
    )


def test_a_failure_ends_the_deploy_on_its_way() -> None:
    story, execution_id = running()
    story.given(BOT, "start_deploy", execution_id=execution_id)

    assert story.when(BOT, "fail_execution", execution_id=execution_id, error="no") == (
        did.ClaudeFailed(execution_id=execution_id, error="no"),
        did.DeployCanceled(execution_id=execution_id, attempt=1, reason="the execution failed"),
    )
    assert story.state.execution(execution_id).deploy_status == "canceled"
