"""The load of a drill: rooms, workers that fill and read them, and the moment when everything is answered and read."""

import asyncio
import re
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.checker import Verdict, judge
from tests.drills.history import Acked, ClientLog, History, StoredEvent
from tests.drills.scripts import ALL, CASTS
from tests.drills.scripts.script import Part
from tests.drills.stage import open_stage
from tests.drills.worker import Worker
from tests.support.server import ServerProcess
from tests.support.tokens import actor_of, mint, secret_of

SETTLE_S = 60.0
"""How long the last answers and deliveries may take once nothing new is given."""

STORED_S = 60.0
"""How long the last events may take into Postgres."""

DAY_S = 86_400.0

_WORDS = re.compile(r"words-of-[a-z0-9-]+-end")
"""What scripts say that they may take back, so that it can be looked for."""


class Unsettled(Exception):
    """Answers or deliveries are missing although the server runs: that is a finding of its own."""


class Plan(NamedTuple):
    """``rate_per_s`` commands from ``clients`` clients in ``rooms`` rooms of these kinds. ``seed`` decides what they do."""

    clients: int = 20
    rooms: int = 6
    rate_per_s: float = 500.0
    seed: int = 1
    kinds: Sequence[str] = ALL


class Load:
    """Running workers. Made by ``open_load``."""

    def __init__(self, workers: Sequence[Worker], makers: Sequence[ClientLog]) -> None:
        self.workers = workers
        self._makers = makers

    @property
    def logs(self) -> list[ClientLog]:
        return [*self._makers, *(worker.log for worker in self.workers)]

    @property
    def rooms(self) -> list[str]:
        """All rooms that somebody reads or has given something to."""
        read = (room for worker in self.workers for room in worker.places)
        given = (entry.room for log in self.logs for entry in log.entries if isinstance(entry, Acked))
        return list(dict.fromkeys([*read, *given]))

    @property
    def acked(self) -> int:
        return sum(worker.acked for worker in self.workers)

    @property
    def closes(self) -> Counter[int]:
        """Close codes that the workers were given; 1006 is a cut without one."""
        return sum((worker.closes for worker in self.workers), Counter[int]())

    @property
    def refusals(self) -> Counter[int]:
        return sum((worker.refusals for worker in self.workers), Counter[int]())

    @property
    def figures(self) -> dict[str, object]:
        by_kind = Counter[str]()
        for worker in self.workers:
            for room, offset in worker.acked_tops.items():
                kind = room.partition(":")[0]
                by_kind[kind] = max(by_kind[kind], offset)
        told = sum(worker.streams.characters for worker in self.workers)
        tops = ", ".join(f"{kind} {top}" for kind, top in sorted(by_kind.items()))
        return {
            "longest rooms": tops,
            "streamed to readers": f"{told / 1e6:.2f} MB",
            "taken back": len(self.forgotten),
            "refusals": dict(self.refusals),
        }

    @property
    def forgotten(self) -> set[str]:
        """Words that were taken back for good."""
        return {words for worker in self.workers for words in worker.script.forgotten}

    def quantile_ms(self, share: float) -> float:
        """Time from a command's (last) sending to its answer."""
        latencies = sorted(latency for worker in self.workers for latency in worker.latencies_ms)
        return latencies[min(int(share * len(latencies)), len(latencies) - 1)] if latencies else 0.0

    @property
    def median_ms(self) -> float:
        return statistics.median([latency for worker in self.workers for latency in worker.latencies_ms] or [0.0])

    async def until_inside(self, timeout_s: float = SETTLE_S) -> None:
        """Wait until every worker is in all of its rooms. Raises ``Unsettled``."""
        await self._until(lambda: all(worker.is_inside for worker in self.workers), timeout_s)

    async def settled(self, timeout_s: float = SETTLE_S) -> list[str]:
        """Like ``settle``, but what is missing is returned as a complaint, so that the history is judged all the same."""
        complaints: list[str] = []
        try:
            await self.settle(timeout_s)
        except Unsettled as unsettled:
            complaints.append(str(unsettled))
        return complaints + [complaint for worker in self.workers for complaint in worker.streams.complaints]

    async def settle(self, timeout_s: float = SETTLE_S) -> None:
        """Give nothing more, wait for every answer, then until every worker has read its rooms to the end. Raises ``Unsettled``."""
        for worker in self.workers:
            worker.finish()
        await self._until(self._is_settled, timeout_s)

    async def _until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not condition():
            if loop.time() > deadline:
                raise Unsettled(self._what_is_missing())
            await asyncio.sleep(0.05)

    def _is_settled(self) -> bool:
        return all(worker.is_settled and worker.is_inside for worker in self.workers) and not self._behind()

    def _behind(self) -> list[str]:
        """Rooms that some reader has not read as far as others have, or as something was acknowledged."""
        tops: Counter[str] = Counter()
        for worker in self.workers:
            for room, offset in [*worker.acked_tops.items(), *((room, place.offset) for room, place in worker.places.items())]:
                tops[room] = max(tops[room], offset)
        return [room for worker in self.workers for room, place in worker.places.items() if place.offset < tops[room]]

    def _what_is_missing(self) -> str:
        unanswered = sum(not worker.is_settled for worker in self.workers)
        outside = [room for worker in self.workers for room, place in worker.places.items() if not place.is_inside]
        behind = f"outside of {outside}, behind in {self._behind()}"
        return f"{unanswered} clients without an answer, {behind}; closes {dict(self.closes)}"


