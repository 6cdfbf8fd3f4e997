"""Last ticks and streams outlive the closing of their room, a clean end and a crash, for a second at most behind; ended ones go."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from domain.decider import Piece, Tick
from domain.ids import RoomAddress, ThingId, id_of, keyed_id
from domain.kinds import KINDS
from domain.kinds.workspace.ticks import ExecutionProgress, execution_key
from domain.log import StoredPassing
from persistence.database import Database
from persistence.storage import Storage
from persistence.write_behind.projections import PROJECTIONS
from persistence.write_behind.rerun import project_room
from persistence.write_behind.row_operations import Touch
from persistence.write_behind.settings import WriteBehindSettings
from tests.integration.test_storage import ONE, TWO, messages, opened
from tests.support.journals import crashed_copy
from tests.support.postgres import until
from tests.support.records import created
from tests.support.storage import append
from tests.unit.domain.story import deploying, running

QUICK = WriteBehindSettings(where="loop", batch_age_s=0.0, tick_interval_s=0.0)
HELD_BACK = WriteBehindSettings(where="loop", batch_age_s=3_600.0, tick_interval_s=0.0, drain_s=0.0)
EXECUTION = keyed_id("execution", "one")
DEPLOY = f"deploy:{EXECUTION}"


@pytest.fixture
async def storage(database: Database, tmp_path: Path) -> AsyncIterator[Storage]:
    async with opened(database, tmp_path / "journal", HELD_BACK) as running_storage:
        yield running_storage


def progress(percent: int, key: str = "p") -> ExecutionProgress:
    return ExecutionProgress(key=key, execution_id=ThingId(EXECUTION), progress=percent)


def told(text: str, position: int = 0, attempt: int = 1) -> Piece:
    return Piece(key=DEPLOY, attempt=attempt, position=position, text=text)


async def passing(storage: Storage) -> dict[str, StoredPassing]:
    return {each.key[0]: each for each in (await storage.log.open_room(ONE)).passing}


def percent_of(value: StoredPassing) -> int:
    return msgspec.json.decode(value.tick, type=ExecutionProgress).progress


async def rows(database: Database) -> list[tuple[str, int]]:
    return [(row["key"][0], row["after"]) for row in await database.fetch("SELECT key, after FROM room_passing ORDER BY key")]


async def test_what_passes_is_known_before_and_after_it_is_stored(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), created(TWO, "two")])
    storage.log.keep_tick(ONE, 1, progress(10))
    storage.log.keep_tick(ONE, 1, told("said", 3))
    storage.log.keep_tick(TWO, 1, progress(99))

    before = await passing(storage)
    assert await storage.flush(5.0)
    after = await passing(storage)

    assert await rows(database) == [("d", 1), ("p", 1), ("p", 1)]
    assert percent_of(before["p"]) == percent_of(after["p"]) == 10
    assert before["d"].piece == after["d"].piece == told("said", 3)
    assert 0 < before["d"].at_ms == after["d"].at_ms


async def test_nothing_is_stored_before_the_event_that_it_came_after(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE)])
    assert await storage.flush(5.0)
    await append(storage.journal, messages(2, 2))
    storage.log.keep_tick(ONE, 2, progress(10))
    storage.log.keep_tick(ONE, 1, told("said"))

    assert ("p", 2) not in await rows(database)
    assert await storage.flush(5.0)
    assert await rows(database) == [("d", 1), ("p", 2)]


async def test_the_newest_value_wins_over_the_row(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE)])
    storage.log.keep_tick(ONE, 1, progress(10))
    assert await storage.flush(5.0)
    await append(storage.journal, messages(2, 2))
    storage.log.keep_tick(ONE, 2, progress(20))

    assert percent_of((await passing(storage))["p"]) == 20
    assert await rows(database) == [("p", 1)]


async def test_an_ended_key_is_gone_at_once_and_its_row_with_the_event_that_ended_it(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE)])
    storage.log.keep_tick(ONE, 1, progress(10))
    storage.log.keep_tick(ONE, 1, told("said"))
    assert await storage.flush(5.0)
    await append(storage.journal, messages(2, 2))
    storage.log.end_passing(ONE, 2, [DEPLOY])

    assert set(await passing(storage)) == {"p"}
    assert await rows(database) == [("d", 1), ("p", 1)], "the event is not stored yet"
    assert await storage.flush(5.0)
    assert await rows(database) == [("p", 1)]


async def test_a_key_that_begins_anew_keeps_its_new_value(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE)])
    storage.log.keep_tick(ONE, 1, told("the first telling"))
    assert await storage.flush(5.0)
    await append(storage.journal, messages(2, 3))
    storage.log.end_passing(ONE, 3, [DEPLOY])
    storage.log.keep_tick(ONE, 3, told("the second", attempt=2))

    assert (await passing(storage))["d"].piece == told("the second", attempt=2)
    assert await storage.flush(5.0)
    assert (await passing(storage))["d"].piece == told("the second", attempt=2)


async def test_a_crash_leaves_what_was_stored(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal", HELD_BACK) as storage:
        await append(storage.journal, [created(ONE)])
        storage.log.keep_tick(ONE, 1, told("said"))
        assert await storage.flush(5.0)
        await append(storage.journal, messages(2, 2))
        storage.log.keep_tick(ONE, 2, told("said and lost"))
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")

    async with opened(database, folder, HELD_BACK) as storage:
        assert (await passing(storage))["d"].piece == told("said")


async def test_a_clean_end_loses_nothing(database: Database, tmp_path: Path) -> None:
    slow = WriteBehindSettings(where="loop", batch_age_s=0.0, tick_interval_s=3_600.0)
    async with opened(database, tmp_path / "journal", slow) as storage:
        await append(storage.journal, [created(ONE)])
        for end in range(1, 5):
            storage.log.keep_tick(ONE, 1, told("said"[:end]))
            await storage.flush(5.0)

    async with opened(database, tmp_path / "journal", slow) as storage:
        assert (await passing(storage))["d"].piece == told("said")


async def test_a_long_stream_is_kept_whole(database: Database, tmp_path: Path) -> None:
    text = "naïve " * 40_000
    async with opened(database, tmp_path / "journal", QUICK) as storage:
        await append(storage.journal, [created(ONE)])
        for number in range(4):
            key = f"deploy:{keyed_id('execution', str(number))}"
            storage.log.keep_tick(ONE, 1, Piece(key=key, attempt=1, position=number, text=text))
        assert await storage.flush(5.0)

        found = (await storage.log.open_room(ONE)).passing
        assert sorted(each.piece.position for each in found if each.piece and each.piece.text == text) == [0, 1, 2, 3]


class Counted(Tick, frozen=True, kw_only=True, tag="counted"):
    """A count that goes on as long as its room is there."""

    count: int


def counted_touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    return (Touch("pattern_workspaces", id_of(room), {"session_count": value.count}, {}),) if isinstance(value, Counted) else ()


async def test_a_key_that_never_ends_touches_its_row_on_and_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = msgspec.structs.replace(PROJECTIONS["workspace"], touches=counted_touches)
    monkeypatch.setitem(PROJECTIONS, "workspace", counting)  # type: ignore[arg-type]  # it is a dict
    async with opened(database, tmp_path / "journal", QUICK) as storage:
        await append(storage.journal, [created(ONE)])
        counts = []
        for count in range(1, 4):
            storage.log.keep_tick(ONE, 1, Counted(key="count", count=count))
            assert await storage.flush(5.0)
            counts.append(await database.fetchval("SELECT session_count FROM pattern_workspaces"))

        assert counts == [1, 2, 3]
        assert await rows(database) == [("c", 1)]


async def test_rows_that_are_projected_again_get_back_what_passing_values_had_left(storage: Storage, database: Database) -> None:
    story, execution_id = running()
    await append(storage.journal, story.records)
    tick = ExecutionProgress(key=execution_key(execution_id), execution_id=execution_id, progress=40)
    storage.log.keep_tick(story.room, story.records[-1].offset, tick)
    assert await storage.flush(5.0)

    await project_room(database, KINDS, story.room, start=1)

    assert await database.fetchval("SELECT progress FROM claude_executions") == 40


@pytest.mark.parametrize("is_stored", [False, True], ids=["crashed-before-it-was-stored", "stored-and-crashed-again"])
async def test_a_stream_whose_end_a_crash_has_cut_off_is_gone_although_nobody_opens_its_room(
    database: Database, tmp_path: Path, is_stored: bool
) -> None:
    story, execution_id = deploying("canceled")
    *told_in, ended = story.records
    async with opened(database, tmp_path / "journal", HELD_BACK) as storage:
        await append(storage.journal, told_in)
        assert await storage.flush(5.0)
        await append(storage.journal, [ended])
        if is_stored:
            assert await storage.flush(5.0)
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    await database.execute(
        "INSERT INTO room_passing (room, key, after, at, attempt, position, text) VALUES ($1, $2, $3, $4, 1, 0, 'said')",
        *(story.room, f"deploy:{execution_id}", told_in[-1].offset, ended.time_ms),
    )

    async with opened(database, folder, QUICK):

        async def is_gone() -> bool:
            return await rows(database) == []

        await until(is_gone)


async def test_a_stream_that_goes_on_is_kept_by_a_start(database: Database, tmp_path: Path) -> None:
    story, execution_id = deploying()
    piece = Piece(key=f"deploy:{execution_id}", attempt=1, position=0, text="said")
    async with opened(database, tmp_path / "journal", HELD_BACK) as storage:
        await append(storage.journal, story.records)
        storage.log.keep_tick(story.room, len(story.records), piece)
        assert await storage.flush(5.0)
        await database.execute("DELETE FROM deadlines")

    async with opened(database, tmp_path / "journal", QUICK) as storage:

        async def is_looked_at() -> bool:
            return bool(await storage.deadlines.due(1 << 42, 10))

        await until(is_looked_at)
        assert await storage.flush(5.0)
    assert await rows(database) == [("d", len(story.records))]
