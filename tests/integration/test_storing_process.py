"""The process that stores: the same rows as on the loop, whatever becomes of it."""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
import uvloop

from domain.decider import Deadline
from domain.kinds.workspace.decider import WorkspaceDecider
from domain.kinds.workspace.ticks import ExecutionProgress, execution_key
from domain.log import Snapshot
from domain.record import Record
from persistence import migrate
from persistence.database import Database, open_database
from persistence.write_behind.storing_process import ProcessStoring, _Child
from persistence.write_behind.writer import WriteBehind
from tests.support.postgres import stoppable_postgres, until
from tests.support.records import conversation, posted, workspace
from tests.support.storage import QUICK, append, known_journal, message_offsets, stored_offsets, writing_behind

APART = msgspec.structs.replace(QUICK, where="process")


async def is_away(writing: WriteBehind) -> bool:
    return writing.lag().away != ""


def children() -> list[Any]:
    return [child for child in multiprocessing.active_children() if child.name == "write-behind"]


async def test_records_and_what_goes_along_are_stored(database: Database) -> None:
    journal, room = await known_journal(database), workspace("apart")
    async with writing_behind(database, journal, APART) as writing:
        await append(journal, conversation(room, "apart", 5))
        writing.kept.snapshot(Snapshot(room=room, offset=5, version=1, state=b"{}", receipts=b"{}"))
        writing.kept.deadlines(room, 5, [Deadline(what="w", at_ms=7, name="workspace.fail_deploy", payload={})])
        tick = ExecutionProgress(key=execution_key("e"), execution_id="e", progress=5)  # type: ignore[arg-type]  # any text will do
        writing.kept.tick(room, 5, tick)

        assert await writing.flush(20)
        assert await stored_offsets(database, room) == [1, 2, 3, 4, 5]
        assert len(await message_offsets(database)) == 5
        assert await database.fetchval('SELECT "offset" FROM room_snapshots WHERE room = $1', room) == 5
        assert await database.fetchval("SELECT what FROM deadlines WHERE room = $1", room) == "w"
        assert await database.fetchval("SELECT key FROM room_passing WHERE room = $1", room) == tick.key
    assert children() == []


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_killed_process_is_started_again_and_stores_everything_exactly_once(dsn: str, run: Callable[..., None]) -> None:
    """On the server's own loop too: there a dead child is told otherwise than on Python's."""

    async def killing() -> None:
        async with open_database(dsn) as database:
            await _kill_and_go_on(database)

    run(killing())


async def _kill_and_go_on(database: Database) -> None:
    journal, rooms = await known_journal(database), [workspace(f"killed {number}") for number in range(6)]
    async with writing_behind(database, journal, APART) as writing:
        for number, room in enumerate(rooms):
            await append(journal, conversation(room, f"killed-{number}", 20))
            if number % 2:
                assert await writing.flush(20)
                for child in children():
                    os.kill(child.pid, signal.SIGKILL)
                    child.join()

        assert await writing.flush(20)
        assert writing.lag().away == ""
    for room in rooms:
        assert await stored_offsets(database, room) == list(range(1, 21))


async def test_nothing_is_lost_while_postgres_is_away() -> None:
    async with stoppable_postgres() as postgres:
        dsn = await postgres.start()
        await migrate.upgrade(dsn)
        async with open_database(dsn) as database:
            journal, room = await known_journal(database), workspace("away")
            async with writing_behind(database, journal, APART) as writing:
                await append(journal, conversation(room, "away", 3))
                assert await writing.flush(20)
                await postgres.stop()
                await append(journal, [posted(room, offset) for offset in (4, 5, 6)])
                await until(lambda: is_away(writing))
                await postgres.start()

                assert await writing.flush(30)
                assert await stored_offsets(database, room) == [1, 2, 3, 4, 5, 6]


def grow_impatient(writing: WriteBehind) -> None:
    """From now on two seconds of silence are too many; the next process may take its time to start."""
    assert isinstance(writing._storing, ProcessStoring)
    assert writing._storing._child is not None
    writing._storing._child.silent_s = 2.0


async def test_a_process_that_hangs_is_told_killed_and_started_anew(database: Database) -> None:
    journal, room = await known_journal(database), workspace("hanging")
    async with writing_behind(database, journal, APART) as writing:
        await append(journal, conversation(room, "hanging", 3))
        assert await writing.flush(60)
        grow_impatient(writing)
        (hanging,) = children()
        os.kill(hanging.pid, signal.SIGSTOP)
        await append(journal, [posted(room, 4)])
        await until(lambda: is_away(writing), within_s=30.0)

        assert "gives no sign of life" in writing.lag().away
        assert await writing.flush(60)
        assert writing.lag().away == ""
        assert hanging not in children()
    assert await stored_offsets(database, room) == [1, 2, 3, 4]


async def test_a_process_that_waits_for_postgres_does_not_hang(database: Database) -> None:
    """It gives signs of life, however long it takes."""
    journal, room = await known_journal(database), workspace("waiting")
    async with writing_behind(database, journal, APART) as writing:
        await append(journal, conversation(room, "waiting", 3))
        assert await writing.flush(60)
        grow_impatient(writing)
        (waiting,) = children()
        async with database.transaction() as connection:
            await connection.execute("SELECT FROM positions FOR UPDATE")  # nobody else stores anything meanwhile
            await append(journal, [posted(room, 4)])
            await until(lambda: is_away(writing), within_s=30.0)  # a statement has five seconds

            assert "does not answer" in writing.lag().away
        assert await writing.flush(60)
        assert waiting in children()


async def test_one_that_takes_nothing_any_more_is_killed_too() -> None:
    """A load may be larger than what fits between the two processes."""
    here, there = socket.socketpair()
    with there:
        child = _Child(None, *await asyncio.open_connection(sock=here), 0.05)
        with pytest.raises(TimeoutError):
            await child.tell(bytes(4 << 20))
        child._writer.transport.abort()


class FaultyDecider(WorkspaceDecider):
    """A kind with a fault of ours in it."""

    def redacts(self, record: Record) -> Sequence[int]:
        raise ZeroDivisionError("a fault in a kind")


async def test_a_fault_of_ours_is_told_to_whoever_watches_the_server(database: Database) -> None:
    journal, faulty = await known_journal(database), {"workspace": FaultyDecider()}
    settings = msgspec.structs.replace(APART, drain_s=0.01)
    async with writing_behind(database, journal, settings, faulty) as writing:
        await append(journal, conversation(workspace("faulty"), "faulty", 2))
        await until(lambda: is_away(writing), within_s=30.0)

        assert "ZeroDivisionError: a fault in a kind" in writing.lag().away
