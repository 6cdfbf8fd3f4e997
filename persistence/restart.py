"""After a crash: the deadlines of rooms whose last records were in the journal alone, and the streams that these records ended.

Rooms hand their deadlines over beside their records, in memory, and likewise what has ended; a crash in between leaves the records
and loses the rest. So the rooms of the tail that a start found are folded once, as soon as Postgres holds them, and both are
handed over again. Rooms with the text of a stream are looked at as well: it may be what was taken back, and the start before this
one may have been killed over it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import structlog

from domain.decider import Decider, Registry
from domain.event_codec import UnknownEvent, decode
from domain.ids import RoomAddress, kind_of
from domain.log import OpenedRoom, StorageAway
from persistence.database import Database
from persistence.journal.sqlite import SqliteJournal
from persistence.log import PostgresLog
from persistence.openings import LogBroken
from persistence.write_behind.writer import WriteBehind

T = TypeVar("T")

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
    for room in dict.fromkeys([*rooms, *await _insistently(log.rooms_with_streams)]):
        if kind_of(room) not in kinds:
            continue
        try:
            opened = await _insistently(partial(log.open_room, room))
            _hand_over(log, kinds[kind_of(room)], room, opened)
        except (UnknownEvent, LogBroken) as error:
            _log.error("room cannot be opened", room=room, error=str(error))
        except Exception:
            _log.exception("deadlines cannot be made again", room=room)


async def _insistently(read: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await read()
        except StorageAway:
            await asyncio.sleep(RETRY_S)


def _hand_over(log: PostgresLog, decider: Decider[Any], room: RoomAddress, opened: OpenedRoom) -> None:
    state, top = _folded(decider, room, opened), _top(opened)
    log.keep_deadlines(room, top, decider.due(state))
    ended = {each.key for each in opened.passing} - decider.live_keys(state)
    if ended:
        log.end_passing(room, top, ended)


def _top(opened: OpenedRoom) -> int:
    if opened.records:
        return opened.records[-1].offset
    return opened.snapshot.offset if opened.snapshot else 0


def _folded(decider: Decider[Any], room: RoomAddress, opened: OpenedRoom) -> Any:
    state = decider.initial(room)
    if opened.snapshot is not None:
        if opened.snapshot.version != getattr(decider.state_type, "state_version", 1):
            raise UnknownEvent(f"the snapshot of {room} was written by another release")
        state = decode(opened.snapshot.state, decider.state_type)
    for record in opened.records:
        state = decider.evolve(state, record)
    return state
