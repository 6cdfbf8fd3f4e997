"""kill -9 of the server, again and again, under load: what was acknowledged is in Postgres, once, and readers have no hole."""

import asyncio
import random

from tests.drills.catalog import Orders
from tests.drills.load import judge_folder, open_load
from tests.drills.report import Report, unclean_end
from tests.support.server import data_folder, open_server

PAUSE_S = (0.3, 2.0)
"""Between ready and the next kill: long enough that commands flow, short enough that write-behind is caught at work."""


async def kill_drill(orders: Orders) -> Report:
    """Kill it ``orders.n`` times at moments that the plan's seed decides."""
    rng = random.Random(orders.plan.seed)
    loop = asyncio.get_running_loop()
    restarts_s = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                for _ in range(orders.n):
                    await asyncio.sleep(rng.uniform(*PAUSE_S))
                    await server.kill()
                    began = loop.time()
                    await server.start()
                    restarts_s.append(loop.time() - began)
                await asyncio.sleep(0.5)
                complaints = await load.settled(orders.settle_s)
            code = await server.stop()
            verdict = await judge_folder(server, load)
    complaints += unclean_end(server, code)
    figures = {
        "kills": orders.n,
        "restart": f"{max(restarts_s, default=0):.2f} s at most",
        "answer p50": f"{load.median_ms:.1f} ms",
        "p99": f"{load.quantile_ms(0.99):.0f} ms",
        "closes": dict(load.closes),
        **load.figures,
    }
    return Report(drill="kill", verdict=verdict, figures=figures, complaints=complaints)
