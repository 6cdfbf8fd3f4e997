"""Tokens that the server makes itself: for those who come with a share's link, good for that one room and nothing else.

They are signed with a secret of the server's own and marked by their key's name, so that they can never be taken for a token of
whoever signs people in, nor the other way round. From the same secret the share's own tokens are derived.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Final

import jwt
import msgspec

from channels.ports import InvalidToken
from domain.ids import ActorId, keyed_id
from domain.record import Actor
from domain.rejections import SignInNeeded
from server.auth.tokens import NAME_MOST, TOKEN_BYTES_MOST

KEY_NAME: Final = "atrium-guest"
SECRET_FILE: Final = "guest-secret"


class GuestClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What such a token says. ``sub`` is the id of a person who had signed in, ``sid`` a guest's session; never both."""

    rooms: dict[str, str]
    exp: Annotated[float, msgspec.Meta(ge=0, le=1e11)]
    name: str = ""
    picture: str = ""
    sub: str = ""
    sid: str = ""

    @property
    def actor(self) -> Actor:
        if self.sub:
            return Actor(id=ActorId(self.sub), kind="user", name=self.name, image=self.picture)
        return Actor(id=ActorId(keyed_id("guest", KEY_NAME, self.sid)), kind="guest", name=self.name)


class GuestTokens:
    """Makes and reads them; one per installation, since all of its nodes share the secret."""

    def __init__(self, secret: str, ttl_s: float, now_s: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._ttl_s = ttl_s
        self._now_s = now_s

    def share_token(self, actor_id: str, command_id: str) -> str:
        """The token of the share that this command makes: 256 bits, and the same again when the command is repeated."""
        return base64.urlsafe_b64encode(self._digest("share", actor_id, command_id)).rstrip(b"=").decode()

    def session_of(self, guest_id: str) -> str:
        """The session of a guest who keeps ``guest_id``, or a new one; nobody can tell it from the id but this server."""
        return self._digest("guest", guest_id).hex() if guest_id else secrets.token_hex(32)

    def claims_for(self, room: str, name: str, session: str, ends_at_ms: int | None) -> GuestClaims:
        """A guest of one room, until the setting's time is over or the share is."""
        return GuestClaims(rooms={room: "guest"}, exp=self._end(ends_at_ms), name=name, sid=session)

    def claims_of(self, room: str, person: Actor, ends_at_ms: int | None) -> GuestClaims:
        """Somebody who has signed in, as a guest of one room."""
        return GuestClaims(rooms={room: "guest"}, exp=self._end(ends_at_ms), name=person.name, picture=person.image, sub=person.id)

    def mint(self, claims: GuestClaims) -> str:
        content = {name: value for name, value in msgspec.to_builtins(claims).items() if value}
        content["exp"], content["iat"] = int(claims.exp), int(self._now_s())
        return jwt.encode(content, self._secret, algorithm="HS256", headers={"kid": KEY_NAME})

    def read(self, token: str) -> GuestClaims:
        """Raises ``InvalidToken`` or ``SignInNeeded`` (it has run out)."""
        options: Any = {"require": ["exp"], "verify_aud": False, "verify_exp": False, "verify_iat": False}
        try:
            claims = msgspec.convert(jwt.decode(token, self._secret, algorithms=["HS256"], options=options), GuestClaims)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError, TypeError) as error:
            raise InvalidToken("the token is refused: this server did not make it") from error
        if claims.exp <= self._now_s():
            raise SignInNeeded("the guest's token has run out: enter with the link again")
        return claims

    def _end(self, ends_at_ms: int | None) -> float:
        own = self._now_s() + self._ttl_s
        return own if ends_at_ms is None else min(own, ends_at_ms / 1000)

    def _digest(self, *parts: str) -> bytes:
        return hmac.digest(self._secret, "\x1f".join(parts).encode(), "sha256")


def is_guest_token(token: str) -> bool:
    """Whether a token says of itself that this server made it; what that is worth, ``GuestTokens.read`` tells."""
    return len(token) <= TOKEN_BYTES_MOST and token.count(".") == 2 and _is_ours(token.partition(".")[0])


# Speed: whoever signs people in writes the same header every time (bench "storm").
@lru_cache(maxsize=64)
def _is_ours(header: str) -> bool:
    try:
        return bool(jwt.get_unverified_header(f"{header}.e30.").get("kid") == KEY_NAME)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return False


def hash_of(text: str) -> str:
    """SHA-256 as hex: of a token, a session, or a mail address in small letters."""
    return hashlib.sha256(text.encode()).hexdigest()


def cleaned_name(name: str) -> str:
    """A guest's name as everybody may see it: one line without control characters; empty where nothing is left."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:NAME_MOST]
