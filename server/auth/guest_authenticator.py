"""Who comes with a token that this server made for a share's link; everybody else is asked elsewhere."""

from collections.abc import Callable

from channels.ports import Authenticator, InvalidToken
from channels.seats import Identity
from domain.log import StorageAway
from domain.record import Actor
from domain.roles import Claims
from server.auth.guest_tokens import GuestClaims, GuestTokens, hash_of, is_guest_token
from server.auth.people import People


class GuestAuthenticator:
    """Fits ``channels.ports.Authenticator``. ``others`` knows the tokens of whoever signs people in.

    A link's token counts whether or not the server takes other guests, and gives its one room and nothing else: no grants, no mail
    address, not even to somebody who had signed in.
    """

    def __init__(
        self,
        others: Authenticator,
        guest_tokens: GuestTokens,
        people: People,
        came: Callable[[Actor], None] = lambda actor: None,
    ) -> None:
        self._others = others
        self._guest_tokens = guest_tokens
        self._people = people
        self._came = came

    async def identify(self, token: str) -> Identity:
        """As the contract says; a guest's token that has run out raises ``SignInNeeded``."""
        if not is_guest_token(token):
            return await self._others.identify(token)
        claims = self._guest_tokens.read(token)
        if claims.sub:
            await self._check_account(claims)
            self._came(claims.actor)
        return identity_of(claims)

    async def _check_account(self, claims: GuestClaims) -> None:
        """While Postgres is away the link goes on to open its room: the standing watch looks again once it is back."""
        try:
            person = await self._people.person(claims.actor.id)
        except StorageAway:
            return
        if not person.is_active:
            raise InvalidToken("this account is suspended")


def identity_of(claims: GuestClaims) -> Identity:
    return Identity(
        actor=claims.actor,
        claims=Claims(room_roles=claims.rooms, session_hash=hash_of(claims.sid) if claims.sid else ""),
        expires_at_ms=int(claims.exp * 1000),
    )
