"""Clients are cut one by one, in every way and at any moment; they come back, resume, and repeat what was not answered."""

import asyncio
import random
from collections.abc import Callable, Sequence

from tests.drills.catalog import Orders
from tests.drills.load import judge_folder, open_load
from tests.drills.report import Report, unclean_end
from tests.support.proxy import Line, Proxy, open_proxy
from tests.support.server import data_folder, open_server

LIFE_S = 1.0
"""How long a connection lives on average: long enough to come in, to be given something and to give something."""
STUCK_S = 30.0
"""Without a single cut for so long nobody comes back any more."""

WAYS: Sequence[Callable[[Line], None]] = (
    Line.reset,
    Line.hang_up,
    Line.strand,
    Line.mute,
    lambda line: line.break_frame(is_answer=True),
    lambda line: line.break_frame(is_answer=False),
)


async def cuts_drill(orders: Orders) -> Report:
    """``orders.n`` cuts, under the load of all kinds of rooms."""
    plan = orders.plan
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server, open_proxy(server.port) as proxy:
            async with open_load(server, plan, proxy.port) as load:
                await load.until_inside()
                complaints = await _cut(proxy, orders.n, random.Random(plan.seed), len(load.workers) / LIFE_S)
                complaints += await load.settled(orders.settle_s)
            proxy.let_go()  # who does not answer a close frame is waited for
            code = await server.stop()
            verdict = await judge_folder(server, load)
    complaints += unclean_end(server, code)
    figures = {
        "cuts": proxy.cuts.total(),
        "of them": dict(proxy.cuts),
        "connections": proxy.accepted,
        "answer p50": f"{load.median_ms:.1f} ms",
        **load.figures,
    }
    return Report(drill="cuts", verdict=verdict, figures=figures, complaints=complaints)


async def _cut(proxy: Proxy, count: int, rng: random.Random, per_s: float) -> list[str]:
    """Until so many lines were cut; the moments and the ways are the seed's."""
    loop = asyncio.get_running_loop()
    done, moved_at = proxy.cuts.total(), loop.time()
    while proxy.cuts.total() < count:
        await asyncio.sleep(rng.expovariate(per_s))
        if proxy.lines:
            rng.choice(WAYS)(rng.choice(list(proxy.lines)))
        if proxy.cuts.total() != done:
            done, moved_at = proxy.cuts.total(), loop.time()
        elif loop.time() - moved_at > STUCK_S:
            return [f"nobody is there to be cut after {done} cuts"]
    return []
