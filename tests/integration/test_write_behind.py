"""The write-behind against a real Postgres: exactly once, whatever is cut; one bad room stops nobody else."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from domain.ids import ActorId, id_of
from domain.kinds import KINDS
from domain.kinds.workspace.events import DetailsChanged, FeedbackAdded, MessagePosted
from domain.kinds.workspace.ticks import ExecutionProgress, execution_key
from domain.record import Actor, Record
from persistence.database import Database, open_database
from persistence.journal.memory import MemoryJournal
from persistence.migrate import upgrade
from persistence.write_behind import projections
from persistence.write_behind.rerun import project_room
from tests.support.postgres import stoppable_postgres, until
from tests.support.records import ADA, conversation, created, posted, record, workspace
from tests.support.storage import (
    QUICK,
    Cut,
    CutDatabase,
    append,
    interleaved,
    known_journal,
    message_offsets,
    stored_offsets,
    writing_behind,
)
from tests.unit.domain.story import BOT, CLOCK, EVE, GUEST, running
from tests.unit.domain.story import workspace as story_of

QUICK_END = msgspec.structs.replace(QUICK, drain_s=0.01)
ONE, TWO, THREE = workspace("one"), workspace("two"), workspace("three")


async def test_log_rows_and_position_arrive_together(database: Database) -> None:
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, conversation(ONE, "one", 5))
        await append(journal, conversation(TWO, "two", 3))
        assert await writing.flush(5.0)

        assert await stored_offsets(database, ONE) == [1, 2, 3, 4, 5]
        assert await stored_offsets(database, TWO) == [1, 2, 3]
        assert len(await message_offsets(database)) == 8
        assert await database.fetchval("SELECT number FROM positions") == 2
        assert journal.confirmed == journal.top
        assert await database.fetchval("SELECT min(projected_offset) FROM room_positions") == 3
        lag = writing.lag()
        assert (lag.records_waiting, lag.oldest_age_s, lag.rooms_behind, lag.away, lag.stopped) == (0, 0.0, 0, "", "")


async def test_a_cut_at_any_step_stores_everything_exactly_once(database: Database) -> None:
    journal = await known_journal(database)
    calls = 0
    for at in range(30):
        room = workspace(f"cut {at}")
        cut = Cut(at)
        async with writing_behind(CutDatabase(database, cut), journal) as writing:
            await append(journal, conversation(room, f"cut-{at}", 4))
            assert await writing.flush(5.0)
        assert await stored_offsets(database, room) == [1, 2, 3, 4]
        assert await database.fetchval("SELECT count(*) FROM workspace_messages WHERE workspace_id = $1", id_of(room)) == 4
        assert await database.fetchval("SELECT projected_offset FROM room_positions WHERE room = $1", room) == 4
        if not cut.has_happened:
            break
        calls = at
    assert calls >= 6, "log, stubs, rows and positions are steps of their own"
    assert not cut.has_happened, "every step was cut once"


async def test_a_commit_whose_answer_was_lost_is_not_repeated(database: Database) -> None:
    journal = await known_journal(database)
    cut = Cut(0)
    async with writing_behind(CutDatabase(database, cut), journal) as writing:
        await append(journal, conversation(ONE, "one", 3))
        assert await writing.flush(5.0)
    assert cut.has_happened
    assert await stored_offsets(database, ONE) == [1, 2, 3]


async def test_a_batch_that_another_start_has_stored_in_part_goes_on_behind_it(database: Database) -> None:
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, conversation(ONE, "one", 2))
        assert await writing.flush(5.0)
    again = MemoryJournal(journal.generation, journal.epoch)  # as a start finds it that was not told what is stored
    for batch in (conversation(ONE, "one", 2), [posted(ONE, 3)]):
        await append(again, batch)
    async with writing_behind(database, again) as writing:
        assert await writing.flush(5.0)
    assert await stored_offsets(database, ONE) == [1, 2, 3]


async def _is(value: bool) -> bool:
    return value


async def test_a_projection_that_stopped_in_a_commit_whose_answer_was_lost_counts(database: Database) -> None:
    journal = await known_journal(database)
    async with writing_behind(CutDatabase(database, Cut(0)), journal) as writing:
        await append(journal, [created(ONE), record(ONE, 2, DetailsChanged(name="x" * 300, category="c"))])
        assert await writing.flush(5.0)

        assert writing.lag().rooms_behind == 1


async def test_one_poisoned_room_stops_alone_and_its_log_goes_on(database: Database) -> None:
    journal = await known_journal(database)
    logs = [conversation(room, f"room-{n}", 6) for n, room in enumerate((ONE, TWO, THREE))]
    logs[1][3] = record(TWO, 4, DetailsChanged(name="x" * 300, category="c"))
    async with writing_behind(database, journal) as writing:
        await append(journal, interleaved(*logs))
        assert await writing.flush(5.0)
        await append(journal, [posted(TWO, 7), posted(ONE, 7)])
        assert await writing.flush(5.0)

        for room in (ONE, TWO):
            assert await stored_offsets(database, room) == [1, 2, 3, 4, 5, 6, 7]
        assert await stored_offsets(database, THREE) == [1, 2, 3, 4, 5, 6]
        assert writing.lag().rooms_behind == 1
    letter = await database.fetchrow('SELECT room, "offset", sqlstate, resolved_at FROM dead_letters')
    assert letter is not None
    assert tuple(letter) == (TWO, 4, "22001", None)
    reached = {row["room"]: row["projected_offset"] for row in await database.fetch("SELECT * FROM room_positions")}
    assert reached == {ONE: 7, TWO: 3, THREE: 6}
    counts = await database.fetch("SELECT count(*) AS n FROM workspace_messages GROUP BY workspace_id ORDER BY 1")
    assert [row["n"] for row in counts] == [3, 6, 7]


@pytest.mark.parametrize("unfit", [{"session_id": "x" * 36}, {"session_id": 7}, {"kind": 7}])
async def test_what_cannot_even_be_sent_to_postgres_stops_its_room_alone(database: Database, unfit: dict[str, Any]) -> None:
    """asyncpg refuses it before Postgres sees it, with Python's own errors: that is no reason to try for ever."""
    journal = await known_journal(database)
    added = FeedbackAdded(content="x", feedback_count=1, unsent_count=1, **{"kind": "bug", **unfit})
    async with writing_behind(database, journal) as writing:
        await append(journal, [created(ONE), record(ONE, 2, added), posted(ONE, 3), *conversation(TWO, "two", 2)])
        assert await writing.flush(5.0)

    assert await stored_offsets(database, ONE) == [1, 2, 3]
    assert [tuple(row) for row in await database.fetch('SELECT room, "offset" FROM dead_letters')] == [(ONE, 2)]
    reached = {row["room"]: row["projected_offset"] for row in await database.fetch("SELECT * FROM room_positions")}
    assert reached == {ONE: 1, TWO: 2}


