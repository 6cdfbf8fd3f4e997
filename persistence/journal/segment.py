"""One segment: an SQLite file of batches, one row per commit. Written by one connection, in WAL mode with ``synchronous=FULL``.

The WAL is not folded back while a segment is written (that would stall a commit now and then), only when it is sealed. So every
frame in a segment's ``-wal`` file belongs to this segment, and without that file an open segment has not even its tables.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from persistence.journal.disk import Disk
from persistence.journal.ledger import wal_path
from persistence.journal.refusals import JournalDamaged, JournalLocked, JournalRefused
from persistence.journal.wal import frames_of

_PRAGMAS = (
    "PRAGMA page_size = 4096",
    # No other process may read along; it also keeps the WAL's index in memory instead of in a third file.
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 0",
    # 16 MiB: a batch never spills into the WAL before its commit, so each page stands there once per commit.
    "PRAGMA cache_size = -16384",
)
_TABLES = (
    "CREATE TABLE batches (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL, records BLOB NOT NULL)",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
)
_MARK = "INSERT OR IGNORE INTO marks (name, value) VALUES (?, ?)"

_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file raises; SQLite's message may quote the damaged text, which Python then cannot decode."""


class Row(NamedTuple):
    """One commit as it stands in the file: ``blob`` is ``EventCodec.encode_records`` of the batch."""

    number: int
    blob: bytes


def checksum_of(generation: int, number: int, blob: bytes) -> bytes:
    """Binds the bytes to their place, so that a row cannot stand in for another."""
    return hashlib.blake2b(blob, digest_size=16, salt=generation.to_bytes(8, "big") + number.to_bytes(8, "big")).digest()


class SegmentWriter:
    """The one connection that writes a segment. Not for several threads at once."""

    def __init__(self, disk: Disk, path: Path, generation: int, connection: sqlite3.Connection) -> None:
        self._disk = disk
        self._path = path
        self._generation = generation
        self._connection = connection
        self._is_closed = False

    def commit(self, row: Row) -> None:
        """Durable on return. Raises what SQLite raises; the row is then not there (or, after an I/O error, perhaps)."""
        self._disk.commit(self._connection, row.number, checksum_of(self._generation, row.number, row.blob), row.blob)

    def commit_together(self, rows: Iterable[Row]) -> None:
        """Many rows, one fsync; only into a segment that is sealed right afterwards."""
        self._connection.execute("BEGIN")
        for row in rows:
            self.commit(row)
        self._connection.execute("COMMIT")

    def seal(self) -> None:
        """Nothing more will be written: fold the WAL back and close. Takes as long as writing the segment once more.

        Raises what SQLite raises; the segment then stays open, and can be sealed later.
        """
        _fold_back(self._connection, self._path)
        self._is_closed = True
        self._connection.close()
        self._disk.sync_folder(self._path.parent)

    def abandon(self) -> None:
        """Close without sealing, after an error; the next start looks at what is there. Nothing where it is closed already.

        SQLite would fold the WAL back and remove it; after an error it has to stay, so a second name holds it meanwhile.
        """
        if self._is_closed:
            return
        self._is_closed = True
        wal = wal_path(self._path)
        held = wal.with_name(wal.name + ".held")
        with contextlib.suppress(FileNotFoundError):
            held.unlink(missing_ok=True)
            os.link(wal, held)
        self._connection.close()
        with contextlib.suppress(FileNotFoundError):
            held.rename(wal)
            held.unlink(missing_ok=True)  # where SQLite left its name in place, renaming one to the other does nothing


def _fold_back(connection: sqlite3.Connection, path: Path) -> None:
    """Closing would do it too, and says nothing where it fails: what is called sealed would not be readable then."""
    connection.execute(_MARK, ("sealed", 1))
    busy, frames, folded = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy or frames != folded:
        raise sqlite3.OperationalError(f"{path}: {folded} of {frames} frames could be folded back")


def create_segment(disk: Disk, path: Path, generation: int) -> SegmentWriter:
    """A new, empty segment, durable in its folder, with its ``-wal`` file."""
    connection = disk.connect(path, 0.0)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.execute("BEGIN")
        for table in _TABLES:
            connection.execute(table)
        connection.execute(_MARK, ("generation", generation))
        connection.execute("COMMIT")
        disk.sync_folder(path.parent)
    except BaseException:
        connection.close()
        raise
    return SegmentWriter(disk, path, generation, connection)


def carry(disk: Disk, path: Path, generation: int, rows: Iterable[Row]) -> None:
    """A new segment that holds ``rows``, written in one commit and sealed."""
    segment = create_segment(disk, path, generation)
    try:
        segment.commit_together(rows)
        segment.seal()
    except BaseException:
        segment.abandon()
        raise


