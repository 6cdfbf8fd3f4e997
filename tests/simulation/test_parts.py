"""What is pretended keeps the promises of what it stands for."""

import asyncio
import sqlite3
import time
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from domain.log import StorageAway
from persistence.journal.segment import Row, create_segment, open_reader
from persistence.journal.tail import Tail
from persistence.write_behind.kept import Kept
from persistence.write_behind.positions import lock_position
from tests.simulation.database import Postgres, SimDatabase
from tests.simulation.disk import Host, SimDisk
from tests.simulation.loop import SimLoop, Stuck
from tests.simulation.statements import Unknown
from tests.simulation.tables import Rows, Sight
from tests.simulation.takeover import clocked, taken_over
from tests.simulation.world import World


def run(world: World, work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return world.loop.run_until_complete(work)
    finally:
        world.loop.close()


# The loop


def test_an_hour_costs_nothing_and_timers_are_never_early() -> None:
    loop = SimLoop(Random(1), 1_000)
    began = time.monotonic()

    async def sleeps() -> float:
        before = loop.time()
        await asyncio.sleep(3_600)
        return loop.time() - before

    slept_s = loop.run_until_complete(sleeps())
    loop.close()

    assert 3_600 <= slept_s < 3_600.1
    assert time.monotonic() - began < 10


def test_what_is_ready_runs_in_its_order() -> None:
    loop = SimLoop(Random(1), 1_000)
    ran: list[int] = []
    for number in range(50):
        loop.call_soon(ran.append, number)
    loop.run_until_complete(asyncio.sleep(0, loop.call_soon(ran.append, 50)))
    loop.close()

    assert ran == list(range(51))


def test_timers_of_one_instant_ring_in_an_order_that_the_seed_draws() -> None:
    def order(seed: int) -> list[int]:
        loop = SimLoop(Random(seed), 1_000)
        ran: list[int] = []
        for number in range(10):
            loop.call_at(2_000.0, ran.append, number)
        loop.run_until_complete(asyncio.sleep(1_001))
        loop.close()
        return ran

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(5)}) > 1


def test_waiting_for_what_never_comes_is_said() -> None:
    loop = SimLoop(Random(1), 1_000)
    never = loop.create_task(asyncio.Event().wait())

    with pytest.raises(Stuck):
        loop.run_until_complete(never)

    never.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(never)
    loop.close()


def test_no_clock_of_the_node_is_the_machines() -> None:
    with taken_over(Random(1), lambda: 5.0, lambda: 7):
        left = [function.__qualname__ for function in clocked() if time.monotonic not in (function.__defaults__ or ())]
        taken = (time.monotonic(), time.time_ns())

    assert {Tail.__init__, Kept.__init__} <= set(clocked())
    assert left == []
    assert taken == (5.0, 7_000_000)
    assert time.monotonic() != 5.0


# The database


def test_nobody_sees_what_is_not_committed() -> None:
    committed: dict[str, Rows] = {}
    one, other, steady = Sight(committed), Sight(committed), Sight(committed, is_steady=True)
    one.insert("room_positions", [{"room": "a", "projected_offset": 1}])

    assert [len(sight.rows("room_positions")) for sight in (one, other, steady)] == [1, 0, 0]
    one.commit(committed)
    assert [len(sight.rows("room_positions")) for sight in (one, other, steady)] == [1, 1, 0]


def test_a_savepoint_takes_back_what_came_behind_it() -> None:
    sight = Sight({})
    sight.put("room_positions", {"room": "a", "projected_offset": 1})
    mark = sight.mark()
    sight.put("room_positions", {"room": "a", "projected_offset": 2})
    sight.back_to(mark)

    assert sight.get("room_positions", "a") == {"room": "a", "projected_offset": 1}


