"""Journals in folders: opened, appended to, read, and left behind as by kill -9."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from domain.kinds import KINDS
from domain.log import Position
from persistence.journal.disk import Disk
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.settings import CommitWay, JournalSettings
from persistence.journal.sqlite import SqliteJournal
from tests.support.journals import MemoryGenerations, crashed_copy
from tests.support.records import proposal, workspace

ROOM = workspace("one")


def settings_in(folder: Path, way: CommitWay = "loop", **more: float) -> JournalSettings:
    return JournalSettings(folder=folder, commit=way, **{"ballast_bytes": 0, "lock_wait_s": 0.0, **more})  # type: ignore[arg-type]  # numbers


def opened(
    generations: MemoryGenerations, settings: JournalSettings, *, accept_loss: bool = False, disk: Disk | None = None
) -> AbstractAsyncContextManager[SqliteJournal]:
    return open_sqlite_journal(generations, settings, KINDS, accept_loss=accept_loss, disk=disk)


async def append(journal: SqliteJournal, *offsets: int) -> None:
    for offset in offsets:
        await journal.append([proposal(ROOM, offset)])


async def append_through_segments(journal: SqliteJournal, offsets: Iterable[int]) -> None:
    """One by one, and behind each the rotation that it has caused: so it is certain which segment has what."""
    for offset in offsets:
        await append(journal, offset)
        await rotated(journal)


async def rotated(journal: SqliteJournal) -> None:
    """Wait for the rotation that is under way, if one is."""
    if journal._rotation is not None:
        await journal._rotation


async def offsets_in(journal: SqliteJournal, after: int = 0) -> list[int]:
    return [record.offset async for batch in journal.read(Position(journal.generation, after)) for record in batch.records]


async def crash_after(generations: MemoryGenerations, tmp_path: Path, batches: int, way: CommitWay = "loop") -> Path:
    """A folder as kill -9 leaves it behind ``batches`` appends."""
    async with opened(generations, settings_in(tmp_path / "journal", way)) as journal:
        await append(journal, *range(1, batches + 1))
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    generations.newest.is_finished = False
    return folder


def wal_of(folder: Path) -> Path:
    (wal,) = folder.glob("*.segment-wal")
    return wal
