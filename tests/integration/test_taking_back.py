"""What people take back is nowhere afterwards: not in what is read, not in any row, and not in the journal once it is trimmed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from domain.decider import Reaction
from domain.ids import RoomAddress
from domain.kinds.workspace.events import MessagePosted
from domain.log import FinishedReaction, Snapshot
from domain.record import Record
from persistence.database import Database
from persistence.storage import Storage
from persistence.write_behind import projections
from persistence.write_behind.reactions import TAKEN_BACK
from persistence.write_behind.rerun import project_room
from persistence.write_behind.settings import WriteBehindSettings
from tests.integration.test_storage import HELD_BACK, ONE, TWO
from tests.integration.test_storage import opened as opened_of
from tests.support.forgetting import FORGETTING, Forgetting, files_with, forget, forgetting_projection, tables_with
from tests.support.journals import crashed_copy
from tests.support.postgres import until
from tests.support.records import created, posted
from tests.support.sqlite_journals import rotated
from tests.support.storage import append

WORDS = "the-secret-of-mine"
QUICK = WriteBehindSettings(where="loop", batch_age_s=0.0, tick_interval_s=0.0)


@pytest.fixture(autouse=True)
def forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(projections.PROJECTIONS, "workspace", forgetting_projection())  # type: ignore[arg-type]  # it is a dict


def opened(
    database: Database, folder: Path, write_behind: WriteBehindSettings = HELD_BACK, **more: Any
) -> AbstractAsyncContextManager[Storage]:
    return opened_of(database, folder, write_behind, FORGETTING, **more)


@pytest.fixture
async def storage(database: Database, tmp_path: Path) -> AsyncIterator[Storage]:
    async with opened(database, tmp_path / "journal") as running_storage:
        yield running_storage


def secret(offset: int) -> Record:
    return posted(ONE, offset, f"{WORDS} {offset}")


async def take_back(storage: Storage, offset: int, *offsets: int) -> None:
    """As the live side does: durable first, then told."""
    await append(storage.journal, [forget(ONE, offset, *offsets)])
    storage.log.redact(ONE, offsets)


def texts(records: Sequence[Record]) -> list[str]:
    return [record.event.text for record in records if isinstance(record.event, MessagePosted)]


async def read_everywhere(storage: Storage) -> list[list[str]]:
    """All ways to read the room's messages."""
    log = storage.log
    batches = [record async for batch in storage.journal.read(storage.journal.confirmed) for record in batch.records]
    return [
        texts((await log.open_room(ONE)).records),
        texts(await log.history(ONE, 0, 100)),
        texts(tuple(reversed(await log.history(ONE, 0, 100, reverse=True)))),
        texts([*(await log.history(ONE, 0, 2)), *(await log.history(ONE, 2, 100))]),
        [text for text in texts(batches) if WORDS in text],
    ]


def all_gone(*left: str) -> list[list[str]]:
    return [[*left]] * 4 + [[]]


async def test_what_is_on_its_way_loses_its_words_at_once(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), secret(2), created(TWO, "two"), posted(TWO, 2, "stays")])
    await append(storage.journal, [secret(3)])
    await take_back(storage, 4, 2, 3)

    assert await read_everywhere(storage) == all_gone("", "", "forget 2 3")
    assert await storage.flush(5.0)
    assert await read_everywhere(storage) == all_gone("", "", "forget 2 3")
    assert await tables_with(database, WORDS) == set()
    assert await tables_with(database, "stays") == {"room_events", "workspace_messages"}


async def test_what_is_stored_loses_its_words_at_once_for_readers_and_then_in_every_table(
    storage: Storage, database: Database
) -> None:
    await append(storage.journal, [created(ONE), secret(2), secret(3)])
    storage.log.keep_snapshot(Snapshot(room=ONE, offset=3, version=1, state=b'{"said":"%s"}' % WORDS.encode(), receipts=b"{}"))
    assert await storage.flush(5.0)
    assert await tables_with(database, WORDS) == {"room_events", "workspace_messages", "room_snapshots"}
    await take_back(storage, 4, 2, 3)

    assert texts(await storage.log.history(ONE, 0, 100)) == ["", "", "forget 2 3"]
    assert await storage.flush(5.0)
    assert await tables_with(database, WORDS) == set()
    assert await read_everywhere(storage) == all_gone("", "", "forget 2 3")


