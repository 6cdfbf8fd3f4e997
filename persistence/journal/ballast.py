"""Space that is kept for a full disk: given back first, so that what is under way still finds room."""

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from domain.log import JournalFull
from persistence.journal.disk import Disk

_SLOW = 0.8
"""From here producers are slowed (channels.ports.Journal.fill)."""
_PAUSE_S = 1.0
"""After a refusal the next append may try again this much later."""

_log = structlog.get_logger()


class Ballast:
    """The ballast file, and what the disk's refusals mean for ``fill``."""

    def __init__(self, disk: Disk, path: Path, size_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._disk = disk
        self._path = path
        self._size_bytes = size_bytes
        self._clock = clock
        self._refused_at: float | None = None
        self.is_there = False
        self.wants_new_segment = False
        """A refused commit may have left frames behind in the log: the next success moves on to a clean segment."""

    def take_again(self) -> None:
        """Reserve the space, if there is any. Blocks."""
        if self.is_there:
            return
        try:
            self._disk.reserve(self._path, self._size_bytes)
        except OSError as error:
            self._disk.remove(self._path)
            _log.warning("no space for the journal's ballast", error=str(error))
        else:
            self.is_there = True
            self._refused_at = None

    def give_back(self, full: JournalFull) -> bool:
        """The disk is full. True: there is room again, try once more."""
        self.wants_new_segment = True
        if not self.is_there:
            self._refused_at = self._clock()
            return False
        _log.error("journal's disk is full, ballast given back", error=str(full))
        self._disk.remove(self._path)
        self.is_there = False
        return True

    def fill(self, used_share: float) -> float:
        if self._refused_at is not None and self._clock() - self._refused_at < _PAUSE_S:
            return 1.0
        return used_share if self.is_there else max(used_share, _SLOW)
