"""What the clock asks of a workspace, and when it may."""

import pytest

from domain.kinds.workspace import events as did
from domain.kinds.workspace.clock import SILENT_MS
from domain.kinds.workspace.decider import WORKSPACE, WorkspaceDecider
from domain.rejections import NotYet, WrongStatus
from tests.unit.domain.story import ADA, BOT, CLOCK, Story, deploying, running, workspace


def fire(story: Story, what: str) -> tuple[object, ...]:
    """The clock gives the command of a deadline."""
    deadline = story.due()[what]
    return story.when(CLOCK, deadline.name.removeprefix("workspace."), **deadline.payload)


def test_nothing_is_due_where_nothing_runs() -> None:
    assert not workspace("implementing").due()


def test_a_running_execution_is_due_when_it_is_silent() -> None:
    story, execution_id = running()
    deadline = story.due()[f"execution:{execution_id}"]

    assert deadline.at_ms == story.at_ms + SILENT_MS
    assert deadline.name == "workspace.fail_execution"
    assert (deadline.quiet_key, deadline.quiet_ms) == (f"execution:{execution_id}", SILENT_MS)
    assert WORKSPACE.live_keys(story.state) == {deadline.quiet_key}


def test_every_event_of_an_execution_moves_its_deadline() -> None:
    story, execution_id = running()
    story.given(BOT, "add_checkpoint", execution_id=execution_id, title="half")

    assert story.due()[f"execution:{execution_id}"].at_ms == story.at_ms + SILENT_MS


def test_the_clock_fails_a_silent_execution() -> None:
    story, execution_id = running()
    story.at_ms += SILENT_MS

    assert fire(story, f"execution:{execution_id}") == (
        did.ClaudeFailed(execution_id=execution_id, error="nothing was heard of the bot for 300 seconds"),
    )
    assert not story.due()


def test_the_clock_waits_for_the_last_millisecond() -> None:
    story, execution_id = running()
    heard_at = story.at_ms
    story.at_ms += SILENT_MS - 1

    with pytest.raises(NotYet) as refusal:
        fire(story, f"execution:{execution_id}")
    assert refusal.value.at_ms == heard_at + SILENT_MS


def test_a_tick_is_a_sign_of_life() -> None:
    story, execution_id = running()
    story.at_ms += SILENT_MS - 1
    story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=5)
    ticked_at = story.at_ms
    story.at_ms += 1

    with pytest.raises(NotYet) as refusal:
        fire(story, f"execution:{execution_id}")
    assert refusal.value.at_ms == ticked_at + SILENT_MS


def test_a_line_of_the_deploys_log_is_a_sign_of_life_of_both() -> None:
    story, execution_id = deploying()
    story.at_ms += SILENT_MS
    story.ticked_at[f"deploy_log:{execution_id}"] = story.at_ms - 1

    for what in (f"execution:{execution_id}", f"deploy:{execution_id}"):
        with pytest.raises(NotYet):
            fire(story, what)


def test_a_deadline_that_comes_too_late_does_no_harm() -> None:
    story, execution_id = running()
    deadline = story.due()[f"execution:{execution_id}"]
    story.given(BOT, "complete_execution", execution_id=execution_id)
    story.at_ms += SILENT_MS

    with pytest.raises(WrongStatus):
        story.when(CLOCK, "fail_execution", **deadline.payload)


@pytest.mark.parametrize("status", ["queued", "building"])
def test_the_clock_fails_a_silent_deploy(status: str) -> None:
    story, execution_id = deploying(status)
    story.given(BOT, "complete_execution", execution_id=execution_id)
    deadline = story.due()[f"deploy:{execution_id}"]
    assert (deadline.name, deadline.quiet_key) == ("workspace.fail_deploy", f"deploy_log:{execution_id}")
    story.at_ms += SILENT_MS

    assert fire(story, f"deploy:{execution_id}") == (
        did.DeployFailed(execution_id=execution_id, attempt=1, error="nothing was heard of the bot for 300 seconds"),
    )


def test_work_on_the_execution_is_no_sign_of_life_of_its_deploy() -> None:
    story, execution_id = deploying()
    due_at = story.due()[f"deploy:{execution_id}"].at_ms
    story.given(BOT, "add_checkpoint", execution_id=execution_id, title="half")

    assert story.due()[f"deploy:{execution_id}"].at_ms == due_at


@pytest.mark.parametrize("status", ["ready", "error", "canceled"])
def test_an_ended_deploy_is_not_due(status: str) -> None:
    story, execution_id = deploying(status)

    assert list(story.due()) == [f"execution:{execution_id}"]
    assert WORKSPACE.live_keys(story.state) == {f"execution:{execution_id}"}


def test_how_long_silence_may_last_is_a_parameter() -> None:
    story = Story(WorkspaceDecider(silent_ms=2_000))
    story.given(ADA, "create", pattern_type="swings", name="Swings", category="x")
    story.given(ADA, "request_implementation")
    story.given(BOT, "start_execution")
    (deadline,) = story.due().values()
    assert deadline.at_ms == story.at_ms + 2_000
    story.at_ms += 2_000

    (event,) = fire(story, deadline.what)
    assert isinstance(event, did.ClaudeFailed)
    assert "2 seconds" in event.error


def test_an_archived_workspace_is_frozen_and_silence_begins_anew_when_it_is_reopened() -> None:
    story, execution_id = deploying()
    story.given(ADA, "add_feedback", content="no")
    story.given(ADA, "delete")
    assert not story.due()
    assert not WORKSPACE.live_keys(story.state)
    story.at_ms += 10 * SILENT_MS
    story.given(ADA, "reopen")

    assert [deadline.at_ms for deadline in story.due().values()] == [story.at_ms + SILENT_MS] * 2
    with pytest.raises(NotYet):
        fire(story, f"execution:{execution_id}")
