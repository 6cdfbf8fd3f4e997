"""The queue of executions: retries, and the bounds of what waits and of what is kept."""

import pytest

from domain.kinds.workspace import events as did
from domain.kinds.workspace.state import ACTIVE_MAX, FINISHED_MAX
from domain.rejections import LimitReached, UnknownThing, WrongStatus
from tests.unit.domain.story import ADA, BOT, Person, Story, ended, running, sent, started, workspace


@pytest.mark.parametrize("who", [ADA, BOT])
def test_a_failed_execution_is_tried_again_behind_the_others(who: Person) -> None:
    story = workspace("beta")
    failed = sent(story)
    (feedback_id,) = story.state.waiting.feedback_ids
    story.given(BOT, "start_execution")
    story.given(BOT, "fail_execution", execution_id=failed, error="no")
    waiting = sent(story)
    record = story.give(who, story.command("retry_execution", execution_id=failed, reason="again"))[0]

    assert record.event == did.ClaudeRetry(
        execution_id=failed, reason="again", retry_count=1, max_retries=10, feedback_ids=(feedback_id,)
    )
    assert story.state.execution(failed).status == "retry"
    again = story.state.execution(record.id)
    assert (again.status, again.parent_execution_id, again.retry_count) == ("pending", failed, 1)
    assert (again.retry_reason, again.feedback_ids, again.triggered_by) == ("again", (feedback_id,), who.actor.id)
    assert [execution.id for execution in story.state.executions][-2:] == [waiting, record.id]


@pytest.mark.parametrize("how", ["pending", "running", "completed"])
def test_only_a_failed_execution_is_tried_again(how: str) -> None:
    story, execution_id = running() if how == "running" else ended(how)

    with pytest.raises(WrongStatus, match=f"this one is {how}"):
        story.when(ADA, "retry_execution", execution_id=execution_id)


def test_an_execution_is_tried_again_once() -> None:
    story, execution_id = ended("retry")

    with pytest.raises(WrongStatus, match="retry the newer one"):
        story.when(ADA, "retry_execution", execution_id=execution_id)


def test_after_ten_retries_it_stays_failed() -> None:
    story, execution_id = ended("failed")
    for count in range(1, 11):
        execution_id = story.given(ADA, "retry_execution", execution_id=execution_id)
        assert story.state.execution(execution_id).retry_count == count
        story.given(BOT, "start_execution")
        story.given(BOT, "fail_execution", execution_id=execution_id, error="no")

    with pytest.raises(LimitReached, match="10 times"):
        story.when(ADA, "retry_execution", execution_id=execution_id)
    assert story.state.execution(execution_id).status == "failed"


def full_queue() -> Story:
    story = workspace("beta")
    for _ in range(ACTIVE_MAX):
        sent(story)
    return story


def test_waiting_executions_are_bounded() -> None:
    story = full_queue()
    story.given(ADA, "add_feedback", content="no")

    with pytest.raises(LimitReached, match="a bot has to work"):
        story.when(ADA, "send_feedback")


def test_a_retry_needs_room_in_the_queue_too() -> None:
    story = full_queue()
    failed = started(story)
    story.given(BOT, "fail_execution", execution_id=failed, error="no")
    sent(story)

    with pytest.raises(LimitReached, match="a bot has to work"):
        story.when(ADA, "retry_execution", execution_id=failed)


def test_the_newest_finished_executions_are_kept() -> None:
    story = workspace("beta")
    finished = []
    for _ in range(FINISHED_MAX + 2):
        sent(story)
        finished.append(started(story))
        story.given(BOT, "fail_execution", execution_id=finished[-1], error="no")

    assert [execution.id for execution in story.state.executions] == finished[2:]
    with pytest.raises(UnknownThing):
        story.when(ADA, "retry_execution", execution_id=finished[0])


def test_an_execution_whose_deploy_is_on_its_way_is_kept_until_it_ends() -> None:
    story, deployed = running()
    story.given(BOT, "start_deploy", execution_id=deployed)
    story.given(BOT, "complete_execution", execution_id=deployed)
    for _ in range(FINISHED_MAX):
        sent(story)
        story.given(BOT, "fail_execution", execution_id=started(story), error="no")

    assert story.state.execution(deployed) is not None
    story.given(BOT, "cancel_deploy", execution_id=deployed)
    assert story.state.execution(deployed) is None
