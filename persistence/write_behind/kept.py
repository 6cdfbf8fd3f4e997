"""What rooms hand over beside their records: snapshots, deadlines and passing values, until a transaction may take them along.

None of it is ever written before the offset that it is of. What a crash takes from here is made again: deadlines by the restart,
snapshots by the next one, ticks by the next one.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec

from domain.decider import Deadline, Piece, Tick
from domain.ids import RoomAddress
from domain.log import Snapshot
from persistence.write_behind.kept_passing import Covered, KeptEnd, KeptPassing, KeptTick

SNAPSHOTS_MAX: Final = 256
"""While Postgres is away the oldest go: at 256 KiB each they would fill the memory, and the next one holds more anyway."""


class KeptDeadlines(msgspec.Struct, frozen=True):
    room: RoomAddress
    offset: int
    deadlines: tuple[Deadline, ...]


class Taken(msgspec.Struct, frozen=True):
    """What one transaction takes along."""

    snapshots: tuple[Snapshot, ...] = ()
    deadlines: tuple[KeptDeadlines, ...] = ()
    ticks: tuple[KeptTick, ...] = ()
    ended: tuple[KeptEnd, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.snapshots or self.deadlines or self.ticks or self.ended)


class Kept:
    """The newest per room, or per room and key; ``passing`` has what passes in rooms."""

    def __init__(self, tick_interval_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.passing = KeptPassing(tick_interval_s, clock)
        self._clock = clock
        self._snapshots: dict[RoomAddress, Snapshot] = {}
        self._deadlines: dict[RoomAddress, KeptDeadlines] = {}
        self._since: float | None = None

    def snapshot(self, snapshot: Snapshot) -> None:
        self._handed_over()
        older = self._snapshots.pop(snapshot.room, None)
        self._snapshots[snapshot.room] = older if older is not None and older.offset > snapshot.offset else snapshot
        while len(self._snapshots) > SNAPSHOTS_MAX:
            del self._snapshots[next(iter(self._snapshots))]

    def deadlines(self, room: RoomAddress, offset: int, deadlines: Sequence[Deadline]) -> None:
        self._handed_over()
        older = self._deadlines.get(room)
        if older is None or older.offset <= offset:
            self._deadlines[room] = KeptDeadlines(room, offset, tuple(deadlines))

    def tick(self, room: RoomAddress, after: int, value: Tick | Piece) -> None:
        self._handed_over()
        self.passing.put(room, after, value)

    def end_passing(self, room: RoomAddress, offset: int, keys: Collection[str]) -> None:
        self._handed_over()
        self.passing.end(room, offset, keys)

    def is_empty(self) -> bool:
        return not (self._snapshots or self._deadlines or self.passing)

    def due_in_s(self, age_s: float) -> float | None:
        """How long until something should go although no record comes: at ``age_s``, ticks not before their interval."""
        if self.is_empty() or self._since is None:
            return None
        aged_s = max(0.0, self._since + age_s - self._clock())
        passing_s = self.passing.due_in_s()
        return aged_s if self._snapshots or self._deadlines or passing_s is None else max(aged_s, passing_s)

    def take(self, covered: Covered, *, is_hurried: bool = False) -> Taken:
        """What may go now; ``is_hurried``: ticks too that have gone just before.

        It is the caller's from here on: a transaction that is repeated takes the same again. Once it is in Postgres the caller says
        so by ``stored``, else it gives it back.
        """
        snapshots = tuple(each for each in self._snapshots.values() if covered(each.room, each.offset))
        deadlines = tuple(each for each in self._deadlines.values() if covered(each.room, each.offset))
        for snapshot in snapshots:
            del self._snapshots[snapshot.room]
        for due in deadlines:
            del self._deadlines[due.room]
        ticks, ended = self.passing.take(covered, is_hurried=is_hurried)
        self._since = None if self.is_empty() else self._clock()
        return Taken(snapshots, deadlines, ticks, ended)

    def stored(self, taken: Taken) -> None:
        self.passing.stored(taken.ticks, taken.ended)

    def give_back(self, taken: Taken) -> None:
        """What was taken could not go after all; newer ones that came meanwhile stay."""
        for snapshot in taken.snapshots:
            self.snapshot(snapshot)
        for due in taken.deadlines:
            known = self._deadlines.get(due.room)
            if known is None or known.offset < due.offset:
                self._deadlines[due.room] = due
        self.passing.give_back(taken.ticks, taken.ended)
        if not self.is_empty():
            self._handed_over()

    def _handed_over(self) -> None:
        if self._since is None:
            self._since = self._clock()
