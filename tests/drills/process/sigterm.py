"""SIGTERM under load: connections leave in slices with 3001, nothing acknowledged is lost, exit code 0, Postgres stopped."""

import asyncio
import signal

from tests.drills.catalog import Orders
from tests.drills.load import judge_folder, open_load
from tests.drills.report import Report
from tests.support.server import data_folder, open_server

SHUTDOWN = 3001


async def sigterm_drill(orders: Orders) -> Report:
    """Stop and start it ``orders.n`` times."""
    n = orders.n
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    stops_s = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                for _ in range(n):
                    await load.until_inside()
                    await asyncio.sleep(1.0)
                    began = loop.time()
                    code = await server.stop(signal.SIGTERM)
                    stops_s.append(loop.time() - began)
                    if code != 0:
                        complaints += [f"the server ended with {code}", *server.lines[-15:]]
                    if (data / "postgres" / "postmaster.pid").exists():
                        complaints.append("Postgres was left running, or without its checkpoint")
                    await server.start()
                complaints += await load.settled(orders.settle_s)
            complaints += [f"the server ended with {code}"] if (code := await server.stop()) else []
            verdict = await judge_folder(server, load)
    if load.closes[SHUTDOWN] < n * len(load.workers):
        complaints.append(f"{n * len(load.workers)} connections should have left with {SHUTDOWN}: {dict(load.closes)}")
    figures = {"stops": n, "stop": f"{max(stops_s, default=0):.2f} s at most", "closes": dict(load.closes)}
    return Report(drill="sigterm", verdict=verdict, figures=figures, complaints=complaints)
