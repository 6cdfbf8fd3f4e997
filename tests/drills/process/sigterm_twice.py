"""SIGTERM, and SIGTERM again while the first is obeyed, under load: it ends within the short grace, cleanly, and loses nothing."""

import asyncio
import random
import signal

from tests.drills.catalog import Orders
from tests.drills.load import judge_folder, open_load
from tests.drills.report import Report
from tests.support.server import data_folder, open_server

BETWEEN_S = (0.0, 0.3)
"""Between the first signal and the second: connections leave, then what waits is stored."""
ENDS_S = 10.0
"""The short grace, and what closing the database takes on a busy machine; without the second signal it may be ten seconds more."""


async def sigterm_twice_drill(orders: Orders) -> Report:
    """End it so ``orders.n`` times; once with a third signal, of the other kind."""
    rng = random.Random(orders.plan.seed)
    loop = asyncio.get_running_loop()
    complaints: list[str] = []
    ends_s: list[float] = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                for number in range(orders.n):
                    await load.until_inside()
                    await asyncio.sleep(rng.uniform(0.3, 1.0))
                    server.send(signal.SIGTERM)
                    await asyncio.sleep(rng.uniform(*BETWEEN_S))
                    began = loop.time()
                    code = await server.stop(signal.SIGINT if number % 3 == 2 else signal.SIGTERM)
                    ends_s.append(loop.time() - began)
                    if code != 0:
                        complaints += [f"the server ended with {code}", *server.lines[-15:]]
                    if (data / "postgres" / "postmaster.pid").exists():
                        complaints.append("Postgres was left running, or without its checkpoint")
                    await server.start()
                complaints += await load.settled(orders.settle_s)
            complaints += [f"the server ended with {code}"] if (code := await server.stop()) else []
            verdict = await judge_folder(server, load)
    if max(ends_s, default=0) > ENDS_S:
        complaints.append(f"behind the second signal the end took {max(ends_s):.1f} s")
    figures = {"ends": orders.n, "behind the second signal": f"{max(ends_s, default=0):.2f} s at most", "closes": dict(load.closes)}
    return Report(drill="sigterm_twice", verdict=verdict, figures=figures, complaints=complaints)
