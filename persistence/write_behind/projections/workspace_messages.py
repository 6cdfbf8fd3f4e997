"""The timeline: every event of a workspace is one row of ``workspace_messages``, which never changes afterwards."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias

import msgspec

from domain.event_codec import tag_of
from domain.ids import id_of
from domain.kinds.workspace import events as did
from domain.record import Event, Record
from persistence.write_behind.row_operations import Insert, Values

Status: TypeAlias = Literal["pending", "in_progress", "completed", "failed"]

AUTHOR_TYPES: Final = {"user": "user", "guest": "user", "bot": "claude", "system": "system"}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says beside its event's fields. None where it says nothing."""

    title: str
    content: str | None = None
    status: Status | None = None
    progress: int | None = None
    session_id: str | None = None
    feedback_id: str | None = None
    execution_id: str | None = None
    attachments: tuple[str, ...] = ()


def message(record: Record) -> Insert:
    said = SAID[type(record.event)](record, record.event)
    values: Values = {
        "workspace_id": id_of(record.room),
        "offset": record.offset,
        "type": tag_of(type(record.event)),
        "created_at": record.time_ms,
        "author_id": record.actor.id,
        "author_type": AUTHOR_TYPES[record.actor.kind],
        "title": said.title,
        "content": said.content,
        "data": fields_of(record),
        "attachments": said.attachments,
        "session_id": said.session_id,
        "feedback_id": said.feedback_id,
        "execution_id": said.execution_id,
        "status": said.status,
        "progress": said.progress,
    }
    return Insert("workspace_messages", record.id, values)


def fields_of(record: Record) -> msgspec.Raw:
    """The event's fields as JSON, without its type: that has a column of its own."""
    # Speed: the body begins with the tag; cutting it off is a tenth of encoding the fields again.
    opening = _opening_of(type(record.event))
    if not record.body.startswith(opening):
        raise ValueError(f"the body of {record.room} {record.offset} does not begin with its type")
    rest = record.body[len(opening) :]
    return msgspec.Raw(b"{" + rest.removeprefix(b","))


@cache
def _opening_of(event_class: type[Event]) -> bytes:
    return b'{"type":"' + tag_of(event_class).encode() + b'"'


def _created(record: Record, event: did.PatternCreated) -> Said:
    return Said(title="Workspace created", content=event.name)


def _details_changed(record: Record, event: did.DetailsChanged) -> Said:
    return Said(title="Details changed", content=f"{event.name} ({event.category})")


def _described(record: Record, event: did.DescriptionSubmitted) -> Said:
    return Said(title="Description submitted", content=event.description, attachments=event.attachments)


def _status_changed(record: Record, event: did.StatusChanged) -> Said:
    title = f"Status changed from {event.old} to {event.new}"
    return Said(title=title, content=event.reason or None, execution_id=event.execution_id or None)


def _posted(record: Record, event: did.MessagePosted) -> Said:
    return Said(title="Message", content=event.text, attachments=event.attachments)


def _session_created(record: Record, event: did.SessionCreated) -> Said:
    return Said(title="Session created", content=event.name, session_id=record.id)


def _session_completed(record: Record, event: did.SessionCompleted) -> Said:
    rate = event.success_rate
    content = None if rate is None else f"Success rate {rate:.0%}"
    return Said(title="Session completed", content=content, status="completed", session_id=event.session_id)


def _feedback_added(record: Record, event: did.FeedbackAdded) -> Said:
    return Said(
        title="Feedback added",
        content=event.content,
        session_id=event.session_id,
        feedback_id=record.id,
        attachments=event.attachments,
    )


def _feedback_changed(record: Record, event: did.FeedbackChanged) -> Said:
    return Said(title="Feedback changed", content=event.content, feedback_id=event.feedback_id, attachments=event.attachments)


def _feedback_removed(record: Record, event: did.FeedbackRemoved) -> Said:
    return Said(title="Feedback removed")


def _feedback_sent(record: Record, event: did.FeedbackBatchSent) -> Said:
    count = len(event.feedback_ids)
    return Said(
        title="Feedback sent to Claude",
        content=f"Sent {count} correction{'' if count == 1 else 's'} for analysis",
        status="pending",
        session_id=event.session_id,
        execution_id=record.id,
    )


