"""kill -9 of Postgres, again and again, under load: rooms go on meanwhile, and afterwards everything is there, once."""

import asyncio

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.catalog import Orders
from tests.drills.database.rows import changed_by_rerun
from tests.drills.health import until_all_is_stored
from tests.drills.load import judged, open_load, until_stored
from tests.drills.report import Report
from tests.drills.stage import dsn_of
from tests.support.postgres import RunningPostgres
from tests.support.server import data_folder, open_server


async def postgres_killed_drill(orders: Orders) -> Report:
    """Kill it ``orders.n`` times, every ``orders.seconds``."""
    loop = asyncio.get_running_loop()
    complaints: list[str] = []
    back_s: list[float] = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                await load.until_inside()
                postgres = RunningPostgres(data / "postgres")
                acked_before = load.acked
                began = loop.time()
                for _ in range(orders.n):
                    await asyncio.sleep(orders.seconds)
                    postmaster, killed = postgres.pid(), loop.time()
                    await postgres.kill()
                    await postgres.until_back(unlike=postmaster)
                    back_s.append(loop.time() - killed)
                acked = load.acked - acked_before
                rate_per_s = acked / (loop.time() - began)
                complaints += await load.settled(orders.settle_s)
                complaints += await until_stored(dsn_of(server), load, orders.settle_s)
            complaints += await until_all_is_stored(server, orders.settle_s)
            code = await server.stop()
        async with open_embedded(EmbeddedSettings(data=data / "postgres")) as dsn:
            verdict = await judged(dsn, load)
            complaints += await changed_by_rerun(dsn, load.rooms)
    if code != 0:
        complaints += [f"the server ended with {code}", *server.lines[-15:]]
    if rate_per_s < orders.plan.rate_per_s * 0.25:
        complaints.append(f"only {acked} commands were acknowledged meanwhile, {rate_per_s:.0f}/s")
    figures = {
        "kills of Postgres": orders.n,
        "back after": f"{max(back_s, default=0):.2f} s at most",
        "acknowledged meanwhile": f"{acked} ({rate_per_s:.0f}/s)",
        "p99": f"{load.quantile_ms(0.99):.0f} ms",
        **load.figures,
    }
    return Report(drill="postgres_killed", verdict=verdict, figures=figures, complaints=complaints)
