"""The stored log of a room by HTTP. What is still on its way to Postgres is not here: ``persistence.log`` knows both."""

from collections.abc import Sequence

import asyncpg
import msgspec

from domain.ids import ActorId, CommandId, RoomAddress, ThingId, derived_id
from domain.record import Actor
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, limited


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Same shape as an event's publication (PROTOCOL.md "Publications")."""

    id: ThingId
    offset: int
    at: int
    by: Actor
    event: msgspec.Raw


async def events_after(database: Database, room: RoomAddress, after: int, limit: int = LIMIT_DEFAULT) -> Sequence[StoredEvent]:
    """In order, beginning with offset ``after + 1``."""
    rows = await database.fetch(
        """
        SELECT "offset", at, actor_id, actor_kind, actor_name, actor_image, command_id, ordinal, body FROM room_events
        WHERE room = $1 AND "offset" > $2 ORDER BY "offset" LIMIT $3
        """,
        room,
        after,
        limited(limit),
    )
    return [_event_of(room, row) for row in rows]


def _event_of(room: RoomAddress, row: asyncpg.Record) -> StoredEvent:
    actor = Actor(id=ActorId(str(row["actor_id"])), kind=row["actor_kind"], name=row["actor_name"], image=row["actor_image"])
    return StoredEvent(
        id=derived_id(room, actor.id, CommandId(str(row["command_id"])), row["ordinal"]),
        offset=row["offset"],
        at=row["at"],
        by=actor,
        event=msgspec.Raw(row["body"]),
    )


async def stored_offset(database: Database, room: RoomAddress) -> int:
    """The highest offset in Postgres, 0 for a room that it does not know."""
    offset = await database.fetchval('SELECT "offset" FROM room_events WHERE room = $1 ORDER BY "offset" DESC LIMIT 1', room)
    return int(offset or 0)
