"""The outbox in Postgres: written with its cause, given out fairly and in order, and ended once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from domain.decider import Reaction
from domain.ids import room_address
from domain.kinds.workspace.decider import WORKSPACE
from domain.kinds.workspace.events import MessagePosted
from domain.log import FinishedReaction, PendingReaction
from domain.record import Record
from persistence.database import Database
from persistence.storage import Storage
from persistence.write_behind.reactions import LOOK_S, PER_SOURCE, PostgresReactions
from persistence.write_behind.rerun import project_room
from tests.integration.test_storage import ONE, TWO, messages, opened
from tests.support.records import created, posted, workspace
from tests.support.storage import append

LIMIT = 512


class Reacting:
    """A workspace whose every message is told in two rooms; one that says "badly" wants to hear of a refusal."""

    def __init__(self, target_kind: str = "workspace") -> None:
        self.target_kind = target_kind

    def __getattr__(self, name: str) -> Any:
        return getattr(WORKSPACE, name)

    def reactions(self, record: Record) -> list[Reaction]:
        refusal = "workspace.hear" if isinstance(record.event, MessagePosted) and record.event.text == "badly" else ""
        return [
            Reaction(
                target=room_address(self.target_kind, f"{number}"),
                name=f"{self.target_kind}.hear_{number}",
                payload={"offset": record.offset},
                refusal=refusal,
                refusal_payload={"about": record.offset} if refusal else {},
            )
            for number in (1, 2)
        ]


REACTING: Any = {"workspace": Reacting()}


@pytest.fixture
async def storage(database: Database, tmp_path: Path) -> AsyncIterator[Storage]:
    async with opened(database, tmp_path / "journal", kinds=REACTING) as running_storage:
        yield running_storage


def told(pending: Sequence[PendingReaction]) -> list[tuple[str, int]]:
    return [(each.reaction.name.rpartition("_")[2], each.reaction.payload["offset"]) for each in pending]


async def states(database: Database) -> dict[str, int]:
    return {row[0]: row[1] for row in await database.fetch("SELECT state, count(*) FROM reactions GROUP BY state")}


async def test_they_are_written_with_their_cause_and_given_out_in_order(storage: Storage) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 2)])
    assert await storage.reactions.pending(LIMIT) == []
    assert await storage.flush(5.0)

    pending = await storage.reactions.pending(LIMIT)
    assert told(pending) == [("1", 1), ("2", 1), ("1", 2), ("2", 2)]
    assert [each.number for each in pending] == sorted(each.number for each in pending)
    assert {(each.source, each.state, each.message) for each in pending} == {(ONE, "pending", "")}


async def test_they_end_once_and_all_at_once(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 2)])
    assert await storage.flush(5.0)
    first, second, third, fourth = await storage.reactions.pending(LIMIT)

    await storage.reactions.finish([FinishedReaction(first.id, "done"), FinishedReaction(third.id, "refused", "no\x00")])
    await storage.reactions.finish([FinishedReaction(third.id, "done"), FinishedReaction(fourth.id, "waiting")])
    await storage.reactions.finish([])

    assert await storage.reactions.pending(LIMIT) == [second]
    assert await states(database) == {"done": 1, "refused": 1, "waiting": 1, "pending": 1}
    assert await database.fetchval("SELECT message FROM reactions WHERE state = 'refused'") == "no"
    assert await database.fetchval("SELECT count(finished_at) FROM reactions") == 2
    without_payload = await database.fetch("SELECT state FROM reactions WHERE payload = '{}'")
    assert [row["state"] for row in without_payload] == ["done"], "what it said stands in its target's log"


async def test_a_refusal_is_given_out_with_what_its_source_is_to_be_told(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), posted(ONE, 2, "badly")])
    assert await storage.flush(5.0)
    *plain, refused, last = await storage.reactions.pending(LIMIT)
    await storage.reactions.finish([FinishedReaction(each.id, "done") for each in plain])
    await storage.reactions.finish([FinishedReaction(refused.id, "refusing", "no such thing")])

    telling, behind = await storage.reactions.pending(LIMIT)
    assert (telling.id, telling.state, telling.message) == (refused.id, "refusing", "no such thing")
    assert (telling.reaction.refusal, telling.reaction.refusal_payload) == ("workspace.hear", {"about": 2})
    assert behind == last
    await storage.reactions.finish([FinishedReaction(refused.id, "refused", telling.message)])
    assert await storage.reactions.pending(LIMIT) == [last]


async def test_no_source_room_stands_in_the_way_of_others(storage: Storage) -> None:
    rooms = [workspace(f"room {number}") for number in range(5)]
    await append(storage.journal, [created(room, f"room-{number}") for number, room in enumerate(rooms)])
    busy = rooms[0]
    await append(storage.journal, [posted(busy, offset) for offset in range(2, 40)])
    assert await storage.flush(5.0)

    assert len([each for each in await storage.reactions.pending(LIMIT) if each.source == busy]) == PER_SOURCE
    seen = set()
    for _ in range(3):  # two source rooms at once, and nothing is finished
        pending = await storage.reactions.pending(2 * PER_SOURCE)
        assert len({each.source for each in pending}) <= 2
        seen.update(each.source for each in pending)
    assert seen == set(rooms)


async def test_what_has_no_room_to_go_to_is_in_nobodys_way_until_its_kind_comes(database: Database, tmp_path: Path) -> None:
    without: Any = {"workspace": Reacting("moon")}
    async with opened(database, tmp_path / "journal", kinds=without) as storage:
        await append(storage.journal, [created(ONE), *messages(2, 3)])
        assert await storage.flush(5.0)
        assert await storage.reactions.pending(LIMIT) == []
        assert await states(database) == {"waiting": 6}

    with_moon = PostgresReactions(database, {**without, "moon": WORKSPACE}, asyncio.Event())
    assert told(await with_moon.pending(LIMIT)) == [("1", 1), ("2", 1), ("1", 2), ("2", 2), ("1", 3), ("2", 3)]


async def test_what_waits_is_looked_at_once_a_minute_and_nothing_overtakes_it(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path / "journal", kinds=REACTING) as storage:
        await append(storage.journal, [created(ONE), *messages(2, 2)])
        assert await storage.flush(5.0)
    now = 0.0
    reactions = PostgresReactions(database, REACTING, asyncio.Event(), lambda: now)
    first, second, third, fourth = await reactions.pending(LIMIT)
    await reactions.finish([FinishedReaction(first.id, "waiting")])  # by a node of the last release, say

    assert await reactions.pending(LIMIT) == [second, fourth], "the third goes to the room of the first"
    now = LOOK_S - 1
    assert await reactions.pending(LIMIT) == [second, fourth]
    now = LOOK_S
    assert await reactions.pending(LIMIT) == [first, second, third, fourth]


async def test_whoever_waits_is_woken_as_soon_as_they_are_stored(storage: Storage) -> None:
    assert await storage.reactions.pending(LIMIT) == []
    waiting = asyncio.create_task(storage.reactions.until_new(60.0))
    await append(storage.journal, [created(TWO, "two")])
    assert await storage.flush(5.0)

    async with asyncio.timeout(5):
        await waiting
    assert len(await storage.reactions.pending(LIMIT)) == 2
    async with asyncio.timeout(5):
        await storage.reactions.until_new(0.0)


async def test_what_is_done_goes_after_a_week_and_refusals_stay(storage: Storage, database: Database) -> None:
    await append(storage.journal, [created(ONE), *messages(2, 2)])
    assert await storage.flush(5.0)
    first, second, third, _ = await storage.reactions.pending(LIMIT)
    await storage.reactions.finish([FinishedReaction(first.id, "done"), FinishedReaction(second.id, "refused")])
    await database.execute("UPDATE reactions SET finished_at = now() - interval '8 days' WHERE finished_at IS NOT NULL")
    await storage.reactions.finish([FinishedReaction(third.id, "done")])

    assert len(await PostgresReactions(database, REACTING, asyncio.Event()).pending(LIMIT)) == 1
    assert await states(database) == {"refused": 1, "done": 1, "pending": 1}


class Misreading(Reacting):
    """A release that fails over what an earlier one has accepted."""

    def reactions(self, record: Record) -> list[Reaction]:
        if isinstance(record.event, MessagePosted):
            raise RuntimeError("a mistake of this release")
        return super().reactions(record)


async def test_reactions_that_fail_stop_their_room_alone_and_are_made_up_for_by_a_rerun(database: Database, tmp_path: Path) -> None:
    kinds: Any = {"workspace": Misreading()}
    async with opened(database, tmp_path / "journal", kinds=kinds) as storage:
        await append(storage.journal, [created(ONE), posted(ONE, 2), posted(ONE, 3), created(TWO, "two")])
        assert await storage.flush(5.0)
        await storage.write_behind.count_rooms_behind()
        assert storage.lag().rooms_behind == 1
        before = told(await storage.reactions.pending(LIMIT))

        rerun = await project_room(database, REACTING, ONE)
        after = told(await storage.reactions.pending(LIMIT))

    assert before == [("1", 1), ("2", 1), ("1", 1), ("2", 1)]
    assert (rerun.reached, rerun.stopped) == (3, None)
    assert sorted(after) == [("1", 1), ("1", 1), ("1", 2), ("1", 3), ("2", 1), ("2", 1), ("2", 2), ("2", 3)]
    assert await database.fetchval("SELECT max(projected_offset) FROM room_positions") == 3
