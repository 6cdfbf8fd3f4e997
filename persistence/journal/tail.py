"""The unstored end of the journal, in memory: what write-behind takes from the front and what joiners need of their room.

Within ``memory_bytes`` nothing here touches a file. Above it the oldest batches give up their records, as far as a sealed segment
can give them back (``spill``); their numbers stay, so nobody overlooks them.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import msgspec

from domain.ids import RoomAddress
from domain.record import Record
from domain.redaction import redacted_record

EVERY_OFFSET: Final = range(1, 1 << 62)


class Group(NamedTuple):
    """One proposal's place in a batch: one room, contiguous offsets."""

    room: RoomAddress
    first_offset: int
    last_offset: int


class TailBatch(msgspec.Struct):
    """One commit, its records in the order of the proposals; None where they were spilled. ``record_count`` outlives a spill."""

    number: int
    groups: tuple[Group, ...]
    records: tuple[Record, ...] | None
    record_count: int
    size_bytes: int
    appended_at: float


class RoomTail(msgspec.Struct, frozen=True):
    """What a room has unstored: the records at hand, and the batches that have to be read from the file, their numbers rising."""

    records: tuple[Record, ...]
    spilled: tuple[int, ...]


class _Held(NamedTuple):
    """Where a room stands in one batch."""

    number: int
    first_offset: int
    last_offset: int

    def touches(self, offsets: frozenset[int]) -> bool:
        return not offsets.isdisjoint(range(self.first_offset, self.last_offset + 1))