async def test_a_part_may_be_stored_and_a_part_not(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), secret(2)])
    assert await storage.flush(5.0)
    await append(storage.journal, [secret(3), posted(ONE, 4, "stays")])
    await take_back(storage, 5, 2, 3)

    assert await read_everywhere(storage) == all_gone("", "", "stays", "forget 2 3")
    assert await storage.flush(5.0)
    assert await tables_with(database, WORDS) == set()
    assert await read_everywhere(storage) == all_gone("", "", "stays", "forget 2 3")


async def test_what_was_taken_back_again_is_no_trouble(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), secret(2)])
    await take_back(storage, 3, 2)
    assert await storage.flush(5.0)
    await take_back(storage, 4, 2)
    assert await storage.flush(5.0)

    assert await tables_with(database, WORDS) == set()


async def test_only_snapshots_from_before_it_go(storage: Storage, database: Database) -> None:
    def snapshot(offset: int, says: str) -> Snapshot:
        return Snapshot(room=ONE, offset=offset, version=1, state=b'{"said":"%s"}' % says.encode(), receipts=b"{}")

    await append(storage.journal, [created(ONE), secret(2)])
    storage.log.keep_snapshot(snapshot(2, WORDS))
    assert await storage.flush(5.0)
    await take_back(storage, 3, 2)
    await append(storage.journal, [posted(ONE, 4)])
    storage.log.keep_snapshot(snapshot(3, "nothing"))
    assert await storage.flush(5.0)

    assert await database.fetchval('SELECT "offset" FROM room_snapshots') == 3
    assert [record.offset for record in (await storage.log.open_room(ONE)).records] == [4]
    assert await tables_with(database, WORDS) == set()


async def test_a_snapshot_that_waits_from_before_it_is_never_stored(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), secret(2)])
    storage.log.keep_snapshot(Snapshot(room=ONE, offset=2, version=1, state=b'{"said":"%s"}' % WORDS.encode(), receipts=b"{}"))
    await take_back(storage, 3, 2)
    assert await storage.flush(5.0)

    assert await database.fetchval("SELECT count(*) FROM room_snapshots") == 0
    assert await tables_with(database, WORDS) == set()


async def test_after_a_crash_the_words_are_not_read_back(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, [created(ONE), secret(2)])
        assert await storage.flush(5.0)
        await append(storage.journal, [secret(3)])
        await append(storage.journal, [forget(ONE, 4, 2, 3)])
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    assert files_with(folder, WORDS), "else this proves nothing"

    async with opened(database, folder) as storage:
        assert await read_everywhere(storage) == all_gone("", "", "forget 2 3")
        assert await storage.flush(5.0)
        assert await tables_with(database, WORDS) == set()


