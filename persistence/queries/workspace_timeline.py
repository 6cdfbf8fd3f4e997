"""A workspace's timeline by HTTP: its messages with author, session, feedback and execution, in one query."""

from typing import Literal, TypeAlias

import msgspec

from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Face, limited, rows_as
from persistence.queries.workspace_executions import DeployStatus, ExecutionStatus

AuthorType: TypeAlias = Literal["user", "system", "claude"]
MessageStatus: TypeAlias = Literal["pending", "in_progress", "completed", "failed"]


class NamedSession(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    status: str
    success_rate: float | None = None


class NamedFeedback(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    content: str
    attachments: tuple[str, ...] = ()
    execution_id: str | None = None


class NamedExecution(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: ExecutionStatus
    phase: str | None = None
    progress: int = 0
    retry_count: int = 0
    deploy_status: DeployStatus | None = None


class TimelineMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the timeline. ``data`` holds the event's fields; session, feedback and execution are as they are now."""

    id: str
    offset: int
    type: str
    created_at: int
    author: Face | None = None
    author_type: AuthorType
    title: str = ""
    content: str = ""
    data: OpenObject = {}
    attachments: tuple[str, ...] = ()
    status: MessageStatus | None = None
    progress: int | None = None
    session: NamedSession | None = None
    feedback: NamedFeedback | None = None
    execution: NamedExecution | None = None


class TimelinePage(msgspec.Struct, frozen=True):
    """Oldest first, as in the view. ``before`` asks for the page before this one; None at the beginning."""

    items: tuple[TimelineMessage, ...]
    before: int | None = None


async def list_messages(
    database: Database,
    workspace_id: str,
    *,
    type: str | None = None,
    session_id: str | None = None,
    before: int | None = None,
    limit: int = LIMIT_DEFAULT,
) -> TimelinePage:
    """The newest messages with an offset below ``before``; ``type`` is a message type of the document."""
    query, values = messages_query(workspace_id, type, session_id, before, limited(limit))
    rows = await database.fetch(query, *values)
    shown = rows_as(TimelineMessage, rows[: limited(limit)])[::-1]
    return TimelinePage(shown, shown[0].offset if len(rows) > limited(limit) else None)


def messages_query(
    workspace_id: str, type: str | None, session_id: str | None, before: int | None, limit: int
) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("m.workspace_id = {}::uuid", workspace_id)
    conditions.add("m.type = {}", type)
    conditions.add("m.session_id = {}::uuid", session_id)
    conditions.add('m."offset" < {}', before)
    query = f"""
        SELECT m.id, m."offset", m.type, m.created_at, m.author_type, m.title, m.content, m.data, m.attachments,
               m.status, m.progress,
               CASE WHEN u.id IS NOT NULL THEN
                   jsonb_build_object('id', u.id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) END AS author,
               CASE WHEN s.id IS NOT NULL THEN
                   jsonb_build_object('id', s.id, 'name', s.name, 'status', s.status,
                                      'success_rate', s.success_rate) END AS session,
               CASE WHEN f.id IS NOT NULL THEN
                   jsonb_build_object('id', f.id, 'kind', f.kind, 'content', f.content, 'attachments', f.attachments,
                                      'execution_id', f.execution_id) END AS feedback,
               CASE WHEN e.id IS NOT NULL THEN
                   jsonb_build_object('id', e.id, 'status', e.status, 'phase', e.phase, 'progress', e.progress,
                                      'retry_count', e.retry_count, 'deploy_status', e.deploy_status) END AS execution
        FROM workspace_messages m
        LEFT JOIN users u ON u.id = m.author_id
        LEFT JOIN pattern_sessions s ON s.id = m.session_id
        LEFT JOIN feedback_items f ON f.id = m.feedback_id
        LEFT JOIN claude_executions e ON e.id = m.execution_id
        {conditions}
        ORDER BY m."offset" DESC
        LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values
