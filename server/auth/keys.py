"""Verification keys, each bound to the one algorithm that it may verify.

The algorithm of a token is never taken from the token alone: a key is looked for among those of the algorithm that the token names,
and verified with that key's own algorithm. So a public RSA key cannot be used as an HMAC secret, and ``none`` has no keys.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeAlias

import jwt
import msgspec

Algorithm: TypeAlias = Literal["HS256", "RS256", "ES256", "EdDSA"]

SECRET_BYTES_LEAST: Final = 32
"""RFC 7518, 3.2: an HS256 key is at least as long as the hash."""
RSA_BITS_LEAST: Final = 2048
"""RFC 7518, 3.3."""
KEYS_MOST: Final = 100
"""Keys of one set; an issuer has a handful."""

_ALGORITHM_OF: dict[tuple[str, str], Algorithm] = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}


class VerifyKey(NamedTuple):
    """``key`` is what PyJWT takes: a secret for HS256, else a public key."""

    algorithm: Algorithm
    kid: str
    key: Any


class KeysAway(Exception):
    """The keys cannot be had now, and none are known from before."""


class KeySource(Protocol):
    """Where keys come from."""

    async def keys_for(self, algorithm: str, kid: str) -> Sequence[VerifyKey]:
        """The keys of this algorithm that may have signed: the one named ``kid``, or all where the token names none.

        Empty when there is none. Raises ``KeysAway``.
        """
        ...


class SecretKey:
    """The shared secret: verifies HS256 and nothing else."""

    def __init__(self, secret: str) -> None:
        if len(secret.encode()) < SECRET_BYTES_LEAST:
            raise ValueError(f"the secret of HS256 tokens has at least {SECRET_BYTES_LEAST} bytes")
        self._keys = (VerifyKey("HS256", "", secret.encode()),)

    async def keys_for(self, algorithm: str, kid: str) -> Sequence[VerifyKey]:
        # the kid says nothing here: there is one secret
        return self._keys if algorithm == "HS256" else ()


class AnyOf:
    """Several sources, asked in their order."""

    def __init__(self, *sources: KeySource) -> None:
        self._sources = sources

    async def keys_for(self, algorithm: str, kid: str) -> Sequence[VerifyKey]:
        for source in self._sources:
            if found := await source.keys_for(algorithm, kid):
                return found
        return ()


def matching(keys: Sequence[VerifyKey], algorithm: str, kid: str) -> tuple[VerifyKey, ...]:
    """A key without a name matches no kid: the issuer who names keys in tokens names them in the set too."""
    return tuple(key for key in keys if key.algorithm == algorithm and (not kid or key.kid == kid))


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def keys_in(document: bytes) -> tuple[VerifyKey, ...]:
    """The usable signature keys of a JWKS document; encryption keys, secrets and unknown kinds are passed over.

    Raises ``ValueError`` when it is no key set at all.
    """
    try:
        listed = msgspec.json.decode(document, type=_KeySet).keys[:KEYS_MOST]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a JWKS document: {error}") from error
    return tuple(key for entry in listed if (key := _key_of(entry)) is not None)


def _key_of(entry: dict[str, Any]) -> VerifyKey | None:
    algorithm = _ALGORITHM_OF.get((str(entry.get("kty", "")), str(entry.get("crv", ""))))
    if algorithm is None or entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm:
        return None
    try:
        if "verify" not in entry.get("key_ops", ["verify"]):
            return None
        key = jwt.PyJWK(entry, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if algorithm == "RS256" and key.key_size < RSA_BITS_LEAST:
        return None
    return VerifyKey(algorithm, str(entry.get("kid", "")), key)
