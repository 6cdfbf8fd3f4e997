"""What tests of the journal need around it: a book of generations in memory, a disk that fails on purpose, a crash."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from persistence.journal.disk import Disk
from persistence.journal.generations import KnownGeneration, go_on_with
from persistence.journal.ledger import Ledger


class Generation:
    """One entry of the book."""

    def __init__(self, generation: int, epoch: str, loss: str) -> None:
        self.generation = generation
        self.epoch = epoch
        self.loss = loss
        self.is_finished = True
        self.stored = 0


class MemoryGenerations:
    """Fits ``persistence.journal.generations.Generations``. Tests set ``newest.stored`` themselves."""

    def __init__(self) -> None:
        self.all: list[Generation] = []

    @property
    def newest(self) -> Generation:
        return self.all[-1]

    async def stored_of(self, ledger: Ledger | None) -> int | None:
        newest = self.all[-1] if self.all else None
        known = KnownGeneration(newest.generation, newest.epoch, newest.is_finished) if newest else None
        return newest.stored if go_on_with(ledger, known) and newest else None

    async def mint(self, epoch: str, loss: str = "") -> int:
        self.all.append(Generation(len(self.all) + 1, epoch, loss))
        return len(self.all)

    async def begin(self, generation: int) -> None:
        self.all[generation - 1].is_finished = False

    async def finish(self, generation: int) -> None:
        self.all[generation - 1].is_finished = True


class FailingDisk(Disk):
    """Batch number -> SQLite's error codes that its next attempts end with."""

    def __init__(self, failures: Mapping[int, list[int]]) -> None:
        self._failures = {number: list(codes) for number, codes in failures.items()}

    def commit(self, connection: sqlite3.Connection, number: int, checksum: bytes, blob: bytes) -> None:
        if self._failures.get(number):
            error = sqlite3.OperationalError("as the test wants it")
            error.sqlite_errorcode = self._failures[number].pop(0)
            raise error
        super().commit(connection, number, checksum, blob)


@contextlib.contextmanager
def failing_file(path: Path, *, is_full: bool = False) -> Iterator[None]:
    """This one file takes nothing more, wherever this process has it open: every write is an I/O error, or finds no room."""
    held = [int(each.name) for each in Path("/proc/self/fd").iterdir() if os.path.realpath(each) == str(path.resolve())]
    whole = [os.dup(descriptor) for descriptor in held]
    instead = os.open("/dev/full", os.O_RDWR) if is_full else os.open(path, os.O_RDONLY)
    now = os.fstat(instead)
    try:
        for descriptor in held:
            os.dup2(instead, descriptor)
        yield
    finally:
        os.close(instead)
        for descriptor, was in zip(held, whole, strict=True):
            with contextlib.suppress(OSError):  # closed meanwhile, and perhaps another file's by now
                if os.path.samestat(os.fstat(descriptor), now):
                    os.dup2(was, descriptor)
            os.close(was)


def crashed_copy(folder: Path, copy: Path) -> Path:
    """The folder as a crash at this moment would leave it: what was written, without any closing."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("lock"))
    return copy
