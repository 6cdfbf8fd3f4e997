"""The log of every room, stored or still on its way: the journal's tail first, then Postgres."""

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from itertools import pairwise

import msgspec

from domain.decider import Deadline, Piece, Registry, Tick
from domain.event_codec import EventCodec
from domain.ids import RoomAddress
from domain.log import DueDeadline, OpenedRoom, Snapshot
from domain.record import Record
from persistence.database import Database
from persistence.journal.sqlite import SqliteJournal
from persistence.openings import Openings, Tails
from persistence.write_behind.log_rows import SELECTED, record_of
from persistence.write_behind.positions import PARTITION
from persistence.write_behind.taken_back import without_words
from persistence.write_behind.writer import WriteBehind

_BEHIND = f'SELECT {SELECTED} FROM room_events WHERE room = $1 AND "offset" > $2 ORDER BY "offset"'
_FORWARD = f"{_BEHIND} LIMIT $3"
_BACKWARD = f'SELECT {SELECTED} FROM room_events WHERE room = $1 AND "offset" < $2 ORDER BY "offset" DESC LIMIT $3'
_STREAMING = "SELECT DISTINCT room FROM room_passing WHERE text IS NOT NULL ORDER BY room"
_NO_OFFSET = 1 << 62


class PostgresLog:
    """Fits ``channels.ports.EventLog``."""

    def __init__(self, database: Database, journal: SqliteJournal, writing: WriteBehind, kinds: Registry) -> None:
        self._database = database
        self._journal = journal
        self._writing = writing
        self._codec = EventCodec(kinds)
        self._tails = Tails(journal)
        self._openings = Openings(database, self._tails, writing.kept.passing, self._codec)

    async def open_room(self, room: RoomAddress) -> OpenedRoom:
        """Raises ``StorageAway``, ``UnknownEvent``, ``LogBroken``."""
        return await self._openings.open(room)

    async def rooms_with_streams(self) -> Sequence[RoomAddress]:
        """Rooms of which Postgres holds the text of a stream. Raises ``StorageAway``."""
        return [RoomAddress(row["room"]) for row in await self._database.fetch(_STREAMING)]

    async def history(self, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> Sequence[Record]:
        with self._journal.tail.watched() as meanwhile:
            taken_back = self._journal.tail.redacted_of(room)
            records = await (self._older(room, after, limit) if reverse else self._newer(room, after, limit))
        return without_words(records, {*taken_back, *meanwhile.get(room, ())})

    async def _newer(self, room: RoomAddress, after: int, limit: int) -> Sequence[Record]:
        newer = await self._tails.of(room, range(after + 1, after + 1 + limit))
        if newer and newer[0].offset == after + 1 and newer == _unbroken(newer):
            return newer
        rows = await self._database.fetch(_FORWARD, room, after, limit)
        stored = [record_of(self._codec, row) for row in rows]
        top = stored[-1].offset if stored else after
        return [*stored, *(record for record in newer if record.offset > top)][:limit]

    async def _older(self, room: RoomAddress, before: int, limit: int) -> Sequence[Record]:
        top = self._journal.tail.last_offset(room) or 0
        behind = min(before or top + 1, top + 1)
        older = _unbroken([*reversed(await self._tails.of(room, range(behind - limit, behind)))])
        if len(older) == limit or (older and older[-1].offset == 1):
            return older
        below = older[-1].offset if older else before or _NO_OFFSET
        rows = await self._database.fetch(_BACKWARD, room, below, limit - len(older))
        return [*older, *(record_of(self._codec, row) for row in rows)]

    async def stored(self, room: RoomAddress, offset: int, wait_s: float) -> bool:
        number = self._journal.tail.number_of(room, offset)
        if number is None:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._journal.tail.until_confirmed(number)
        return self.is_stored(room, offset)

    def is_stored(self, room: RoomAddress, offset: int) -> bool:
        unstored = self._journal.tail.first_unstored(room)
        return unstored is None or offset < unstored

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        self._writing.kept.snapshot(snapshot)
        self._writing.wake()

    def keep_deadlines(self, room: RoomAddress, offset: int, deadlines: Sequence[Deadline]) -> None:
        self._writing.kept.deadlines(room, offset, deadlines)
        self._writing.wake()

    def keep_tick(self, room: RoomAddress, after: int, tick: Tick | Piece) -> None:
        self._writing.kept.tick(room, after, tick)
        self._writing.wake()

    def redact(self, room: RoomAddress, offsets: Collection[int]) -> None:
        self._journal.tail.redact(room, offsets)

    def end_passing(self, room: RoomAddress, offset: int, keys: Collection[str]) -> None:
        self._writing.kept.end_passing(room, offset, keys)
        self._writing.wake()


def _unbroken(records: Sequence[Record]) -> Sequence[Record]:
    """As far as their offsets follow each other: what was stored while the others were read back is only in Postgres by now."""
    for place, (one, other) in enumerate(pairwise(records), 1):
        if abs(one.offset - other.offset) != 1:
            return records[:place]
    return records


class PostgresDeadlines:
    """Fits ``channels.ports.Deadlines``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now_ms: int, limit: int) -> Sequence[DueDeadline]:
        rows = await self._database.fetch(
            """
            SELECT room, what, at, name, payload, quiet_key, quiet_ms FROM deadlines
            WHERE partition = $1 AND at <= $2 ORDER BY at LIMIT $3
            """,
            PARTITION,
            now_ms,
            limit,
        )
        return [
            DueDeadline(
                RoomAddress(row["room"]),
                Deadline(
                    what=row["what"],
                    at_ms=row["at"],
                    name=row["name"],
                    payload=msgspec.json.decode(row["payload"]),
                    quiet_key=row["quiet_key"],
                    quiet_ms=row["quiet_ms"],
                ),
            )
            for row in rows
        ]