def _started(record: Record, event: did.ClaudeStarted) -> Said:
    return Said(title="Claude started", status="in_progress", execution_id=event.execution_id)


def _phase_updated(record: Record, event: did.ClaudePhaseUpdate) -> Said:
    return Said(
        title=f"Claude is {event.phase}",
        content=event.note or None,
        status="in_progress",
        progress=event.progress,
        execution_id=event.execution_id,
    )


def _checkpoint_added(record: Record, event: did.ClaudeCheckpoint) -> Said:
    return Said(title=event.title, content=event.note or None, progress=event.progress, execution_id=event.execution_id)


def _completed(record: Record, event: did.ClaudeCompleted) -> Said:
    return Said(
        title="Claude completed",
        content=event.commit_message or None,
        status="completed",
        progress=100,
        execution_id=event.execution_id,
    )


def _failed(record: Record, event: did.ClaudeFailed) -> Said:
    return Said(
        title="Claude failed", content=event.error, status="failed", progress=event.progress, execution_id=event.execution_id
    )


def _retried(record: Record, event: did.ClaudeRetry) -> Said:
    title = f"Tried again ({event.retry_count} of {event.max_retries})"
    return Said(title=title, content=event.reason or None, status="pending", execution_id=record.id)


def _deploy_started(record: Record, event: did.DeployStarted) -> Said:
    return Said(title="Deploy queued", status="pending", execution_id=event.execution_id)


def _deploy_building(record: Record, event: did.DeployBuilding) -> Said:
    return Said(title="Deploy is building", status="in_progress", execution_id=event.execution_id)


def _deploy_succeeded(record: Record, event: did.DeploySucceeded) -> Said:
    return Said(title="Deploy ready", content=event.url, status="completed", execution_id=event.execution_id)


def _deploy_failed(record: Record, event: did.DeployFailed) -> Said:
    return Said(title="Deploy failed", content=event.error, status="failed", execution_id=event.execution_id)


def _deploy_canceled(record: Record, event: did.DeployCanceled) -> Said:
    return Said(title="Deploy canceled", content=event.reason or None, execution_id=event.execution_id)


def _deploy_retried(record: Record, event: did.DeployRetried) -> Said:
    title = f"Deploy queued again (attempt {event.attempt})"
    return Said(title=title, content=event.reason or None, status="pending", execution_id=event.execution_id)


def _approved(record: Record, event: did.UserApproved) -> Said:
    return Said(title="Approved", content=event.note or None)


def _verified(record: Record, event: did.AdminVerified) -> Said:
    return Said(title="Verified", content=event.note or None)


def _version_updated(record: Record, event: did.VersionUpdated) -> Said:
    return Said(title=f"Version {event.new}", content=event.note or None)


def _archived(record: Record, event: did.WorkspaceArchived) -> Said:
    return Said(title="Workspace archived")


def _reopened(record: Record, event: did.WorkspaceReopened) -> Said:
    return Said(title="Workspace reopened")


SAID: Final[Mapping[type[Event], Callable[[Record, Any], Said]]] = {
    did.PatternCreated: _created,
    did.DetailsChanged: _details_changed,
    did.DescriptionSubmitted: _described,
    did.StatusChanged: _status_changed,
    did.MessagePosted: _posted,
    did.SessionCreated: _session_created,
    did.SessionCompleted: _session_completed,
    did.FeedbackAdded: _feedback_added,
    did.FeedbackChanged: _feedback_changed,
    did.FeedbackRemoved: _feedback_removed,
    did.FeedbackBatchSent: _feedback_sent,
    did.ClaudeStarted: _started,
    did.ClaudePhaseUpdate: _phase_updated,
    did.ClaudeCheckpoint: _checkpoint_added,
    did.ClaudeCompleted: _completed,
    did.ClaudeFailed: _failed,
    did.ClaudeRetry: _retried,
    did.DeployStarted: _deploy_started,
    did.DeployBuilding: _deploy_building,
    did.DeploySucceeded: _deploy_succeeded,
    did.DeployFailed: _deploy_failed,
    did.DeployCanceled: _deploy_canceled,
    did.DeployRetried: _deploy_retried,
    did.UserApproved: _approved,
    did.AdminVerified: _verified,
    did.VersionUpdated: _version_updated,
    did.WorkspaceArchived: _archived,
    did.WorkspaceReopened: _reopened,
}
