"""One seed's course: the rooms are made, clients and storm do what they do, then it is calm, and everything has to come right."""

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from domain.ids import keyed_id, room_address
from tests.drills.checker import Verdict, judge
from tests.drills.history import History, StoredEvent
from tests.simulation.broken import SOUND, Variant
from tests.simulation.client import Client
from tests.simulation.database import Postgres
from tests.simulation.disk import Host
from tests.simulation.invariants import look, look_at_rows
from tests.simulation.loop import Stuck, TooLong
from tests.simulation.node import Node
from tests.simulation.statements import Unknown
from tests.simulation.storm import Storm
from tests.simulation.takeover import taken_over
from tests.simulation.world import World

SETTLE_S: Final = 120.0
"""So long everything may take to come right in calm, on the pretended clock: pauses of clients and retries of the node together."""
MEMORY: Final = Path("/dev/shm")
LIVES_IN_CALM: Final = 25
"""A node that still does not stay up after so many starts never will."""
LOOK_TURNS: Final = 64
"""Bounds are looked at every so many turns of the loop."""


class Report(msgspec.Struct, kw_only=True):
    """What one course has shown. ``trace`` is the same for the same seed, whatever else the machine does."""

    seed: int
    turns: int
    virtual_s: float
    lives: int
    faults: Counter[str]
    verdict: Verdict
    complaints: list[str]
    trace: str
    lines: list[str] | None = None

    @property
    def is_clean(self) -> bool:
        return self.verdict.is_clean and not self.complaints

    @property
    def anomalies(self) -> int:
        return self.verdict.counts.total() + len(self.complaints)

    def __str__(self) -> str:
        head = f"seed {self.seed}: {self.turns} turns, {self.virtual_s:.1f} s of its time, {self.lives} lives of the node"
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        return "\n".join([head, f"  {faults}", f"  {self.verdict}", *[f"  complaint: {each}" for each in self.complaints]])


def run_course(seed: int, variant: Variant = SOUND, *, with_lines: bool = False) -> Report:
    """The same seed gives the same course."""
    with _folder() as root:
        world = World(seed)
        world.root = f"{root}/"
        if with_lines:
            world.lines = []
        course = Course(world, root, variant)
        with taken_over(world.draw("takeover"), world.loop.time, world.wall_ms) as faults, variant.patched():
            try:
                world.loop.run_until_complete(course.run())
            except (Stuck, TooLong, Unknown) as error:
                world.complain(f"{type(error).__name__}: {error}")
            finally:
                _close(world)
        for fault in dict.fromkeys(faults.found):
            world.complain(f"fault: {fault}")
        return course.report()


def _close(world: World) -> None:
    """Also behind a course that got stuck, nothing is left that the collector would complain of."""
    loop = world.loop
    loop.on_turn = lambda: None
    left = sorted(asyncio.all_tasks(loop), key=hash)
    for task in left:
        task.cancel()
    with contextlib.suppress(Stuck, TooLong, Unknown):
        loop.run_until_complete(asyncio.wait(left)) if left else None
    loop.close()


