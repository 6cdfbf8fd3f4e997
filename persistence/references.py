"""What rules have to know of the catalogue and of people: looked up in Postgres before they decide."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg

from domain.decider import Ref
from domain.ids import ActorId
from domain.refs import SellerFace, UserFace
from persistence.database import Database

_QUERIES: Final[Mapping[str, str]] = {
    "seller": "SELECT id, user_id, name, is_active FROM sellers WHERE id = ANY($1::uuid[])",
    "user": "SELECT id, coalesce(name, '') AS name, coalesce(image, '') AS image FROM users"
    " WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL",
}


class PostgresReferences:
    """Fits ``channels.ports.References`` for what is no room: artisans (``seller``) and people (``user``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look_up(self, refs: Iterable[Ref]) -> Mapping[Ref, Any]:
        """What was found; kinds that nobody keeps, and ids that are none, are unknown. Raises ``StorageAway``."""
        by_kind: dict[str, dict[str, list[Ref]]] = {}
        for ref in refs:
            key = _canonical(ref.id)
            if key and ref.kind in _QUERIES:
                by_kind.setdefault(ref.kind, {}).setdefault(key, []).append(ref)
        found: dict[Ref, Any] = {}
        for kind, asked in by_kind.items():
            for row in await self._database.fetch(_QUERIES[kind], list(asked)):
                found.update(dict.fromkeys(asked[str(row["id"])], _face(kind, row)))
        return found


def _face(kind: str, row: asyncpg.Record) -> SellerFace | UserFace:
    if kind == "seller":
        user_id = str(row["user_id"]) if row["user_id"] else ""
        return SellerFace(id=str(row["id"]), user_id=user_id, name=row["name"], is_active=row["is_active"])
    return UserFace(id=ActorId(str(row["id"])), name=row["name"], image=row["image"])


def _canonical(text: str) -> str:
    """The uuid's text as Postgres gives it; empty for what is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""