async def test_a_projection_that_breaks_again_stops_there_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, conversation(ONE, "one", 5))
        assert await writing.flush(5.0)

    workspaces = projections.PROJECTIONS["workspace"]

    def breaking(each: Record) -> Any:
        if each.offset == 4:
            raise ZeroDivisionError("a mistake of ours")
        return workspaces.operations(each)

    broken = msgspec.structs.replace(workspaces, operations=breaking)
    with monkeypatch.context() as patch:
        patch.setitem(projections.PROJECTIONS, "workspace", broken)  # type: ignore[arg-type]  # it is a dict
        rerun = await project_room(database, KINDS, ONE, start=1)
    repaired = await project_room(database, KINDS, ONE)

    assert rerun.stopped is not None
    assert (rerun.stopped.offset, rerun.stopped.error) == (4, "ZeroDivisionError: a mistake of ours")
    assert (repaired.reached, repaired.stopped) == (5, None)


async def test_a_row_that_is_gone_stops_its_rooms_projection(database: Database) -> None:
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, conversation(ONE, "one", 2))
        assert await writing.flush(5.0)
        await database.execute("DELETE FROM pattern_workspaces")
        await append(journal, [record(ONE, 3, DetailsChanged(name="new", category="c")), *conversation(TWO, "two", 2)])
        assert await writing.flush(5.0)

    assert await database.fetchval('SELECT "offset" FROM dead_letters WHERE room = $1', ONE) == 3
    assert await stored_offsets(database, ONE) == [1, 2, 3]
    assert await database.fetchval("SELECT projected_offset FROM room_positions WHERE room = $1", TWO) == 2


