"""Tokens for tests: signed with the secret that the server made in its data folder, as ``atrium token`` does."""

import time
import uuid
from pathlib import Path
from typing import Any

import jwt

from domain.ids import actor_id_of


def secret_of(data: Path) -> str:
    return (data / "token-secret").read_text().strip()


def mint(secret: str, user: str, *roles: str, ttl_s: float = 3600.0, rooms: dict[str, str] | None = None, **claims: Any) -> str:
    """An HS256 token for ``user`` with these role words; a negative ``ttl_s`` makes one that has run out."""
    now = time.time()
    content: dict[str, Any] = {
        "sub": user,
        "name": user.title(),
        "iat": int(min(now, now + ttl_s)),
        "exp": int(now + ttl_s),
        **claims,
    }
    if roles:
        content["roles"] = list(roles)
    if rooms:
        content["rooms"] = rooms
    return jwt.encode({key: value for key, value in content.items() if value is not None}, secret, algorithm="HS256")


def actor_of(user: str) -> str:
    """The actor id that the server derives for ``user`` (no issuer is set in tests)."""
    return actor_id_of("", user)


def new_command_id() -> str:
    """uuid7-like, as clients make them."""
    value = (time.time_ns() // 1_000_000) << 80 | uuid.uuid4().int & ((1 << 80) - 1)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
