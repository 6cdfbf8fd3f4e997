"""Signing in without an account, so that two people can try it in two browsers: off wherever anyone else could reach it."""

import re
from typing import Annotated, Literal

import msgspec
from litestar import Router, post
from litestar.exceptions import NotFoundException

from domain.ids import actor_id_of
from server.auth.minting import mint
from server.http.context import Asked, parts_of

_LOOPBACK_HOST = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?", re.IGNORECASE)


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: Literal["admin", "member", "viewer", "bot"] = "member"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    token: str
    user: str


@post("/dev/sign-in", status_code=200, summary="Become anyone (development only)")
async def sign_in(request: Asked, data: SignIn) -> SignedIn:
    """A token for this name and role. 404 unless the server brings its own database and listens on this machine alone."""
    dev = parts_of(request).dev_sign_in
    # a page from elsewhere that points its own name at 127.0.0.1 (DNS rebinding) comes with that name
    if dev is None or not _LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
        raise NotFoundException
    user = "-".join(data.name.lower().split())
    return SignedIn(token=mint(dev.secret, dev.order(user, data.role, data.name)), user=actor_id_of(dev.issuer, user))


ROUTES = Router("/", route_handlers=[sign_in], tags=["development"])