async def test_unknown_actors_get_a_stub_of_their_kind(database: Database) -> None:
    journal = await known_journal(database)
    actors = [ADA, BOT.actor, GUEST.actor, CLOCK.actor]
    async with writing_behind(database, journal) as writing:
        await append(journal, [created(ONE), *(record(ONE, n, MessagePosted(text="hi"), who) for n, who in enumerate(actors, 2))])
        assert await writing.flush(5.0)
        await append(journal, [record(ONE, 6, MessagePosted(text="hi"), Actor(id=ADA.id, name="Ada Lovelace", image="https://a"))])
        assert await writing.flush(5.0)

    users = {str(row["id"]): row for row in await database.fetch("SELECT * FROM users")}
    assert {users[actor.id]["kind"] for actor in actors} == {"person", "bot", "guest", "system"}
    assert users[ADA.id]["token_subject"] == ADA.id
    assert (users[ADA.id]["name"], users[ADA.id]["image"]) == ("Ada Lovelace", "https://a")
    kinds = await database.fetch('SELECT author_type FROM workspace_messages ORDER BY "offset"')
    assert [row["author_type"] for row in kinds] == ["user", "user", "claude", "user", "system", "user"]


async def test_a_person_with_an_account_keeps_their_name(database: Database) -> None:
    await database.execute("INSERT INTO users (id, email, name) VALUES ($1, 'ada@example.org', 'Countess')", ADA.id)
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, [created(ONE)])
        assert await writing.flush(5.0)

    assert await database.fetchval("SELECT name FROM users") == "Countess"


async def test_names_that_no_column_takes_hold_nothing_up(database: Database) -> None:
    journal = await known_journal(database)
    odd = Actor(id=ActorId("22222222-2222-4222-8222-222222222222"), name="a\x00b" + "c" * 400)
    async with writing_behind(database, journal) as writing:
        await append(journal, [created(ONE), record(ONE, 2, MessagePosted(text="hi"), odd)])
        assert await writing.flush(5.0)

    assert await stored_offsets(database, ONE) == [1, 2]


async def test_a_tick_moves_the_row_while_its_execution_runs(database: Database) -> None:
    story, execution_id = running()
    journal = await known_journal(database)

    def tick(progress: int) -> ExecutionProgress:
        return ExecutionProgress(key=execution_key(execution_id), execution_id=execution_id, progress=progress)

    async with writing_behind(database, journal) as writing:
        await append(journal, story.records)
        for progress in (10, 60, 45):
            writing.kept.tick(story.room, len(story.records), tick(progress))
            writing.wake()
            await until(lambda: _is(writing.kept.is_empty()))
        assert await writing.flush(5.0)
        progress = "SELECT progress FROM claude_executions"
        await until(lambda: _equals(database, progress, 60))

        story.given(BOT, "complete_execution", execution_id=execution_id)
        await append(journal, story.records[-2:])
        writing.kept.tick(story.room, len(story.records), tick(70))
        assert await writing.flush(5.0)
        assert await database.fetchval(progress) == 100


async def _equals(database: Database, query: str, wanted: object) -> bool:
    return bool(await database.fetchval(query) == wanted)


async def test_a_tick_is_not_written_before_the_offset_that_it_comes_after(database: Database) -> None:
    story, execution_id = running()
    journal = await known_journal(database)
    tick = ExecutionProgress(key=execution_key(execution_id), execution_id=execution_id, progress=30)
    cut = Cut(1)
    async with writing_behind(CutDatabase(database, cut), journal) as writing:
        writing.kept.tick(story.room, len(story.records), tick)
        await append(journal, story.records)
        assert await writing.flush(5.0)
        await until(lambda: _equals(database, "SELECT progress FROM claude_executions", 30))


