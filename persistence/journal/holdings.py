"""Which segments there are, what each holds, and which of them may go."""

import time
from collections import deque
from collections.abc import Callable

import msgspec

from persistence.journal.settings import JournalSettings

_FRAME_BYTES = 4_120
"""A page with its frame header, as the write-ahead log holds it."""
_WAL_FACTOR = 4
"""Small commits fill the log with whole pages: the file may be this much larger than what it holds before it is changed."""


class Segment(msgspec.Struct):
    """Holds the batches ``first`` to ``last``. ``disk_bytes`` counts what it takes, ``held_bytes`` what it holds."""

    ordinal: int
    first: int
    last: int
    disk_bytes: int = 0
    held_bytes: int = 0
    is_sealed: bool = False


class Holdings:
    """All segments in order; the last one is open."""

    def __init__(self, settings: JournalSettings, segments: list[Segment], clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._segments = segments
        self._clock = clock
        self._confirmed: deque[tuple[float, int]] = deque()  # (when, number), one entry a second at most

    @property
    def open(self) -> Segment:
        return self._segments[-1]

    @property
    def ordinals(self) -> tuple[int, ...]:
        return tuple(segment.ordinal for segment in self._segments)

    @property
    def disk_bytes(self) -> int:
        return sum(segment.disk_bytes for segment in self._segments)

    @property
    def sealed_up_to(self) -> int:
        """The last batch that can be read back from a file."""
        sealed = 0
        for segment in self._segments:
            if not segment.is_sealed:
                break
            sealed = segment.last
        return sealed

    def committed(self, number: int, blob_bytes: int) -> None:
        segment = self.open
        segment.last = number
        segment.held_bytes += blob_bytes
        segment.disk_bytes += _FRAME_BYTES * (2 + blob_bytes // 4_096)

    def is_open_full(self) -> bool:
        segment, limit = self.open, self._settings.segment_bytes
        return segment.held_bytes >= limit or segment.disk_bytes >= _WAL_FACTOR * limit

    def switched(self, ordinal: int) -> None:
        """A new segment is open."""
        full = self.open
        self._segments.append(Segment(ordinal, full.last + 1, full.last))

    def unsealed(self) -> list[Segment]:
        """Those that were switched away from and are not sealed yet, the oldest first: one, unless there was no room to."""
        return [segment for segment in self._segments[:-1] if not segment.is_sealed]

    def segment_of(self, number: int) -> Segment | None:
        return next((segment for segment in self._segments if segment.first <= number <= segment.last), None)

    def confirmed(self, number: int) -> None:
        now = self._clock()
        if not self._confirmed or now - self._confirmed[-1][0] >= 1.0:
            self._confirmed.append((now, number))
        else:
            self._confirmed[-1] = (self._confirmed[-1][0], number)

    def drop(self, segments: list[Segment]) -> None:
        self._segments = [segment for segment in self._segments if segment not in segments]

    def expired(self) -> list[Segment]:
        """Sealed segments whose every batch was confirmed long enough, or far enough, ago."""
        newest = self._confirmed[-1][1] if self._confirmed else 0
        by_age = self._confirmed_before(self._clock() - self._settings.keep_s)
        kept_bytes = 0
        expired: list[Segment] = []
        for segment in reversed(self._segments):
            if not segment.is_sealed or segment.last > newest:
                continue
            if segment.last <= by_age or kept_bytes >= self._settings.keep_bytes:
                expired.append(segment)
            kept_bytes += segment.held_bytes
        return expired

    def _confirmed_before(self, moment: float) -> int:
        number = 0
        while self._confirmed and self._confirmed[0][0] <= moment:
            number = self._confirmed[0][1]
            if len(self._confirmed) == 1 or self._confirmed[1][0] > moment:
                break
            self._confirmed.popleft()
        return number
