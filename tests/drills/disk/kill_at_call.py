"""kill -9 at exactly the N-th write, sync or answer under load: before that call happens, behind the one before it."""

import random
from collections import Counter

from tests.drills.catalog import Orders
from tests.drills.disk.beside import open_beside
from tests.drills.disk.strace import attached
from tests.drills.load import open_load
from tests.drills.report import Report

CALLS = ("pwrite64", "fdatasync", "write")
"""The journal's log is written, and synced; answers leave."""
FARTHEST = 500
SPREAD = 10
"""Few kills are spread over the first calls, so that a short form is short."""
REACHED_S = 30.0


async def kill_at_call_drill(orders: Orders) -> Report:
    """``orders.n`` kills, at call numbers that the seed spreads; of ``FARTHEST`` kills each is at another one."""
    rng = random.Random(orders.plan.seed)
    farthest = max(orders.n, min(FARTHEST, orders.n * SPREAD))
    numbers = rng.sample(range(1, farthest + 1), orders.n)
    kills, complaints = Counter[str](), list[str]()
    async with open_beside(orders.command) as beside:
        server = beside.server
        async with open_load(server, orders.plan) as load:
            for index, number in enumerate(numbers):
                await load.until_inside()
                call = CALLS[index % len(CALLS)]
                async with attached(server, f"{call}:signal=KILL:when={number}"):
                    try:
                        await server.ended(REACHED_S)
                        kills[call] += 1
                    except TimeoutError:
                        complaints.append(f"{call} number {number} did not come within {REACHED_S} s")
                        await server.kill()
                await server.start()
            complaints += await load.settled(orders.settle_s)
        verdict, ended = await beside.ended(load)
    figures = {"kills": dict(kills), "p99": f"{load.quantile_ms(0.99):.0f} ms", "closes": dict(load.closes), **load.figures}
    return Report(drill="kill_at_call", verdict=verdict, figures=figures, complaints=[*complaints, *ended])
