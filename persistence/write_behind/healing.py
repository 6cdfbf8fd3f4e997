"""Rooms whose rows wait for a row of another room (a share for its concept): they go on by themselves once it is there.

Rooms are written in the order of the journal, so what a row refers to is normally there before it. It is missing where the other
room's own rows stand still, or belong to a partition that is behind: that is no mistake in this room.
"""

import asyncio
from typing import Final

import structlog

from domain.decider import Registry
from domain.event_codec import UnknownEvent
from domain.ids import RoomAddress
from domain.log import StorageAway
from persistence.database import Database
from persistence.write_behind.projecting import MISSING_PARENT
from persistence.write_behind.rerun import project_room
from persistence.write_behind.writer import WriteBehind

ROOMS_AT_ONCE: Final = 100

_WAITING: Final = """
    SELECT room FROM dead_letters WHERE resolved_at IS NULL AND sqlstate = $1 GROUP BY room ORDER BY min(at), room LIMIT $2
"""
"""Those that were tried longest ago first: what waits in vain is not tried before everybody else every time."""

_log = structlog.get_logger(__name__)


async def heal(database: Database, kinds: Registry) -> int:
    """Run the projections that wait for a row once more; how many of them have come to their log's end. Raises ``StorageAway``."""
    rows = await database.fetch(_WAITING, MISSING_PARENT, ROOMS_AT_ONCE)
    healed = 0
    for row in rows:
        try:
            result = await project_room(database, kinds, RoomAddress(row["room"]))
        except UnknownEvent as error:
            _log.warning("rows wait for another release", room=row["room"], error=str(error))
        else:
            healed += result.stopped is None
    return healed


async def keep_healing(database: Database, kinds: Registry, writing: WriteBehind, pause_s: float) -> None:
    """Until cancelled. Costs nothing while no room is behind."""
    while True:
        await asyncio.sleep(pause_s)
        if not writing.lag().rooms_behind:
            continue
        try:
            healed = await heal(database, kinds)
        except StorageAway:
            continue
        if healed:
            _log.info("rows that waited for others are there", rooms=healed)
            await writing.count_rooms_behind()
