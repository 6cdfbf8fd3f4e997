"""Where storing stops, and what that means for acknowledging: whether Postgres will ever follow this journal again."""

import errno
import sqlite3
from collections.abc import Sequence

import msgspec
import pytest

from domain.log import Batch, JournalForsaken, Position
from persistence.database import Database
from persistence.journal.memory import MemoryJournal
from persistence.write_behind.writer import WriteBehind
from tests.support.postgres import until
from tests.support.records import conversation, posted, workspace
from tests.support.storage import QUICK, append, known_journal, stored_offsets, writing_behind

QUICK_END = msgspec.structs.replace(QUICK, drain_s=0.01)
ONE = workspace("one")


async def has_stopped(writing: WriteBehind) -> bool:
    return bool(writing.lag().stopped)


async def test_a_hole_stops_loudly_and_stores_nothing_behind_it(database: Database) -> None:
    journal = await known_journal(database)
    await append(journal, conversation(ONE, "one", 2))
    await append(journal, [posted(ONE, 3)])
    await journal.trim(Position(journal.generation, 1))  # nobody stored it
    async with writing_behind(database, journal, QUICK_END) as writing:
        await until(lambda: has_stopped(writing))
        assert "batch 2 does not follow 0" in writing.lag().stopped
        assert await stored_offsets(database, ONE) == []
        with pytest.raises(JournalForsaken, match="batch 2 does not follow 0"):
            await append(journal, [posted(ONE, 4)])


async def test_a_leftover_of_an_earlier_generation_stores_nothing(database: Database) -> None:
    journal = await known_journal(database)
    await known_journal(database)  # the next generation takes over
    async with writing_behind(database, journal, QUICK_END) as writing:
        await append(journal, conversation(ONE, "one", 2))
        await until(lambda: has_stopped(writing))
        assert await stored_offsets(database, ONE) == []
        with pytest.raises(JournalForsaken, match="follows generation"):
            await append(journal, [posted(ONE, 3)])


async def test_a_log_that_postgres_does_not_take_stops_storing_and_nothing_else(database: Database) -> None:
    """Rooms go on: what is acknowledged stays in the journal, and Postgres follows it once somebody has seen to the table."""
    journal = await known_journal(database)
    await database.execute("ALTER TABLE room_events ADD CHECK (type <> 'message_posted')")
    async with writing_behind(database, journal, QUICK_END) as writing:
        await append(journal, conversation(ONE, "one", 2))
        await until(lambda: has_stopped(writing))
        assert "does not take the log" in writing.lag().stopped
        await append(journal, [posted(ONE, 3)])
        assert await writing.flush(60.0) is False, "at once: nothing more will be stored"


async def test_another_server_that_stores_under_the_same_generation_is_found_out(database: Database) -> None:
    """Two servers, each with a copy of the journal: what Postgres holds beyond one's own batches is not one's own."""
    journal = await known_journal(database)
    async with writing_behind(database, journal, QUICK_END) as writing:
        await append(journal, conversation(ONE, "one", 2))
        assert await writing.flush(5.0)
        await database.execute("UPDATE positions SET number = 5")  # the other one has
        await append(journal, [posted(ONE, 3)])
        await until(lambda: has_stopped(writing))

        assert "Postgres holds batch 5 of this journal, and this server knows of 2" in writing.lag().stopped
        assert journal.confirmed.number == 1
        with pytest.raises(JournalForsaken):
            await append(journal, [posted(ONE, 4)])


async def test_of_two_servers_on_copies_of_one_journal_the_older_one_ends(database: Database) -> None:
    one = await known_journal(database)
    other = MemoryJournal(one.generation, one.epoch)
    async with writing_behind(database, one, QUICK_END) as older:
        await append(one, conversation(ONE, "one", 2))
        await append(other, conversation(ONE, "one", 2))
        assert await older.flush(5.0)
        async with writing_behind(database, other, QUICK_END) as newer:
            await append(other, [posted(ONE, 3)])
            assert await newer.flush(5.0)
            await append(one, [posted(ONE, 3, "another third message")])  # batch 2, as the other's
            await until(lambda: has_stopped(older))

            assert "another server was started on generation" in older.lag().stopped
            assert newer.lag().stopped == ""
            with pytest.raises(JournalForsaken):
                await append(one, [posted(ONE, 4)])


