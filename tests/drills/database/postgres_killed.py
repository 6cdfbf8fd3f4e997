"""kill -9 of Postgres, again and again, under load: rooms go on meanwhile, and afterwards everything is there, once."""

import asyncio

from tests.drills.catalog import Orders
from tests.drills.database.hurting import GOES_ON_SHARE, hurt_under_load
from tests.drills.load import Load
from tests.drills.report import Report
from tests.support.postgres import RunningPostgres
from tests.support.server import ServerProcess


async def postgres_killed_drill(orders: Orders) -> Report:
    """Kill it ``orders.n`` times, every ``orders.seconds``."""
    loop = asyncio.get_running_loop()
    back_s: list[float] = []
    meanwhile = ""

    async def hurt(server: ServerProcess, load: Load) -> list[str]:
        nonlocal meanwhile
        postgres = RunningPostgres(server.data / "postgres")
        acked_before, began = load.acked, loop.time()
        for _ in range(orders.n):
            await asyncio.sleep(orders.seconds)
            postmaster, killed = postgres.pid(), loop.time()
            await postgres.kill()
            await postgres.until_back(unlike=postmaster)
            back_s.append(loop.time() - killed)
        acked = load.acked - acked_before
        rate_per_s = acked / (loop.time() - began)
        meanwhile = f"{acked} ({rate_per_s:.0f}/s)"
        goes_on = rate_per_s >= orders.plan.rate_per_s * GOES_ON_SHARE
        return [] if goes_on else [f"only {acked} commands were acknowledged meanwhile, {rate_per_s:.0f}/s"]

    load, verdict, complaints = await hurt_under_load(orders, hurt)
    figures = {
        "kills of Postgres": orders.n,
        "back after": f"{max(back_s, default=0):.2f} s at most",
        "acknowledged meanwhile": meanwhile,
        "p99": f"{load.quantile_ms(0.99):.0f} ms",
        **load.figures,
    }
    return Report(drill="postgres_killed", verdict=verdict, figures=figures, complaints=complaints)
