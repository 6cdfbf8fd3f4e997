"""What rooms hand over beside their records: snapshots, deadlines and passing values, until a transaction may take them along.

None of it is ever written before the offset that it is of. What a crash takes from here is made again: deadlines by the restart,
snapshots by the next one, ticks by the next one.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from domain.decider import Deadline, Piece, Tick
from domain.ids import RoomAddress
from domain.log import Snapshot

SNAPSHOTS_MAX: Final = 256
"""While Postgres is away the oldest go: at 256 KiB each they would fill the memory, and the next one holds more anyway."""
TICKS_MAX: Final = 20_000
"""Likewise: the oldest go."""

Covered: TypeAlias = Callable[[RoomAddress, int], bool]
"""Whether the transaction that is being put together leaves the room stored up to the offset."""


class KeptDeadlines(msgspec.Struct, frozen=True):
    room: RoomAddress
    offset: int
    deadlines: tuple[Deadline, ...]


class KeptTick(msgspec.Struct, frozen=True):
    room: RoomAddress
    after: int
    value: Tick | Piece


class Taken(msgspec.Struct, frozen=True):
    """What one transaction takes along."""

    snapshots: tuple[Snapshot, ...] = ()
    deadlines: tuple[KeptDeadlines, ...] = ()
    ticks: tuple[KeptTick, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.snapshots or self.deadlines or self.ticks)


class Kept:
    """The newest per room, or per room and key."""

    def __init__(self, tick_interval_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = tick_interval_s
        self._clock = clock
        self._snapshots: dict[RoomAddress, Snapshot] = {}
        self._deadlines: dict[RoomAddress, KeptDeadlines] = {}
        self._ticks: dict[tuple[RoomAddress, str], KeptTick] = {}
        self._written_at: dict[tuple[RoomAddress, str], float] = {}
        self._since: float | None = None

    def snapshot(self, snapshot: Snapshot) -> None:
        self._handed_over()
        older = self._snapshots.pop(snapshot.room, None)
        self._snapshots[snapshot.room] = older if older is not None and older.offset > snapshot.offset else snapshot
        _drop_oldest(self._snapshots, SNAPSHOTS_MAX)

    def deadlines(self, room: RoomAddress, offset: int, deadlines: Sequence[Deadline]) -> None:
        self._handed_over()
        older = self._deadlines.get(room)
        if older is None or older.offset <= offset:
            self._deadlines[room] = KeptDeadlines(room, offset, tuple(deadlines))

    def tick(self, room: RoomAddress, after: int, value: Tick | Piece) -> None:
        self._handed_over()
        key = (room, value.key)
        self._ticks.pop(key, None)
        self._ticks[key] = KeptTick(room, after, value)
        _drop_oldest(self._ticks, TICKS_MAX)

    def is_empty(self) -> bool:
        return not (self._snapshots or self._deadlines or self._ticks)

    def due_in_s(self, age_s: float) -> float | None:
        """How long until something should go although no record comes: at ``age_s``, ticks not before their interval."""
        if self.is_empty() or self._since is None:
            return None
        now = self._clock()
        aged_s = max(0.0, self._since + age_s - now)
        if self._snapshots or self._deadlines:
            return aged_s
        return max(aged_s, min(self._written_at.get(key, -self._interval_s) + self._interval_s - now for key in self._ticks))

    def take(self, covered: Covered) -> Taken:
        """What may go now. It is the caller's from here on: a transaction that is repeated takes the same again."""
        snapshots = tuple(each for each in self._snapshots.values() if covered(each.room, each.offset))
        deadlines = tuple(each for each in self._deadlines.values() if covered(each.room, each.offset))
        for snapshot in snapshots:
            del self._snapshots[snapshot.room]
        for due in deadlines:
            del self._deadlines[due.room]
        ticks = self._take_ticks(covered)
        self._since = None if self.is_empty() else self._clock()
        return Taken(snapshots, deadlines, ticks)

    def give_back(self, taken: Taken) -> None:
        """What was taken could not go after all; newer ones that came meanwhile stay."""
        for snapshot in taken.snapshots:
            self.snapshot(snapshot)
        for due in taken.deadlines:
            self._handed_over()
            known = self._deadlines.get(due.room)
            if known is None or known.offset < due.offset:
                self._deadlines[due.room] = due
        for tick in taken.ticks:
            self._handed_over()
            later = self._ticks.get((tick.room, tick.value.key))
            if later is None or later.after < tick.after:
                self._ticks[tick.room, tick.value.key] = tick

    def _handed_over(self) -> None:
        if self._since is None:
            self._since = self._clock()

    def _take_ticks(self, covered: Covered) -> tuple[KeptTick, ...]:
        now = self._clock()
        quiet = [key for key, at in self._written_at.items() if at + self._interval_s <= now]
        for key in quiet:
            del self._written_at[key]
        due = [key for key, tick in self._ticks.items() if key not in self._written_at and covered(tick.room, tick.after)]
        self._written_at.update(dict.fromkeys(due, now))
        return tuple(self._ticks.pop(key) for key in due)


def _drop_oldest(kept: dict[RoomAddress, Snapshot] | dict[tuple[RoomAddress, str], KeptTick], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]  # type: ignore[arg-type]  # the key is of the same dict
