"""The deprecated implementation sessions: read-only, filled by imports."""

import msgspec

from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.rows import row_as


class ImplementationSession(msgspec.Struct, frozen=True, kw_only=True):
    """Times are Unix milliseconds."""

    id: str
    workspace_id: str | None = None
    user_id: str | None = None
    pattern_type: str
    status: str
    data: OpenObject = {}
    created_at: int
    updated_at: int
    completed_at: int | None = None


async def implementation_session_by_id(database: Database, session_id: str) -> ImplementationSession | None:
    row = await database.fetchrow(
        """
        SELECT id, workspace_id, user_id, pattern_type, status, data, created_at, updated_at, completed_at
        FROM implementation_sessions WHERE id = $1::uuid
        """,
        session_id,
    )
    return row_as(ImplementationSession, row) if row else None
