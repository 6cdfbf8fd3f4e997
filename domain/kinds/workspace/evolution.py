"""What each event makes of a workspace: one function per event, no rules. All of them take redacted text.

Every event but the deletion is also an entry of the timeline (``with_message``).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from domain.ids import id_of
from domain.kinds.workspace import events as did
from domain.kinds.workspace import evolution_of_executions as executions
from domain.kinds.workspace import evolution_of_feedback as feedback
from domain.kinds.workspace.state import MESSAGES_MAX, MESSAGES_MAX_BYTES, Workspace
from domain.kinds.workspace.view import Message, WorkspaceFace
from domain.record import Event, Record

replace = msgspec.structs.replace

Step: TypeAlias = Callable[[Workspace, Any, Record], Workspace]

MESSAGE_FRAME_BYTES: Final = 320
"""What a message has around its event and its author's face: ids, numbers, keys, punctuation."""


def evolve(state: Workspace, record: Record) -> Workspace:
    """The state after one record."""
    event = record.event
    if type(event) is did.WorkspaceDeleted:
        return Workspace(room=state.room)
    return with_message(STEPS[type(event)](state, event, record), record)


def with_message(state: Workspace, record: Record) -> Workspace:
    """The newest entry comes in; the oldest go once there are too many or too large ones. The newest stays in any case."""
    message = Message(id=record.id, offset=record.offset, at=record.time_ms, by=record.actor, event=msgspec.Raw(record.body))
    total = state.message_bytes + size_of(message)
    if len(state.messages) < MESSAGES_MAX and total <= MESSAGES_MAX_BYTES:
        return replace(state, messages=(*state.messages, message), message_bytes=total)
    messages = (*state.messages, message)
    dropped = 0
    while len(messages) - dropped > 1 and (len(messages) - dropped > MESSAGES_MAX or total > MESSAGES_MAX_BYTES):
        total -= size_of(messages[dropped])
        dropped += 1
    return replace(state, messages=messages[dropped:], message_bytes=total)


def size_of(message: Message) -> int:
    """At least the bytes of the message as JSON: a character of a name takes six at most."""
    return memoryview(message.event).nbytes + MESSAGE_FRAME_BYTES + 6 * (len(message.by.name) + len(message.by.image))


def _created(state: Workspace, event: did.PatternCreated, record: Record) -> Workspace:
    face = WorkspaceFace(
        id=id_of(state.room),
        pattern_type=event.pattern_type,
        name=event.name,
        category=event.category,
        status="soon",
        version="0.0.0",
        created_at=record.time_ms,
        updated_at=record.time_ms,
        created_by=record.actor.id,
    )
    return Workspace(room=state.room, is_there=True, face=face)


def _details_changed(state: Workspace, event: did.DetailsChanged, record: Record) -> Workspace:
    return replace(state, face=replace(state.face, name=event.name, category=event.category, updated_at=record.time_ms))


def _described(state: Workspace, event: did.DescriptionSubmitted, record: Record) -> Workspace:
    face = replace(
        state.face,
        description=event.description,
        reasoning=event.reasoning,
        steps=event.steps,
        attachments=event.attachments,
        updated_at=record.time_ms,
    )
    return replace(state, face=face)


def _status_changed(state: Workspace, event: did.StatusChanged, record: Record) -> Workspace:
    face = _stamped(replace(state.face, status=event.new, updated_at=record.time_ms), event, record)
    state = replace(state, face=face)
    return executions.opened(state, event.execution_id, record) if event.execution_id else state


def _stamped(face: WorkspaceFace, event: did.StatusChanged, record: Record) -> WorkspaceFace:
    match event.new:
        case "beta" if event.old == "implementing":
            return replace(face, implemented_at=record.time_ms)
        case "beta":
            return replace(face, approved_at=None, approved_by=None, verified_at=None, verified_by=None)
        case "in_review":
            return replace(face, approved_at=record.time_ms, approved_by=record.actor.id)
        case "verified":
            return replace(face, verified_at=record.time_ms, verified_by=record.actor.id)
        case _:
            return face


def _version_updated(state: Workspace, event: did.VersionUpdated, record: Record) -> Workspace:
    return replace(state, face=replace(state.face, version=event.new, updated_at=record.time_ms))


def _archived(state: Workspace, event: did.WorkspaceArchived, record: Record) -> Workspace:
    return replace(state, face=replace(state.face, is_archived=True, updated_at=record.time_ms))


def _reopened(state: Workspace, event: did.WorkspaceReopened, record: Record) -> Workspace:
    state = replace(state, face=replace(state.face, is_archived=False, updated_at=record.time_ms))
    return executions.thawed(state, record)


def _only_said(state: Workspace, event: Event, record: Record) -> Workspace:
    return state


STEPS: Final[Mapping[type[Event], Step]] = {
    did.PatternCreated: _created,
    did.DetailsChanged: _details_changed,
    did.DescriptionSubmitted: _described,
    did.StatusChanged: _status_changed,
    did.MessagePosted: _only_said,
    did.SessionCreated: feedback.session_created,
    did.SessionCompleted: feedback.session_completed,
    did.FeedbackAdded: feedback.feedback_added,
    did.FeedbackChanged: feedback.feedback_changed,
    did.FeedbackRemoved: feedback.feedback_removed,
    did.FeedbackBatchSent: feedback.feedback_sent,
    did.ClaudeStarted: executions.started,
    did.ClaudePhaseUpdate: executions.phase_updated,
    did.ClaudeCheckpoint: executions.checkpoint_added,
    did.ClaudeCompleted: executions.completed,
    did.ClaudeFailed: executions.failed,
    did.ClaudeRetry: executions.retried,
    did.DeployStarted: executions.deploy_queued,
    did.DeployBuilding: executions.deploy_building,
    did.DeploySucceeded: executions.deploy_succeeded,
    did.DeployFailed: executions.deploy_failed,
    did.DeployCanceled: executions.deploy_canceled,
    did.DeployRetried: executions.deploy_queued,
    did.UserApproved: _only_said,
    did.AdminVerified: _only_said,
    did.VersionUpdated: _version_updated,
    did.WorkspaceArchived: _archived,
    did.WorkspaceReopened: _reopened,
}
"""One step per event; the deletion leaves nothing and stands in ``evolve``."""