async def test_postgres_stopped_in_the_middle_is_caught_up_with(tmp_path: Path) -> None:
    async with stoppable_postgres() as postgres:
        dsn = await postgres.start()
        await upgrade(dsn)
        async with open_database(dsn) as database:
            journal = await known_journal(database)
            async with writing_behind(database, journal) as writing:
                await append(journal, conversation(ONE, "one", 3))
                assert await writing.flush(5.0)
                await postgres.stop()
                await append(journal, [posted(ONE, 4)])
                await until(lambda: _is(bool(writing.lag().away)))
                assert writing.lag().records_waiting == 1
                await postgres.start()
                assert await writing.flush(20.0)
                assert writing.lag().away == ""
            assert await stored_offsets(database, ONE) == [1, 2, 3, 4]


async def test_many_rooms_and_batches_arrive_in_order(database: Database) -> None:
    journal = await known_journal(database)
    settings = msgspec.structs.replace(QUICK, batch_records=50, batch_age_s=0.001)
    rooms = [workspace(f"many {n}") for n in range(40)]
    async with writing_behind(database, journal, settings) as writing:
        for offset in range(1, 16):
            some = [created(room, f"many-{n}") if offset == 1 else posted(room, offset) for n, room in enumerate(rooms)]
            await append(journal, some)
            if offset % 5 == 0:
                await asyncio.sleep(0)
        assert await writing.flush(10.0)

    assert [await stored_offsets(database, room) for room in rooms] == [list(range(1, 16))] * 40
    assert await database.fetchval("SELECT count(*) FROM workspace_messages") == 600


async def test_what_waits_is_stored_in_transactions_of_a_few_bytes_each(database: Database) -> None:
    journal = await known_journal(database)
    settings = msgspec.structs.replace(QUICK, batch_bytes=10_000)
    await append(journal, [created(ONE, "one")])
    for offset in range(2, 32):
        await append(journal, [posted(ONE, offset, "x" * 2_000)])
    async with writing_behind(database, journal, settings) as writing:
        assert await writing.flush(10.0)

    assert await stored_offsets(database, ONE) == list(range(1, 32))
    # xmin is the transaction that wrote the row.
    sizes = await database.fetch("SELECT sum(octet_length(body::text)) AS size FROM room_events GROUP BY xmin")
    assert len(sizes) == 8
    assert max(row["size"] for row in sizes) <= 11_000


async def test_a_workspace_that_is_deleted_and_made_again_keeps_only_the_new_rows(database: Database) -> None:
    story = story_of()
    story.given(EVE, "delete")
    story.given(EVE, "create", pattern_type="swings", name="Again", category="price_action")
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, story.records)
        assert await writing.flush(5.0)

    assert await database.fetchval("SELECT name FROM pattern_workspaces") == "Again"
    assert await message_offsets(database) == [3]
    assert await database.fetchval("SELECT count(*) FROM dead_letters") == 0


class _Uncountable(Database):
    """Counting what is behind fails as it does on a replica."""

    async def fetchval(self, query: str, *arguments: object) -> object:
        if "dead_letters" in query:
            raise asyncpg.SerializationError("canceling statement due to conflict with recovery")
        return await super().fetchval(query, *arguments)


async def test_the_write_behind_goes_on_when_rooms_behind_cannot_be_counted(database: Database) -> None:
    journal = await known_journal(database)
    uncountable = _Uncountable(database.dsn, database._pool, database.settings)
    async with writing_behind(uncountable, journal) as writing:
        writing._rooms_behind = 1
        for offset in (1, 2, 3):
            await append(journal, [created(ONE, "one") if offset == 1 else posted(ONE, offset)])
            assert await writing.flush(5.0)
        assert await stored_offsets(database, ONE) == [1, 2, 3]
