"""``python -m tests.bench.write_behind``: the write-behind's sustained rate, beside raw COPY of the same rows into the same tables.

A Postgres of its own with the production's settings. A backlog of records (``--records``) is stored; then the rows that came of it
are copied into a second database, about as many per transaction, prepared beforehand. A third run
measures for how long the write-behind holds the loop up.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import uvloop

from domain.ids import RoomAddress, id_of
from domain.kinds import KINDS
from domain.kinds.workspace.events import (
    ClaudeCheckpoint,
    ClaudeCompleted,
    ClaudePhaseUpdate,
    ClaudeStarted,
    FeedbackAdded,
    FeedbackBatchSent,
    MessagePosted,
    PatternCreated,
)
from domain.record import Event, Record
from persistence.database import Database, open_database
from persistence.embedded import EmbeddedSettings, open_embedded
from persistence.journal.memory import MemoryJournal
from persistence.write_behind.settings import WriteBehindSettings
from persistence.write_behind.writer import WriteBehind, open_write_behind
from tests.bench.lines import Line
from tests.bench.sizes import Sizes
from tests.support.postgres import PostgresOfTheRun, reachable_folder
from tests.support.records import record, workspace
from tests.support.storage import append, interleaved, known_journal

TABLES = ("room_events", "room_positions", "pattern_workspaces", "claude_executions", "feedback_items", "workspace_messages")
ROOMS = 64
LEAST_OF_COPY = 0.4
TARGET_INFLOW = 10_000.0
PER_BATCH = 32
"""Records per commit of the journal."""
ROOMS_PER_TRANSACTION = 3
"""At 64 rooms and 40,000 records about as many records as one of our own transactions holds."""


def life(room: RoomAddress, name: str, count: int) -> list[Record]:
    """A room as bots and people fill it: two messages to every event of an execution."""
    told = [record(room, 1, PatternCreated(pattern_type=name, name=name, category="bench"))]
    while len(told) < count:
        told.append(record(room, len(told) + 1, _event(told)))
    return told


def _event(told: Sequence[Record]) -> Event:
    place = (len(told) - 1) % 24
    cycle: dict[int, Callable[[], Event]] = {
        0: lambda: FeedbackAdded(content="the high is missing", kind="correction", feedback_count=1, unsent_count=1),
        1: lambda: FeedbackBatchSent(feedback_ids=(told[-1].id,), unsent_count=0),
        2: lambda: ClaudeStarted(execution_id=told[-1].id),
        5: lambda: ClaudePhaseUpdate(execution_id=_running(told), phase="planning", progress=5, round=1),
        8: lambda: ClaudePhaseUpdate(execution_id=_running(told), phase="implementing", progress=30, round=1),
        11: lambda: ClaudeCheckpoint(execution_id=_running(told), title="half", progress=50),
        14: lambda: ClaudePhaseUpdate(execution_id=_running(told), phase="testing", progress=80, round=1),
        23: lambda: ClaudeCompleted(execution_id=_running(told), files=("a.py",), commit_message="Done"),
    }
    return cycle.get(place, lambda: MessagePosted(text="What a nice swing that is. " * 8))()


def _running(told: Sequence[Record]) -> Any:
    return next(each.id for each in reversed(told) if isinstance(each.event, FeedbackBatchSent))


class Probe:
    """How much of this process' CPU each turn of the loop takes: for so long does the write-behind hold others up.

    It spins, so the rate is measured without it.
    """

    def __init__(self) -> None:
        self.turns_ms: list[float] = []
        self._is_over = False
        self._last = time.thread_time()
        asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        now = time.thread_time()
        self.turns_ms.append((now - self._last) * 1e3)
        self._last = now
        if not self._is_over:
            asyncio.get_running_loop().call_soon(self._turn)

    def end(self) -> None:
        self._is_over = True

    def described(self) -> str:
        busy = sorted(each for each in self.turns_ms if each > 0.05)
        return f"turns of work: median {busy[len(busy) // 2]:.2f} ms, p99 {busy[int(len(busy) * 0.99)]:.2f}, longest {busy[-1]:.2f}"


async def stored_per_s(database: Database, rooms: int, records: int) -> tuple[float, float]:
    """Records a second from a backlog, and this process' CPU seconds."""
    journal, batches = await known_journal(database), backlog(rooms, records, "bench")
    async with open_write_behind(database, journal, WriteBehindSettings(), KINDS) as writing:
        await _warmed(writing, journal)
        await _filled(journal, batches)
        began, cpu = time.perf_counter(), time.process_time()
        await _all_stored(writing)
        return records / (time.perf_counter() - began), time.process_time() - cpu


async def turns(database: Database, rooms: int, records: int) -> str:
    journal, batches = await known_journal(database), backlog(rooms, records, "probed")
    async with open_write_behind(database, journal, WriteBehindSettings(), KINDS) as writing:
        await _warmed(writing, journal)
        await _filled(journal, batches)
        probe = Probe()
        await _all_stored(writing)
        probe.end()
        return probe.described()


