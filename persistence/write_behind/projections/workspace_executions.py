"""What the events of executions and deploys do to ``claude_executions``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from domain.ids import ThingId, id_of
from domain.kinds.workspace import events as did
from domain.record import Event, Record
from persistence.write_behind.row_operations import Change, Insert, Operation, Update, Values


class EnterPhase(Change, frozen=True):
    """``phases``: the present one ends, ``phase`` begins (or goes on, when it is the present one)."""

    reads: ClassVar = ("phase", "phases")
    phase: str
    round: int
    at: int

    def apply(self, row: Mapping[str, Any]) -> Any:
        phases = row.get("phases") or {}
        if row.get("phase") == self.phase:
            return phases
        old = phases.get(self.phase)
        left = _left(row, self.at)
        return {**left, self.phase: {"started_at": old["started_at"] if old else self.at, "rounds": self.round}}


class LeavePhase(Change, frozen=True):
    """``phases``: the present one ends."""

    reads: ClassVar = ("phase", "phases")
    at: int

    def apply(self, row: Mapping[str, Any]) -> Any:
        return _left(row, self.at)


class AddCheckpoint(Change, frozen=True):
    """``checkpoints``: one more, with the phase that it falls into. One that is there already stays as it is."""

    reads: ClassVar = ("phase", "checkpoints")
    checkpoint: dict[str, Any]

    def apply(self, row: Mapping[str, Any]) -> Any:
        checkpoints = row.get("checkpoints") or []
        if any(known["id"] == self.checkpoint["id"] for known in checkpoints):
            return checkpoints
        return [*checkpoints, {**self.checkpoint, "phase": row.get("phase")}]


class AtLeast(Change, frozen=True):
    """``progress`` never falls: a tick may have come further than the event says, or the other way round."""

    reads: ClassVar = ("progress",)
    progress: int

    def apply(self, row: Mapping[str, Any]) -> Any:
        return max(self.progress, row.get("progress") or 0)


def _left(row: Mapping[str, Any], at: int) -> dict[str, Any]:
    phases: dict[str, Any] = dict(row.get("phases") or {})
    current = row.get("phase")
    if current in phases:
        phases[current] = {**phases[current], "completed_at": at}
    return phases


def opened(record: Record, execution_id: ThingId, feedback_ids: tuple[ThingId, ...] = (), **more: Any) -> Insert:
    """A new pending execution."""
    values: Values = {
        "workspace_id": id_of(record.room),
        "triggered_by": record.actor.id,
        "triggered_at": record.time_ms,
        "feedback_ids": feedback_ids,
        **more,
    }
    return Insert("claude_executions", execution_id, values)


def _execution(event: Any, **values: Any) -> Update:
    return Update("claude_executions", event.execution_id, values)


def _started(record: Record, event: did.ClaudeStarted) -> Sequence[Operation]:
    return (_execution(event, status="running", started_at=record.time_ms, prompt_file=event.prompt_file),)


def _phase_updated(record: Record, event: did.ClaudePhaseUpdate) -> Sequence[Operation]:
    entered = EnterPhase(event.phase, event.round, record.time_ms)
    return (_execution(event, phases=entered, phase=event.phase, progress=event.progress),)


def _checkpoint_added(record: Record, event: did.ClaudeCheckpoint) -> Sequence[Operation]:
    checkpoint = {
        "id": record.id,
        "at": record.time_ms,
        "title": event.title,
        "note": event.note,
        "progress": event.progress,
        "data": event.data,
    }
    return (_execution(event, checkpoints=AddCheckpoint(checkpoint), progress=event.progress),)


def _completed(record: Record, event: did.ClaudeCompleted) -> Sequence[Operation]:
    return (
        _execution(
            event,
            status="completed",
            progress=100,
            completed_at=record.time_ms,
            files_changed=event.files,
            commit_hash=event.commit_hash,
            commit_message=event.commit_message,
            phases=LeavePhase(record.time_ms),
        ),
    )


def _failed(record: Record, event: did.ClaudeFailed) -> Sequence[Operation]:
    return (
        _execution(
            event,
            status="failed",
            progress=AtLeast(event.progress),
            error=event.error,
            errored_at=record.time_ms,
            phases=LeavePhase(record.time_ms),
        ),
    )


def _retried(record: Record, event: did.ClaudeRetry) -> Sequence[Operation]:
    again = opened(
        record,
        record.id,
        event.feedback_ids,
        retry_count=event.retry_count,
        max_retries=event.max_retries,
        retry_reason=event.reason,
        parent_execution_id=event.execution_id,
    )
    return _execution(event, status="retry"), again


def _deploy_queued(record: Record, event: did.DeployStarted | did.DeployRetried) -> Sequence[Operation]:
    return (
        _execution(
            event,
            deploy_status="queued",
            deploy_attempt=event.attempt,
            deploy_url="",
            deploy_started_at=record.time_ms,
            deploy_completed_at=None,
            deploy_logs="",
            deploy_logs_start=0,
        ),
    )


def _deploy_building(record: Record, event: did.DeployBuilding) -> Sequence[Operation]:
    return (_execution(event, deploy_status="building"),)


def _deploy_succeeded(record: Record, event: did.DeploySucceeded) -> Sequence[Operation]:
    return (_execution(event, deploy_status="ready", deploy_url=event.url, deploy_completed_at=record.time_ms),)


def _deploy_failed(record: Record, event: did.DeployFailed) -> Sequence[Operation]:
    return (_execution(event, deploy_status="error", deploy_completed_at=record.time_ms),)


def _deploy_canceled(record: Record, event: did.DeployCanceled) -> Sequence[Operation]:
    return (_execution(event, deploy_status="canceled", deploy_completed_at=record.time_ms),)


EXECUTION_ROWS: Final[Mapping[type[Event], Callable[[Record, Any], Sequence[Operation]]]] = {
    did.ClaudeStarted: _started,
    did.ClaudePhaseUpdate: _phase_updated,
    did.ClaudeCheckpoint: _checkpoint_added,
    did.ClaudeCompleted: _completed,
    did.ClaudeFailed: _failed,
    did.ClaudeRetry: _retried,
    did.DeployStarted: _deploy_queued,
    did.DeployBuilding: _deploy_building,
    did.DeploySucceeded: _deploy_succeeded,
    did.DeployFailed: _deploy_failed,
    did.DeployCanceled: _deploy_canceled,
    did.DeployRetried: _deploy_queued,
}
