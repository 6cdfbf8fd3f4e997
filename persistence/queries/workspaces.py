"""Workspaces by HTTP: lists, one of them, its sessions and its feedback. Any signed-in person may see them."""

from typing import Literal

import msgspec

from domain.kinds.workspace.events import Status
from domain.kinds.workspace.view import Session, WorkspaceFace
from domain.limits import OpenObject
from persistence.database import Connection, Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Face, Page, limited, page_of, row_as, rows_as
from persistence.queries.workspace_executions import EXECUTION_COLUMNS, Execution

FACE_COLUMNS = """
    w.id, w.pattern_type, w.name, w.category, w.status, w.version, w.description, w.user_reasoning AS reasoning,
    w.identification_steps AS steps, w.attachments, w.created_at, w.updated_at, w.implemented_at, w.approved_at, w.verified_at,
    w.created_by_id AS created_by, w.approved_by_id AS approved_by, w.verified_by_id AS verified_by,
    w.session_count, w.feedback_count, w.success_rate, w.last_tested_at, w.archived_at IS NOT NULL AS is_archived,
    (SELECT count(*) FROM feedback_items f WHERE f.workspace_id = w.id AND f.sent_to_claude_at IS NULL) AS unsent_feedback_count
"""
SESSION_COLUMNS = "s.id, s.name, s.status, s.user_id AS created_by, s.created_at, s.completed_at, s.success_rate, s.data, s.result"
NEWEST_SESSIONS = 5


class ListedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list, with the execution that runs. Times are Unix milliseconds."""

    id: str
    pattern_type: str
    name: str
    category: str
    status: Status
    version: str
    created_at: int
    updated_at: int
    created_by: str
    session_count: int
    feedback_count: int
    success_rate: float | None = None
    last_tested_at: int | None = None
    is_archived: bool = False
    execution_id: str | None = None
    phase: str | None = None
    progress: int | None = None


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of workspaces may be narrowed to; None is everything. Archived ones are shown only on request."""

    status: Status | None = None
    category: str | None = None
    created_by: str | None = None
    approved_by: str | None = None
    verified_by: str | None = None
    is_archived: bool = False


class WorkspaceDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The document's sample query without the timeline: the row, the 5 newest sessions, the latest execution."""

    workspace: WorkspaceFace
    sessions: tuple[Session, ...] = ()
    execution: Execution | None = None


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """``sent_at`` is None until the item was sent to Claude; then ``execution_id`` is the execution that took it."""

    id: str
    author: Face
    session_id: str | None = None
    kind: str
    content: str
    data: OpenObject = {}
    attachments: tuple[str, ...] = ()
    created_at: int
    updated_at: int
    sent_at: int | None = None
    execution_id: str | None = None


async def list_workspaces(
    database: Database, filters: Filters, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ListedWorkspace]:
    """Newest first; ``after`` is the last id of the page before."""
    query, values = list_query(filters, after, limited(limit))
    return page_of(ListedWorkspace, await database.fetch(query, *values), limited(limit))


def list_query(filters: Filters, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("w.status = {}", filters.status)
    conditions.add("w.category = {}", filters.category)
    conditions.add("w.created_by_id = {}::uuid", filters.created_by)
    conditions.add("w.approved_by_id = {}::uuid", filters.approved_by)
    conditions.add("w.verified_by_id = {}::uuid", filters.verified_by)
    conditions.always(f"w.archived_at IS {'NOT NULL' if filters.is_archived else 'NULL'}")
    conditions.add("(w.created_at, w.id) < (SELECT p.created_at, p.id FROM pattern_workspaces p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT w.id, w.pattern_type, w.name, w.category, w.status, w.version, w.created_at, w.updated_at,
               w.created_by_id AS created_by, w.session_count, w.feedback_count, w.success_rate, w.last_tested_at,
               w.archived_at IS NOT NULL AS is_archived, running.id AS execution_id, running.phase, running.progress
        FROM pattern_workspaces w
        LEFT JOIN LATERAL (
            SELECT e.id, e.phase, e.progress FROM claude_executions e
            WHERE e.workspace_id = w.id AND e.status = 'running'
            ORDER BY e.triggered_at DESC LIMIT 1
        ) running ON true
        {conditions}
        ORDER BY w.created_at DESC, w.id DESC
        LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def workspace_by_id(database: Database, workspace_id: str) -> WorkspaceDetail | None:
    return await _detail(database, "w.id = $1::uuid", workspace_id)


async def workspace_by_pattern(database: Database, pattern_type: str) -> WorkspaceDetail | None:
    return await _detail(database, "w.pattern_type = $1", pattern_type)


async def _detail(database: Database, condition: str, key: str) -> WorkspaceDetail | None:
    # Repeatable read: the three answers are of one moment.
    async with database.transaction("repeatable_read", readonly=True) as connection:
        row = await connection.fetchrow(f"SELECT {FACE_COLUMNS} FROM pattern_workspaces w WHERE {condition}", key)
        if row is None:
            return None
        return WorkspaceDetail(
            workspace=row_as(WorkspaceFace, row),
            sessions=await _newest_sessions(connection, row["id"]),
            execution=await _latest_execution(connection, row["id"]),
        )


async def _newest_sessions(connection: Connection, workspace_id: object) -> tuple[Session, ...]:
    query = f"""
        SELECT {SESSION_COLUMNS} FROM pattern_sessions s
        WHERE s.workspace_id = $1 ORDER BY s.created_at DESC, s.id DESC LIMIT {NEWEST_SESSIONS}
    """
    return rows_as(Session, await connection.fetch(query, workspace_id))


async def _latest_execution(connection: Connection, workspace_id: object) -> Execution | None:
    query = f"""
        SELECT {EXECUTION_COLUMNS} FROM claude_executions e
        WHERE e.workspace_id = $1 ORDER BY e.triggered_at DESC, e.id DESC LIMIT 1
    """
    row = await connection.fetchrow(query, workspace_id)
    return row_as(Execution, row) if row else None


async def list_sessions(
    database: Database, workspace_id: str, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[Session]:
    """Newest first."""
    conditions = Conditions()
    conditions.add("s.workspace_id = {}::uuid", workspace_id)
    conditions.add("(s.created_at, s.id) < (SELECT p.created_at, p.id FROM pattern_sessions p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {SESSION_COLUMNS} FROM pattern_sessions s {conditions}
        ORDER BY s.created_at DESC, s.id DESC LIMIT {conditions.place(limited(limit) + 1)}
    """
    return page_of(Session, await database.fetch(query, *conditions.values), limited(limit))


Sent = Literal["all", "sent", "unsent"]


async def list_feedback(
    database: Database, workspace_id: str, sent: Sent = "all", after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[Feedback]:
    """Oldest first: the order in which Claude is given them."""
    query, values = feedback_query(workspace_id, sent, after, limited(limit))
    return page_of(Feedback, await database.fetch(query, *values), limited(limit))


def feedback_query(workspace_id: str, sent: Sent, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("f.workspace_id = {}::uuid", workspace_id)
    if sent != "all":
        conditions.always(f"f.sent_to_claude_at IS {'NOT NULL' if sent == 'sent' else 'NULL'}")
    conditions.add("(f.created_at, f.id) > (SELECT p.created_at, p.id FROM feedback_items p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT f.id, f.session_id, f.kind, f.content, f.data, f.attachments, f.created_at, f.updated_at,
               f.sent_to_claude_at AS sent_at, f.execution_id,
               jsonb_build_object('id', u.id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) AS author
        FROM feedback_items f JOIN users u ON u.id = f.author_id
        {conditions}
        ORDER BY f.created_at, f.id
        LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values
