"""The link of a share: its token travels in the header ``X-Share-Token``, never in an address, and opens one room."""

from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import TooManyRequestsException
from litestar.handlers import BaseRouteHandler

from channels.giving import SYSTEM_IDENTITY
from domain.ids import RoomAddress, keyed_id, room_address
from domain.kinds.share.view import ShareFace
from domain.rejections import NotAllowed, ShareOver
from server.auth.guest_authenticator import identity_of
from server.auth.guest_tokens import hash_of
from server.http.context import parts_of, signed_in

HEADER: Final = "X-Share-Token"
TOKEN_MOST: Final = 200
"""Characters of a token; ours have 43."""

Connection = ASGIConnection[Any, Any, Any, Any]


class _View(msgspec.Struct):
    share: ShareFace


class _Opening(msgspec.Struct):
    view: _View


async def share_of(connection: Connection) -> tuple[RoomAddress, ShareFace]:
    """The open, public share that the header's token belongs to.

    Raises ``NotAllowed`` for a wrong token or a share that is not public, ``ShareOver``, or 429 after too many wrong ones.
    """
    parts, address = parts_of(connection), _address_of(connection)
    room = room_of(connection.headers.get(HEADER, ""))
    async with parts.wrong_tokens.looking(address):
        wait_s = parts.wrong_tokens.wait_s(address)
        if wait_s:
            raise TooManyRequestsException(
                f"too many wrong tokens came from here: try again in {wait_s} seconds", headers={"Retry-After": str(wait_s)}
            )
        try:
            seen = await parts.hub.look(SYSTEM_IDENTITY, room)
        except NotAllowed:
            parts.wrong_tokens.was_wrong(address)
            raise NotAllowed("no share has this token: look whether the link is whole") from None
    share = msgspec.json.decode(seen.view, type=_Opening).view.share
    _check_is_open(share, parts.health.now_ms())
    return room, share


def room_of(token: str) -> RoomAddress:
    """Where a token leads, if anywhere."""
    return room_address("share", keyed_id("share", hash_of(token[:TOKEN_MOST])))


async def signed_in_or_by_link(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard: whoever has the share's token in the header may read that share; all others sign in."""
    if HEADER not in connection.headers:
        await signed_in(connection, handler)
        return
    room, share = await share_of(connection)
    tokens = parts_of(connection).guest_tokens
    reader = tokens.claims_for(room, "", tokens.session_of(connection.headers[HEADER]), share.expires_at)
    connection.scope["user"] = identity_of(reader)


def _check_is_open(share: ShareFace, now_ms: int) -> None:
    is_past = share.expires_at is not None and share.expires_at <= now_ms
    if share.status != "active" or is_past:
        raise ShareOver("this share was revoked, or has run out: ask who made it for a new link")
    if not share.is_public:
        raise NotAllowed("this share is no longer open to everybody with its link: ask who made it")


def _address_of(connection: Connection) -> str:
    return connection.client.host if connection.client else ""
