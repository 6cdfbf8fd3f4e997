"""Who a token stands for: what it says, joined with what Postgres grants. Fits ``channels.ports.Authenticator``."""

import hashlib
import time
import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from channels.ports import InvalidToken
from channels.seats import Identity
from domain.ids import SYSTEM_ACTOR_ID, ActorId, actor_id_of, keyed_id
from domain.log import StorageAway
from domain.record import Actor
from domain.rejections import Unavailable
from domain.roles import Claims, Grant
from persistence.queries.people import Person
from server.auth.guest_tokens import hash_of
from server.auth.people import NOBODY, People
from server.auth.settings import AuthSettings
from server.auth.tokens import TokenClaims, TokenReader

GUEST_NAME: Final = "Guest"


class TokenAuthenticator:
    """One object for sockets and HTTP. ``trust_token`` is the setting as resolved for this installation; ``came`` hears of everyone
    who was let in."""

    def __init__(
        self,
        tokens: TokenReader,
        people: People,
        settings: AuthSettings,
        *,
        trust_token: bool,
        came: Callable[[Actor], None] = lambda actor: None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._tokens = tokens
        self._people = people
        self._settings = settings
        self._trust_token = trust_token
        self._came = came
        self._now_ms = now_ms

    async def identify(self, token: str) -> Identity:
        if not token:
            return self._guest(TokenClaims(), str(uuid.uuid4()))
        claims = await self._tokens.read(token)
        if not claims.sub:
            # the same token is the same guest, on every device and after every reload
            return self._guest(claims, claims.sid or hashlib.sha256(token.encode()).hexdigest())
        who = actor_id_of(claims.iss, claims.sub)
        if who == SYSTEM_ACTOR_ID:
            raise InvalidToken("the token is refused: nobody signs in as the server itself")
        person = await self._person(who)
        if not person.is_active:
            raise InvalidToken("this account is suspended")
        identity = self._identity(claims, who, person)
        self._came(identity.actor)
        return identity

    async def _person(self, who: ActorId) -> Person:
        try:
            return await self._people.person(who)
        except StorageAway as error:
            if self._trust_token:
                # the token stands by itself; the standing watch looks at the account once Postgres is back
                return NOBODY
            raise Unavailable("who you are cannot be looked up at the moment: try again in a few seconds") from error

    def _identity(self, claims: TokenClaims, who: ActorId, person: Person) -> Identity:
        roles = claims.roles or frozenset()
        is_bot = "bot" in roles or "bot" in claims.rooms.values()
        return Identity(
            actor=Actor(
                id=who, kind="bot" if is_bot else "user", name=claims.name or person.name, image=claims.picture or person.image
            ),
            claims=Claims(
                grants=running(person.grants, self._now_ms()),
                token_roles=claims.roles,
                room_roles=claims.rooms,
                trust_token=self._trust_token,
                mail_hash=person.mail_hash,
            ),
            expires_at_ms=_end_of(claims),
        )

    def _guest(self, claims: TokenClaims, session: str) -> Identity:
        if not self._settings.guests:
            raise InvalidToken("sign in first: this server takes no guests")
        who = ActorId(keyed_id("guest", claims.iss, session))
        actor = Actor(id=who, kind="guest", name=claims.name or GUEST_NAME, image=claims.picture)
        return Identity(actor=actor, claims=Claims(session_hash=hash_of(session)), expires_at_ms=_end_of(claims))


def running(grants: tuple[Grant, ...], now_ms: int) -> tuple[Grant, ...]:
    """Those that have not run out."""
    return tuple(grant for grant in grants if grant.expires_at_ms is None or grant.expires_at_ms > now_ms)


def with_person(identity: Identity, person: Person, now_ms: int) -> Identity:
    """The same identity under the grants and the mail address of now; whoever is a guest of single rooms alone gets neither."""
    if is_guest_of_rooms(identity.claims):
        return identity
    claims = msgspec.structs.replace(identity.claims, grants=running(person.grants, now_ms), mail_hash=person.mail_hash)
    return msgspec.structs.replace(identity, claims=claims)


def is_guest_of_rooms(claims: Claims) -> bool:
    """Whether the token is for single rooms, and for being a guest there."""
    return claims.token_roles is None and set(claims.room_roles.values()) == {"guest"}


def _end_of(claims: TokenClaims) -> int | None:
    return int(claims.exp * 1000) if claims.exp is not None else None
