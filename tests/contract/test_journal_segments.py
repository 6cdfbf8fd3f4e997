"""Segments of a journal at work: they fill, are sealed, are read back, and go."""

import asyncio
import contextlib
import errno
import gc
import threading
from pathlib import Path

import pytest

from domain.log import JournalBroken, Position
from persistence.journal.disk import Disk
from persistence.journal.refusals import JournalDamaged
from persistence.journal.segment import open_sealed
from persistence.journal.settings import CommitWay
from tests.support.journals import MemoryGenerations, crashed_copy, failing_file
from tests.support.sqlite_journals import ROOM, append, append_through_segments, offsets_in, opened, rotated, settings_in


async def test_a_full_segment_is_followed_by_another_and_read_through(
    way: CommitWay, generations: MemoryGenerations, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, way, segment_bytes=4_000, memory_bytes=6_000)
    async with opened(generations, settings) as journal:
        await append_through_segments(journal, range(1, 121))
        assert len(journal._holdings.ordinals) > 5
        assert journal.tail.bytes_in_memory <= 6_000 + 4_000 + 1_000
        assert await offsets_in(journal) == list(range(1, 121)), "what left the memory comes from the file"
        assert journal.tail.room(ROOM).spilled
    async with opened(generations, settings) as journal:
        assert await offsets_in(journal) == list(range(1, 121))
        assert journal.tail.bytes_in_memory <= 6_000 + 4_000 + 1_000


async def test_confirmed_segments_go_after_their_time(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=2_000, keep_s=0.0)
    async with opened(generations, settings) as journal:
        await append_through_segments(journal, range(1, 41))
        before = journal._holdings.ordinals
        await journal.trim(Position(journal.generation, 20))
        assert len(journal._holdings.ordinals) < len(before)
        assert await offsets_in(journal, after=20) == list(range(21, 41))
        assert {path.name for path in tmp_path.glob("*.segment")} == {f"{each:08d}.segment" for each in journal._holdings.ordinals}
    generations.newest.stored = 20
    async with opened(generations, settings) as journal:
        assert await offsets_in(journal, after=20) == list(range(21, 41))


async def test_a_segment_that_goes_while_it_is_read_back_counts_as_stored(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=2_000, memory_bytes=2_000)
    async with opened(generations, settings) as journal:
        await append_through_segments(journal, range(1, 41))
        oldest = min(tmp_path.glob("*.segment"))
        oldest.unlink()

        with pytest.raises(LookupError, match="batch 1 is no longer in the journal"):
            await journal.read_some(0, 10)

        oldest.write_bytes(b"what is there and cannot be read is damage")
        with pytest.raises(JournalDamaged):
            await journal.read_some(0, 10)
        oldest.unlink()


async def test_confirmed_segments_stay_for_a_database_that_is_restored(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=2_000)
    async with opened(generations, settings) as journal:
        await append_through_segments(journal, range(1, 31))
        await journal.trim(Position(journal.generation, 30))
        generations.newest.stored = 30
    generations.newest.stored = 7  # yesterday's database

    async with opened(generations, settings) as journal:
        assert await offsets_in(journal, after=7) == list(range(8, 31))


class _SlowDisk(Disk):
    """Removing a segment takes until ``may_remove`` is set."""

    def __init__(self) -> None:
        self.is_removing = threading.Event()
        self.may_remove = threading.Event()

    def remove(self, path: Path) -> None:
        if path.name.endswith(".segment"):
            self.is_removing.set()
            self.may_remove.wait(10)
        super().remove(path)


async def test_a_segment_that_fills_while_others_go_leaves_a_ledger_of_what_is_there(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    disk = _SlowDisk()
    settings = settings_in(tmp_path / "journal", segment_bytes=2_000, keep_s=0.0)
    async with opened(generations, settings, disk=disk) as journal:
        await append_through_segments(journal, range(1, 21))
        trimming = asyncio.create_task(journal.trim(Position(journal.generation, 20)))
        await asyncio.to_thread(disk.is_removing.wait, 10)
        for offset in range(21, 31):
            await append(journal, offset)
            await asyncio.sleep(0.01)
        disk.may_remove.set()
        await trimming
        await rotated(journal)
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
        generations.newest.stored = 20
    generations.newest.is_finished = False

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal, after=20) == list(range(21, 31))


