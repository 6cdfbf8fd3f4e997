"""What the events of sessions and feedback make of a workspace."""

from collections.abc import Iterable

import msgspec

from domain.ids import ThingId
from domain.kinds.workspace import events as did
from domain.kinds.workspace.evolution_of_executions import opened
from domain.kinds.workspace.state import PAST_SESSIONS_MAX, SESSIONS_MAX, Feedback, Workspace
from domain.kinds.workspace.view import Session
from domain.record import Record

replace = msgspec.structs.replace


def session_created(state: Workspace, event: did.SessionCreated, record: Record) -> Workspace:
    session = Session(id=record.id, name=event.name, created_by=record.actor.id, created_at=record.time_ms, data=event.data)
    return replace(
        state,
        face=replace(state.face, session_count=event.session_count, updated_at=record.time_ms),
        sessions=(*state.sessions, session)[-SESSIONS_MAX:],
        open_sessions=(*state.open_sessions, session.id),
    )


def session_completed(state: Workspace, event: did.SessionCompleted, record: Record) -> Workspace:
    face = replace(
        state.face,
        session_count=event.session_count,
        success_rate=event.overall_success_rate,
        last_tested_at=record.time_ms,
        updated_at=record.time_ms,
    )
    rate = event.success_rate
    return replace(
        state,
        face=face,
        sessions=tuple(_completed(s, event, record) if s.id == event.session_id else s for s in state.sessions),
        open_sessions=tuple(session_id for session_id in state.open_sessions if session_id != event.session_id),
        past_sessions=(*state.past_sessions, event.session_id)[-PAST_SESSIONS_MAX:],
        rated_count=state.rated_count + (rate is not None),
        rate_sum=state.rate_sum + (rate or 0.0),
    )


def _completed(session: Session, event: did.SessionCompleted, record: Record) -> Session:
    return replace(session, status="completed", completed_at=record.time_ms, success_rate=event.success_rate, result=event.result)


def feedback_added(state: Workspace, event: did.FeedbackAdded, record: Record) -> Workspace:
    item = Feedback(
        author_id=record.actor.id,
        offset=record.offset,
        size=len(record.body),
        content=event.content,
        kind=event.kind,
        data=event.data,
        attachments=event.attachments,
    )
    return _counted(
        replace(state, unsent=state.unsent.set(record.id, item), unsent_bytes=state.unsent_bytes + item.size),
        event.feedback_count,
        event.unsent_count,
        record,
    )


def feedback_changed(state: Workspace, event: did.FeedbackChanged, record: Record) -> Workspace:
    old = state.unsent[event.feedback_id]
    item = replace(
        old, content=event.content, kind=event.kind, data=event.data, attachments=event.attachments, size=len(record.body)
    )
    return replace(state, unsent=state.unsent.set(event.feedback_id, item), unsent_bytes=state.unsent_bytes + item.size - old.size)


def feedback_removed(state: Workspace, event: did.FeedbackRemoved, record: Record) -> Workspace:
    return _counted(_without(state, (event.feedback_id,)), event.feedback_count, event.unsent_count, record)


def feedback_sent(state: Workspace, event: did.FeedbackBatchSent, record: Record) -> Workspace:
    state = opened(_without(state, event.feedback_ids), record.id, record, feedback_ids=event.feedback_ids)
    return replace(state, face=replace(state.face, unsent_feedback_count=event.unsent_count))


def _without(state: Workspace, feedback_ids: Iterable[ThingId]) -> Workspace:
    unsent, size = state.unsent.mutate(), state.unsent_bytes
    for feedback_id in feedback_ids:
        size -= unsent.pop(feedback_id).size
    return replace(state, unsent=unsent.finish(), unsent_bytes=size)


def _counted(state: Workspace, feedback_count: int, unsent_count: int, record: Record) -> Workspace:
    face = replace(state.face, feedback_count=feedback_count, unsent_feedback_count=unsent_count, updated_at=record.time_ms)
    return replace(state, face=face)
