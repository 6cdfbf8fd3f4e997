"""What the events of executions and their deploys make of a workspace."""

import msgspec

from domain.ids import ThingId
from domain.kinds.workspace import events as did
from domain.kinds.workspace.commands import Phase
from domain.kinds.workspace.state import ACTIVE, CHECKPOINTS_MAX, FINISHED_MAX, Workspace, is_deploying
from domain.kinds.workspace.view import Checkpoint, Execution, PhaseSpan
from domain.record import Record

replace = msgspec.structs.replace


def opened(state: Workspace, execution_id: ThingId, record: Record, *, feedback_ids: tuple[ThingId, ...] = ()) -> Workspace:
    """A new pending execution stands at the end of the queue."""
    execution = Execution(
        id=execution_id,
        triggered_by=record.actor.id,
        triggered_at=record.time_ms,
        feedback_ids=feedback_ids,
        last_event_at=record.time_ms,
    )
    return replace(state, executions=(*state.executions, execution))


def started(state: Workspace, event: did.ClaudeStarted, record: Record) -> Workspace:
    execution = _heard(state, event.execution_id, record)
    return _with(state, replace(execution, status="running", started_at=record.time_ms, prompt_file=event.prompt_file))


def phase_updated(state: Workspace, event: did.ClaudePhaseUpdate, record: Record) -> Workspace:
    execution = _heard(state, event.execution_id, record)
    phases = execution.phases
    if event.phase != execution.phase:
        old = phases.get(event.phase)
        phases = _phases_left(execution, record.time_ms)
        phases[event.phase] = PhaseSpan(started_at=old.started_at if old else record.time_ms, rounds=event.round)
    return _with(state, replace(execution, phase=event.phase, progress=event.progress, phases=phases))


def checkpoint_added(state: Workspace, event: did.ClaudeCheckpoint, record: Record) -> Workspace:
    execution = _heard(state, event.execution_id, record)
    checkpoint = Checkpoint(
        id=record.id, at=record.time_ms, title=event.title, note=event.note, progress=event.progress, phase=execution.phase
    )
    checkpoints = (*execution.checkpoints, checkpoint)[-CHECKPOINTS_MAX:]
    return _with(state, replace(execution, progress=event.progress, checkpoints=checkpoints))


def completed(state: Workspace, event: did.ClaudeCompleted, record: Record) -> Workspace:
    execution = _heard(state, event.execution_id, record)
    done = replace(
        execution,
        status="completed",
        progress=100,
        completed_at=record.time_ms,
        files=event.files,
        commit_hash=event.commit_hash,
        commit_message=event.commit_message,
        phases=_phases_left(execution, record.time_ms),
    )
    return _bounded(_with(state, done))


def failed(state: Workspace, event: did.ClaudeFailed, record: Record) -> Workspace:
    execution = _heard(state, event.execution_id, record)
    done = replace(
        execution,
        status="failed",
        progress=max(execution.progress, event.progress),
        error=event.error,
        errored_at=record.time_ms,
        phases=_phases_left(execution, record.time_ms),
    )
    return _bounded(_with(state, done))


def retried(state: Workspace, event: did.ClaudeRetry, record: Record) -> Workspace:
    execution = _heard(state, event.execution_id, record)
    again = Execution(
        id=record.id,
        triggered_by=record.actor.id,
        triggered_at=record.time_ms,
        feedback_ids=event.feedback_ids,
        retry_count=event.retry_count,
        max_retries=event.max_retries,
        retry_reason=event.reason,
        parent_execution_id=execution.id,
        last_event_at=record.time_ms,
    )
    state = _with(state, replace(execution, status="retry"))
    return replace(state, executions=(*state.executions, again))


def deploy_queued(state: Workspace, event: did.DeployStarted | did.DeployRetried, record: Record) -> Workspace:
    execution = replace(
        _deploy_heard(state, event.execution_id, record),
        deploy_status="queued",
        deploy_attempt=event.attempt,
        deploy_url="",
        deploy_started_at=record.time_ms,
        deploy_completed_at=None,
    )
    return _with(state, execution)


def deploy_building(state: Workspace, event: did.DeployBuilding, record: Record) -> Workspace:
    return _with(state, replace(_deploy_heard(state, event.execution_id, record), deploy_status="building"))


def deploy_succeeded(state: Workspace, event: did.DeploySucceeded, record: Record) -> Workspace:
    execution = replace(
        _deploy_heard(state, event.execution_id, record),
        deploy_status="ready",
        deploy_url=event.url,
        deploy_completed_at=record.time_ms,
    )
    return _bounded(_with(state, execution))


def deploy_failed(state: Workspace, event: did.DeployFailed, record: Record) -> Workspace:
    execution = _deploy_heard(state, event.execution_id, record)
    return _bounded(_with(state, replace(execution, deploy_status="error", deploy_completed_at=record.time_ms)))


def deploy_canceled(state: Workspace, event: did.DeployCanceled, record: Record) -> Workspace:
    execution = _deploy_heard(state, event.execution_id, record)
    return _bounded(_with(state, replace(execution, deploy_status="canceled", deploy_completed_at=record.time_ms)))


def thawed(state: Workspace, record: Record) -> Workspace:
    """After the workspace was archived: nobody could be heard in between, so every silence begins anew."""
    return replace(
        state,
        executions=tuple(
            replace(execution, last_event_at=record.time_ms, deploy_last_event_at=record.time_ms) for execution in state.executions
        ),
    )


def _execution(state: Workspace, execution_id: str) -> Execution:
    return next(execution for execution in state.executions if execution.id == execution_id)


def _heard(state: Workspace, execution_id: str, record: Record) -> Execution:
    return replace(_execution(state, execution_id), last_event_at=record.time_ms)


def _deploy_heard(state: Workspace, execution_id: str, record: Record) -> Execution:
    return replace(_heard(state, execution_id, record), deploy_last_event_at=record.time_ms)


def _with(state: Workspace, changed: Execution) -> Workspace:
    return replace(state, executions=tuple(changed if execution.id == changed.id else execution for execution in state.executions))


def _phases_left(execution: Execution, at: int) -> dict[str, PhaseSpan]:
    """A copy of the phases in which the present one has ended."""
    phases = dict(execution.phases)
    current: Phase | None = execution.phase
    if current is not None and current in phases:
        phases[current] = replace(phases[current], completed_at=at)
    return phases


def _bounded(state: Workspace) -> Workspace:
    """The oldest finished executions go, but none whose deploy is on its way (``FINISHED_MAX``)."""
    finished = [execution for execution in state.executions if execution.status not in ACTIVE]
    gone = {execution.id for execution in finished[:-FINISHED_MAX] if not is_deploying(execution)}
    if not gone:
        return state
    return replace(state, executions=tuple(execution for execution in state.executions if execution.id not in gone))
