"""What was acknowledged is there after crashes and clean ends, and nothing of what was not."""

import asyncio
import contextlib
import os
import sqlite3
import sys
from pathlib import Path
from unittest import mock

import pytest

from domain.log import JournalBroken, JournalFull, Position, StorageAway
from persistence.journal.committer_process import open_process_committer
from persistence.journal.disk import Disk
from persistence.journal.refusals import JournalDamaged
from persistence.journal.segment import Row, open_sealed
from persistence.journal.settings import CommitWay
from tests.support.journals import FailingDisk, MemoryGenerations, crashed_copy, failing_file
from tests.support.records import posted, proposal
from tests.support.sqlite_journals import ROOM, append, crash_after, offsets_in, opened, settings_in, wal_of


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


async def test_records_come_back_whole(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 2)

    async with opened(generations, settings_in(folder)) as journal:
        (first, second) = [batch async for batch in journal.read(Position(journal.generation, 0))]
        assert (first.records, second.records) == ((posted(ROOM, 1),), (posted(ROOM, 2),))


@pytest.mark.parametrize(("code", "cause"), [(sqlite3.SQLITE_FULL, JournalFull), (sqlite3.SQLITE_IOERR_FSYNC, JournalBroken)])
async def test_a_disk_that_takes_no_carried_tail_says_so_and_loses_nothing(
    code: int, cause: type[Exception], generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 3)

    with pytest.raises(cause):
        async with opened(generations, settings_in(folder), disk=FailingDisk({2: [code]})):
            pass

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal) == [1, 2, 3]


class _NoRoomToFoldBack(Disk):
    """Behind the third batch of what is carried over, its log finds room and its segment does not, until ``stack`` ends."""

    def __init__(self, carried: Path, stack: contextlib.ExitStack) -> None:
        self._carried = carried
        self._stack = stack

    def commit(self, connection: sqlite3.Connection, number: int, checksum: bytes, blob: bytes) -> None:
        super().commit(connection, number, checksum, blob)
        if number == 3:
            self._stack.enter_context(failing_file(self._carried, is_full=True))


async def test_a_carried_tail_that_finds_no_room_to_be_folded_back_replaces_nothing(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 3)

    with contextlib.ExitStack() as stack:
        disk = _NoRoomToFoldBack(folder / "00000002.segment", stack)
        with pytest.raises(JournalFull):
            async with opened(generations, settings_in(folder), disk=disk):
                pass

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal) == [1, 2, 3]


async def test_a_start_that_postgres_breaks_off_leaves_a_journal_to_start_from(
    way: CommitWay, generations: MemoryGenerations, tmp_path: Path
) -> None:
    """Once with nothing in it, and once with a tail that nothing else has."""
    folder = tmp_path / "journal"
    await _break_off_a_start(generations, folder, way)
    async with opened(generations, settings_in(folder, way)) as journal:
        await append(journal, 1, 2)
    await _break_off_a_start(generations, folder, way)

    async with opened(generations, settings_in(folder, way)) as journal:
        assert await offsets_in(journal) == [1, 2]


async def _break_off_a_start(generations: MemoryGenerations, folder: Path, way: CommitWay) -> None:
    async def away(generation: int) -> None:
        raise StorageAway("as the test wants it")

    with mock.patch.object(generations, "begin", away), pytest.raises(StorageAway):
        async with opened(generations, settings_in(folder, way)):
            pass


async def test_a_first_start_that_was_cut_off_before_its_ledger_begins_anew(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path / "journal")):
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    (folder / "ledger").unlink()  # the segment is created before it, and nothing is appended before it is there

    async with opened(generations, settings_in(folder)) as journal:
        await append(journal, 1)
        assert await offsets_in(journal) == [1]


async def test_a_segment_whose_log_sqlite_folded_back_without_a_seal_is_whole(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    """SQLite does that whenever the last connection closes, also by being collected."""
    folder = await crash_after(generations, tmp_path, 5)
    (segment,) = folder.glob("*.segment")
    with contextlib.closing(sqlite3.connect(segment)) as connection:
        connection.execute("SELECT count(*) FROM batches").fetchone()
    assert not list(folder.glob("*.segment-wal"))

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal) == [1, 2, 3, 4, 5]


