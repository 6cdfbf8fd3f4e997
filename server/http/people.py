"""People by HTTP: who I am, who somebody is, and what administrators grant and take away."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from domain.record import Actor
from domain.rejections import Malformed
from persistence.queries.accounts import (
    GrantRole,
    NoSuchPerson,
    ResourceType,
    Role,
    UserStatus,
    grant_role,
    note_person,
    revoke_role,
    set_deleted,
    set_status,
)
from persistence.queries.people import GivenRole, face_of, roles_of
from persistence.queries.rows import Face
from server.http.context import Asked, admin_only, is_admin, parts_of, signed_in
from server.http.lists import found

MOMENT_MOST_MS = 253_402_300_799_000
"""The end of the year 9999, the last that every client can show."""


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who the token stands for. What one may in a room: GET /rooms/{address}/standing."""

    actor: Actor
    is_admin: bool
    expires_at: int | None = None


class RoleToGrant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everywhere, or on one resource; until ``expires_at`` (Unix milliseconds), or for good."""

    role: GrantRole
    resource_type: ResourceType | None = None
    resource_id: UUID | None = None
    expires_at: Annotated[int, msgspec.Meta(ge=0, le=MOMENT_MOST_MS)] | None = None


class AccountChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    status: UserStatus | None = None
    deleted: bool | None = None


@get("/me", sync_to_thread=False, summary="Who am I?")
def me(request: Asked) -> Me:
    identity = request.user
    now_ms = parts_of(request).health.now_ms()
    return Me(actor=identity.actor, is_admin=is_admin(identity, now_ms), expires_at=identity.expires_at_ms)


@get("/me/roles", summary="What was granted to me")
async def my_roles(request: Asked) -> tuple[GivenRole, ...]:
    return await roles_of(parts_of(request).database, request.user.actor.id)


@get("/users/{user_id:uuid}", summary="Somebody's name and image")
async def user(request: Asked, user_id: FromPath[UUID]) -> Face:
    return found(await face_of(parts_of(request).database, str(user_id)))


@get("/users/{user_id:uuid}/roles", guards=[admin_only], summary="What was granted to somebody")
async def roles(request: Asked, user_id: FromPath[UUID]) -> tuple[GivenRole, ...]:
    return await roles_of(parts_of(request).database, str(user_id))


@post("/users/{user_id:uuid}/roles", guards=[admin_only], summary="Grant a role")
async def grant(request: Asked, user_id: FromPath[UUID], data: JSONBody[RoleToGrant]) -> GivenRole:
    """In open rooms it counts within a second. Granting the same again moves its end."""
    if (data.resource_type is None) != (data.resource_id is None):
        raise Malformed("resource_type and resource_id belong together - at `$`")
    parts, actor = parts_of(request), request.user.actor
    role = Role(
        user_id=str(user_id),
        role=data.role,
        resource_type=data.resource_type,
        resource_id=str(data.resource_id) if data.resource_id else None,
        expires_at_ms=data.expires_at,
    )
    # who grants may be known by their token alone so far
    await note_person(parts.database, actor, parts.health.now_ms())
    try:
        return await grant_role(parts.database, role, actor.id)
    except NoSuchPerson:
        return found(None)


@delete("/users/{user_id:uuid}/roles/{grant_id:uuid}", guards=[admin_only], summary="Take a role back")
async def revoke(request: Asked, user_id: FromPath[UUID], grant_id: FromPath[UUID]) -> None:
    """In open rooms it ends within a second."""
    database = parts_of(request).database
    if str(grant_id) not in {given.id for given in await roles_of(database, str(user_id))}:
        found(None)
    await revoke_role(database, str(grant_id))


@patch("/users/{user_id:uuid}", guards=[admin_only], summary="Suspend, delete or restore an account")
async def change_account(request: Asked, user_id: FromPath[UUID], data: JSONBody[AccountChange]) -> None:
    """An account that is not active, or deleted, loses its connections within a second. What it wrote stays its own."""
    database = parts_of(request).database
    if data.status is None and data.deleted is None:
        raise Malformed("nothing to change: give a status or deleted - at `$`")
    was_there = True
    if data.status is not None:
        was_there = await set_status(database, str(user_id), data.status)
    if data.deleted is not None:
        was_there = await set_deleted(database, str(user_id), is_deleted=data.deleted)
    found(was_there or None)


ROUTES = Router("/", route_handlers=[me, my_roles, user, roles, grant, revoke, change_account], guards=[signed_in], tags=["people"])
