"""Artisans by HTTP: anybody who is signed in may find them, administrators write them. No room owns them."""

import uuid
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from domain.event_codec import encode
from domain.limits import OBJECT_MAX_BYTES, Name, OpenObject
from domain.rejections import Malformed
from persistence.queries.sellers import NoSuchUser, Seller, SellerFields, add_seller, change_seller, find_sellers, seller_by_id
from persistence.tables.concept import EMAIL_MAX
from server.http.context import Asked, admin_only, parts_of, signed_in
from server.http.lists import AfterId, Limit, Listed, found, listed, size_of, text_of

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=EMAIL_MAX, pattern="^[^@\\s]+@[^@\\s]+$")]
Words = Annotated[str, QueryParameter(max_length=200, description="Beginnings of words of the name.")]


class NewSeller(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``user_id`` is who signs in for them; with an ``id`` of the caller's own the same request may be repeated."""

    id: UUID | None = None
    user_id: UUID | None = None
    name: Name
    email: Email | None = None
    profile: OpenObject = {}
    is_active: bool = True


class SellerChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays; ``profile`` takes the place of the old one."""

    user_id: UUID | None = None
    name: Name | None = None
    email: Email | None = None
    profile: OpenObject | None = None
    is_active: bool | None = None


@get("/sellers", summary="Artisans by name")
async def sellers(
    request: Asked, q: Words = "", mine: FromQuery[bool] = False, after: AfterId = None, limit: Limit = None
) -> Listed[Seller]:
    """Those who take requests. With `mine` the ones whom I answer for, also while they do not."""
    me = request.user.actor.id if mine else None
    page = await find_sellers(parts_of(request).database, q, mine=me, after=text_of(after), limit=size_of(request, limit))
    return listed(request, page)


@get("/sellers/{seller_id:uuid}", summary="An artisan")
async def seller(request: Asked, seller_id: FromPath[UUID]) -> Seller:
    return found(await seller_by_id(parts_of(request).database, str(seller_id)))


@post("/sellers", guards=[admin_only], summary="Add an artisan")
async def add(request: Asked, data: JSONBody[NewSeller]) -> Seller:
    fields = _fields(data, is_active=data.is_active)
    try:
        return await add_seller(parts_of(request).database, str(data.id or uuid.uuid4()), fields)
    except NoSuchUser as error:
        raise _unknown_user(error) from error


@patch("/sellers/{seller_id:uuid}", guards=[admin_only], summary="Change an artisan")
async def change(request: Asked, seller_id: FromPath[UUID], data: JSONBody[SellerChange]) -> Seller:
    """Requests that are out already stay with who answered for the artisan then."""
    fields = _fields(data, is_active=data.is_active)
    if fields == SellerFields():
        raise Malformed("nothing to change: give a user_id, name, email, profile or is_active - at `$`")
    try:
        return found(await change_seller(parts_of(request).database, str(seller_id), fields))
    except NoSuchUser as error:
        raise _unknown_user(error) from error


def _fields(data: NewSeller | SellerChange, *, is_active: bool | None) -> SellerFields:
    if data.profile is not None and len(encode(data.profile)) > OBJECT_MAX_BYTES:
        raise Malformed(f"a profile may have {OBJECT_MAX_BYTES // 1024} KiB - at `$.profile`")
    return SellerFields(user_id=text_of(data.user_id), name=data.name, email=data.email, profile=data.profile, is_active=is_active)


def _unknown_user(error: NoSuchUser) -> Malformed:
    return Malformed("nobody has this id: whoever answers for an artisan signs in first - at `$.user_id`")


ROUTES = Router(
    "/",
    route_handlers=[sellers, seller, add, change],
    guards=[signed_in],
    tags=["sellers"],
)
