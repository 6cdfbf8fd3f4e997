"""What is done to the node while it works, drawn from the seed: one thing after the other, until the storm is over."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from tests.simulation.client import Client
from tests.simulation.database import Postgres
from tests.simulation.disk import POWER_BETWEEN, Host
from tests.simulation.node import Node
from tests.simulation.world import World

SLOW_S: Final = 0.4
DISK_FAULTS: Final = (
    "error before a write",
    "error behind a write",
    "power cut before a write",
    "power cut in a write",
    "power cut in a write",
    POWER_BETWEEN,
    POWER_BETWEEN,
)


class Storm:
    """``node`` tells which one runs now."""

    def __init__(
        self, world: World, host: Host, postgres: Postgres, clients: Sequence[Client], node: Callable[[], Node | None]
    ) -> None:
        self._world = world
        self._host = host
        self._postgres = postgres
        self._clients = clients
        self._node = node
        self._rng = world.draw("storm")
        self._menu: Sequence[Callable[[], None]] = (
            *(self._power_cut, self._power_cut, self._sigterm, self._disk, self._disk, self._disk_full, self._disk_slow),
            *(self._database_down, self._database_down, self._database_slow, self._cut, self._cut, self._silence),
            *(self._stall, self._stall, self._set_clock),
        )

    async def rage(self) -> None:
        if self._rng.random() < 0.2:  # the very first start, too
            self._disk()
        until_s = self._world.loop.time() + self._world.weather.storm_s
        while self._world.loop.time() < until_s:
            await asyncio.sleep(self._rng.uniform(0.2, 1.8) * self._world.weather.fault_every_s)
            self._rng.choice(self._menu)()

    def calm(self) -> None:
        self._world.is_calm = True
        self._host.armed, self._host.full_for, self._host.slow_s = "", 0, 0.0
        self._postgres.is_down, self._postgres.slow_s = False, 0.0
        for client in self._clients:
            if client.line is not None and client.line.is_stalled:
                client.line.flow()

    # What there is

    def _power_cut(self) -> None:
        if (node := self._node()) is not None:
            self._world.fault("power cut")
            node.cut_power()

    def _sigterm(self) -> None:
        if (node := self._node()) is not None:
            self._world.fault("SIGTERM")
            node.end()

    def _disk(self) -> None:
        self._host.armed = self._rng.choice(DISK_FAULTS)
        self._host.armed_after = self._rng.randint(0, 12)

    def _disk_full(self) -> None:
        self._world.fault("disk full")
        self._host.full_for = self._rng.randint(1, 6)

    def _disk_slow(self) -> None:
        self._world.fault("disk slow")
        self._host.slow_s = self._rng.uniform(0.01, 0.3)
        self._after(lambda: setattr(self._host, "slow_s", 0.0))

    def _database_down(self) -> None:
        self._world.fault("database down")
        self._postgres.is_down = True
        self._after(lambda: setattr(self._postgres, "is_down", False))

    def _database_slow(self) -> None:
        self._world.fault("database slow")
        self._postgres.slow_s = self._rng.uniform(0.01, SLOW_S)
        self._after(lambda: setattr(self._postgres, "slow_s", 0.0))

    def _cut(self) -> None:
        client = self._rng.choice(self._clients)
        if client.line is not None:
            self._world.fault("client cut")
            client.line.cut()

    def _silence(self) -> None:
        client = self._rng.choice(self._clients)
        if client.line is not None:
            self._world.fault("half-open line")
            client.line.is_silent = True

    def _stall(self) -> None:
        client = self._rng.choice(self._clients)
        line = client.line
        if line is not None and not line.is_stalled:
            self._world.fault("slow reader")
            line.stall()
            self._after(line.flow)

    def _set_clock(self) -> None:
        self._world.fault("clock set")
        self._world.wall_shift_ms += self._rng.choice([-600_000, -3_000, 3_000, 600_000])

    def _after(self, call: Callable[[], object]) -> None:
        self._world.loop.call_later(self._rng.uniform(0.05, 3.0), call)
