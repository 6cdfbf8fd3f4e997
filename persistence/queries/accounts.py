"""The writes to people and their roles: plain transactions, since no room owns these tables."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import asyncpg
import msgspec

from domain.ids import keyed_id
from domain.record import Actor
from persistence.database import Database
from persistence.queries.people import ROLE_COLUMNS, GivenRole
from persistence.queries.rows import row_as

UserStatus: TypeAlias = Literal["active", "inactive", "suspended"]
GrantRole: TypeAlias = Literal["admin", "user", "viewer", "contributor"]
ResourceType: TypeAlias = Literal["organization", "project", "team", "shop"]

USER_KINDS: Mapping[str, str] = {"user": "person", "guest": "guest", "bot": "bot", "system": "system"}
"""An actor's kind -> ``users.kind``."""
NAME_MOST = 255
IMAGE_MOST = 2_000


class NoSuchPerson(Exception):
    """There is nobody with that id in ``users``."""


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be granted; ``expires_at_ms`` None is for good."""

    user_id: str
    role: GrantRole
    resource_type: ResourceType | None = None
    resource_id: str | None = None
    expires_at_ms: int | None = None


async def note_person(database: Database, actor: Actor, now_ms: int) -> None:
    """As ``note_people``, for one."""
    await note_people(database, [actor], now_ms)


async def note_people(database: Database, actors: Sequence[Actor], now_ms: int) -> None:
    """These came with valid tokens, each once: their rows are made, or their faces brought up to date; once a day
    ``last_login_at`` too."""
    await database.execute(
        """
        INSERT INTO users (id, kind, token_subject, name, image, last_login_at)
        SELECT id::uuid, kind, id, name, image, $5
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS v(id, kind, name, image)
        ON CONFLICT (id) DO UPDATE SET
            name = coalesce(excluded.name, users.name), image = coalesce(excluded.image, users.image),
            last_login_at = excluded.last_login_at, updated_at = now()
        WHERE users.name IS DISTINCT FROM coalesce(excluded.name, users.name)
           OR users.image IS DISTINCT FROM coalesce(excluded.image, users.image)
           OR users.last_login_at IS NULL OR users.last_login_at < date_trunc('day', excluded.last_login_at, 'UTC')
        """,
        [actor.id for actor in actors],
        [USER_KINDS[actor.kind] for actor in actors],
        [actor.name[:NAME_MOST] or None for actor in actors],
        [actor.image if 0 < len(actor.image) <= IMAGE_MOST else None for actor in actors],
        now_ms,
    )


async def grant_role(database: Database, role: Role, granted_by: str | None) -> GivenRole:
    """Grant, or move the end of a grant that is there already. Raises ``NoSuchPerson``."""
    key = keyed_id("user_roles", role.user_id, role.role, role.resource_type or "", role.resource_id or "")
    try:
        row = await database.fetchrow(
            f"""
            INSERT INTO user_roles (id, user_id, role, resource_type, resource_id, granted_by, expires_at)
            VALUES ($1::uuid, $2::uuid, $3, $4, $5::uuid, $6::uuid, $7)
            ON CONFLICT (user_id, role, resource_type, resource_id) DO UPDATE SET
                granted_by = excluded.granted_by, granted_at = now(), expires_at = excluded.expires_at
            RETURNING {ROLE_COLUMNS}
            """,
            key,
            role.user_id,
            role.role,
            role.resource_type,
            role.resource_id,
            granted_by,
            role.expires_at_ms,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise NoSuchPerson(str(error.detail)) from error
    assert row is not None
    return row_as(GivenRole, row)


async def revoke_role(database: Database, grant_id: str) -> str | None:
    """Take a grant back; returns whose it was, None where there is no such grant."""
    user_id = await database.fetchval("DELETE FROM user_roles WHERE id = $1::uuid RETURNING user_id", grant_id)
    return str(user_id) if user_id else None


async def set_status(database: Database, user_id: str, status: UserStatus) -> bool:
    """False where there is no such person."""
    tag = await database.execute("UPDATE users SET status = $2, updated_at = now() WHERE id = $1::uuid", user_id, status)
    return tag == "UPDATE 1"


async def set_deleted(database: Database, user_id: str, *, is_deleted: bool) -> bool:
    """People are never deleted as rows: what they wrote stays theirs. False where there is no such person."""
    tag = await database.execute(
        """
        UPDATE users SET deleted_at = CASE WHEN $2 THEN coalesce(deleted_at, now()) END, updated_at = now() WHERE id = $1::uuid
        """,
        user_id,
        is_deleted,
    )
    return tag == "UPDATE 1"
