"""At start: read what the last run left, prove that it is whole, and carry the unstored tail over into a new, fsynced segment.

Carrying over matters after an I/O error: a page that was never written may look clean to the kernel until it leaves its cache.
Nothing that is refused here has been changed.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import msgspec

from persistence.journal.disk import Disk
from persistence.journal.holdings import Segment
from persistence.journal.ledger import Ledger, segment_path, sweep
from persistence.journal.refusals import JournalDamaged, JournalIncomplete
from persistence.journal.segment import Row, SegmentReader, carry, last_of_unlisted, open_reader, seal_leftover
from persistence.journal.settings import JournalSettings


class Left(msgspec.Struct, frozen=True):
    """One segment of the last run: it counts for the batches ``first`` to ``last`` (a later segment may repeat its end)."""

    ordinal: int
    reader: SegmentReader
    first: int
    last: int


class Recovery:
    """The journal of ``ledger``, stored up to ``stored``. Everything here blocks: run it in a worker thread."""

    def __init__(self, disk: Disk, settings: JournalSettings, ledger: Ledger, stored: int) -> None:
        self._disk = disk
        self._settings = settings
        self._ledger = ledger
        self._stored = stored
        self.next_ordinal = max(ledger.segments, default=0) + 1
        self.top = stored

    def carry_over(self, take: Callable[[list[Row], int], None]) -> list[Segment]:
        """Returns the sealed segments to go on with. Raises ``JournalRefused``.

        ``take`` gets the unstored rows in order, a segment's worth at a time, with the last number that is sealed again.
        """
        carried: list[Segment] = []
        with ExitStack() as stack:
            left = self._open_all(stack)
            known = self._known(left)
            self._demand_nothing_newer(known)
            sweep(self._disk, self._settings.folder, self._ledger)
            for chunk in _chunks(self._unstored(left, known), self._settings.segment_bytes):
                carried.append(self._carried(chunk))
                take(chunk, self.top)
        kept = [each for each in left if each.first <= min(each.last, self._stored)]
        for each in kept:
            if not each.reader.is_sealed:
                seal_leftover(self._disk, self._path(each.ordinal))
        return [self._held(each) for each in kept] + carried

    def _open_all(self, stack: ExitStack) -> list[Left]:
        found: list[tuple[int, SegmentReader, int, int]] = []
        for ordinal in self._ledger.segments:
            reader = open_reader(self._disk, self._path(ordinal), self._ledger.generation, self._settings.lock_wait_s)
            stack.callback(reader.close)
            reader.verify_ending()
            first, last = reader.bounds()
            found.append((ordinal, reader, first, last))
        return _without_overlaps(found)

    def _known(self, left: list[Left]) -> int:
        """The last batch that is known to have been appended."""
        known = max([self._ledger.top, *(each.last for each in left)])
        if known < self._stored:
            raise JournalIncomplete(
                f"Postgres holds the journal up to batch {self._stored}, and {self._settings.folder} ends at {known}: it is an "
                "older copy. Bring the newer one back, or start with --accept-loss"
            )
        return known

    def _demand_nothing_newer(self, known: int) -> None:
        """Beside an older ledger stand segments that it does not list yet, and what is not listed is swept.

        A start that was broken off leaves unlisted copies of the tail. They may hold one batch more than the tail now: the commit
        that a crash cut off can be read back at first, and be gone with the next power cut. Nobody was told of that one.
        """
        highest = max(self._ledger.segments, default=0)
        for path in sorted(self._settings.folder.glob("*.segment")):
            if path.stem.isdecimal() and int(path.stem) > highest:
                last = last_of_unlisted(self._disk, path, self._ledger.generation)
                if last > known + 1:
                    raise JournalDamaged(
                        f"{path} goes up to batch {last}, and the ledger does not list it and ends at {known}: the ledger is an "
                        "older copy. Bring the newer one back, or start with --accept-loss"
                    )

    def _unstored(self, left: list[Left], known: int) -> Iterator[Row]:
        """The rows behind ``stored``, verified, without a hole up to ``known``."""
        for each in left:
            for row in each.reader.rows(max(each.first - 1, self._stored), each.last):
                if row.number != self.top + 1:
                    raise self._hole(row.number)
                self.top = row.number
                yield row
        if self.top < known:
            raise self._hole(known + 1)

    def _hole(self, found: int) -> JournalIncomplete:
        return JournalIncomplete(
            f"batches {self.top + 1} to {found - 1} are neither in Postgres nor in {self._settings.folder}: restore a newer "
            "database, or start with --accept-loss"
        )

    def _held(self, left: Left) -> Segment:
        size = self._path(left.ordinal).stat().st_size
        return Segment(left.ordinal, left.first, min(left.last, self._stored), size, size, is_sealed=True)

    def _carried(self, rows: list[Row]) -> Segment:
        ordinal = self.next_ordinal
        path = self._path(ordinal)
        carry(self._disk, path, self._ledger.generation, rows)
        self.next_ordinal += 1
        size = path.stat().st_size
        return Segment(ordinal, rows[0].number, rows[-1].number, size, size, is_sealed=True)

    def _path(self, ordinal: int) -> Path:
        return segment_path(self._settings.folder, ordinal)


def _without_overlaps(found: list[tuple[int, SegmentReader, int, int]]) -> list[Left]:
    """A carried segment repeats the end of its predecessors: each counts up to where the next one begins."""
    filled = [each for each in found if each[2] <= each[3]]
    ends = [min(one[3], following[2] - 1) for one, following in pairwise(filled)] + [each[3] for each in filled[-1:]]
    empty = [Left(ordinal, reader, first, last) for ordinal, reader, first, last in found if first > last]
    return [Left(ordinal, reader, first, end) for (ordinal, reader, first, _), end in zip(filled, ends, strict=True)] + empty


def _chunks(rows: Iterator[Row], limit_bytes: int) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += len(row.blob)
        if size >= limit_bytes:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
