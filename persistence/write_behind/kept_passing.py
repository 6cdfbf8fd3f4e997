"""The last values of passing things, from the moment a room hands them over until Postgres holds them.

At most one value per room and key; what ended takes the earlier value along. A value that is on its way into a transaction is still
known here, so that a room that is opened meanwhile does not go back to an older one.
"""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Final, TypeAlias

import msgspec

from domain.decider import Piece, Tick
from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.log import StoredPassing

TICKS_MAX: Final = 20_000
"""While Postgres is away the oldest go."""

Covered: TypeAlias = Callable[[RoomAddress, int], bool]
"""Whether the transaction that is being put together leaves the room stored up to the offset."""

RoomKey: TypeAlias = tuple[RoomAddress, str]


class KeptTick(msgspec.Struct, frozen=True):
    room: RoomAddress
    after: int
    value: Tick | Piece
    at_ms: int = 0

    @property
    def stored_form(self) -> StoredPassing:
        value = self.value
        if isinstance(value, Piece):
            return StoredPassing(key=value.key, after=self.after, at_ms=self.at_ms, piece=value)
        return StoredPassing(key=value.key, after=self.after, at_ms=self.at_ms, tick=encode(value))


class KeptEnd(msgspec.Struct, frozen=True):
    """The key has ended with the event at ``offset``: values from before it are gone."""

    room: RoomAddress
    offset: int
    key: str


class OnTheWay(msgspec.Struct, frozen=True):
    """What Postgres may not know yet of one room: its newest values, and the keys that ended, with the offset of their end."""

    values: Mapping[str, KeptTick]
    ended: Mapping[str, int]

    def over(self, stored: Collection[StoredPassing]) -> tuple[StoredPassing, ...]:
        """The room's values as they are: ``stored`` ones that neither ended nor have a newer one here, and those that are here."""
        found = {each.key: each for each in stored if each.after >= self.ended.get(each.key, 0)}
        for key, kept in self.values.items():
            if key not in found or found[key].after <= kept.after:
                found[key] = kept.stored_form
        return tuple(found.values())


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class KeptPassing:
    """``interval_s``: a key's value goes at most once in it. ``clock`` counts seconds and never goes back."""

    def __init__(self, interval_s: float, clock: Callable[[], float], now_ms: Callable[[], int] = wall_clock_ms) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._now_ms = now_ms
        self._waiting: dict[RoomKey, KeptTick] = {}
        self._ends: dict[RoomKey, KeptEnd] = {}
        self._written_at: dict[RoomKey, float] = {}
        self._newest: dict[RoomAddress, dict[str, KeptTick]] = {}
        self._newest_ends: dict[RoomAddress, dict[str, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._ends)

    def put(self, room: RoomAddress, after: int, value: Tick | Piece) -> None:
        kept = KeptTick(room, after, value, self._now_ms())
        self._newest.setdefault(room, {})[value.key] = kept
        self._wait(kept)

    def end(self, room: RoomAddress, offset: int, keys: Collection[str]) -> None:
        for key in keys:
            self._forget_before(room, key, offset)
            self._end(KeptEnd(room, offset, key))
            self._newest_ends.setdefault(room, {})[key] = self._ends[room, key].offset

    def of_room(self, room: RoomAddress) -> OnTheWay:
        return OnTheWay(dict(self._newest.get(room, ())), dict(self._newest_ends.get(room, ())))

    def due_in_s(self) -> float | None:
        """How long until the first value may go; None when nothing waits."""
        if self._ends:
            return 0.0
        if not self._waiting:
            return None
        now = self._clock()
        never = -self._interval_s
        return max(0.0, min(self._written_at.get(key, never) + self._interval_s - now for key in self._waiting))

    def take(self, covered: Covered, *, is_hurried: bool = False) -> tuple[tuple[KeptTick, ...], tuple[KeptEnd, ...]]:
        """The values and ends that may go now; the hurried ones whatever their interval."""
        now = self._clock()
        for key in [key for key, at in self._written_at.items() if at + self._interval_s <= now or is_hurried]:
            del self._written_at[key]
        due = [key for key, kept in self._waiting.items() if key not in self._written_at and covered(kept.room, kept.after)]
        self._written_at.update(dict.fromkeys(due, now))
        ended = [key for key, end in self._ends.items() if covered(end.room, end.offset)]
        return tuple(self._waiting.pop(key) for key in due), tuple(self._ends.pop(key) for key in ended)

    def give_back(self, ticks: Collection[KeptTick], ends: Collection[KeptEnd]) -> None:
        """They could not go after all; newer ones that came meanwhile stay."""
        for end in ends:
            self._end(end)
        for tick in ticks:
            # What ended meanwhile, or was let go above the bound, is not the newest any more.
            if self._newest.get(tick.room, {}).get(tick.value.key) is tick:
                self._wait(tick)

    def stored(self, ticks: Collection[KeptTick], ends: Collection[KeptEnd]) -> None:
        """Postgres holds what was taken."""
        for tick in ticks:
            self._drop_newest(tick)
        for end in ends:
            known = self._newest_ends.get(end.room, {})
            if known.get(end.key) == end.offset:
                del known[end.key]
                if not known:
                    del self._newest_ends[end.room]

    def _wait(self, kept: KeptTick) -> None:
        self._waiting.pop((kept.room, kept.value.key), None)
        self._waiting[kept.room, kept.value.key] = kept
        while len(self._waiting) > TICKS_MAX:
            self._drop_newest(self._waiting.pop(next(iter(self._waiting))))

    def _end(self, end: KeptEnd) -> None:
        known = self._ends.get((end.room, end.key))
        if known is None or known.offset < end.offset:
            self._ends[end.room, end.key] = end

    def _forget_before(self, room: RoomAddress, key: str, offset: int) -> None:
        newest = self._newest.get(room, {}).get(key)
        if newest is not None and newest.after < offset:
            self._waiting.pop((room, key), None)
            self._drop_newest(newest)

    def _drop_newest(self, kept: KeptTick) -> None:
        known = self._newest.get(kept.room, {})
        if known.get(kept.value.key) is kept:
            del known[kept.value.key]
            if not known:
                del self._newest[kept.room]
