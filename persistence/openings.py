"""All that is durable about a room when it is opened: the journal's tail, then Postgres, for many rooms in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import asyncpg
import msgspec
import structlog

from domain.event_codec import EventCodec, UnknownEvent
from domain.ids import RoomAddress
from domain.log import OpenedRoom, Snapshot, StorageAway, StoredPassing
from domain.record import Record
from persistence.database import Connection, Database
from persistence.gathering import Gathering
from persistence.journal.sqlite import SqliteJournal
from persistence.journal.tail import EVERY_OFFSET
from persistence.write_behind.kept_passing import KeptPassing, OnTheWay
from persistence.write_behind.log_rows import SELECTED, record_of
from persistence.write_behind.passing_rows import read_passing
from persistence.write_behind.positions import PARTITION
from persistence.write_behind.taken_back import without_words

_log = structlog.get_logger()

ROOMS_AT_ONCE: Final = 32
"""Rooms of one transaction. Each has up to a snapshot's distance of events, so their number bounds what is held and decoded."""
OPENINGS_AT_ONCE: Final = 2
"""Transactions beside each other: the rooms of a reconnect storm gather for the next one."""
BATCHES_AT_ONCE: Final = 100
"""Of those that are read back from the file: they are decoded whole, and held with what other rooms have in them."""

_POSITION = "SELECT number FROM positions WHERE partition = $1 AND generation = $2"
_SNAPSHOTS = 'SELECT room, "offset", version, state, receipts FROM room_snapshots WHERE room = ANY($1)'
_EVENTS = f"""
    SELECT {SELECTED} FROM unnest($1::text[], $2::int8[]) AS v(room, after) JOIN room_events USING (room)
    WHERE "offset" > v.after ORDER BY room, "offset"
"""


class LogBroken(Exception):
    """A room's log has a hole or no beginning: it must not be opened, since a state without its middle would be wrong."""


class Tails:
    """The records of rooms that Postgres does not have yet."""

    def __init__(self, journal: SqliteJournal) -> None:
        self.journal = journal

    async def of(self, room: RoomAddress, offsets: range = EVERY_OFFSET) -> Sequence[Record]:
        """The room's unstored records at ``offsets``; those that left the memory are read back from the journal's file."""
        held = self.journal.tail.room(room, offsets)
        back: list[Record] = []
        for after, last in _neighbours(held.spilled):
            back += [record for record in await self._read_back(after, last) if record.room == room]
        return [record for record in (*back, *held.records) if record.offset in offsets]

    async def _read_back(self, after: int, last: int) -> Sequence[Record]:
        """The records of the batches behind ``after`` up to ``last``."""
        back: list[Record] = []
        while after < last:
            try:
                batches = await self.journal.read_some(after, min(last - after, BATCHES_AT_ONCE))
            except LookupError:
                after += 1  # stored and trimmed while we read: Postgres has it
                continue
            for batch in batches:
                back += batch.records
            after = batches[-1].position.number if batches else last
        return back


class _Opening(msgspec.Struct):
    """What is known of one room while it is read: memory first, then what Postgres has."""

    tail: Sequence[Record]
    on_the_way: OnTheWay
    taken_back: Collection[int]
    snapshot: Snapshot | None = None
    rows: list[asyncpg.Record] = []

    @property
    def offset(self) -> int:
        return self.snapshot.offset if self.snapshot else 0


class Openings:
    """Rooms that are opened at the same time are read together."""

    def __init__(self, database: Database, tails: Tails, passing: KeptPassing, codec: EventCodec) -> None:
        self._database = database
        self._tails = tails
        self._passing = passing
        self._codec = codec
        self._gathering = Gathering(self._read, ROOMS_AT_ONCE, OPENINGS_AT_ONCE)

    async def open(self, room: RoomAddress) -> OpenedRoom:
        """Raises ``StorageAway``, ``UnknownEvent``, ``LogBroken``."""
        return await self._gathering.get(room)

    async def _read(self, rooms: Sequence[RoomAddress]) -> Mapping[RoomAddress, OpenedRoom | Exception]:
        found: dict[RoomAddress, OpenedRoom | Exception] = {}
        tail = self._tails.journal.tail
        while rooms:
            with tail.watched() as taken_back:
                found.update(await self._read_once(rooms))
            # A snapshot may hold these words, and what took them back may be stored by now: then nothing else tells of it.
            rooms = [room for room in rooms if room in taken_back]
        return found

    async def _read_once(self, rooms: Sequence[RoomAddress]) -> Mapping[RoomAddress, OpenedRoom | Exception]:
        # The tails before Postgres: what write-behind stores in between is then in both, and not in neither.
        confirmed = self._tails.journal.tail.confirmed
        found = {room: await self._in_memory(room) for room in rooms}
        async with self._database.transaction("repeatable_read", readonly=True) as connection:
            await self._demand_what_was_confirmed(connection, confirmed)
            for row in await connection.fetch(_SNAPSHOTS, rooms):
                found[row["room"]].snapshot = Snapshot(**dict(row))
            for row in await connection.fetch(_EVENTS, rooms, [found[room].offset for room in rooms]):
                found[row["room"]].rows.append(row)
            passing = await read_passing(connection, rooms)
        return {room: self._opened(room, each, passing[room]) for room, each in found.items()}

    async def _demand_what_was_confirmed(self, connection: Connection, confirmed: int) -> None:
        """A Postgres that has lost transactions (a failover, a backup) would show rooms as they were, and their offsets would be
        given a second time. Raises ``StorageAway``."""
        stored = await connection.fetchval(_POSITION, PARTITION, self._tails.journal.generation)
        if stored is None or stored < confirmed:
            _log.error("Postgres has lost what it had confirmed: a restart stores it again", confirmed=confirmed, stored=stored)
            raise StorageAway(f"Postgres had confirmed batch {confirmed} and is at {stored}")

    async def _in_memory(self, room: RoomAddress) -> _Opening:
        tail, on_the_way = await self._tails.of(room), self._passing.of_room(room)
        return _Opening(tail, on_the_way, self._tails.journal.tail.redacted_of(room))

    def _opened(self, room: RoomAddress, opening: _Opening, passing: Sequence[StoredPassing]) -> OpenedRoom | Exception:
        """A room that cannot be opened is no reason against those that are read with it."""
        try:
            stored = without_words([record_of(self._codec, row) for row in opening.rows], opening.taken_back)
            records = _joined(room, opening.offset, stored, opening.tail)
        except (UnknownEvent, LogBroken) as error:
            return error
        return OpenedRoom(opening.snapshot, records, self._tails.journal.epoch, opening.on_the_way.over(passing))


def _neighbours(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of batches that follow each other, as (behind which, up to which)."""
    for _, run in groupby(enumerate(numbers), key=lambda place: place[1] - place[0]):
        batches = [number for _, number in run]
        yield batches[0] - 1, batches[-1]


def _joined(room: RoomAddress, below: int, stored: Sequence[Record], tail: Sequence[Record]) -> tuple[Record, ...]:
    """Stored records, then the tail behind them; overlaps dropped, contiguity demanded."""
    top = stored[-1].offset if stored else below
    joined = (*stored, *(record for record in tail if record.offset > top))
    for expected, record in enumerate(joined, below + 1):
        if record.offset != expected:
            raise LogBroken(f"{room}: offset {expected} is missing, the log goes on with {record.offset}")
    return joined
