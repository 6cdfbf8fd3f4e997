"""People by HTTP, and what they may: grants and account status, for one person or for everybody who is connected."""

from collections.abc import Collection

import msgspec

from domain.ids import ActorId
from domain.roles import Grant
from persistence.database import Database
from persistence.queries.rows import Face, row_as, rows_as


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What Postgres says of somebody; expired grants are left out, later ones carry their end."""

    id: str
    name: str = ""
    image: str = ""
    is_active: bool = True
    """False once the account is suspended, inactive or deleted."""
    grants: tuple[Grant, ...] = ()
    mail_hash: str = ""
    """SHA-256 (hex) of the mail address in small letters, once it was verified."""


class GivenRole(msgspec.Struct, frozen=True, kw_only=True):
    """One row of ``user_roles``. Times are Unix milliseconds."""

    id: str
    user_id: str
    role: str
    resource_type: str | None = None
    resource_id: str | None = None
    granted_by: str | None = None
    granted_at: int
    expires_at: int | None = None


PEOPLE_QUERY = """
    SELECT u.id, u.name, u.image, u.status = 'active' AND u.deleted_at IS NULL AS is_active,
           CASE WHEN u.email_verified_at IS NOT NULL THEN encode(sha256(convert_to(u.email, 'UTF8')), 'hex') END AS mail_hash,
           (SELECT jsonb_agg(jsonb_build_object(
                'role', r.role, 'resource_type', coalesce(r.resource_type, ''), 'resource_id', coalesce(r.resource_id::text, ''),
                'expires_at_ms', floor(extract(epoch FROM r.expires_at) * 1000)::bigint))
            FROM user_roles r WHERE r.user_id = u.id AND (r.expires_at IS NULL OR r.expires_at > now())) AS grants
    FROM users u WHERE u.id = ANY($1::uuid[])
"""
ROLE_COLUMNS = "id, user_id, role, resource_type, resource_id, granted_by, granted_at, expires_at"


async def read_people(database: Database, ids: Collection[str]) -> dict[ActorId, Person]:
    """Grants, status and face of many at once, in one query; who has no row is left out."""
    rows = await database.fetch(PEOPLE_QUERY, list(ids))
    return {ActorId(person.id): person for person in rows_as(Person, rows)}


async def face_of(database: Database, user_id: str) -> Face | None:
    """Name and image; nothing of deleted people."""
    row = await database.fetchrow("SELECT id, name, image FROM users WHERE id = $1::uuid AND deleted_at IS NULL", user_id)
    return row_as(Face, row) if row else None


async def roles_of(database: Database, user_id: str) -> tuple[GivenRole, ...]:
    """Those that count at this moment, the oldest first."""
    query = f"""
        SELECT {ROLE_COLUMNS} FROM user_roles
        WHERE user_id = $1::uuid AND (expires_at IS NULL OR expires_at > now())
        ORDER BY granted_at, id
    """
    return rows_as(GivenRole, await database.fetch(query, user_id))
