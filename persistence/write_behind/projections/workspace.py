"""What each event of a workspace does to rows (ROOMS.md "workspace"): its message, and the rows of what it is about.

Pure: everything stands in the record, and what follows from the row as it is (phases, checkpoints) is a ``Change``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from domain.ids import id_of
from domain.kinds.workspace import events as did
from domain.record import Event, Record
from persistence.write_behind.projections.workspace_executions import EXECUTION_ROWS, opened
from persistence.write_behind.projections.workspace_messages import message
from persistence.write_behind.row_operations import Delete, Insert, Operation, Update, Values

TABLES: Final = (
    "pattern_workspaces",
    "pattern_sessions",
    "claude_executions",
    "feedback_items",
    "workspace_messages",
)

Rows: TypeAlias = Callable[[Record, Any], Sequence[Operation]]


def operations(record: Record) -> Sequence[Operation]:
    """All rows of one record. The message comes before a delete: the foreign keys then empty its pointers, or take it along."""
    event = record.event
    rows = ROWS[type(event)](record, event)
    if type(event) is did.WorkspaceDeleted:
        return rows
    return (*(row for row in rows if type(row) is not Delete), message(record), *(row for row in rows if type(row) is Delete))


def _workspace(record: Record, **values: Any) -> Update:
    return Update("pattern_workspaces", id_of(record.room), {**values, "updated_at": record.time_ms})


def _created(record: Record, event: did.PatternCreated) -> Sequence[Operation]:
    values: Values = {
        "pattern_type": event.pattern_type,
        "name": event.name,
        "category": event.category,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
        "created_by_id": record.actor.id,
    }
    return (Insert("pattern_workspaces", id_of(record.room), values),)


def _details_changed(record: Record, event: did.DetailsChanged) -> Sequence[Operation]:
    return (_workspace(record, name=event.name, category=event.category),)


def _described(record: Record, event: did.DescriptionSubmitted) -> Sequence[Operation]:
    return (
        _workspace(
            record,
            description=event.description,
            user_reasoning=event.reasoning,
            identification_steps=list(event.steps),
            attachments=event.attachments,
        ),
    )


def _status_changed(record: Record, event: did.StatusChanged) -> Sequence[Operation]:
    change = _workspace(record, status=event.new, **_stamps(record, event))
    return (change, opened(record, event.execution_id)) if event.execution_id else (change,)


def _stamps(record: Record, event: did.StatusChanged) -> Values:
    match event.new:
        case "beta" if event.old == "implementing":
            return {"implemented_at": record.time_ms}
        case "beta":
            return {"approved_at": None, "approved_by_id": None, "verified_at": None, "verified_by_id": None}
        case "in_review":
            return {"approved_at": record.time_ms, "approved_by_id": record.actor.id}
        case "verified":
            return {"verified_at": record.time_ms, "verified_by_id": record.actor.id}
        case _:
            return {}


def _version_updated(record: Record, event: did.VersionUpdated) -> Sequence[Operation]:
    return (_workspace(record, version=event.new),)


def _session_created(record: Record, event: did.SessionCreated) -> Sequence[Operation]:
    values: Values = {
        "workspace_id": id_of(record.room),
        "user_id": record.actor.id,
        "name": event.name,
        "data": event.data,
        "created_at": record.time_ms,
    }
    return Insert("pattern_sessions", record.id, values), _workspace(record, session_count=event.session_count)


def _session_completed(record: Record, event: did.SessionCompleted) -> Sequence[Operation]:
    session: Values = {
        "status": "completed",
        "completed_at": record.time_ms,
        "success_rate": event.success_rate,
        "result": event.result,
    }
    rates = {"success_rate": event.overall_success_rate, "last_tested_at": record.time_ms}
    return (
        Update("pattern_sessions", event.session_id, session),
        _workspace(record, session_count=event.session_count, **rates),
    )


def _feedback_added(record: Record, event: did.FeedbackAdded) -> Sequence[Operation]:
    values: Values = {
        "workspace_id": id_of(record.room),
        "session_id": event.session_id,
        "author_id": record.actor.id,
        "kind": event.kind,
        "content": event.content,
        "data": event.data,
        "attachments": event.attachments,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return Insert("feedback_items", record.id, values), _workspace(record, feedback_count=event.feedback_count)


def _feedback_changed(record: Record, event: did.FeedbackChanged) -> Sequence[Operation]:
    values: Values = {
        "kind": event.kind,
        "content": event.content,
        "data": event.data,
        "attachments": event.attachments,
        "updated_at": record.time_ms,
    }
    return (Update("feedback_items", event.feedback_id, values),)


def _feedback_removed(record: Record, event: did.FeedbackRemoved) -> Sequence[Operation]:
    return _workspace(record, feedback_count=event.feedback_count), Delete("feedback_items", event.feedback_id)


def _feedback_sent(record: Record, event: did.FeedbackBatchSent) -> Sequence[Operation]:
    sent: Values = {"sent_to_claude_at": record.time_ms, "execution_id": record.id}
    items = (Update("feedback_items", feedback_id, dict(sent)) for feedback_id in event.feedback_ids)
    return opened(record, record.id, feedback_ids=event.feedback_ids), *items


def _archived(record: Record, event: did.WorkspaceArchived) -> Sequence[Operation]:
    return (_workspace(record, archived_at=record.time_ms),)


def _reopened(record: Record, event: did.WorkspaceReopened) -> Sequence[Operation]:
    return (_workspace(record, archived_at=None),)


def _deleted(record: Record, event: did.WorkspaceDeleted) -> Sequence[Operation]:
    return (Delete("pattern_workspaces", id_of(record.room)),)


def _only_said(record: Record, event: Event) -> Sequence[Operation]:
    return ()


ROWS: Final[Mapping[type[Event], Rows]] = {
    did.PatternCreated: _created,
    did.DetailsChanged: _details_changed,
    did.DescriptionSubmitted: _described,
    did.StatusChanged: _status_changed,
    did.MessagePosted: _only_said,
    did.SessionCreated: _session_created,
    did.SessionCompleted: _session_completed,
    did.FeedbackAdded: _feedback_added,
    did.FeedbackChanged: _feedback_changed,
    did.FeedbackRemoved: _feedback_removed,
    did.FeedbackBatchSent: _feedback_sent,
    did.UserApproved: _only_said,
    did.AdminVerified: _only_said,
    did.VersionUpdated: _version_updated,
    did.WorkspaceArchived: _archived,
    did.WorkspaceReopened: _reopened,
    did.WorkspaceDeleted: _deleted,
    **EXECUTION_ROWS,
}
"""What each event does beside its message. A test demands an entry for every event of the kind."""
