"""Making tokens: for trying things out, for bots, and for the embedded default, whose secret lives in the data folder."""

import contextlib
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jwt
import msgspec

from server.auth.keys import SECRET_BYTES_LEAST

SECRET_FILE: Final = "token-secret"

TOKEN_ROLES: Final = ("admin", "user", "member", "viewer", "contributor", "bot")
"""Role words that a token may carry (PROTOCOL.md "Tokens")."""


class TokenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a token shall say. ``rooms`` maps room addresses to roles; ``ttl_s`` 0 makes one without an end."""

    user: str
    roles: Sequence[str] = ()
    rooms: dict[str, str] = {}
    name: str = ""
    ttl_s: float = 24 * 3600.0
    issuer: str = ""
    audience: str = ""


def mint(secret: str, order: TokenOrder, now_s: float | None = None) -> str:
    """An HS256 token."""
    issued_s = int(time.time() if now_s is None else now_s)
    claims: dict[str, Any] = {"sub": order.user, "iat": issued_s, "name": order.name or order.user}
    if order.ttl_s:
        claims["exp"] = issued_s + int(order.ttl_s)
    if order.roles:
        claims["roles"] = list(order.roles)
    if order.rooms:
        claims["rooms"] = order.rooms
    if order.issuer:
        claims["iss"] = order.issuer
    if order.audience:
        claims["aud"] = order.audience
    return jwt.encode(claims, secret, algorithm="HS256")


def secret_in(folder: Path, name: str = SECRET_FILE) -> str:
    """A secret that the server makes for itself on first use; only the owner may read the file.

    Raises ``OSError`` where the folder cannot be written, ``ValueError`` where the file holds no secret.
    """
    path = folder / name
    if not path.exists():
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Written beside and linked into place: another start at the same time finds a whole secret or none."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> str:
    secret = path.read_text().strip()
    if len(secret.encode()) < SECRET_BYTES_LEAST:
        raise ValueError(f"{path} holds no secret of {SECRET_BYTES_LEAST} bytes: remove the file and a new one is made")
    return secret
