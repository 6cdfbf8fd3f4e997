"""Tokens: JWTs that somebody who is trusted has signed. What they say is checked here; what it is worth, elsewhere."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Final

import jwt
import msgspec

from channels.ports import InvalidToken
from domain.rejections import SignInNeeded, Unavailable
from server.auth.keys import KeysAway, KeySource, VerifyKey
from server.auth.settings import AuthSettings

TOKEN_BYTES_MOST: Final = 8 * 1024
"""What proxies let through in a header; longer ones are refused before anything is computed."""
NAME_MOST: Final = 200
PICTURE_MOST: Final = 2_000
ROLES_MOST: Final = 64
ROOMS_MOST: Final = 256
KNOWN_S: Final = 60.0
"""How long a verified token is not verified again: so long may a withdrawn key still count."""
KNOWN_MOST: Final = 20_000
"""Verified tokens remembered, about 10 MB; the oldest go first."""


class TokenClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a verified token says. ``roles`` is None where it says nothing of roles; ``exp`` is Unix seconds."""

    sub: str = ""
    iss: str = ""
    sid: str = ""
    name: str = ""
    picture: str = ""
    exp: Annotated[float, msgspec.Meta(ge=0, le=1e11)] | None = None
    roles: frozenset[str] | None = None
    rooms: dict[str, str] = {}


class TokenReader:
    """Verifies tokens against a source of keys and the expectations of the settings."""

    def __init__(
        self, keys: KeySource, settings: AuthSettings, now_s: Callable[[], float] = time.time, known_s: float = KNOWN_S
    ) -> None:
        self._keys = keys
        self._settings = settings
        self._now_s = now_s
        self._known_s = known_s
        self._known: OrderedDict[bytes, tuple[float, TokenClaims]] = OrderedDict()

    async def read(self, token: str) -> TokenClaims:
        """Raises ``InvalidToken``, ``SignInNeeded`` (it has run out) or ``Unavailable`` (the keys cannot be reached).

        A token that was good a moment ago is so still, until it runs out: a tenth of a reconnect storm goes into signatures.
        """
        place, now_s = hashlib.sha256(token.encode(errors="surrogatepass")).digest(), self._now_s()
        known = self._known.get(place)
        # Not further away than it was at its making: else the clock was set back meanwhile, and it would be remembered for hours.
        if known is not None and now_s < known[0] <= now_s + self._known_s:
            return known[1]
        claims = await self._verified(token)
        ends_s = now_s + self._known_s if claims.exp is None else min(now_s + self._known_s, claims.exp)
        self._known[place] = (ends_s, claims)
        self._known.move_to_end(place)
        while len(self._known) > KNOWN_MOST:
            self._known.popitem(last=False)
        return claims

    async def _verified(self, token: str) -> TokenClaims:
        algorithm, kid = _header_of(token)
        try:
            keys = await self._keys.keys_for(algorithm, kid)
        except KeysAway as error:
            raise Unavailable("tokens cannot be checked at the moment: try again in a few seconds") from error
        for key in keys:
            try:
                return _claims_of(self._decoded(token, key))
            except jwt.InvalidSignatureError:
                continue
        raise InvalidToken("the token is not signed with a key that is known here")

    def _decoded(self, token: str, key: VerifyKey) -> dict[str, Any]:
        """Raises ``jwt.InvalidSignatureError`` where another key may have signed it."""
        settings = self._settings
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=settings.audience or None,
                issuer=settings.issuer or None,
                leeway=settings.leeway_s,
                # When it was issued bounds nothing (RFC 7519, 4.1.6): a clock of ours that is behind must not put everybody out.
                options={"verify_aud": bool(settings.audience), "verify_iss": bool(settings.issuer), "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            raise
        except jwt.ExpiredSignatureError as error:
            raise SignInNeeded("the token has run out: get a new one") from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidToken(f"the token is refused: {_reason(error)}") from error


def _header_of(token: str) -> tuple[str, str]:
    if len(token) > TOKEN_BYTES_MOST:
        raise InvalidToken(f"the token is longer than {TOKEN_BYTES_MOST} bytes")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise InvalidToken("this is not a token") from error
    if "crit" in header:
        raise InvalidToken("the token demands an extension that is not known here")
    return str(header.get("alg", "")), str(header.get("kid", ""))


def _claims_of(payload: dict[str, Any]) -> TokenClaims:
    try:
        claims = msgspec.convert(payload, TokenClaims)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidToken(f"the token is refused: {error}") from error
    texts = [
        claims.sub,
        claims.iss,
        claims.sid,
        claims.name,
        claims.picture,
        *(claims.roles or ()),
        *claims.rooms,
        *claims.rooms.values(),
    ]
    if not all(_is_clean(text) for text in texts):
        raise InvalidToken("the token is refused: its text holds control characters or broken ones")
    if len(claims.name) > NAME_MOST or len(claims.picture) > PICTURE_MOST:
        raise InvalidToken("the token is refused: its name or picture is too long")
    if len(claims.roles or ()) > ROLES_MOST or len(claims.rooms) > ROOMS_MOST:
        raise InvalidToken("the token is refused: it has too many roles")
    return claims


def _is_clean(text: str) -> bool:
    """No NUL, which Postgres cannot hold, no control character and no lone surrogate, which JSON cannot."""
    return text.isprintable() or not any(ord(sign) < 32 or 0xD800 <= ord(sign) <= 0xDFFF for sign in text)


def _reason(error: Exception) -> str:
    """PyJWT's own words are about the token's form and claims, never about keys."""
    return str(error) if isinstance(error, jwt.PyJWTError) else "a claim cannot be read"
