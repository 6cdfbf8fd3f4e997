"""Signing in without an account, so that two people can try it in two browsers: off wherever anyone else could reach it."""

import re
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from litestar import Router, get, post
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody

from domain.ids import actor_id_of
from server.auth.minting import mint
from server.http.context import Asked, DevSignIn, parts_of
from server.http.description import PUBLIC

_LOOPBACK_HOST = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?", re.IGNORECASE)


DevRole: TypeAlias = Literal["admin", "member", "viewer", "bot"]


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: DevRole = "member"


class SignInOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The roles that may be asked for."""

    roles: tuple[str, ...] = get_args(DevRole)


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    token: str
    user: str


@get("/dev/sign-in", summary="May one become anyone here?", raises=[NotFoundException])
async def sign_in_offer(request: Asked) -> SignInOffer:
    """200 in development mode, so that a page knows to offer it; else 404."""
    _offered(request)
    return SignInOffer()


@post("/dev/sign-in", status_code=200, summary="Become anyone (development only)", raises=[NotFoundException])
async def sign_in(request: Asked, data: JSONBody[SignIn]) -> SignedIn:
    """A token for this name and role. 404 unless the server brings its own database and listens on this machine alone."""
    dev = _offered(request)
    user = "-".join(data.name.lower().split())
    return SignedIn(token=mint(dev.secret, dev.order(user, data.role, data.name)), user=actor_id_of(dev.issuer, user))


def _offered(request: Asked) -> DevSignIn:
    dev = parts_of(request).dev_sign_in
    # a page from elsewhere that points its own name at 127.0.0.1 (DNS rebinding) comes with that name
    if dev is None or not _LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
        raise NotFoundException
    return dev


ROUTES = Router("/", route_handlers=[sign_in_offer, sign_in], tags=["development"], security=PUBLIC)
