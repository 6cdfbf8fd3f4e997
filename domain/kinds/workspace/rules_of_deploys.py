"""Deploys of an execution's result, in attempts. Possible while the execution runs and after it completed.

::

    start ─▶ queued ── report_building ─▶ building ── succeed ─▶ ready ── start (a new attempt) ─▶ queued
                │                             │
                ├───────── fail ──────────────┤──▶ error ─────┐
                └──────── cancel ─────────────┘──▶ canceled ──┴─ retry (a new attempt) ─▶ queued
"""

from domain.decider import Context, Decision, Piece
from domain.kinds.workspace import commands as ask
from domain.kinds.workspace import events as did
from domain.kinds.workspace.rules_of_executions import check_silence, find_execution
from domain.kinds.workspace.state import FINISHED_MAX, Workspace, is_deploying
from domain.kinds.workspace.ticks import deploy_log_key
from domain.kinds.workspace.view import Execution
from domain.rejections import LimitReached, OutOfOrder, WrongStatus


def start_deploy(state: Workspace, command: ask.StartDeploy, context: Context) -> Decision:
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "started", None, "ready")
    _check_open_deploys(state)
    return Decision((did.DeployStarted(execution_id=execution.id, attempt=execution.deploy_attempt + 1),))


def report_building(state: Workspace, command: ask.ReportBuilding, context: Context) -> Decision:
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "reported as building", "queued")
    return Decision((did.DeployBuilding(execution_id=execution.id, attempt=execution.deploy_attempt),))


def succeed_deploy(state: Workspace, command: ask.SucceedDeploy, context: Context) -> Decision:
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "ended as ready", "building")
    return Decision((did.DeploySucceeded(execution_id=execution.id, attempt=execution.deploy_attempt, url=command.url),))


def fail_deploy(state: Workspace, command: ask.FailDeploy, context: Context, *, silent_ms: int) -> Decision:
    """Said by the bot, or by the clock when nothing was heard of the deploy."""
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "ended as failed", "queued", "building")
    if context.actor.kind == "system":
        check_silence(execution.deploy_last_event_at, (deploy_log_key(execution.id),), context, silent_ms)
    return Decision((did.DeployFailed(execution_id=execution.id, attempt=execution.deploy_attempt, error=command.error),))


def cancel_deploy(state: Workspace, command: ask.CancelDeploy, context: Context) -> Decision:
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "canceled", "queued", "building")
    return Decision((did.DeployCanceled(execution_id=execution.id, attempt=execution.deploy_attempt, reason=command.reason),))


def retry_deploy(state: Workspace, command: ask.RetryDeploy, context: Context) -> Decision:
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "tried again", "error", "canceled")
    _check_open_deploys(state)
    return Decision((did.DeployRetried(execution_id=execution.id, attempt=execution.deploy_attempt + 1, reason=command.reason),))


def append_deploy_log(state: Workspace, command: ask.AppendDeployLog, context: Context) -> Decision:
    """The attempt is checked here, the position by the fold of the stream (``domain.parts.streams``)."""
    execution = _deployable(state, command.execution_id)
    _check_deploy(execution, "written about in its log", "queued", "building")
    if command.attempt != execution.deploy_attempt:
        raise OutOfOrder(
            f"attempt {execution.deploy_attempt} of this deploy is on its way, not {command.attempt}",
            expected_attempt=execution.deploy_attempt,
        )
    piece = Piece(key=deploy_log_key(execution.id), attempt=command.attempt, position=command.position, text=command.text)
    return Decision(pieces=(piece,))


def _deployable(state: Workspace, execution_id: str) -> Execution:
    execution = find_execution(state, execution_id)
    if execution.status not in ("running", "completed"):
        raise WrongStatus(f"an execution is deployed while it runs or after it completed; this one is {execution.status}")
    return execution


def _check_deploy(execution: Execution, what: str, *allowed: str | None) -> None:
    if execution.deploy_status not in allowed:
        words = " or ".join("not there yet" if status is None else status for status in allowed)
        now = f"is {execution.deploy_status}" if execution.deploy_status else "was not started"
        raise WrongStatus(f"a deploy can be {what} only while it is {words}; this one {now}")


def _check_open_deploys(state: Workspace) -> None:
    if sum(is_deploying(execution) for execution in state.executions) >= FINISHED_MAX:
        raise LimitReached(f"{FINISHED_MAX} deploys are on their way: one of them has to end first")