@asynccontextmanager
async def open_load(server: ServerProcess, plan: Plan, port: int = 0) -> AsyncIterator[Load]:
    """Make the rooms, then let every worker play its part until the end of the block (or ``settle``).

    ``port`` is where the workers connect, if not to the server itself.
    """
    async with open_stage(server, f"drill-{plan.seed}") as stage:
        parts: list[Part] = []
        for number in range(plan.rooms):
            kind = plan.kinds[number % len(plan.kinds)]
            clients = plan.clients // plan.rooms + (number < plan.clients % plan.rooms)
            parts += await CASTS[kind](stage, f"{kind}-{number}", max(1, clients))
        makers = stage.logs
    interval_s = len(parts) / plan.rate_per_s
    address = f"ws://127.0.0.1:{port}/connection/websocket" if port else server.socket_address
    workers = [_worker(server, part, interval_s, address) for part in parts]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield Load(workers, makers)
    finally:
        for task in tasks:
            task.cancel()
        failures = [end for end in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(end, Exception)]
    if failures:
        raise failures[0]


def _worker(server: ServerProcess, part: Part, interval_s: float, address: str) -> Worker:
    actor = actor_of(part.user)
    # Good for a day both ways: the server's clock may be wrong, or the drill take hours.
    token = mint(secret_of(server.data), part.user, part.role, ttl_s=DAY_S, iat=int(time.time() - DAY_S))
    home = "" if part.role == "bot" else f"person:{actor}"
    return Worker(address, token, ClientLog(part.user, actor), part.script, interval_s, home)


async def make_rooms(server: ServerProcess, count: int, name: str) -> list[str]:
    """So many workspaces beside the load."""
    async with open_stage(server, name) as stage:
        return [(await CASTS["workspace"](stage, str(number), 1))[0].script.room for number in range(count)]


async def judged(dsn: str, load: Load, others: Sequence[ClientLog] = ()) -> Verdict:
    """The history against Postgres, and what was taken back must stand nowhere. ``others`` were there beside the load."""
    verdict = judge(History(logs=[*load.logs, *others], stored=await stored_events(dsn, load.rooms), rooms=load.rooms))
    for table, words in await _words_in(dsn):
        for left in sorted(words & load.forgotten):
            verdict.note("not_forgotten", table, f"{left!r} was taken back")
    return verdict


async def until_stored(dsn: str, load: Load, timeout_s: float = STORED_S) -> list[str]:
    """Everything that was acknowledged is in Postgres in time."""
    return await until_there(dsn, {room: top for worker in load.workers for room, top in worker.acked_tops.items()}, timeout_s)


async def until_there(dsn: str, tops: Mapping[str, int], timeout_s: float = STORED_S) -> list[str]:
    """Wait until Postgres has these rooms up to these offsets."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while missing := await _missing(dsn, tops):
        if loop.time() > deadline:
            return [f"{missing} are not stored after {timeout_s:g} s"]
        await asyncio.sleep(0.2)
    return []


async def _missing(dsn: str, tops: Mapping[str, int]) -> list[str]:
    there: dict[str, int] = {}
    for event in await stored_events(dsn, list(tops)):
        there[event.room] = max(event.offset, there.get(event.room, 0))
    return [room for room, top in tops.items() if there.get(room, 0) < top]


async def stored_events(dsn: str, rooms: Sequence[str]) -> list[StoredEvent]:
    """Every row of these rooms, straight from Postgres."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            """
            SELECT room, "offset", epoch, actor_id, command_id, ordinal, coalesce(body ->> 'text', '') AS words
            FROM room_events WHERE room = ANY($1)
            """,
            list(rooms),
        )
    finally:
        await connection.close()
    return [
        StoredEvent(
            row["room"],
            row["offset"],
            row["epoch"],
            str(row["actor_id"]),
            str(row["command_id"]),
            row["ordinal"],
            row["words"],
        )
        for row in rows
    ]


async def _words_in(dsn: str) -> list[tuple[str, set[str]]]:
    """What scripts said, as far as it stands in some table."""
    connection = await asyncpg.connect(dsn)
    try:
        found = []
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            rows = await connection.fetch(f"SELECT t::text FROM \"{table}\" AS t WHERE t::text LIKE '%words-of-%'")
            found.append((str(table), {words for (row,) in rows for words in _WORDS.findall(row)}))
    finally:
        await connection.close()
    return found


async def judge_folder(server: ServerProcess, load: Load, others: Sequence[ClientLog] = ()) -> Verdict:
    """The server has ended: start its Postgres alone and compare."""
    async with open_embedded(EmbeddedSettings(data=server.data / "postgres")) as dsn:
        return await judged(dsn, load, others)
