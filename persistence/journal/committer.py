"""Three places where the fsync can wait, behind one contract: on the loop, in a writer thread, in a child process.

tests/bench/journal_commit.py compares them; ARCHITECTURE.md has the figures and the reason for the default.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from domain.log import JournalBroken, JournalFull
from persistence.journal.disk import Disk, cause_of
from persistence.journal.ledger import segment_path
from persistence.journal.segment import Row, SegmentWriter, create_segment


class Committer(Protocol):
    """Writes rows into the segment that is open, one commit a row. One call at a time, and none is cancelled."""

    async def commit(self, row: Row) -> None:
        """Durable on return. Raises ``JournalFull`` (clean) or ``JournalBroken`` (the end)."""
        ...

    async def prepare(self, ordinal: int) -> None:
        """Create the next segment, durable in its folder, while commits go on; once is enough. Raises like ``commit``."""
        ...

    async def switch(self) -> None:
        """From now on commits go to the prepared segment. Quick, and not while a commit is under way."""
        ...

    async def seal(self) -> None:
        """Seal the oldest segment that was switched away from and is not sealed, while commits go on (in the child they wait).

        Raises like ``commit``; after ``JournalFull`` the next call tries the same one again.
        """
        ...

    async def close(self) -> None:
        """Seal the open segment. After a failure it is left as it is."""
        ...


class Writing:
    """The open segment and the prepared one, for whoever commits. Synchronous; every failure comes out as one of the two causes."""

    def __init__(self, disk: Disk, folder: Path, generation: int, opened: SegmentWriter) -> None:
        self._disk = disk
        self._folder = folder
        self._generation = generation
        self._open = opened
        self._prepared: SegmentWriter | None = None
        self._full: deque[SegmentWriter] = deque()
        self._is_broken = False
        self._is_closed = False

    def commit(self, row: Row) -> None:
        self._try(lambda: self._open.commit(row))

    def prepare(self, ordinal: int) -> None:
        if self._prepared is not None:
            return  # of a rotation that found no room behind this step

        def create() -> None:
            self._prepared = create_segment(self._disk, segment_path(self._folder, ordinal), self._generation)

        self._try(create)

    def switch(self) -> None:
        if self._prepared is None:
            raise ValueError("no segment was prepared")
        self._full.append(self._open)
        self._open, self._prepared = self._prepared, None

    def seal(self) -> None:
        if self._full:
            self._try(self._full[0].seal)
            self._full.popleft()

    def close(self) -> None:
        """The second time nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._prepared is not None:
            self._prepared.abandon()
        self._full.append(self._open)
        try:
            with contextlib.suppress(JournalFull):
                while self._full and not self._is_broken:
                    self.seal()
        finally:
            # What was committed stands in a segment's own log; the next start seals it.
            for segment in self._full:
                segment.abandon()

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            cause = cause_of(error)
            self._is_broken = self._is_broken or isinstance(cause, JournalBroken)
            raise cause from error


class LoopCommitter:
    """Commits where the pump runs: no hand-over, the loop waits for the disk. Rotation happens in a worker thread."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    async def commit(self, row: Row) -> None:
        self._writing.commit(row)

    async def prepare(self, ordinal: int) -> None:
        await asyncio.to_thread(self._writing.prepare, ordinal)

    async def switch(self) -> None:
        self._writing.switch()

    async def seal(self) -> None:
        await asyncio.to_thread(self._writing.seal)

    async def close(self) -> None:
        await asyncio.to_thread(self._writing.close)