class Tail:
    """Batches behind ``confirmed`` up to ``top``, without a gap."""

    def __init__(self, confirmed: int, memory_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.confirmed = confirmed
        self.top = confirmed
        self.record_count = 0
        self.bytes_in_memory = 0
        self.grew = asyncio.Event()
        self._memory_bytes = memory_bytes
        self._clock = clock
        self._batches: dict[int, TailBatch] = {}
        self._rooms: dict[RoomAddress, deque[_Held]] = {}
        self._spilled_up_to = confirmed
        self._redacted: dict[RoomAddress, dict[int, int]] = {}
        self.redactions = 0
        """How often ``redact`` was called."""
        self._watches: list[dict[RoomAddress, set[int]]] = []
        self._awaited: dict[int, dict[asyncio.Future[None], None]] = {}

    def add(self, number: int, groups: Sequence[Sequence[Record]], size_bytes: int) -> None:
        """The batch ``number`` is durable; numbers follow each other."""
        if number != self.top + 1:
            raise ValueError(f"batch {number} does not follow {self.top}")
        held = tuple([Group(records[0].room, records[0].offset, records[-1].offset) for records in groups if records])
        flat = tuple([record for records in groups for record in records])
        self._batches[number] = TailBatch(number, held, flat, len(flat), size_bytes, self._clock())
        for group in held:
            self._rooms.setdefault(group.room, deque()).append(_Held(number, group.first_offset, group.last_offset))
        self.top = number
        self.record_count += len(flat)
        self.bytes_in_memory += size_bytes
        self.grew.set()

    def confirm(self, number: int) -> None:
        """Postgres holds everything up to ``number``."""
        while self.confirmed < min(number, self.top):
            self.confirmed += 1
            batch = self._batches.pop(self.confirmed)
            self.record_count -= batch.record_count
            if batch.records is not None:
                self.bytes_in_memory -= batch.size_bytes
            for group in batch.groups:
                waiting = self._rooms[group.room]
                waiting.popleft()
                if not waiting:
                    del self._rooms[group.room]
                if group.room in self._redacted:
                    self._forget_redacted(group.room)
            for done in self._awaited.pop(self.confirmed, ()):
                if not done.done():
                    done.set_result(None)
        self._spilled_up_to = max(self._spilled_up_to, self.confirmed)

    def redact(self, room: RoomAddress, offsets: Collection[int]) -> None:
        """What people wrote in these records is taken back by one that is appended and not confirmed yet."""
        self.redactions += 1
        for watch in self._watches:
            watch.setdefault(room, set()).update(offsets)
        if room not in self._rooms:
            return
        self._redacted.setdefault(room, {}).update(dict.fromkeys(offsets, self.top))
        wanted = frozenset(offsets)
        for number in dict.fromkeys(held.number for held in self._rooms[room] if held.touches(wanted)):
            batch = self._batches[number]
            if batch.records is not None:
                batch.records = self.as_redacted(batch.records)

    @contextmanager
    def watched(self) -> Iterator[Mapping[RoomAddress, Collection[int]]]:
        """What is taken back inside the block, by room: once that is stored, nothing here tells it to those who read meanwhile."""
        watch: dict[RoomAddress, set[int]] = {}
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches = [each for each in self._watches if each is not watch]

    def redacted_of(self, room: RoomAddress) -> frozenset[int]:
        """The offsets whose words are taken back by records that Postgres is not known to hold."""
        return frozenset(self._redacted.get(room, ()))

    def as_redacted(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Records as they were appended, without what was taken back since."""
        if not self._redacted:
            return tuple(records)
        return tuple([redacted_record(each) if each.offset in self._redacted.get(each.room, ()) else each for each in records])

    def _forget_redacted(self, room: RoomAddress) -> None:
        left = {offset: by for offset, by in self._redacted[room].items() if by > self.confirmed}
        if left:
            self._redacted[room] = left
        else:
            del self._redacted[room]

    def batches_after(self, after: int, limit: int) -> list[tuple[int, tuple[Record, ...]]]:
        """The next batches behind ``after`` that are in memory, (number, records), without a gap."""
        found: list[tuple[int, tuple[Record, ...]]] = []
        for number in range(after + 1, min(after + limit, self.top) + 1):
            batch = self._batches.get(number)
            if batch is None or batch.records is None:
                break
            found.append((number, batch.records))
        return found

    def oldest_age_s(self) -> float:
        oldest = self._batches.get(self.confirmed + 1)
        return 0.0 if oldest is None else max(0.0, self._clock() - oldest.appended_at)

    def room(self, room: RoomAddress, offsets: range = EVERY_OFFSET) -> RoomTail:
        """Of the room's records those at ``offsets``, and others of their batches."""
        at_hand: list[Record] = []
        spilled: list[int] = []
        waiting = self._rooms.get(room, ())
        wanted = [held for held in waiting if held.first_offset < offsets.stop and held.last_offset >= offsets.start]
        for number in dict.fromkeys(held.number for held in wanted):
            batch = self._batches[number]
            if batch.records is None:
                spilled.append(number)
            else:
                at_hand.extend(record for record in batch.records if record.room == room)
        return RoomTail(tuple(at_hand), tuple(spilled))

    def rooms(self) -> list[RoomAddress]:
        """Those that have anything unstored."""
        return list(self._rooms)

    def first_unstored(self, room: RoomAddress) -> int | None:
        """The lowest offset of the room that Postgres is not known to hold; None when nothing is on its way."""
        waiting = self._rooms.get(room)
        return waiting[0].first_offset if waiting else None

    def last_offset(self, room: RoomAddress) -> int | None:
        """The room's top, as far as it has anything unstored."""
        waiting = self._rooms.get(room)
        return waiting[-1].last_offset if waiting else None

    def number_of(self, room: RoomAddress, offset: int) -> int | None:
        """The batch that must be confirmed before the room is stored up to ``offset``; None when it is."""
        numbers = [held.number for held in self._rooms.get(room, ()) if held.first_offset <= offset]
        return numbers[-1] if numbers else None

    async def until_confirmed(self, number: int) -> None:
        """Returns once ``confirm`` has come to ``number``."""
        if number > self.confirmed:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaited.setdefault(number, {})[done] = None
            try:
                await done
            finally:
                self._forget(number, done)

    def _forget(self, number: int, done: asyncio.Future[None]) -> None:
        """While Postgres is away many give up waiting, again and again."""
        waiting = self._awaited.get(number)
        if waiting is not None:
            waiting.pop(done, None)
            if not waiting:
                del self._awaited[number]

    @property
    def awaiting(self) -> int:
        """Who waits for Postgres at the moment."""
        return sum(map(len, self._awaited.values()))

    def spill(self, sealed_up_to: int) -> None:
        """Give up the oldest records above the bound, up to the last number that sealed segments hold."""
        for batch in self._oldest_in_memory(sealed_up_to):
            if self.bytes_in_memory <= self._memory_bytes:
                return
            batch.records = None
            self.bytes_in_memory -= batch.size_bytes
            self._spilled_up_to = batch.number

    def _oldest_in_memory(self, sealed_up_to: int) -> Iterator[TailBatch]:
        for number in range(self._spilled_up_to + 1, min(sealed_up_to, self.top) + 1):
            yield self._batches[number]
