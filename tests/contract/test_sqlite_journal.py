"""What only a journal on a disk can go through: crashes, damage, full disks, other people's folders."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from domain.kinds import KINDS
from domain.log import JournalBroken, JournalFull, Position
from persistence.journal.disk import Disk
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.refusals import JournalDamaged, JournalForeign, JournalIncomplete, JournalLocked, JournalMissing
from persistence.journal.settings import CommitWay, JournalSettings
from persistence.journal.sqlite import SqliteJournal
from tests.support.journals import FailingDisk, MemoryGenerations, crashed_copy
from tests.support.records import posted, proposal, workspace

ROOM = workspace("one")
IO_ERROR = sqlite3.SQLITE_IOERR_FSYNC
FULL = sqlite3.SQLITE_FULL


@pytest.fixture(params=["loop", "thread", "process"])
def way(request: pytest.FixtureRequest) -> Iterator[CommitWay]:
    yield request.param


@pytest.fixture
def generations() -> MemoryGenerations:
    return MemoryGenerations()


def settings_in(folder: Path, way: CommitWay = "loop", **more: float) -> JournalSettings:
    return JournalSettings(folder=folder, commit=way, **{"ballast_bytes": 0, "lock_wait_s": 0.0, **more})  # type: ignore[arg-type]  # numbers


def opened(
    generations: MemoryGenerations, settings: JournalSettings, *, accept_loss: bool = False, disk: Disk | None = None
) -> AbstractAsyncContextManager[SqliteJournal]:
    return open_sqlite_journal(generations, settings, KINDS, accept_loss=accept_loss, disk=disk)


async def append(journal: SqliteJournal, *offsets: int) -> None:
    for offset in offsets:
        await journal.append([proposal(ROOM, offset)])


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


async def test_what_was_acknowledged_survives_a_crash(way: CommitWay, generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 5, way)

    async with opened(generations, settings_in(folder, way)) as journal:
        assert await offsets_in(journal) == [1, 2, 3, 4, 5]
        await append(journal, 6)
        assert journal.top.number == 6


async def test_what_was_acknowledged_survives_a_clean_end(way: CommitWay, generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path, way)) as journal:
        await append(journal, 1, 2)
        epoch = journal.epoch
    async with opened(generations, settings_in(tmp_path, way)) as journal:
        assert await offsets_in(journal) == [1, 2]
        assert journal.epoch == epoch


async def test_a_crash_while_the_last_tail_is_carried_over_loses_nothing(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 5)
    async with opened(generations, settings_in(folder)) as journal:
        second = crashed_copy(folder, tmp_path / "second")
        await append(journal, 6)
        third = crashed_copy(folder, tmp_path / "third")

    async with opened(generations, settings_in(second)) as journal:
        assert await offsets_in(journal) == [1, 2, 3, 4, 5]
    async with opened(generations, settings_in(third)) as journal:
        assert await offsets_in(journal) == [1, 2, 3, 4, 5, 6]


async def test_stored_batches_are_not_read_again(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 5)
    generations.newest.stored = 3

    async with opened(generations, settings_in(folder)) as journal:
        assert journal.tail.record_count == 2
        assert await offsets_in(journal, after=3) == [4, 5]


async def test_numbers_go_on_after_everything_was_stored_and_trimmed(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)) as journal:
        await append(journal, 1, 2, 3)
        await journal.trim(journal.top)
        generations.newest.stored = 3
    assert generations.newest.is_finished

    async with opened(generations, settings_in(tmp_path)) as journal:
        assert journal.top.number == 3
        await append(journal, 4)
    async with opened(generations, settings_in(tmp_path)) as journal:
        assert await offsets_in(journal, after=3) == [4]


async def test_an_unfinished_last_commit_is_dropped_wherever_it_was_torn(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path / "journal")) as journal:
        await append(journal, 1, 2, 3)
        before = wal_of(tmp_path / "journal").stat().st_size
        await journal.append([proposal(ROOM, 4, text="x" * 9_000)])
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    whole = wal_of(folder).read_bytes()
    for kept in sorted({*range(before, len(whole), 1_371), before + 1, len(whole) - 1}):
        torn = crashed_copy(folder, tmp_path / f"torn-{kept}")
        wal_of(torn).write_bytes(whole[:kept])

        async with opened(generations, settings_in(torn)) as journal:
            assert await offsets_in(journal) == [1, 2, 3]


async def test_a_last_commit_whose_pages_arrived_out_of_order_is_dropped(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path / "journal")) as journal:
        await append(journal, 1, 2, 3)
        before = wal_of(tmp_path / "journal").stat().st_size
        await journal.append([proposal(ROOM, 4, text="x" * 9_000)])
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    wal = wal_of(folder)
    whole = wal.read_bytes()
    wal.write_bytes(whole[:before] + bytes(4_120) + whole[before + 4_120 :])

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal) == [1, 2, 3]


async def test_a_flipped_bit_in_a_finished_commit_is_refused_and_its_place_named(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 12)
    whole = wal_of(folder).read_bytes()
    end = len(whole) - 4_120
    for place in sorted({3, 9, 17, 26, 33, 40, 44, 50, *range(60, end, 4_999), end - 4_100, end - 1}):
        flipped = crashed_copy(folder, tmp_path / f"flipped-{place}")
        wal_of(flipped).write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])

        with pytest.raises(JournalDamaged, match=r"\.segment"):
            async with opened(generations, settings_in(flipped)):
                pass
        assert wal_of(flipped).exists(), "what was refused stays as it was found"


async def test_a_flipped_bit_in_a_sealed_segment_names_the_batch(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)) as journal:
        await append(journal, 1)
        await journal.append([proposal(ROOM, 2, text="needle in the hay")])
    (segment,) = tmp_path.glob("*.segment")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b"needle in the hay", b"needle in the hax"))

    with pytest.raises(JournalDamaged, match="batch 2 is not as it was written"):
        async with opened(generations, settings_in(tmp_path)):
            pass


@pytest.mark.parametrize("gone", ["*.segment-wal", "*.segment", "ledger"])
async def test_a_file_that_is_gone_is_refused(gone: str, generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    for path in folder.glob(gone):
        path.unlink()

    with pytest.raises(JournalDamaged):
        async with opened(generations, settings_in(folder)):
            pass


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


@pytest.mark.parametrize("slow_way", ["thread", "process"])
async def test_appends_that_meet_share_a_commit(slow_way: CommitWay, generations: MemoryGenerations, tmp_path: Path) -> None:
    rooms = [workspace(f"room {n}") for n in range(30)]
    async with opened(generations, settings_in(tmp_path, slow_way)) as journal:
        await asyncio.gather(*(journal.append([proposal(room, 1)]) for room in rooms))
        assert journal.top.number == 2, "the first alone, and all others that came meanwhile"


async def test_a_full_segment_is_followed_by_another_and_read_through(
    way: CommitWay, generations: MemoryGenerations, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, way, segment_bytes=4_000, memory_bytes=6_000)
    async with opened(generations, settings) as journal:
        for offset in range(1, 121):
            await append(journal, offset)
            if journal._rotation is not None:
                await journal._rotation
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
        for offset in range(1, 41):
            await append(journal, offset)
            if journal._rotation is not None:
                await journal._rotation
        before = journal._holdings.ordinals
        await journal.trim(Position(journal.generation, 20))
        assert len(journal._holdings.ordinals) < len(before)
        assert await offsets_in(journal, after=20) == list(range(21, 41))
        assert {path.name for path in tmp_path.glob("*.segment")} == {f"{each:08d}.segment" for each in journal._holdings.ordinals}
    generations.newest.stored = 20
    async with opened(generations, settings) as journal:
        assert await offsets_in(journal, after=20) == list(range(21, 41))


async def test_confirmed_segments_stay_for_a_database_that_is_restored(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=2_000)
    async with opened(generations, settings) as journal:
        for offset in range(1, 31):
            await append(journal, offset)
            if journal._rotation is not None:
                await journal._rotation
        await journal.trim(Position(journal.generation, 30))
        generations.newest.stored = 30
    generations.newest.stored = 7  # yesterday's database

    async with opened(generations, settings) as journal:
        assert await offsets_in(journal, after=7) == list(range(8, 31))


async def test_a_database_that_is_too_old_for_the_journal_is_refused(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=2_000, keep_s=0.0)
    async with opened(generations, settings) as journal:
        for offset in range(1, 31):
            await append(journal, offset)
            if journal._rotation is not None:
                await journal._rotation
        await journal.trim(Position(journal.generation, 20))
    generations.newest.stored = 2

    with pytest.raises(JournalIncomplete, match="batches 3 to"):
        async with opened(generations, settings):
            pass


async def test_a_journal_behind_its_database_is_refused(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    generations.newest.stored = 9

    with pytest.raises(JournalIncomplete, match="older copy"):
        async with opened(generations, settings_in(folder)):
            pass


async def test_a_missing_journal_is_refused_until_the_loss_is_accepted(generations: MemoryGenerations, tmp_path: Path) -> None:
    await crash_after(generations, tmp_path, 3)
    elsewhere = settings_in(tmp_path / "elsewhere")
    with pytest.raises(JournalMissing):
        async with opened(generations, elsewhere):
            pass

    async with opened(generations, elsewhere, accept_loss=True) as journal:
        assert (journal.generation, journal.top.number) == (2, 0)
        assert "generation 1" in generations.newest.loss
        assert journal.epoch != generations.all[0].epoch


async def test_a_damaged_journal_is_set_aside_when_its_loss_is_accepted(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    wal_of(folder).unlink()

    async with opened(generations, settings_in(folder), accept_loss=True) as journal:
        await append(journal, 1)
        assert journal.generation == 2
    assert list((folder / "given-up-before-2").glob("*.segment"))


async def test_another_databases_journal_is_refused_whatever_is_accepted(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)

    for other in (MemoryGenerations(), await _with_one_generation()):
        with pytest.raises(JournalForeign):
            async with opened(other, settings_in(folder), accept_loss=True):
                pass


async def _with_one_generation() -> MemoryGenerations:
    generations = MemoryGenerations()
    await generations.mint("another epoch")
    return generations


async def test_one_folder_has_one_server(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)):
        with pytest.raises(JournalLocked):
            async with opened(generations, settings_in(tmp_path)):
                pass


async def test_records_come_back_whole(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 2)

    async with opened(generations, settings_in(folder)) as journal:
        (first, second) = [batch async for batch in journal.read(Position(journal.generation, 0))]
        assert (first.records, second.records) == ((posted(ROOM, 1),), (posted(ROOM, 2),))