class _OneRemovalFails(Disk):
    """Of the second segment that is to go."""

    def __init__(self) -> None:
        self.segments: list[str] = []

    def remove(self, path: Path) -> None:
        if path.name.endswith(".segment"):
            self.segments.append(path.name)
            if len(self.segments) == 2:
                raise OSError(errno.EIO, "as the test wants it")
        super().remove(path)


async def test_segments_that_could_not_all_be_removed_are_not_listed_again_and_go_later(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path / "journal", segment_bytes=1, keep_s=0.0)
    async with opened(generations, settings, disk=_OneRemovalFails()) as journal:
        for offset in range(1, 9):
            await append(journal, offset)
            assert journal._rotation is not None
            await journal._rotation
            if offset == 5:
                await journal.trim(Position(journal.generation, 4))
        assert min(journal._holdings.ordinals) == 5
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
        assert len(list(folder.glob("*.segment"))) > len(journal._holdings.ordinals)
        await journal.trim(Position(journal.generation, 8))
        listed = {f"{each:08d}.segment" for each in journal._holdings.ordinals}
        assert {path.name for path in (tmp_path / "journal").glob("*.segment")} == listed
    generations.newest.is_finished, generations.newest.stored = False, 4

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal, after=4) == [5, 6, 7, 8]


class _NoRoomForTheLedger(Disk):
    """Once, when a segment is to be listed, not even the ledger finds room."""

    def __init__(self) -> None:
        self.is_full = False

    def write_file(self, path: Path, content: bytes) -> None:
        if self.is_full:
            self.is_full = False
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write_file(path, content)


async def test_a_disk_too_full_for_the_ledger_only_puts_off_the_next_segment(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    disk = _NoRoomForTheLedger()
    settings = settings_in(tmp_path, segment_bytes=2_000)
    async with opened(generations, settings, disk=disk) as journal:
        disk.is_full = True
        await append_through_segments(journal, range(1, 31))
        assert not disk.is_full
        assert len(journal._holdings.ordinals) > 2
    async with opened(generations, settings) as journal:
        assert await offsets_in(journal) == list(range(1, 31))


@pytest.mark.parametrize("way", ["loop", "thread"])
async def test_a_segment_that_finds_no_room_to_be_folded_back_stays_in_memory_and_is_sealed_later(
    way: CommitWay, generations: MemoryGenerations, tmp_path: Path
) -> None:
    async with opened(generations, settings_in(tmp_path, way, segment_bytes=1, memory_bytes=1)) as journal:
        await append(journal, 1)
        assert journal._rotation is not None
        with failing_file(tmp_path / "00000001.segment", is_full=True):
            await journal._rotation
            for offset in (2, 3):
                await append(journal, offset)
                await journal._rotation
            assert len(journal._holdings.unsealed()) == 3
            assert await offsets_in(journal) == [1, 2, 3]
        await append(journal, 4)
        await journal._rotation
        assert not journal._holdings.unsealed()
        await append(journal, 5)
        assert journal.tail.room(ROOM).spilled
        assert await offsets_in(journal) == [1, 2, 3, 4, 5]
    async with opened(generations, settings_in(tmp_path, way)) as journal:
        assert await offsets_in(journal) == [1, 2, 3, 4, 5]


async def test_a_segment_that_was_marked_and_not_folded_back_is_sealed_by_the_next_start(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    """A crash in the middle, or a disk that stayed full."""
    async with opened(generations, settings_in(tmp_path / "journal", segment_bytes=1)) as journal:
        await append(journal, 1, 2)
        assert journal._rotation is not None
        with failing_file(tmp_path / "journal" / "00000001.segment", is_full=True):
            await journal._rotation
            await append(journal, 3)
            await journal._rotation
            folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    generations.newest.is_finished, generations.newest.stored = False, 1

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal, after=1) == [2, 3]
        with contextlib.closing(open_sealed(Disk(), folder / "00000001.segment", 1)) as reader:
            assert [row.number for row in reader.rows(0, 1)] == [1]


async def test_an_io_error_while_a_segment_is_sealed_leaves_it_as_a_crash_would(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    log = tmp_path / "00000001.segment-wal"
    async with opened(generations, settings_in(tmp_path, segment_bytes=1)) as journal:
        await append(journal, 1)
        assert journal._rotation is not None
        with failing_file(log):
            await journal._rotation
            with pytest.raises(JournalBroken):
                await append(journal, 2)
    del journal
    gc.collect()
    assert log.stat().st_size > 0
    generations.newest.is_finished = False

    async with opened(generations, settings_in(tmp_path)) as journal:
        assert await offsets_in(journal) == [1]
