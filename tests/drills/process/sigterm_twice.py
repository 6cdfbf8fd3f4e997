"""SIGTERM, and SIGTERM again while the first is obeyed, under load: it ends within the short grace, cleanly, and loses nothing."""

import asyncio
import random
import signal

from tests.drills.catalog import Orders
from tests.drills.process.ending import End, ended_under_load
from tests.drills.report import Report
from tests.support.server import ServerProcess

BETWEEN_S = (0.0, 0.3)
"""Between the first signal and the second: connections leave, then what waits is stored."""
ENDS_S = 10.0
"""The short grace, and what closing the database takes on a busy machine; without the second signal it may be ten seconds more."""


async def sigterm_twice_drill(orders: Orders) -> Report:
    """End it so ``orders.n`` times; once with a third signal, of the other kind."""
    rng = random.Random(orders.plan.seed)
    loop = asyncio.get_running_loop()

    async def end(server: ServerProcess, number: int) -> End:
        await asyncio.sleep(rng.uniform(0.3, 1.0))
        server.send(signal.SIGTERM)
        await asyncio.sleep(rng.uniform(*BETWEEN_S))
        began = loop.time()
        code = await server.stop(signal.SIGINT if number % 3 == 2 else signal.SIGTERM)
        return End(code, loop.time() - began)

    load, verdict, complaints, longest_s = await ended_under_load(orders, end)
    if longest_s > ENDS_S:
        complaints.append(f"behind the second signal the end took {longest_s:.1f} s")
    figures = {"ends": orders.n, "behind the second signal": f"{longest_s:.2f} s at most", "closes": dict(load.closes)}
    return Report(drill="sigterm_twice", verdict=verdict, figures=figures, complaints=complaints)
