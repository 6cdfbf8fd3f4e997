"""What a workspace tells outside itself: its entry in the list of workspaces, and the results that a command's caller gets."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.decider import Tick
from domain.kinds.workspace import events as did
from domain.kinds.workspace.state import Workspace
from domain.kinds.workspace.ticks import ExecutionProgress, execution_key
from domain.kinds.workspace.view import Execution, WorkspaceEntry
from domain.record import Event, Record


def entry_of(state: Workspace, ticks: Mapping[str, Tick] = {}) -> WorkspaceEntry | None:
    """The entry in ``directory:workspaces``; None for a workspace that is not there (any more).

    The running execution's last tick may be further than its last event.
    """
    if not state.is_there:
        return None
    face, running = state.face, state.running
    return WorkspaceEntry(
        id=face.id,
        pattern_type=face.pattern_type,
        name=face.name,
        category=face.category,
        status=face.status,
        version=face.version,
        session_count=face.session_count,
        feedback_count=face.feedback_count,
        success_rate=face.success_rate,
        last_tested_at=face.last_tested_at,
        is_archived=face.is_archived,
        created_at=face.created_at,
        updated_at=face.updated_at,
        created_by=face.created_by,
        approved_by=face.approved_by,
        verified_by=face.verified_by,
        execution_id=running.id if running else None,
        phase=running.phase if running else None,
        progress=_progress_of(running, ticks) if running else None,
    )


def _progress_of(running: Execution, ticks: Mapping[str, Tick]) -> int:
    tick = ticks.get(execution_key(running.id))
    return max(running.progress, tick.progress) if isinstance(tick, ExecutionProgress) else running.progress


_MADE: Final[Mapping[type[Event], str]] = {
    did.SessionCreated: "session_id",
    did.FeedbackAdded: "feedback_id",
    did.FeedbackBatchSent: "execution_id",
    did.ClaudeRetry: "execution_id",
}
"""What an event makes has the event's id; here is what the caller hears it called."""

_TOLD: Final[Mapping[type[Event], Mapping[str, str]]] = {
    did.StatusChanged: {"status": "new", "execution_id": "execution_id"},
    did.SessionCompleted: {"success_rate": "overall_success_rate"},
    did.FeedbackBatchSent: {"feedback_ids": "feedback_ids"},
    did.ClaudeStarted: {"execution_id": "execution_id"},
    did.ClaudePhaseUpdate: {"progress": "progress"},
    did.ClaudeCheckpoint: {"progress": "progress"},
    did.ClaudeRetry: {"retry_count": "retry_count"},
    did.DeployStarted: {"attempt": "attempt"},
    did.DeployRetried: {"attempt": "attempt"},
}
"""What the room decided: name in the result -> field of the event. Empty ids are left out."""

_SAYING: Final = frozenset({*_MADE, *_TOLD, did.WorkspaceArchived, did.WorkspaceDeleted})


def results_of(records: Sequence[Record]) -> dict[str, Any]:
    """Ids of what was made, and what the room decided: computed from the records alone, so a repeat gets the same."""
    results: dict[str, Any] = {}
    for record in records:
        event = record.event
        if type(event) not in _SAYING:
            continue
        told = {name: getattr(event, field) for name, field in _TOLD.get(type(event), {}).items()}
        results |= {name: value for name, value in told.items() if value != ""}
        if type(event) in _MADE:
            results[_MADE[type(event)]] = record.id
        if isinstance(event, did.WorkspaceArchived | did.WorkspaceDeleted):
            results["is_archived"] = isinstance(event, did.WorkspaceArchived)
    return results
