"""A room whose rows stand still: repaired and projected again, passed over by hand, or written anew from the beginning."""

import pytest

from domain.kinds import KINDS
from domain.kinds.workspace.events import DetailsChanged
from persistence.database import Database
from persistence.write_behind.rerun import NothingToSkip, project_room, skip
from tests.support.records import conversation, created, posted, record, workspace
from tests.support.storage import (
    append,
    known_journal,
    message_offsets,
    writing_behind,
)
from tests.unit.domain.story import BOT, deploying

ONE, TWO, THREE = workspace("one"), workspace("two"), workspace("three")


async def test_a_repaired_room_is_projected_again_from_where_it_stopped(database: Database) -> None:
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, conversation(ONE, "one", 2))
        assert await writing.flush(5.0)
        await database.execute("DELETE FROM pattern_workspaces")
        await append(journal, [record(ONE, 3, DetailsChanged(name="new", category="c")), posted(ONE, 4)])
        assert await writing.flush(5.0)
        steps: list[tuple[int, int]] = []

        stuck = await project_room(database, KINDS, ONE)
        rerun = await project_room(database, KINDS, ONE, start=1, progress=lambda reached, top: steps.append((reached, top)))
        await append(journal, [posted(ONE, 5)])
        assert await writing.flush(5.0)
        await writing.count_rooms_behind()
        assert writing.lag().rooms_behind == 0

    assert stuck.stopped is not None
    assert stuck.stopped.offset == 3
    assert (rerun.reached, rerun.stopped) == (4, None)
    assert steps == [(4, 4)]
    assert await database.fetchval("SELECT name FROM pattern_workspaces") == "new"
    assert await message_offsets(database) == [1, 2, 3, 4, 5]


async def test_a_hopeless_event_is_passed_over_by_hand(database: Database) -> None:
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, [created(ONE), record(ONE, 2, DetailsChanged(name="x" * 300, category="c")), posted(ONE, 3)])
        assert await writing.flush(5.0)

    assert await skip(database, ONE) == 2
    rerun = await project_room(database, KINDS, ONE)
    with pytest.raises(NothingToSkip):
        await skip(database, ONE)

    assert (rerun.reached, rerun.top, rerun.stopped) == (3, 3, None)
    assert await message_offsets(database) == [1, 3]
    assert await database.fetchval("SELECT skipped FROM dead_letters") is True


async def test_rows_written_again_from_the_beginning_are_the_same(database: Database) -> None:
    story = deploying("ready")[0]
    story.given(BOT, "add_checkpoint", execution_id=story.state.running.id, title="half")
    tables = ("pattern_workspaces", "claude_executions", "workspace_messages")
    journal = await known_journal(database)
    async with writing_behind(database, journal) as writing:
        await append(journal, story.records)
        assert await writing.flush(5.0)
    before = [[tuple(row) for row in await database.fetch(f"SELECT * FROM {table} ORDER BY id")] for table in tables]

    rerun = await project_room(database, KINDS, story.room, start=1)

    after = [[tuple(row) for row in await database.fetch(f"SELECT * FROM {table} ORDER BY id")] for table in tables]
    assert rerun.stopped is None
    assert after == before