async def test_a_segment_that_was_folded_back_in_part_and_lost_its_log_is_refused(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 12)
    (segment,) = folder.glob("*.segment")
    with contextlib.closing(sqlite3.connect(segment)) as connection:
        connection.execute("SELECT count(*) FROM batches").fetchone()
    whole = segment.read_bytes()
    for kept in range(4_096, len(whole), 4_096):
        segment.write_bytes(whole[:kept])

        with pytest.raises(JournalDamaged):
            async with opened(generations, settings_in(folder)):
                pass


_SERVER = """
import asyncio, sys
from pathlib import Path
from tests.support.journals import MemoryGenerations
from tests.support.sqlite_journals import append, opened, settings_in

async def serve():
    async with opened(MemoryGenerations(), settings_in(Path(sys.argv[1]), "process")) as journal:
        await append(journal, 1, 2, 3)
        print(journal.epoch, flush=True)
        await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(serve())
"""


async def test_a_server_that_is_killed_beside_its_committing_child_leaves_a_journal_to_start_from(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    script = tmp_path / "serving.py"
    script.write_text(_SERVER)
    server = await asyncio.create_subprocess_exec(
        sys.executable, script, tmp_path / "journal", stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    assert server.stdout is not None
    epoch = (await server.stdout.readline()).decode().strip()
    server.kill()
    await server.stdout.read()  # up to the end of the child, which has it too
    await server.wait()
    await generations.mint(epoch)
    generations.newest.is_finished = False

    async with opened(generations, settings_in(tmp_path / "journal")) as journal:
        assert await offsets_in(journal) == [1, 2, 3]


async def test_a_child_that_is_left_alone_seals_what_it_has(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with open_process_committer(Disk(), tmp_path, 1, 1) as committer:
        await committer.commit(Row(1, b"one"))

    with contextlib.closing(open_sealed(Disk(), tmp_path / "00000001.segment", 1)) as reader:
        reader.verify_ending()
        assert reader.is_sealed
        assert list(reader.rows(0, 1)) == [Row(1, b"one")]


class _NoThirdSegment(Disk):
    """The first is the last run's, the second what was carried over."""

    def __init__(self, code: int) -> None:
        self._code = code

    def connect(self, path: Path, lock_wait_s: float) -> sqlite3.Connection:
        if path.name == "00000003.segment":
            error = sqlite3.OperationalError("as the test wants it")
            error.sqlite_errorcode = self._code
            raise error
        return super().connect(path, lock_wait_s)


@pytest.mark.parametrize(("code", "cause"), [(sqlite3.SQLITE_FULL, JournalFull), (sqlite3.SQLITE_IOERR, JournalBroken)])
async def test_a_segment_that_cannot_be_begun_ends_the_start_and_loses_nothing(
    code: int, cause: type[Exception], way: CommitWay, generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 3, way)

    with pytest.raises(cause):
        async with opened(generations, settings_in(folder, way), disk=_NoThirdSegment(code)):
            pass

    async with opened(generations, settings_in(folder, way)) as journal:
        assert await offsets_in(journal) == [1, 2, 3]


async def test_a_batch_that_only_a_broken_off_start_could_still_read_is_dropped(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    """Its commit was cut off by a crash and stood in the kernel's cache alone; the start carried it over, and the power went."""
    async with opened(generations, settings_in(tmp_path / "journal")) as journal:
        await append(journal, 1, 2)
        durable = wal_of(tmp_path / "journal").stat().st_size
        await append(journal, 3)
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    generations.newest.is_finished = False
    log = wal_of(folder)
    with pytest.raises(JournalFull):
        async with opened(generations, settings_in(folder), disk=_NoThirdSegment(sqlite3.SQLITE_FULL)):
            pass
    with contextlib.closing(open_sealed(Disk(), folder / "00000002.segment", 1)) as reader:
        assert reader.bounds() == (1, 3)
    os.truncate(log, durable)

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal) == [1, 2]
