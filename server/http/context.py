"""What every handler has at hand, and who is asking."""

from typing import Any, NamedTuple, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from channels.hub import Hub
from channels.ports import Authenticator, EventLog
from channels.seats import Identity
from domain.ids import RoomAddress, id_of, kind_of
from domain.kinds import KINDS
from domain.rejections import Malformed, NotAllowed, Unavailable
from domain.roles import is_admin_everywhere
from persistence.database import Database
from server.auth.guest_tokens import GuestTokens
from server.auth.minting import TokenOrder
from server.auth.wrong_tokens import WrongTokens
from server.http.health import Health
from server.http.request_rates import RequestRates
from server.http.seen_once import SeenOnce
from server.http.settings import HttpSettings
from server.metrics import Metrics


class DevSignIn(NamedTuple):
    """Mints tokens for anyone who asks: only where nobody else can ask."""

    secret: str
    issuer: str
    audience: str

    def order(self, user: str, role: str, name: str) -> TokenOrder:
        return TokenOrder(user=user, roles=(role,), name=name, issuer=self.issuer, audience=self.audience)


class Parts(NamedTuple):
    """The running server as the HTTP API sees it. ``dev_sign_in`` is None wherever that is off."""

    hub: Hub
    log: EventLog
    database: Database
    authenticator: Authenticator
    health: Health
    metrics: Metrics
    settings: HttpSettings
    dev_sign_in: DevSignIn | None
    guest_tokens: GuestTokens
    wrong_tokens: WrongTokens
    looks: SeenOnce
    rates: RequestRates


Asked: TypeAlias = Request[Identity, Any, State]


def parts_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Parts:
    parts: Parts = connection.app.state.parts
    return parts


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: ``request.user`` is who the bearer token stands for.

    Raises ``InvalidToken`` (401, also without a token where guests are off), ``SignInNeeded`` (401), ``Unavailable`` (503) or
    ``Busy`` (429).
    """
    parts = parts_of(connection)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else ""
    identity = await parts.authenticator.identify(given)
    parts.rates.check(identity.actor.id)
    connection.scope["user"] = identity


async def admin_only(connection: ASGIConnection[Identity, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard behind ``signed_in``: administrators of everything. Raises ``NotAllowed``."""
    identity = connection.user
    if not is_admin(identity, parts_of(connection).health.now_ms()):
        raise NotAllowed("this is for administrators")


def is_admin(identity: Identity, now_ms: int) -> bool:
    """By grant, which the token may narrow; or by the token alone, where tokens are trusted."""
    claims = identity.claims
    token_says = claims.token_roles is None or "admin" in claims.token_roles
    if identity.actor.kind != "user":
        return False
    if claims.trust_token and claims.token_roles is not None:
        return token_says
    return token_says and is_admin_everywhere(claims.grants, now_ms)


def check_may_see(asked: Asked, room: str) -> None:
    """For what a room's rows tell: whoever would be somebody in it by the claims alone may read them.

    ``directory:<kind>s`` stands for all rooms of a kind. Raises ``NotAllowed``.
    """
    kind = kind_of(room)
    decider = KINDS[id_of(room).removesuffix("s") if kind == "directory" else kind]
    address, identity = RoomAddress(room), asked.user
    now_ms = parts_of(asked).health.now_ms()
    if decider.standing(decider.initial(address), identity.actor, identity.claims, now_ms) is None:
        raise NotAllowed


async def caught_up(asked: Asked, room: str, after_offset: int) -> None:
    """Wait until the database has what the caller has just written. Raises ``Unavailable`` when that takes too long."""
    parts = parts_of(asked)
    wait_s = parts.settings.after_offset_wait_s
    if after_offset > 0 and not await parts.log.stored(RoomAddress(room), after_offset, wait_s):
        raise Unavailable(f"the database has not caught up with offset {after_offset} of {room} yet: ask again")


async def room_caught_up(asked: Asked, room: str, after_offset: int) -> None:
    """``caught_up`` for a list that belongs to no room, where the caller says which one they have written to.

    Raises ``Malformed`` for an offset without its room, ``NotAllowed`` for a room that is not open to the caller: how far a room
    has come is for those who are in it.
    """
    if not room:
        if after_offset:
            raise Malformed("after_offset counts in a room: say in which with room")
        return
    await parts_of(asked).hub.standing(asked.user, RoomAddress(room))
    await caught_up(asked, room, after_offset)