@contextmanager
def _folder() -> Iterator[Path]:
    """On memory where the machine has some to offer: thousands of courses write thousands of small files."""
    root = Path(tempfile.mkdtemp(prefix="atrium-simulation-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


class Course:
    def __init__(self, world: World, root: Path, variant: Variant) -> None:
        self._world = world
        self._variant = variant
        self._host = Host(world, root)
        self._postgres = Postgres(world)
        rooms = {_workspace(name): name for name in (f"pattern-{number}" for number in range(world.weather.rooms))}
        self._clients = [Client(world, lambda: self._node, number, rooms) for number in range(world.weather.clients)]
        self._storm = Storm(world, self._host, self._postgres, self._clients, lambda: self._node)
        self._node: Node | None = None
        self._lives = 0
        self._is_over = False
        self._turns = 0

    async def run(self) -> None:
        world = self._world
        world.loop.on_turn = self._look
        world.loop.job_s = self._job_s
        host_rng, work = self._host.rng, asyncio.create_task(self._nodes())
        self._clients[0].make_rooms()
        clients = [asyncio.create_task(client.run()) for client in self._clients]
        await self._storm.rage()
        self._storm.calm()
        world.note(f"calm {host_rng.random()}")
        for client in self._clients:
            client.gives = False
        await self._settle()
        self._is_over = True
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        if self._node is not None:
            self._node.end()
        await work
        self._look_at_the_end()

    def _job_s(self) -> float:
        return self._host.rng.uniform(0.0001, 0.002) + (self._host.rng.uniform(0.0, self._host.slow_s))

    # The node's lives

    async def _nodes(self) -> None:
        """Like a supervisor: one life after the other."""
        rng = self._world.draw("lives")
        while not self._is_over:
            self._lives += 1
            node = self._node = Node(self._world, self._host, self._postgres, self._lives, self._variant)
            life = asyncio.create_task(node.live())
            died = asyncio.create_task(node.died.wait())
            await asyncio.wait([life, died], return_when=asyncio.FIRST_COMPLETED)
            died.cancel()
            for client in self._clients:
                if client.line is not None:
                    client.line.node_died()
            if node.is_dead:
                self._world.loop.call_later(rng.uniform(0.0, 0.2), life.cancel)
            await asyncio.gather(life, return_exceptions=True)
            self._look_for_left_tasks(node)
            await asyncio.sleep(rng.uniform(0.01, 0.4))

    def _look_for_left_tasks(self, node: Node) -> None:
        left = [task for task in asyncio.all_tasks() if getattr(task, "owner", "") == node.name and not task.done()]
        if left:
            self._world.complain(f"tasks left behind: {sorted(_what(task) for task in left)}")

    # Looking

    def _look(self) -> None:
        self._turns += 1
        if self._turns % LOOK_TURNS == 0 and self._node is not None and self._node.parts is not None:
            for complaint in look(self._node.parts):
                self._world.complain(complaint)

    async def _settle(self) -> None:
        deadline_s, lives_most = self._world.loop.time() + SETTLE_S, self._lives + LIVES_IN_CALM
        while missing := self._missing():
            if self._world.loop.time() > deadline_s or self._lives > lives_most:
                self._world.complain(f"not settled: {missing}")
                return
            await asyncio.sleep(0.1)

    def _missing(self) -> str:
        unsettled = [client.missing for client in self._clients if not client.is_settled]
        if unsettled:
            return "; ".join(unsettled)
        tops: Counter[str] = Counter()
        for client in self._clients:
            for room, offset in [*client.acked_tops.items(), *((room, place.offset) for room, place in client.places.items())]:
                tops[room] = max(tops[room], offset)
        behind = [
            (client.name, room) for client in self._clients for room, each in client.places.items() if each.offset < tops[room]
        ]
        stored = Counter[str]()
        for row in self._postgres.rows("room_events"):
            stored[row["room"]] = max(stored[row["room"]], row["offset"])
        unstored = [room for room, top in tops.items() if stored[room] < top]
        waiting = [row["target"] for row in self._postgres.rows("reactions") if row["state"] in ("pending", "refusing")]
        return f"behind {behind}, not stored {unstored}, to be delivered {waiting}" if behind or unstored or waiting else ""

    def _look_at_the_end(self) -> None:
        forgotten = {words for client in self._clients for words in client.forgotten}
        for complaint in look_at_rows(self._postgres, forgotten):
            self._world.complain(complaint)

    # Judging

    def report(self) -> Report:
        world = self._world
        verdict = judge(History([client.log for client in self._clients], self._stored(), self._rooms()))
        return Report(
            seed=world.seed,
            turns=world.loop.turns,
            virtual_s=world.loop.time() - 1_000.0,
            lives=self._lives,
            faults=world.faults,
            verdict=verdict,
            complaints=world.complaints,
            trace=world.trace,
            lines=world.lines,
        )

    def _rooms(self) -> Sequence[str]:
        """Those that somebody follows, and those that somebody has made."""
        followed = itertools.chain.from_iterable(client.places for client in self._clients)
        return list(dict.fromkeys([*followed, *(row["room"] for row in self._postgres.rows("room_events"))]))

    def _stored(self) -> list[StoredEvent]:
        names = ("room", "offset", "epoch", "actor_id", "command_id", "ordinal")
        return [StoredEvent(*(row[name] for name in names)) for row in self._postgres.rows("room_events")]


def _workspace(pattern: str) -> str:
    return room_address("workspace", keyed_id("workspace", pattern))


def _what(task: "asyncio.Task[object]") -> str:
    return str(getattr(task.get_coro(), "__qualname__", task))
