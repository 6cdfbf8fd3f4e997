"""After a crash: the deadlines of rooms whose last records were in the journal alone.

Rooms hand their deadlines over beside their records, in memory; a crash in between leaves the records and loses the deadlines. So
the rooms of the tail that a start found are folded once, as soon as Postgres holds them, and their deadlines handed over again.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from domain.decider import Registry
from domain.event_codec import UnknownEvent, decode
from domain.ids import RoomAddress, kind_of
from domain.log import OpenedRoom, StorageAway
from persistence.database import Database
from persistence.journal.sqlite import SqliteJournal
from persistence.log import PostgresLog
from persistence.openings import LogBroken
from persistence.write_behind.writer import WriteBehind

RETRY_S = 1.0

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_restart(database: Database, journal: SqliteJournal, writing: WriteBehind, kinds: Registry) -> AsyncIterator[None]:
    """Works beside everything else; cancelled on leaving (the next start does it again)."""
    rooms = journal.tail.rooms()
    task = asyncio.create_task(_catch_up(PostgresLog(database, journal, writing, kinds), journal, kinds, rooms), name="restart")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _catch_up(log: PostgresLog, journal: SqliteJournal, kinds: Registry, rooms: list[RoomAddress]) -> None:
    await journal.tail.until_confirmed(journal.tail.top)
    for room in rooms:
        if kind_of(room) not in kinds:
            continue
        try:
            opened = await _opened(log, room)
            log.keep_deadlines(room, _top(opened), kinds[kind_of(room)].due(_folded(kinds, room, opened)))
        except (UnknownEvent, LogBroken) as error:
            _log.error("room cannot be opened", room=room, error=str(error))
        except Exception:
            _log.exception("deadlines cannot be made again", room=room)


async def _opened(log: PostgresLog, room: RoomAddress) -> OpenedRoom:
    while True:
        try:
            return await log.open_room(room)
        except StorageAway:
            await asyncio.sleep(RETRY_S)


def _top(opened: OpenedRoom) -> int:
    if opened.records:
        return opened.records[-1].offset
    return opened.snapshot.offset if opened.snapshot else 0


def _folded(kinds: Registry, room: RoomAddress, opened: OpenedRoom) -> object:
    decider = kinds[kind_of(room)]
    state = decider.initial(room)
    if opened.snapshot is not None:
        if opened.snapshot.version != getattr(decider.state_type, "state_version", 1):
            raise UnknownEvent(f"the snapshot of {room} was written by another release")
        state = decode(opened.snapshot.state, decider.state_type)
    for record in opened.records:
        state = decider.evolve(state, record)
    return state
