"""Every touch of the disk that may fail, in one place: tests hand in a disk that fails on purpose.

A ``Disk`` has no state of its own and can be pickled, since the child process gets one too.
"""

import os
import sqlite3
from pathlib import Path

from domain.log import JournalBroken, JournalFull

_INSERT = "INSERT INTO batches (number, checksum, records) VALUES (?, ?, ?)"

SQLITE_FULL = sqlite3.SQLITE_FULL


class Disk:
    """The real one."""

    def connect(self, path: Path, lock_wait_s: float) -> sqlite3.Connection:
        """Autocommit: one statement is one commit. Connections move between threads, one user at a time."""
        return sqlite3.connect(path, timeout=lock_wait_s, isolation_level=None, check_same_thread=False)

    def connect_reading(self, path: Path, lock_wait_s: float) -> sqlite3.Connection:
        """Never changes a byte of the segment: what a start refuses stays as it was found."""
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=lock_wait_s, check_same_thread=False)

    def connect_sealed(self, path: Path) -> sqlite3.Connection:
        """A sealed segment never changes again, so no lock and no second file is needed."""
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)

    def commit(self, connection: sqlite3.Connection, number: int, checksum: bytes, blob: bytes) -> None:
        """Insert one batch and make it durable."""
        connection.execute(_INSERT, (number, checksum, blob))

    def write_file(self, path: Path, content: bytes) -> None:
        """Replace a small file at once: whole before or whole after, also across a power cut."""
        fresh = path.with_name(path.name + ".new")
        with open(fresh, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        self.sync_folder(path.parent)

    def reserve(self, path: Path, size_bytes: int) -> None:
        """Take real space, so that giving it back helps a full disk."""
        with open(path, "wb") as file:
            for _ in range(0, size_bytes, 1 << 20):
                file.write(bytes(min(size_bytes, 1 << 20)))
            file.flush()
            os.fsync(file.fileno())

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Creating and removing a file is durable only once its folder is."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def cause_of(error: Exception) -> JournalFull | JournalBroken:
    """Full is a clean rollback: go on later. Everything else (I/O, corruption, a lost file) is the end of this process."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF == SQLITE_FULL:
        return JournalFull(f"no room on the journal's disk: {error}")
    return JournalBroken(f"the journal cannot be written: {error}")
