"""A workspace in numbers."""

import msgspec

from persistence.database import Database
from persistence.queries.rows import row_as

STATS_DAYS = 90
"""The days that the rate by day looks back."""


class DayRate(msgspec.Struct, frozen=True, kw_only=True):
    """``day`` is a date in UTC (``2026-03-01``); ``success_rate`` the mean of the sessions that gave one."""

    day: str
    sessions: int
    success_rate: float | None = None


class WorkspaceStats(msgspec.Struct, frozen=True, kw_only=True):
    """Executions by status; ``retries`` counts those that followed a failed one; ``mean_run_s`` is of the completed ones."""

    sessions: int
    sessions_completed: int
    feedback: int
    feedback_unsent: int
    messages: int
    success_rate: float | None = None
    days: tuple[DayRate, ...] = ()
    executions: dict[str, int] = {}
    retries: int = 0
    deploys_ready: int = 0
    mean_run_s: float | None = None


STATS_QUERY = """
    SELECT
        s.sessions, s.sessions_completed, f.feedback, f.feedback_unsent, w.success_rate,
        (SELECT count(*) FROM workspace_messages m WHERE m.workspace_id = w.id) AS messages,
        (SELECT jsonb_agg(jsonb_build_object('day', d.day, 'sessions', d.sessions, 'success_rate', d.rate) ORDER BY d.day)
         FROM (SELECT to_char(completed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS sessions, avg(success_rate) AS rate
               FROM pattern_sessions
               WHERE workspace_id = w.id AND completed_at > now() - make_interval(days => $2)
               GROUP BY 1) d) AS days,
        (SELECT jsonb_object_agg(c.status, c.number)
         FROM (SELECT status, count(*) AS number FROM claude_executions WHERE workspace_id = w.id GROUP BY status) c) AS executions,
        e.retries, e.deploys_ready, e.mean_run_s
    FROM pattern_workspaces w,
    LATERAL (SELECT count(*) AS sessions, count(*) FILTER (WHERE status = 'completed') AS sessions_completed
             FROM pattern_sessions WHERE workspace_id = w.id) s,
    LATERAL (SELECT count(*) AS feedback, count(*) FILTER (WHERE sent_to_claude_at IS NULL) AS feedback_unsent
             FROM feedback_items WHERE workspace_id = w.id) f,
    LATERAL (SELECT count(*) FILTER (WHERE parent_execution_id IS NOT NULL) AS retries,
                    count(*) FILTER (WHERE deploy_status = 'ready') AS deploys_ready,
                    (avg(extract(epoch FROM completed_at - started_at)) FILTER (WHERE status = 'completed'))::float8 AS mean_run_s
             FROM claude_executions WHERE workspace_id = w.id) e
    WHERE w.id = $1::uuid
"""


async def workspace_stats(database: Database, workspace_id: str) -> WorkspaceStats | None:
    row = await database.fetchrow(STATS_QUERY, workspace_id, STATS_DAYS)
    return row_as(WorkspaceStats, row) if row else None