async def test_a_copy_that_lacks_what_is_stored_stores_nothing(database: Database) -> None:
    """Its next batch would have a number that is stored already, and count as such."""
    one = await known_journal(database)
    copy = MemoryJournal(one.generation, one.epoch)
    async with writing_behind(database, one) as older:
        await append(one, conversation(ONE, "one", 2))
        assert await older.flush(5.0)
    async with writing_behind(database, copy, QUICK_END) as newer:
        await until(lambda: has_stopped(newer))

        assert "Postgres holds batch 1 of this journal, and this server knows of 0" in newer.lag().stopped


async def test_what_an_earlier_start_stored_after_this_one_had_looked_is_its_own(database: Database) -> None:
    """A killed server's transaction may go in after the next start has asked for the position."""
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        for records in (conversation(ONE, "one", 2), [posted(ONE, 3)], [posted(ONE, 4)]):
            await append(journal, records)
        assert await writing.flush(5.0)
    again = MemoryJournal(journal.generation, journal.epoch)
    for records in (conversation(ONE, "one", 2), [posted(ONE, 3)], [posted(ONE, 4)]):
        await append(again, records)
    async with writing_behind(database, again, msgspec.structs.replace(QUICK, batch_records=1)) as writing:
        assert await writing.flush(5.0)
        await append(again, [posted(ONE, 5)])
        assert await writing.flush(5.0)
        assert writing.lag().stopped == ""
    assert await stored_offsets(database, ONE) == [1, 2, 3, 4, 5]


async def test_a_fault_in_following_the_journal_is_told(database: Database) -> None:
    journal = await known_journal(database)

    async def unreadable(after: int, limit: int) -> list[Batch]:
        raise LookupError("batch 1 is no longer in the journal")

    journal.read_some = unreadable  # type: ignore[method-assign]  # a journal that cannot be read back
    async with writing_behind(database, journal, QUICK_END) as writing:
        await append(journal, conversation(ONE, "one", 2))

        async def is_told() -> bool:
            return "no longer in the journal" in writing.lag().stopped

        await until(is_told)


class ShortJournal(MemoryJournal):
    """A journal that must open a file: what raises ``lack`` is out of something that comes back, behind the batch ``behind``."""

    lack: Exception | None = None
    behind = 0

    async def read_some(self, after: int, limit: int) -> Sequence[Batch]:
        if self.lack is not None and after >= self.behind:
            raise self.lack
        return await super().read_some(after, limit)


async def short_journal(database: Database) -> ShortJournal:
    known = await known_journal(database)
    return ShortJournal(known.generation, known.epoch)


@pytest.mark.parametrize(
    "lack",
    [
        sqlite3.OperationalError("unable to open database file"),
        OSError(errno.EMFILE, "Too many open files"),
        RuntimeError("can't start new thread"),
    ],
)
async def test_a_lack_that_passes_is_told_and_storing_goes_on(database: Database, lack: Exception) -> None:
    journal = await short_journal(database)
    journal.lack = lack
    async with writing_behind(database, journal) as writing:
        await append(journal, conversation(ONE, "one", 3))

        async def is_told() -> bool:
            return f"cannot be read back: {type(lack).__name__}: {lack}" in writing.lag().away

        await until(is_told)
        assert writing.lag().stopped == ""
        journal.lack = None
        assert await writing.flush(5.0)
        assert writing.lag().away == ""
    assert await stored_offsets(database, ONE) == [1, 2, 3]


async def test_what_cannot_be_read_ahead_is_read_when_its_turn_comes(database: Database) -> None:
    journal = await short_journal(database)
    for records in (conversation(ONE, "one", 1), [posted(ONE, 2)], [posted(ONE, 3)]):
        await append(journal, records)
    journal.lack, journal.behind = OSError(errno.EMFILE, "Too many open files"), 1
    async with writing_behind(database, journal, msgspec.structs.replace(QUICK, batch_records=1)) as writing:
        await until(lambda: is_away(writing))
        assert await stored_offsets(database, ONE) == [1]
        journal.lack = None
        assert await writing.flush(5.0)
    assert await stored_offsets(database, ONE) == [1, 2, 3]


async def is_away(writing: WriteBehind) -> bool:
    return bool(writing.lag().away)


async def test_files_that_cannot_be_removed_hold_up_nothing(database: Database) -> None:
    journal = await known_journal(database)
    trim = journal.trim

    async def threadless(up_to: Position) -> None:
        await trim(up_to)
        raise RuntimeError("can't start new thread")

    journal.trim = threadless  # type: ignore[method-assign]  # a journal that would remove a file
    async with writing_behind(database, journal) as writing:
        for records in (conversation(ONE, "one", 2), [posted(ONE, 3)]):
            await append(journal, records)
            assert await writing.flush(5.0)
        assert writing.lag().stopped == ""
    assert await stored_offsets(database, ONE) == [1, 2, 3]