def test_keys_and_parents_are_demanded() -> None:
    sight = Sight({})
    event = {"room": "a", "offset": 1, "epoch": "e", "type": "t", "version": 1, "body": b"{}"}
    whole = {**event, "actor_id": "u", "actor_kind": "user", "at": 1, "command_id": "c", "ordinal": 0, "last": True, "digest": "d"}
    sight.insert("room_events", [whole])

    with pytest.raises(asyncpg.exceptions.UniqueViolationError):
        sight.insert("room_events", [whole])
    with pytest.raises(asyncpg.exceptions.NotNullViolationError):
        sight.insert("room_events", [{**event, "offset": 2}])
    with pytest.raises(asyncpg.exceptions.ForeignKeyViolationError):
        sight.insert("user_roles", [{"id": "r", "user_id": "nobody", "role": "admin"}])


def test_an_unknown_statement_is_no_error_of_postgres() -> None:
    world = World(1)
    database = SimDatabase(Postgres(world))

    with pytest.raises(Unknown):
        run(world, database.fetch("SELECT what_nobody_knows"))


def test_a_node_that_dies_in_its_commit_does_not_take_the_word_back() -> None:
    """And whoever locks the position meanwhile waits for it."""
    world = World(1)
    world.is_calm = True
    postgres = Postgres(world)
    postgres.committed["positions"] = {(0,): {"partition": 0, "generation": 1, "number": 4, "fence": 0}}
    dying, next_one = SimDatabase(postgres), SimDatabase(postgres)

    async def store() -> None:
        async with dying.transaction() as connection:
            await lock_position(connection, 1, 0)
            await connection.execute("UPDATE positions SET number = $2", 0, 5)
            # the word leaves with the end of this block
            world.loop.call_later(0.00001, setattr, dying, "is_cut", True)

    async def both() -> int:
        with pytest.raises(StorageAway):
            await store()
        async with next_one.transaction() as connection:
            return await lock_position(connection, 1, 0)

    assert run(world, both()) == 5


def test_a_database_that_is_away_is_told_as_such() -> None:
    world = World(1)
    postgres = Postgres(world)
    postgres.is_down = True

    with pytest.raises(StorageAway):
        run(world, SimDatabase(postgres).fetch("SELECT count(DISTINCT room) FROM dead_letters"))


# The disk


@pytest.mark.parametrize("torn", [False, True])
def test_a_power_cut_keeps_what_was_synced_and_at_most_a_part_of_the_rest(torn: bool, tmp_path: Path) -> None:
    world = World(3)
    host = Host(world, tmp_path)
    host.folder.mkdir()
    disk = SimDisk(host, host.folder, lambda: None)
    segment = create_segment(disk, host.folder / "00000001.segment", 1)
    segment.commit(Row(1, b"one"))
    if torn:
        host.armed = "power cut in a write"
        segment.commit(Row(2, b"two" * 3_000))
    disk.cut_power()
    segment.commit(Row(3, b"a dream"))
    world.loop.close()

    reader = open_reader(SimDisk(host, host.folder, lambda: None), host.folder / "00000001.segment", 1, 0.0)
    reader.verify_ending()
    rows = [row.number for row in reader.rows(0, 10)]
    reader.close()
    segment.abandon()

    assert rows in ([1], [1, 2])
    assert torn or rows == [1]


def test_a_disk_that_lies_loses_what_it_has_not_synced(tmp_path: Path) -> None:
    world = World(3)
    host = Host(world, tmp_path)
    host.folder.mkdir()
    disk = SimDisk(host, host.folder, lambda: None)
    disk.syncs_every = 2
    segment = create_segment(disk, host.folder / "00000001.segment", 1)
    for number in (1, 2, 3):
        segment.commit(Row(number, b"text"))
    disk.cut_power()
    world.loop.close()
    segment.abandon()

    with sqlite3.connect(host.folder / "00000001.segment") as connection:
        assert connection.execute("SELECT max(number) FROM batches").fetchone() == (2,)
    connection.close()
