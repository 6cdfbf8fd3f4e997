"""SIGTERM under load: connections leave in slices with 3001, nothing acknowledged is lost, exit code 0, Postgres stopped."""

import asyncio
import signal

from tests.drills.catalog import Orders
from tests.drills.process.ending import End, ended_under_load
from tests.drills.report import Report
from tests.support.server import ServerProcess

SHUTDOWN = 3001


async def sigterm_drill(orders: Orders) -> Report:
    """Stop and start it ``orders.n`` times."""
    load, verdict, complaints, longest_s = await ended_under_load(orders, _end)
    wanted = orders.n * len(load.workers)
    if load.closes[SHUTDOWN] < wanted:
        complaints.append(f"{wanted} connections should have left with {SHUTDOWN}: {dict(load.closes)}")
    figures = {"stops": orders.n, "stop": f"{longest_s:.2f} s at most", "closes": dict(load.closes)}
    return Report(drill="sigterm", verdict=verdict, figures=figures, complaints=complaints)


async def _end(server: ServerProcess, number: int) -> End:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(1.0)
    began = loop.time()
    code = await server.stop(signal.SIGTERM)
    return End(code, loop.time() - began)
