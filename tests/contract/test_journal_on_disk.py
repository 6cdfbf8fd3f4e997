"""A journal at work on its disk: full disks, errors of the disk, shared commits, an end that waits for nothing."""

import asyncio
import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest

from domain.log import JournalBroken, JournalForsaken, JournalFull
from persistence.journal import committer_process, opening
from persistence.journal.disk import Disk
from persistence.journal.settings import CommitWay
from persistence.journal.sqlite import SqliteJournal
from tests.support.journals import FailingDisk, MemoryGenerations
from tests.support.records import proposal, workspace
from tests.support.sqlite_journals import ROOM, append, offsets_in, opened, settings_in

IO_ERROR = sqlite3.SQLITE_IOERR_FSYNC
FULL = sqlite3.SQLITE_FULL


async def test_a_full_disk_refuses_cleanly_and_appending_goes_on_later(
    way: CommitWay, generations: MemoryGenerations, tmp_path: Path
) -> None:
    async with opened(generations, settings_in(tmp_path, way), disk=FailingDisk({2: [FULL]})) as journal:
        journal._parts.ballast.is_there = False
        await append(journal, 1)
        with pytest.raises(JournalFull):
            await append(journal, 2)
        assert journal.fill == 1.0
        assert await offsets_in(journal) == [1]
        journal._parts.ballast._refused_at = None
        await append(journal, 2, 3)
        assert await offsets_in(journal) == [1, 2, 3]


async def test_the_ballast_goes_first(way: CommitWay, generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, way, ballast_bytes=1 << 20)
    async with opened(generations, settings, disk=FailingDisk({2: [FULL]})) as journal:
        assert (tmp_path / "ballast").stat().st_size == 1 << 20
        await append(journal, 1, 2)
        assert not (tmp_path / "ballast").exists()
        assert journal.fill == 0.8


class _SmallDisk(Disk):
    """SQLite itself says that the disk is full, above so many pages."""

    def connect(self, path: Path, lock_wait_s: float) -> sqlite3.Connection:
        connection = super().connect(path, lock_wait_s)
        connection.execute("PRAGMA max_page_count = 12")
        return connection


async def test_a_batch_that_finds_no_room_leaves_nothing_of_itself(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path), disk=_SmallDisk()) as journal:
        journal._parts.ballast.is_there = False
        await append(journal, 1)
        with pytest.raises(JournalFull):
            await journal.append([proposal(ROOM, 2, text="x" * 60_000)])
        journal._parts.ballast._refused_at = None
        await append(journal, 2)
        assert await offsets_in(journal) == [1, 2]


async def test_the_budget_slows_and_then_refuses(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=1 << 30, budget_bytes=200_000)
    async with opened(generations, settings) as journal:
        offset = 1
        with pytest.raises(JournalFull):
            while True:
                await append(journal, offset)
                offset += 1
        assert journal.fill >= 1.0
        assert offset > 10


async def test_an_io_error_ends_all_acknowledging(way: CommitWay, generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path, way), disk=FailingDisk({2: [IO_ERROR]})) as journal:
        await append(journal, 1)
        with pytest.raises(JournalBroken):
            await append(journal, 2)
        with pytest.raises(JournalBroken):
            await append(journal, 2)
        assert isinstance(await journal.broken(), JournalBroken)
    generations.newest.is_finished = False

    async with opened(generations, settings_in(tmp_path, way)) as journal:
        assert await offsets_in(journal) == [1]


async def test_an_io_error_fails_every_append_of_its_commit(generations: MemoryGenerations, tmp_path: Path) -> None:
    rooms = [workspace(f"room {n}") for n in range(8)]
    async with opened(generations, settings_in(tmp_path, "thread"), disk=FailingDisk({2: [IO_ERROR]})) as journal:
        answers = await asyncio.gather(*(journal.append([proposal(room, 1)]) for room in rooms), return_exceptions=True)

    assert [type(answer) for answer in answers] == [list] + [JournalBroken] * 7


class _BreaksOff(Disk):
    """What follows the journal finds out in the middle of the second commit that nothing more will be stored."""

    def __init__(self) -> None:
        self.journals: list[SqliteJournal] = []

    def commit(self, connection: sqlite3.Connection, number: int, checksum: bytes, blob: bytes) -> None:
        super().commit(connection, number, checksum, blob)
        if number == 2:
            self.journals[0].break_off(JournalForsaken("Postgres follows another journal"))


async def test_a_journal_that_is_broken_off_acknowledges_no_commit_under_way_and_does_not_finish_its_generation(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    disk = _BreaksOff()
    async with opened(generations, settings_in(tmp_path), disk=disk) as journal:
        disk.journals.append(journal)
        await append(journal, 1)
        await journal.trim(journal.top)
        with pytest.raises(JournalForsaken):
            await append(journal, 2)
        assert journal.confirmed == journal.top

    assert not generations.newest.is_finished


@pytest.mark.parametrize("slow_way", ["thread", "process"])
async def test_appends_that_meet_share_a_commit(slow_way: CommitWay, generations: MemoryGenerations, tmp_path: Path) -> None:
    rooms = [workspace(f"room {n}") for n in range(30)]
    async with opened(generations, settings_in(tmp_path, slow_way)) as journal:
        await asyncio.gather(*(journal.append([proposal(room, 1)]) for room in rooms))
        assert journal.top.number == 2, "the first alone, and all others that came meanwhile"


class _HangingDisk(Disk):
    """The second batch never gets onto the disk."""

    def commit(self, connection: sqlite3.Connection, number: int, checksum: bytes, blob: bytes) -> None:
        if number == 2:
            threading.Event().wait()
        super().commit(connection, number, checksum, blob)


async def test_a_disk_that_hangs_in_the_child_does_not_keep_the_process_from_ending(
    generations: MemoryGenerations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer_process, "_EXIT_WAIT_S", 0.2)
    monkeypatch.setattr(opening, "CLOSE_WAIT_S", 0.2)
    settings = settings_in(tmp_path, "process")
    async with opened(generations, settings, disk=_HangingDisk()) as journal:
        await append(journal, 1)
        (child,) = [each for each in multiprocessing.active_children() if each.name == "journal"]
        hanging = asyncio.create_task(append(journal, 2))
        await asyncio.sleep(0)

    assert not child.is_alive()
    with pytest.raises(JournalBroken):
        await hanging
    assert not generations.newest.is_finished
    async with opened(generations, settings) as journal:
        assert await offsets_in(journal) == [1]