async def test_records_that_left_the_memory_are_read_back_without_the_words(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal", segment_bytes=3_000, memory_bytes=1_000) as storage:
        await append(storage.journal, [created(ONE)])
        for offset in range(2, 31):
            await append(storage.journal, [secret(offset)])
            await rotated(storage.journal)
        assert 2 in storage.journal.tail.room(ONE).spilled, "else this proves nothing"
        await take_back(storage, 31, *range(2, 31))

        assert await read_everywhere(storage) == all_gone(*[""] * 29, f"forget {' '.join(map(str, range(2, 31)))}")
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    async with opened(database, folder, segment_bytes=3_000, memory_bytes=1_000) as storage:
        assert set(texts(await storage.log.history(ONE, 1, 29))) == {""}
        assert await storage.flush(10.0)
        assert await tables_with(database, WORDS) == set()


async def test_words_that_are_taken_back_elsewhere_do_not_keep_a_room_from_being_opened(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, [created(ONE), secret(2)])
        assert await storage.flush(5.0)

        async def taking_back() -> None:
            while True:
                storage.log.redact(TWO, [1])
                await asyncio.sleep(0)

        busy = asyncio.create_task(taking_back())
        try:
            async with asyncio.timeout(5):
                opened_room = await storage.log.open_room(ONE)
        finally:
            busy.cancel()
        assert [record.offset for record in opened_room.records] == [1, 2]


async def test_words_that_are_taken_back_while_a_history_is_read_are_not_in_it(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal") as storage:
        await append(storage.journal, [created(ONE), secret(2), secret(3)])
        assert await storage.flush(5.0)

        reading = asyncio.create_task(storage.log.history(ONE, 0, 10))
        await asyncio.sleep(0)  # it has looked at what is known, and waits for Postgres
        storage.log.redact(ONE, [3])

        assert texts(await reading) == [f"{WORDS} 2", ""]


async def test_the_journal_loses_the_words_when_it_is_trimmed(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    async with opened(database, folder, QUICK, keep_s=0.0, keep_bytes=0) as storage:
        await append(storage.journal, [created(ONE), secret(2)])
        assert files_with(folder, WORDS), "else this proves nothing"
        await take_back(storage, 3, 2)
        offset = 4

        async def is_gone() -> bool:
            """A server on which something goes on: segments are removed when batches are confirmed."""
            nonlocal offset
            await append(storage.journal, [posted(ONE, offset)])
            offset += 1
            assert await storage.flush(5.0)
            return not files_with(folder, WORDS)

        await until(is_gone)
        assert await tables_with(database, WORDS) == set()


async def test_a_batch_that_was_prepared_before_is_taken_back_by_the_next(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal", QUICK) as storage:
        await append(storage.journal, [created(ONE)])
        for offset in range(2, 40, 2):
            await append(storage.journal, [secret(offset)])
            await asyncio.sleep(0)
            await take_back(storage, offset + 1, offset)
        assert await storage.flush(5.0)

        assert await tables_with(database, WORDS) == set()


async def test_rows_can_be_projected_again_out_of_a_log_without_the_words(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), secret(2), posted(ONE, 3, "stays")])
    await take_back(storage, 4, 2)
    assert await storage.flush(5.0)
    await database.execute("DELETE FROM workspace_messages")

    again = await project_room(database, FORGETTING, ONE, start=1)

    assert (again.reached, again.stopped) == (4, None)
    rows = await database.fetch('SELECT content FROM workspace_messages ORDER BY "offset"')
    assert [row["content"] for row in rows[1:]] == ["", "stays", "forget 2"]


async def test_what_a_stopped_projection_quoted_is_taken_back_too(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), secret(2)])
    assert await storage.flush(5.0)
    await database.execute('INSERT INTO dead_letters (room, "offset", error) VALUES ($1, 2, $2)', ONE, f"invalid: {WORDS}")
    await take_back(storage, 3, 2)
    assert await storage.flush(5.0)

    assert await tables_with(database, WORDS) == set()


class Telling(Forgetting):
    """Says in three rooms what a message says; in the third only while it says anything."""

    def reactions(self, record: Record) -> list[Reaction]:
        said = record.event.text if isinstance(record.event, MessagePosted) else ""
        targets = [RoomAddress(f"{kind}:{record.offset}") for kind in ("workspace", "moon", "moon")][: 3 if said else 2]
        return [Reaction(target=target, name="moon.hear", payload={"said": said}, refusal="moon.note") for target in targets]


@pytest.mark.parametrize("ended", ["pending", "refusing", "refused", "done"])
async def test_what_was_to_be_said_in_other_rooms_is_taken_back_too(database: Database, tmp_path: Path, ended: str) -> None:
    async with opened_of(database, tmp_path / "journal", HELD_BACK, {"workspace": Telling()}) as storage:
        await append(storage.journal, [created(ONE), secret(2), posted(ONE, 3, "stays")])
        assert await storage.flush(5.0)
        given = next(each for each in await storage.reactions.pending(8) if each.reaction.target == "workspace:2")
        assert given.reaction.payload == {"said": f"{WORDS} 2"}
        if ended != "pending":
            outcome: Any = ended
            await storage.reactions.finish([FinishedReaction(given.id, outcome, "the moon says no")])
        await take_back(storage, 4, 2)
        assert await storage.flush(5.0)

        assert await tables_with(database, WORDS) == set()
        rows = await database.fetch("SELECT target, state, message, payload FROM reactions ORDER BY number")
        assert [tuple(row) for row in rows if row["target"].endswith(":2")] == [
            ("workspace:2", ended, "" if ended == "pending" else "the moon says no", b"{}" if ended == "done" else b'{"said": ""}'),
            ("moon:2", "waiting", "", b'{"said": ""}'),
            ("moon:2", "refused", TAKEN_BACK, b"{}"),
        ]
        assert {row["payload"] for row in rows if row["target"].endswith(":3")} == {b'{"said": "stays"}'}