class SegmentReader:
    """Reads a segment that nobody writes, without changing it. Use ``open_reader`` (then ``verify_ending``) or ``open_sealed``."""

    def __init__(self, path: Path, generation: int, connection: sqlite3.Connection) -> None:
        self._path = path
        self._generation = generation
        self._connection = connection
        self.is_sealed = False

    def bounds(self) -> tuple[int, int]:
        """The first and the last batch, (1, 0) where there is none. Raises ``JournalDamaged``."""
        first, last = self._one("SELECT coalesce(min(number), 1), coalesce(max(number), 0) FROM batches")
        return first, last

    def marks(self) -> dict[str, int]:
        """Raises ``JournalDamaged`` where this is no segment of its generation."""
        try:
            marks: dict[str, int] = dict(self._connection.execute("SELECT name, value FROM marks"))
        except _UNREADABLE as error:
            raise JournalDamaged(f"{self._path}: unreadable ({error}), or its -wal file is damaged at its start") from error
        if marks.get("generation") != self._generation:
            raise JournalDamaged(f"{self._path}: not a segment of generation {self._generation}")
        return marks

    def rows(self, after: int, up_to: int) -> Iterator[Row]:
        """Rows with after < number <= up_to, each verified. Raises ``JournalDamaged`` naming the row."""
        number = after
        wanted = "SELECT number, checksum, records FROM batches WHERE number > ? AND number <= ? ORDER BY number"
        try:
            for number, checksum, blob in self._connection.execute(wanted, (after, up_to)):
                # damage may have made it a number or a NULL, which have no checksum
                if not isinstance(blob, bytes) or checksum_of(self._generation, number, blob) != checksum:
                    raise JournalDamaged(f"{self._path}: batch {number} is not as it was written")
                yield Row(number, blob)
        except _UNREADABLE as error:
            raise JournalDamaged(f"{self._path}: unreadable behind batch {number} ({error})") from error

    def verify_ending(self) -> None:
        """Prove that nothing was cut off behind a damaged place. Raises ``JournalDamaged``.

        SQLite silently ends a WAL at its first bad frame. Every commit is fsynced before the next begins, so behind that place at
        most one unfinished commit may stand; anything more was acknowledged once.
        """
        is_marked = "sealed" in self.marks()
        rows, last_row = self._one("SELECT count(*), coalesce(max(number), 0) FROM batches")
        wal = wal_path(self._path)
        if wal.exists() and wal.stat().st_size > 0:  # reading a sealed segment leaves an empty one behind
            commits = 1 + rows + is_marked
            frames_of(wal).demand_only_unfinished_behind(commits, last_row)
        elif is_marked:
            self.is_sealed = True  # a mark alone says that somebody was about to
        elif not self._is_sound():
            raise JournalDamaged(f"{wal} is missing, and its segment was never sealed")

    def _is_sound(self) -> bool:
        """SQLite folds a log back and removes it when the last connection closes in whatever way: a child whose parent was killed,
        an end that was cut off. The log goes only after that, so a file that has tables and is sound then has everything."""
        try:
            found: list[tuple[str]] = self._connection.execute("PRAGMA quick_check(1)").fetchall()
        except _UNREADABLE:
            return False
        return found == [("ok",)]

    def _one(self, question: str) -> tuple[int, ...]:
        try:
            return tuple(self._connection.execute(question).fetchone())
        except _UNREADABLE as error:
            raise JournalDamaged(f"{self._path}: unreadable ({error})") from error

    def close(self) -> None:
        self._connection.close()


def open_sealed(disk: Disk, path: Path, generation: int) -> SegmentReader:
    """Open a segment that this run has sealed or verified."""
    return SegmentReader(path, generation, disk.connect_sealed(path))


def open_reader(disk: Disk, path: Path, generation: int, lock_wait_s: float) -> SegmentReader:
    """Open a segment that the last run left. Raises ``JournalDamaged``, ``JournalLocked``."""
    if not path.exists():
        raise JournalDamaged(f"{path} is missing, and the ledger lists it")
    connection = disk.connect_reading(path, lock_wait_s)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise JournalLocked(f"{path} is in use by another process") from error
        raise JournalDamaged(f"{path}: unreadable ({error})") from error
    except _UNREADABLE as error:
        connection.close()
        raise JournalDamaged(f"{path}: unreadable ({error})") from error
    return SegmentReader(path, generation, connection)


def last_of_unlisted(disk: Disk, path: Path, generation: int) -> int:
    """The last batch in a segment that no ledger lists; 0 where it cannot be read, as a crash leaves one that was being made."""
    with contextlib.suppress(JournalRefused), contextlib.closing(open_reader(disk, path, generation, 0.0)) as reader:
        reader.marks()
        return reader.bounds()[1]
    return 0


def seal_leftover(disk: Disk, path: Path) -> None:
    """Seal a verified segment that the last run had no time or no room for. Raises what SQLite raises."""
    connection = disk.connect(path, 0.0)
    try:
        _fold_back(connection, path)
    finally:
        connection.close()
    disk.sync_folder(path.parent)
