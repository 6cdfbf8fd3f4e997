"""Executions of Claude by HTTP: a workspace's, those that wait or run anywhere, one with its chain of retries, a deploy's log."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from domain.kinds.workspace.commands import Phase
from domain.kinds.workspace.view import Checkpoint, PhaseSpan
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Page, limited, page_of, row_as, rows_as

ExecutionStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "retry"]
DeployStatus: TypeAlias = Literal["queued", "building", "ready", "error", "canceled"]

EXECUTION_COLUMNS = """
    e.id, e.workspace_id, e.status, e.phase, e.progress, e.triggered_by, e.triggered_at, e.started_at, e.completed_at,
    e.feedback_ids, e.prompt_file, e.files_changed AS files, e.commit_hash, e.commit_message, e.phases, e.checkpoints,
    e.error, e.errored_at, e.retry_count, e.max_retries, e.retry_reason, e.parent_execution_id,
    e.deploy_status, e.deploy_attempt, e.deploy_url, e.deploy_started_at, e.deploy_completed_at
"""


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One run, its fields named as in a workspace's view. Times are Unix milliseconds."""

    id: str
    workspace_id: str
    status: ExecutionStatus
    phase: Phase | None = None
    progress: int = 0
    triggered_by: str
    triggered_at: int
    started_at: int | None = None
    completed_at: int | None = None
    feedback_ids: tuple[str, ...] = ()
    prompt_file: str = ""
    files: tuple[str, ...] = ()
    commit_hash: str = ""
    commit_message: str = ""
    phases: dict[str, PhaseSpan] = {}
    checkpoints: tuple[Checkpoint, ...] = ()
    error: str = ""
    errored_at: int | None = None
    retry_count: int = 0
    max_retries: int = 10
    retry_reason: str = ""
    parent_execution_id: str | None = None
    deploy_status: DeployStatus | None = None
    deploy_attempt: int = 0
    deploy_url: str = ""
    deploy_started_at: int | None = None
    deploy_completed_at: int | None = None


class WaitingExecution(Execution, frozen=True, kw_only=True):
    """For bots that look for work in all workspaces."""

    pattern_type: str
    workspace_name: str


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One link in a chain of retries; ``retry_reason`` says why it followed the one before."""

    id: str
    status: ExecutionStatus
    triggered_at: int
    retry_count: int
    retry_reason: str = ""
    error: str = ""


class ExecutionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """``tries`` is the whole chain that the execution belongs to, the first try first, itself included."""

    execution: Execution
    tries: tuple[Try, ...]


class DeployLog(msgspec.Struct, frozen=True, kw_only=True):
    """The last 256 KiB of a deploy's log; ``start`` counts the characters before ``text`` that are not kept."""

    execution_id: str
    attempt: int
    status: DeployStatus | None = None
    start: int = 0
    text: str = ""


async def list_executions(
    database: Database, workspace_id: str, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[Execution]:
    """Of one workspace, the latest first."""
    conditions = Conditions()
    conditions.add("e.workspace_id = {}::uuid", workspace_id)
    conditions.add("(e.triggered_at, e.id) < (SELECT p.triggered_at, p.id FROM claude_executions p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {EXECUTION_COLUMNS} FROM claude_executions e {conditions}
        ORDER BY e.triggered_at DESC, e.id DESC LIMIT {conditions.place(limited(limit) + 1)}
    """
    return page_of(Execution, await database.fetch(query, *conditions.values), limited(limit))


async def list_executions_by_status(
    database: Database, statuses: Sequence[ExecutionStatus], after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[WaitingExecution]:
    """In all workspaces, who waits longest first."""
    query, values = by_status_query(statuses, after, limited(limit))
    return page_of(WaitingExecution, await database.fetch(query, *values), limited(limit))


def by_status_query(statuses: Sequence[ExecutionStatus], after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("e.status = ANY({}::text[])", list(statuses))
    conditions.add("(e.triggered_at, e.id) > (SELECT p.triggered_at, p.id FROM claude_executions p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {EXECUTION_COLUMNS}, w.pattern_type, w.name AS workspace_name
        FROM claude_executions e JOIN pattern_workspaces w ON w.id = e.workspace_id
        {conditions}
        ORDER BY e.triggered_at, e.id
        LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


TRIES_QUERY = """
    WITH RECURSIVE before AS (
        SELECT id, parent_execution_id FROM claude_executions WHERE id = $1::uuid
        UNION
        SELECT p.id, p.parent_execution_id FROM claude_executions p JOIN before ON p.id = before.parent_execution_id
    ), chain AS (
        SELECT id FROM before WHERE parent_execution_id IS NULL
        UNION
        SELECT n.id FROM claude_executions n JOIN chain ON n.parent_execution_id = chain.id
    )
    SELECT e.id, e.status, e.triggered_at, e.retry_count, e.retry_reason, e.error
    FROM claude_executions e JOIN chain ON chain.id = e.id
    ORDER BY e.triggered_at, e.retry_count, e.id
"""
"""Up to the first try, and down from it again. UNION, not UNION ALL: it ends even in a circle."""


async def execution_by_id(database: Database, execution_id: str) -> ExecutionDetail | None:
    async with database.transaction("repeatable_read", readonly=True) as connection:
        row = await connection.fetchrow(f"SELECT {EXECUTION_COLUMNS} FROM claude_executions e WHERE e.id = $1::uuid", execution_id)
        if row is None:
            return None
        return ExecutionDetail(
            execution=row_as(Execution, row), tries=rows_as(Try, await connection.fetch(TRIES_QUERY, execution_id))
        )


async def deploy_log(database: Database, execution_id: str) -> DeployLog | None:
    row = await database.fetchrow(
        """
        SELECT id AS execution_id, deploy_attempt AS attempt, deploy_status AS status,
               deploy_logs_start AS start, deploy_logs AS text
        FROM claude_executions WHERE id = $1::uuid
        """,
        execution_id,
    )
    return row_as(DeployLog, row) if row else None
