"""The load of a drill: rooms, workers that fill and read them, and the moment when everything is answered and read."""

import asyncio
import random
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.checker import Verdict, judge
from tests.drills.history import ClientLog, History, StoredEvent
from tests.drills.worker import Worker
from tests.support.clients import open_person
from tests.support.server import ServerProcess
from tests.support.tokens import actor_of, mint, secret_of

SETTLE_S = 60.0
"""How long the last answers and deliveries may take once nothing new is given."""


class Unsettled(Exception):
    """Answers or deliveries are missing although the server runs: that is a finding of its own."""


class Plan(NamedTuple):
    """How much: ``rate_per_s`` commands from ``clients`` clients in ``rooms`` rooms. ``seed`` decides every pause."""

    clients: int = 20
    rooms: int = 4
    rate_per_s: float = 500.0
    seed: int = 1


class Load:
    """Running workers. Made by ``open_load``."""

    def __init__(self, workers: Sequence[Worker], rooms: Sequence[str]) -> None:
        self.workers = workers
        self.rooms = rooms

    @property
    def logs(self) -> list[ClientLog]:
        return [worker.log for worker in self.workers]

    @property
    def acked(self) -> int:
        return sum(len(worker.latencies_ms) for worker in self.workers)

    @property
    def closes(self) -> Counter[int]:
        """Close codes that the workers were given; 1006 is a cut without one."""
        return sum((worker.closes for worker in self.workers), Counter[int]())

    def quantile_ms(self, share: float) -> float:
        """Time from a command's (last) sending to its answer."""
        latencies = sorted(latency for worker in self.workers for latency in worker.latencies_ms)
        return latencies[min(int(share * len(latencies)), len(latencies) - 1)] if latencies else 0.0

    @property
    def median_ms(self) -> float:
        return statistics.median([latency for worker in self.workers for latency in worker.latencies_ms] or [0.0])

    async def settled(self, timeout_s: float = SETTLE_S) -> list[str]:
        """Like ``settle``, but what is missing is returned as a complaint, so that the history is judged all the same."""
        try:
            await self.settle(timeout_s)
        except Unsettled as unsettled:
            return [str(unsettled)]
        return []

    async def settle(self, timeout_s: float = SETTLE_S) -> None:
        """Give nothing more, wait for every answer, then until every worker has read its room to the end. Raises ``Unsettled``."""
        for worker in self.workers:
            worker.finish()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self._is_settled():
            if loop.time() > deadline:
                raise Unsettled(self._what_is_missing())
            await asyncio.sleep(0.05)

    def _is_settled(self) -> bool:
        if not all(worker.is_settled and worker.is_inside for worker in self.workers):
            return False
        tops = self._tops()
        return all(worker.offset >= tops[worker.room] for worker in self.workers)

    def _tops(self) -> dict[str, int]:
        tops: dict[str, int] = dict.fromkeys(self.rooms, 0)
        for worker in self.workers:
            tops[worker.room] = max(tops[worker.room], worker.acked_top, worker.offset)
        return tops

    def _what_is_missing(self) -> str:
        tops = self._tops()
        unanswered = sum(not worker.is_settled for worker in self.workers)
        outside = sum(not worker.is_inside for worker in self.workers)
        behind = sum(worker.offset < tops[worker.room] for worker in self.workers)
        return f"{unanswered} clients without an answer, {outside} outside, {behind} behind their room; closes {dict(self.closes)}"


@asynccontextmanager
async def open_load(server: ServerProcess, plan: Plan) -> AsyncIterator[Load]:
    """Make the rooms, then let every worker give commands until the end of the block (or ``settle``)."""
    rooms = await make_rooms(server, plan.rooms, f"drill-{plan.seed}")
    secret = secret_of(server.data)
    interval_s = plan.clients / plan.rate_per_s
    workers = []
    for number in range(plan.clients):
        user = f"worker-{number}"
        rng = random.Random(f"{plan.seed}/{number}")
        token = mint(secret, user, "user")
        worker = Worker(server.socket_address, token, actor_of(user), rooms[number % len(rooms)], interval_s, rng, user)
        workers.append(worker)
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield Load(workers, rooms)
    finally:
        for task in tasks:
            task.cancel()
        failures = [end for end in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(end, Exception)]
    if failures:
        raise failures[0]


async def make_rooms(server: ServerProcess, count: int, name: str) -> list[str]:
    """So many workspaces; their maker has no log and is not judged."""
    token = mint(secret_of(server.data), "maker", "admin")
    async with open_person(server.socket_address, "maker", token) as maker:
        made = [
            await maker.give("workspace.create", pattern_type=f"{name}-{number}", name=f"Drill {number}", category="drills")
            for number in range(count)
        ]
    return [answer["room"] for answer in made]


async def stored_events(dsn: str, rooms: Sequence[str]) -> list[StoredEvent]:
    """Every row of these rooms, straight from Postgres."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            'SELECT room, "offset", epoch, actor_id, command_id, ordinal FROM room_events WHERE room = ANY($1)', list(rooms)
        )
    finally:
        await connection.close()
    return [
        StoredEvent(row["room"], row["offset"], row["epoch"], str(row["actor_id"]), str(row["command_id"]), row["ordinal"])
        for row in rows
    ]


async def judge_folder(server: ServerProcess, logs: Sequence[ClientLog], rooms: Sequence[str]) -> Verdict:
    """The server has ended: start its Postgres alone and compare."""
    async with open_embedded(EmbeddedSettings(data=server.data / "postgres")) as dsn:
        return judge(History(logs=logs, stored=await stored_events(dsn, rooms), rooms=rooms))
