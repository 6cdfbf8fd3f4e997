"""Journal, write-behind and log together: rooms open whole, whatever is still on its way, and a start goes on where a crash was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.decider import Deadline
from domain.kinds import KINDS
from domain.log import Position, Snapshot, StorageAway
from domain.record import Record
from persistence.database import Database, DatabaseSettings, open_database
from persistence.journal.refusals import JournalMissing
from persistence.journal.settings import JournalSettings
from persistence.openings import LogBroken
from persistence.storage import Storage, open_storage
from persistence.write_behind.settings import WriteBehindSettings
from tests.support.journals import crashed_copy
from tests.support.postgres import until
from tests.support.records import created, posted, workspace
from tests.support.sqlite_journals import rotated
from tests.support.storage import append, stored_offsets
from tests.unit.domain.story import running

ONE, TWO = workspace("one"), workspace("two")
HELD_BACK = WriteBehindSettings(where="loop", batch_age_s=3_600.0, drain_s=0.0)
"""Nothing is stored unless a test flushes."""


def opened(
    database: Database, folder: Path, write_behind: WriteBehindSettings = HELD_BACK, kinds: Any = KINDS, **more: Any
) -> AbstractAsyncContextManager[Storage]:
    settings = JournalSettings(folder=folder, ballast_bytes=0, **more)
    return open_storage(database, settings, write_behind, kinds)


@pytest.fixture
async def storage(database: Database, tmp_path: Path) -> AsyncIterator[Storage]:
    async with opened(database, tmp_path / "journal") as running_storage:
        yield running_storage


def messages(start: int, end: int) -> list[Record]:
    return [posted(ONE, offset) for offset in range(start, end + 1)]


async def append_a_long_tail(storage: Storage) -> None:
    """60 records of one room, each in a batch of its own, in segments that are sealed as they fill."""
    for record in [created(ONE), *messages(2, 60)]:
        await append(storage.journal, [record])
        await rotated(storage.journal)


async def test_a_room_that_never_was_has_no_records(storage: Storage) -> None:
    opened_room = await storage.log.open_room(ONE)

    assert (opened_room.snapshot, opened_room.records) == (None, ())
    assert opened_room.epoch == storage.journal.epoch


async def test_a_room_opens_from_postgres_and_the_tail(storage: Storage) -> None:
    records = [created(ONE), *messages(2, 6)]
    await append(storage.journal, records[:3])
    assert await storage.flush(5.0)
    await append(storage.journal, [*records[3:], created(TWO, "two")])

    assert (await storage.log.open_room(ONE)).records == tuple(records)
    assert (await storage.log.open_room(TWO)).records == (created(TWO, "two"),)


async def test_a_room_opens_from_its_snapshot_and_what_lies_behind(storage: Storage) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 4)])
    for offset in (4, 2):  # the older one comes late
        storage.log.keep_snapshot(Snapshot(room=ONE, offset=offset, version=1, state=b'{"at":%d}' % offset, receipts=b"{}"))
    assert await storage.flush(5.0)
    await append(storage.journal, messages(5, 6))

    opened_room = await storage.log.open_room(ONE)

    assert opened_room.snapshot is not None
    assert (opened_room.snapshot.offset, msgspec.json.decode(opened_room.snapshot.state)) == (4, {"at": 4})
    assert [record.offset for record in opened_room.records] == [5, 6]


async def test_a_snapshot_is_never_stored_before_its_offset(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 2)])
    assert await storage.flush(5.0)
    await append(storage.journal, messages(3, 3))
    storage.log.keep_snapshot(Snapshot(room=ONE, offset=3, version=1, state=b"{}", receipts=b"{}"))
    await append(storage.journal, [created(TWO, "two")])

    assert await database.fetchval("SELECT count(*) FROM room_snapshots") == 0
    assert await storage.flush(5.0)
    assert await database.fetchval('SELECT "offset" FROM room_snapshots') == 3


@pytest.mark.parametrize(("after", "limit", "expected"), [(0, 3, [1, 2, 3]), (3, 10, [4, 5, 6]), (5, 10, [6]), (6, 10, [])])
async def test_history_reads_on_from_postgres_into_the_tail(storage: Storage, after: int, limit: int, expected: list[int]) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 4)])
    assert await storage.flush(5.0)
    await append(storage.journal, messages(5, 6))

    assert [record.offset for record in await storage.log.history(ONE, after, limit)] == expected


@pytest.mark.parametrize(
    ("before", "limit", "expected"), [(0, 3, [6, 5, 4]), (0, 9, [6, 5, 4, 3, 2, 1]), (6, 2, [5, 4]), (2, 5, [1])]
)
async def test_history_reads_back_from_the_tail_into_postgres(
    storage: Storage, before: int, limit: int, expected: list[int]
) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 4)])
    assert await storage.flush(5.0)
    await append(storage.journal, messages(5, 6))

    assert [record.offset for record in await storage.log.history(ONE, before, limit, reverse=True)] == expected


async def test_records_from_postgres_are_those_of_the_journal(storage: Storage) -> None:
    story, _ = running()
    await append(storage.journal, story.records)
    before = await storage.log.history(story.room, 0, 100)
    assert await storage.flush(5.0)

    assert await storage.log.history(story.room, 0, 100) == before == story.records


async def test_stored_waits_for_postgres_and_gives_up_in_time(storage: Storage) -> None:
    await append(storage.journal, [created(ONE)])

    assert not storage.log.is_stored(ONE, 1)
    assert not await storage.log.stored(ONE, 1, 0.01)
    waiting = asyncio.create_task(storage.log.stored(ONE, 1, 5.0))
    assert await storage.flush(5.0)
    assert await waiting
    assert storage.log.is_stored(ONE, 1)
    assert storage.log.is_stored(TWO, 7), "nothing of that room is on its way"


async def test_deadlines_are_replaced_whole_and_found_when_due(storage: Storage) -> None:
    def due(what: str, at_ms: int) -> Deadline:
        return Deadline(what=what, at_ms=at_ms, name="workspace.fail_execution", payload={"a": 1}, quiet_key="k", quiet_ms=5)

    await append(storage.journal, [created(ONE), *messages(2, 2)])
    storage.log.keep_deadlines(ONE, 1, [due("a", 1_000), due("b", 2_000)])
    assert await storage.flush(5.0)
    await append(storage.journal, messages(3, 3))
    storage.log.keep_deadlines(ONE, 3, [due("b", 3_000), due("c", 9_000)])
    storage.log.keep_deadlines(ONE, 2, [due("late", 1)])
    assert await storage.flush(5.0)

    assert await storage.deadlines.due(5_000, 10) == [(ONE, due("b", 3_000))]
    assert [each.deadline.what for each in await storage.deadlines.due(9_000, 10)] == ["b", "c"]


async def test_a_crash_loses_nothing_and_doubles_nothing(database: Database, tmp_path: Path) -> None:
    records = [created(ONE), *messages(2, 6)]
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, records[:3])
        assert await storage.flush(5.0)
        await append(storage.journal, records[3:])
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")

    async with opened(database, folder) as storage:
        assert (await storage.log.open_room(ONE)).records == tuple(records)
        assert storage.lag().records_waiting == 3
        assert await storage.flush(5.0)
    assert await stored_offsets(database, ONE) == [1, 2, 3, 4, 5, 6]


async def test_a_crash_keeps_the_deadlines_of_rooms_that_nobody_opens(database: Database, tmp_path: Path) -> None:
    story, execution_id = running()
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, story.records)
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")

    async with opened(database, folder, WriteBehindSettings(where="loop", batch_age_s=0.0)) as storage:

        async def is_due() -> bool:
            return [each.deadline.what for each in await storage.deadlines.due(1 << 42, 10)] == [f"execution:{execution_id}"]

        await until(is_due)


async def test_a_clean_end_stores_everything_and_finishes_the_generation(database: Database, tmp_path: Path) -> None:
    settings = WriteBehindSettings(where="loop", batch_age_s=0.0)
    async with opened(database, tmp_path / "journal", settings) as storage:
        await append(storage.journal, [created(ONE), *messages(2, 9)])
        epoch = storage.journal.epoch

    assert await stored_offsets(database, ONE) == list(range(1, 10))
    assert await database.fetchval("SELECT count(*) FROM journal_generations WHERE finished_at IS NULL") == 0
    async with opened(database, tmp_path / "journal", settings) as storage:
        assert storage.journal.epoch == epoch
        await append(storage.journal, messages(10, 10))
        assert await storage.flush(5.0)
    assert await stored_offsets(database, ONE) == list(range(1, 11))


async def test_a_finished_journal_may_go_and_a_new_one_takes_over(database: Database, tmp_path: Path) -> None:
    settings = WriteBehindSettings(where="loop", batch_age_s=0.0)
    async with opened(database, tmp_path / "journal", settings) as storage:
        await append(storage.journal, [created(ONE)])

    async with opened(database, tmp_path / "elsewhere", settings) as storage:
        assert storage.journal.top == Position(2, 0)
        await append(storage.journal, messages(2, 2))
        assert await storage.flush(5.0)
    assert await stored_offsets(database, ONE) == [1, 2]
    epochs = await database.fetch('SELECT epoch FROM room_events ORDER BY "offset"')
    assert epochs[0]["epoch"] != epochs[1]["epoch"]


async def test_an_unfinished_journal_that_is_gone_is_refused_until_its_loss_is_accepted(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, [created(ONE)])

    with pytest.raises(JournalMissing):
        async with opened(database, tmp_path / "elsewhere"):
            pass
    settings = JournalSettings(folder=tmp_path / "elsewhere", ballast_bytes=0)
    async with open_storage(database, settings, HELD_BACK, KINDS, accept_loss=True) as storage:
        assert storage.journal.top == Position(2, 0)
    assert "generation 1" in await database.fetchval("SELECT accepted_loss FROM journal_generations WHERE generation = 1")


async def test_yesterdays_database_is_caught_up_from_the_journal(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, [created(ONE)])
        for offset in range(2, 8):
            await append(storage.journal, messages(offset, offset))
        assert await storage.flush(5.0)
    await _as_of_yesterday(database, 3)

    async with opened(database, tmp_path / "journal") as storage:
        assert storage.lag().records_waiting == 4
        assert await storage.flush(5.0)
    assert await stored_offsets(database, ONE) == [1, 2, 3, 4, 5, 6, 7]
    assert await database.fetchval("SELECT count(*) FROM workspace_messages") == 7


async def _as_of_yesterday(database: Database, number: int) -> None:
    """What a backup of the moment would hold: batch ``number`` was the last one."""
    await database.execute("UPDATE positions SET number = $1", number)
    await database.execute('DELETE FROM room_events WHERE "offset" > $1', number)
    await database.execute('DELETE FROM workspace_messages WHERE "offset" > $1', number)
    await database.execute("UPDATE room_positions SET projected_offset = $1", number)
    await database.execute("UPDATE journal_generations SET finished_at = NULL")


async def test_closed_rooms_answer_away_and_the_tail_stays_readable_without_postgres(tmp_path: Path, dsn: str) -> None:
    async with _cut_off(dsn) as (database, cut), opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, [created(ONE), *messages(2, 3)])
        cut()

        with pytest.raises(StorageAway):
            await storage.log.open_room(ONE)
        assert [record.offset for record in await storage.log.history(ONE, 1, 10)] == [2, 3]
        assert [record.offset for record in await storage.log.history(ONE, 0, 10, reverse=True)] == [3, 2, 1]
        await append(storage.journal, messages(4, 4))


@asynccontextmanager
async def _cut_off(dsn: str) -> AsyncIterator[Any]:
    """A database whose pool can be taken away."""
    async with open_database(dsn, DatabaseSettings(acquire_timeout_s=0.5)) as database:

        def cut() -> None:
            database._pool.terminate()

        yield database, cut


async def test_a_room_whose_tail_left_the_memory_is_read_back(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal", segment_bytes=3_000, memory_bytes=1_000) as storage:
        await append_a_long_tail(storage)
        assert storage.journal.tail.room(ONE).spilled

        opened_room = await storage.log.open_room(ONE)
        assert [record.offset for record in opened_room.records] == list(range(1, 61))
        assert await storage.flush(10.0)
    assert await stored_offsets(database, ONE) == list(range(1, 61))


@pytest.mark.parametrize(
    ("after", "limit", "reverse", "offsets"),
    [
        (0, 5, False, [1, 2, 3, 4, 5]),
        (20, 3, False, [21, 22, 23]),
        (58, 10, False, [59, 60]),
        (0, 4, True, [60, 59, 58, 57]),
        (12, 3, True, [11, 10, 9]),
        (3, 10, True, [2, 1]),
        (1_000, 2, True, [60, 59]),
    ],
)
async def test_of_a_long_tail_a_history_reads_back_what_it_shows(
    after: int, limit: int, reverse: bool, offsets: list[int], database: Database, tmp_path: Path
) -> None:
    async with opened(database, tmp_path / "journal", segment_bytes=3_000, memory_bytes=1_000) as storage:
        await append_a_long_tail(storage)
        assert len(storage.journal.tail.room(ONE).spilled) > 40, "else this proves nothing"
        held = storage.journal.tail.room(ONE, range(20, 23))
        assert len(held.records) + len(held.spilled) == 3

        shown = await storage.log.history(ONE, after, limit, reverse)

        assert [record.offset for record in shown] == offsets


async def test_a_hole_in_a_rooms_log_is_never_opened(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 4)])
    assert await storage.flush(5.0)
    await database.execute('DELETE FROM room_events WHERE "offset" = 3')

    with pytest.raises(LogBroken, match="offset 3 is missing"):
        await storage.log.open_room(ONE)


async def test_a_postgres_that_has_lost_what_it_confirmed_opens_no_room(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE)])
    await append(storage.journal, messages(2, 2))
    assert await storage.flush(5.0)
    await database.execute('DELETE FROM room_events WHERE "offset" = 2')  # as a standby that had not got it yet
    await database.execute("UPDATE positions SET number = 1")

    with pytest.raises(StorageAway, match="had confirmed batch 2 and is at 1"):
        await storage.log.open_room(ONE)


async def test_what_postgres_refuses_of_a_snapshot_holds_nothing_up(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE)])
    storage.log.keep_snapshot(Snapshot(room=ONE, offset=1, version=1, state=b'{"a":"\\u0000"}', receipts=b"{}"))
    assert await storage.flush(5.0)

    assert await stored_offsets(database, ONE) == [1]
    assert await database.fetchval("SELECT count(*) FROM room_snapshots") == 0
