"""What the clock asks of a workspace: a bot that is silent has failed. An archived workspace is frozen, nothing is due there."""

from domain.decider import Deadline
from domain.kinds.workspace.state import Workspace, is_deploying
from domain.kinds.workspace.ticks import deploy_log_key, execution_key
from domain.kinds.workspace.view import Execution

SILENT_MS = 5 * 60 * 1000
"""How long a bot may be silent about a running execution or deploy. A model's single step rarely takes more than two minutes, and a
crashed bot should not block the queue for long; bots report progress far more often."""


def due(state: Workspace, silent_ms: int) -> tuple[Deadline, ...]:
    if state.face.is_archived:
        return ()
    deadlines = [_deploy_deadline(execution, silent_ms) for execution in state.executions if is_deploying(execution)]
    if state.running is not None:
        deadlines.append(_execution_deadline(state.running, silent_ms))
    return tuple(deadlines)


def live_keys(state: Workspace) -> frozenset[str]:
    """The running execution may tick, the log of a deploy on its way may be told."""
    if state.face.is_archived:
        return frozenset()
    keys = {deploy_log_key(execution.id) for execution in state.executions if is_deploying(execution)}
    if state.running is not None:
        keys.add(execution_key(state.running.id))
    return frozenset(keys)


def _execution_deadline(execution: Execution, silent_ms: int) -> Deadline:
    return Deadline(
        what=f"execution:{execution.id}",
        at_ms=execution.last_event_at + silent_ms,
        name="workspace.fail_execution",
        payload={"execution_id": execution.id, "error": _sentence(silent_ms)},
        quiet_key=execution_key(execution.id),
        quiet_ms=silent_ms,
    )


def _deploy_deadline(execution: Execution, silent_ms: int) -> Deadline:
    return Deadline(
        what=f"deploy:{execution.id}",
        at_ms=execution.deploy_last_event_at + silent_ms,
        name="workspace.fail_deploy",
        payload={"execution_id": execution.id, "error": _sentence(silent_ms)},
        quiet_key=deploy_log_key(execution.id),
        quiet_ms=silent_ms,
    )


def _sentence(silent_ms: int) -> str:
    return f"nothing was heard of the bot for {silent_ms / 1000:g} seconds"
