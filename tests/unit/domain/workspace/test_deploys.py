"""Deploys, rule by rule: every state against every command."""

import pytest

from domain.decider import Piece
from domain.kinds.workspace import events as did
from domain.kinds.workspace.state import FINISHED_MAX
from domain.record import Event
from domain.rejections import LimitReached, OutOfOrder, WrongStatus
from tests.unit.domain.story import BOT, EVE, deploying, running, sent, started, workspace

URL = "https://swings.example/1"

TABLE: dict[str, dict[str, str]] = {
    "start_deploy": {"none": "queued", "ready": "queued"},
    "report_building": {"queued": "building"},
    "succeed_deploy": {"building": "ready"},
    "fail_deploy": {"queued": "error", "building": "error"},
    "cancel_deploy": {"queued": "canceled", "building": "canceled"},
    "retry_deploy": {"error": "queued", "canceled": "queued"},
}
"""command -> deploy status before -> after; anything else is refused."""

FIELDS: dict[str, dict[str, str]] = {"succeed_deploy": {"url": URL}, "fail_deploy": {"error": "no"}}
STATUSES = ("none", "queued", "building", "ready", "error", "canceled")


@pytest.mark.parametrize("verb,old,new", [(verb, old, new) for verb, row in TABLE.items() for old, new in row.items()])
def test_a_deploy_goes_as_the_table_says(verb: str, old: str, new: str) -> None:
    story, execution_id = running() if old == "none" else deploying(old)
    story.when(BOT, verb, execution_id=execution_id, **FIELDS.get(verb, {}))

    assert story.state.running.deploy_status == new


@pytest.mark.parametrize("verb,old", [(verb, old) for verb, row in TABLE.items() for old in STATUSES if old not in row])
def test_a_deploy_goes_no_other_way(verb: str, old: str) -> None:
    story, execution_id = running() if old == "none" else deploying(old)

    with pytest.raises(WrongStatus, match="only while it is"):
        story.when(BOT, verb, execution_id=execution_id, **FIELDS.get(verb, {}))


@pytest.mark.parametrize("verb", TABLE)
@pytest.mark.parametrize("how", ["pending", "failed"])
def test_only_running_and_completed_executions_are_deployed(how: str, verb: str) -> None:
    story = workspace("implementing")
    execution_id = story.state.waiting.id
    if how == "failed":
        story.given(BOT, "start_execution")
        story.given(BOT, "fail_execution", execution_id=execution_id, error="no")

    with pytest.raises(WrongStatus, match=f"this one is {how}"):
        story.when(BOT, verb, execution_id=execution_id, **FIELDS.get(verb, {}))


def test_a_completed_execution_is_deployed_step_by_step() -> None:
    story, execution_id = running()
    story.given(BOT, "complete_execution", execution_id=execution_id)
    events: list[Event] = []
    for verb in ("start_deploy", "report_building", "succeed_deploy"):
        events += story.when(BOT, verb, execution_id=execution_id, **FIELDS.get(verb, {}))

    assert events == [
        did.DeployStarted(execution_id=execution_id, attempt=1),
        did.DeployBuilding(execution_id=execution_id, attempt=1),
        did.DeploySucceeded(execution_id=execution_id, attempt=1, url=URL),
    ]
    execution = story.state.execution(execution_id)
    assert (execution.deploy_url, execution.deploy_attempt, execution.deploy_completed_at) == (URL, 1, story.at_ms)


def test_a_retried_deploy_is_queued_as_the_next_attempt() -> None:
    story, execution_id = deploying("error")

    assert story.when(BOT, "retry_deploy", execution_id=execution_id, reason="disk is free") == (
        did.DeployRetried(execution_id=execution_id, attempt=2, reason="disk is free"),
    )
    execution = story.state.running
    assert (execution.deploy_status, execution.deploy_attempt, execution.deploy_completed_at) == ("queued", 2, None)


def test_what_was_deployed_may_be_deployed_again_as_a_new_attempt() -> None:
    story, execution_id = deploying("ready")

    assert story.when(BOT, "start_deploy", execution_id=execution_id) == (did.DeployStarted(execution_id=execution_id, attempt=2),)
    assert story.state.running.deploy_url == ""


def test_failure_and_cancellation_carry_their_reasons() -> None:
    story, execution_id = deploying("building")
    assert story.when(BOT, "fail_deploy", execution_id=execution_id, error="no disk") == (
        did.DeployFailed(execution_id=execution_id, attempt=1, error="no disk"),
    )
    story, execution_id = deploying()
    assert story.when(EVE, "cancel_deploy", execution_id=execution_id, reason="too early") == (
        did.DeployCanceled(execution_id=execution_id, attempt=1, reason="too early"),
    )


def test_deploys_on_their_way_are_bounded() -> None:
    story, execution_id = deploying()
    story.given(BOT, "complete_execution", execution_id=execution_id)
    for _ in range(FINISHED_MAX - 1):
        sent(story)
        execution_id = started(story)
        story.given(BOT, "start_deploy", execution_id=execution_id)
        story.given(BOT, "complete_execution", execution_id=execution_id)
    sent(story)
    execution_id = started(story)

    with pytest.raises(LimitReached, match="has to end first"):
        story.when(BOT, "start_deploy", execution_id=execution_id)


@pytest.mark.parametrize("status", ["queued", "building"])
def test_the_log_of_a_deploy_on_its_way_is_a_stream(status: str) -> None:
    story, execution_id = deploying(status)
    command = story.command("append_deploy_log", execution_id=execution_id, attempt=1, position=7, text="line\n")
    decision = story.decide(BOT, command)

    assert decision.events == ()
    assert decision.pieces == (Piece(key=f"deploy_log:{execution_id}", attempt=1, position=7, text="line\n"),)


@pytest.mark.parametrize("status", ["ready", "error", "canceled"])
def test_the_log_of_an_ended_deploy_is_closed(status: str) -> None:
    story, execution_id = deploying(status)

    with pytest.raises(WrongStatus, match="its log"):
        story.when(BOT, "append_deploy_log", execution_id=execution_id, attempt=1, position=0, text="late")


@pytest.mark.parametrize("attempt", [1, 3])
def test_a_log_of_another_attempt_is_refused_with_the_present_one(attempt: int) -> None:
    story, execution_id = deploying("error")
    story.given(BOT, "retry_deploy", execution_id=execution_id)

    with pytest.raises(OutOfOrder, match="attempt 2") as refusal:
        story.when(BOT, "append_deploy_log", execution_id=execution_id, attempt=attempt, position=0, text="x")
    assert refusal.value.expected_attempt == 2