async def _warmed(writing: WriteBehind, journal: MemoryJournal) -> None:
    """The storing process' start, a second or two once in a server's life, is not of the rate: one record waits it out."""
    name = f"first-{journal.epoch}"
    await append(journal, life(workspace(name), name, 1))
    await _all_stored(writing)


async def _filled(journal: MemoryJournal, batches: Sequence[Sequence[Record]]) -> None:
    """In one turn of the loop, so nothing of it is stored meanwhile."""
    for batch in batches:
        await append(journal, batch)


async def _all_stored(writing: WriteBehind) -> None:
    if not await writing.flush(600.0):
        raise TimeoutError("not stored in ten minutes")


def backlog(rooms: int, records: int, name: str) -> list[Sequence[Record]]:
    logs = [life(workspace(f"{name} {n}"), f"{name}-{n}", records // rooms) for n in range(rooms)]
    mixed = interleaved(*logs)
    return [mixed[start : start + PER_BATCH] for start in range(0, len(mixed), PER_BATCH)]


async def copied_per_s(source: Database, target: Database, rooms: int) -> float:
    """The same rows by COPY alone, whole rooms per transaction (foreign keys want parents first), counted in events."""
    groups = [range(first, min(first + ROOMS_PER_TRANSACTION, rooms)) for first in range(0, rooms, ROOMS_PER_TRANSACTION)]
    prepared = [[(table, await _rows(source, table, group)) for table in TABLES] for group in groups]
    people = [tuple(row) for row in await source.fetch("SELECT * FROM users")]
    began = time.perf_counter()
    for number, group in enumerate(prepared):
        async with target.transaction() as connection:
            if number == 0:
                await connection.copy_records_to_table("users", records=people)
            for table, rows in group:
                await connection.copy_records_to_table(table, records=rows)
    elapsed = time.perf_counter() - began
    return sum(len(rows) for group in prepared for table, rows in group if table == "room_events") / elapsed


async def _rows(source: Database, table: str, group: Sequence[int]) -> list[tuple[Any, ...]]:
    addresses = [workspace(f"bench {n}") for n in group]
    column = {"room_events": "room", "room_positions": "room", "pattern_workspaces": "id"}.get(table, "workspace_id")
    keys = addresses if column == "room" else [id_of(address) for address in addresses]
    kind = "text" if column == "room" else "uuid"
    return [tuple(row) for row in await source.fetch(f"SELECT * FROM {table} WHERE {column} = ANY($1::{kind}[])", keys)]


class Stored(NamedTuple):
    """Records a second, by our own write-behind and by COPY alone; our processor time a record; how the turns of work were."""

    per_s: float
    raw_per_s: float
    cpu_us: float
    turns: str


async def measure(rooms: int, records: int, rounds: int = 1) -> list[Stored]:
    """The two in turns, in one Postgres."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(reachable_folder())
        postgres = PostgresOfTheRun(await stack.enter_async_context(open_embedded(EmbeddedSettings(data=folder / "pg"))))
        await postgres.make_template()
        return [await _round(postgres, rooms, records) for _ in range(rounds)]


async def _round(postgres: PostgresOfTheRun, rooms: int, records: int) -> Stored:
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(open_database(await stack.enter_async_context(postgres.database())))
        target = await stack.enter_async_context(open_database(await stack.enter_async_context(postgres.database())))
        per_s, cpu_s = await stored_per_s(source, rooms, records)
        raw = await copied_per_s(source, target, rooms)
        return Stored(per_s, raw, cpu_s / records * 1e6, await turns(source, rooms, records // 4))


async def write_behind_lines(sizes: Sizes) -> list[Line]:
    found = await measure(ROOMS, sizes.stored_records, sizes.rounds)
    middle = sorted(found, key=lambda each: each.per_s / each.raw_per_s)[len(found) // 2]
    return [
        Line(
            name="write-behind, sustained",
            unit="records/s",
            measured=middle.per_s,
            reference=middle.raw_per_s,
            reference_name="raw COPY of the same rows",
            least_ratio=LEAST_OF_COPY,
            note=f"{middle.cpu_us:.0f} µs of this process' CPU a record; {middle.turns}",
        ),
        Line(
            name="write-behind, drain",
            unit="records/s",
            measured=middle.per_s,
            target=TARGET_INFLOW,
            note="the inflow to keep up with",
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.write_behind", description=__doc__)
    parser.add_argument("--records", type=int, default=40_000)
    parser.add_argument("--rooms", type=int, default=ROOMS)
    options = parser.parse_args()
    for per_s, raw, cpu_us, held_up in uvloop.run(measure(options.rooms, options.records)):
        ratio = f"stored {per_s:,.0f} records/s, raw COPY {raw:,.0f}: ratio {per_s / raw:.2f}"
        sys.stdout.write(f"{ratio}; {held_up}; {cpu_us:.0f} µs of this process' CPU a record\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
