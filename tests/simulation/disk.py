"""The node's disk: real files of SQLite, on which writes fail, and which at a power cut keep what was synced, and no more."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from persistence.journal.committer import Writing
from persistence.journal.disk import Disk
from persistence.journal.segment import Row
from tests.simulation.world import World

POWER_BETWEEN: Final = "power cut between writes"


class Host:
    """The machine that the nodes run on, one after the other. ``folder`` is the disk as the next node finds it."""

    def __init__(self, world: World, root: Path) -> None:
        self.world = world
        self.rng: Random = world.draw("disk")
        self.root = root
        self.folder = root / "journal-0"
        self.slow_s = 0.0
        self.armed: str = ""
        """What happens at the next write: an error, or a power cut."""
        self.armed_after = 0
        """So many steps between writes pass before it."""
        self.full_for = 0
        """So many commits find no room."""
        self._images = 0

    def take_armed(self, *kinds: str) -> str:
        if self.armed in kinds and not self.world.is_calm:
            armed, self.armed = self.armed, ""
            self.world.fault(f"disk: {armed}")
            return armed
        return ""

    def next_image(self) -> Path:
        self._images += 1
        return self.root / f"journal-{self._images}"


class SimDisk(Disk):
    """One node's view of it. ``died`` is called at a power cut: what happens behind it, the node only dreams."""

    def __init__(self, host: Host, folder: Path, died: Callable[[], None]) -> None:
        self._host = host
        self._folder = folder
        self._died = died
        self._is_dead = False
        self._synced_names = {path.name for path in folder.glob("*")} if folder.exists() else set()
        self._synced_sizes: dict[Path, int] = {}
        self.syncs_every = 1
        """More than 1 is a disk that lies: it says durable, and syncs now and then."""
        self._commits = 0

    def cut_power(self, torn: dict[Path, int] | None = None) -> None:
        """Everything that was synced is in the image that the next node starts from; ``torn`` files are as long as it says."""
        if self._is_dead:
            return
        self._leave_image()
        if self._host.folder.exists():
            self._forget_unsynced(self._host.folder, torn or {})
        self._died()

    def leave(self) -> None:
        """The process is gone, the machine is not: what it has written is there, and whatever it had open is nobody's."""
        if not self._is_dead:
            self._leave_image()

    def _leave_image(self) -> None:
        self._is_dead = True
        image = self._host.next_image()
        if self._folder.exists():
            shutil.copytree(self._folder, image, ignore=shutil.ignore_patterns("lock"))
        self._host.folder = image

    def _forget_unsynced(self, image: Path, torn: dict[Path, int]) -> None:
        for path in sorted(image.glob("*")):
            if path.is_file() and path.name not in self._synced_names and self._host.rng.random() < 0.5:
                path.unlink()
        for path, size in {**self._synced_sizes, **torn}.items():
            left = image / path.name
            if left.exists() and left.stat().st_size > size:
                with left.open("r+b") as file:
                    file.truncate(size)

    # What the journal does

    def commit(self, connection: sqlite3.Connection, number: int, checksum: bytes, blob: bytes) -> None:
        host = self._host
        if self._is_dead:
            return super().commit(connection, number, checksum, blob)
        armed = host.take_armed("error before a write", "error behind a write", "power cut before a write", "power cut in a write")
        if armed == "power cut before a write":
            self.cut_power()
        if armed == "error before a write":
            raise failed(sqlite3.SQLITE_IOERR_FSYNC)
        if host.full_for and not host.world.is_calm:
            host.full_for -= 1
            raise failed(sqlite3.SQLITE_FULL)
        if not host.world.weather.commits_elsewhere:
            host.world.loop.block(host.rng.uniform(0.00005, 0.001) + host.rng.uniform(0.0, host.slow_s))
        wal = self._wal_of(connection)
        before = _size(wal)
        super().commit(connection, number, checksum, blob)
        if armed == "power cut in a write":
            self.cut_power({wal: host.rng.randint(before, _size(wal))})
        if armed == "error behind a write":
            raise failed(sqlite3.SQLITE_IOERR_FSYNC)
        self._commits += 1
        if self._commits % self.syncs_every == 0:
            self._synced_sizes[wal] = _size(wal)
        return None

    def connect(self, path: Path, lock_wait_s: float) -> sqlite3.Connection:
        self._look()
        return super().connect(path, lock_wait_s)

    def write_file(self, path: Path, content: bytes) -> None:
        self._look()
        super().write_file(path, content)
        self._look()

    def remove(self, path: Path) -> None:
        self._look()
        super().remove(path)

    def reserve(self, path: Path, size_bytes: int) -> None:
        self._look()
        super().reserve(path, size_bytes)

    def sync_folder(self, folder: Path) -> None:
        self._look()
        super().sync_folder(folder)
        if folder == self._folder:
            self._synced_names = {path.name for path in folder.glob("*")}
            # what was folded back or begun anew since is not as long as it was
            self._synced_sizes = {path: size for path, size in self._synced_sizes.items() if path.exists()}
        self._look()

    def _look(self) -> None:
        if self._is_dead or self._host.armed != POWER_BETWEEN:
            return
        self._host.armed_after -= 1
        if self._host.armed_after < 0 and self._host.take_armed(POWER_BETWEEN):
            self.cut_power()

    def _wal_of(self, connection: sqlite3.Connection) -> Path:
        ((_, _, name),) = connection.execute("PRAGMA database_list").fetchall()
        return Path(name + "-wal")


class ElsewhereCommitter:
    """Commits beside the loop, as the one in a thread does: the loop goes on meanwhile."""

    def __init__(self, writing: Writing, elsewhere: Callable[..., object]) -> None:
        self._writing = writing
        self._elsewhere = elsewhere

    async def commit(self, row: Row) -> None:
        await self._elsewhere(self._writing.commit, row)  # type: ignore[misc]  # asyncio.to_thread

    async def prepare(self, ordinal: int) -> None:
        await self._elsewhere(self._writing.prepare, ordinal)  # type: ignore[misc]  # asyncio.to_thread

    async def switch(self) -> None:
        self._writing.switch()

    async def seal(self) -> None:
        await self._elsewhere(self._writing.seal)  # type: ignore[misc]  # asyncio.to_thread

    async def close(self) -> None:
        await self._elsewhere(self._writing.close)  # type: ignore[misc]  # asyncio.to_thread


def failed(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as the simulation wants it")
    error.sqlite_errorcode = code
    return error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
