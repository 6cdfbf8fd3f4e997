"""The line between write-behind and Postgres is cut while COMMIT is on it, before or after Postgres has seen it: nothing is lost by
that, nothing goes in twice, and rows are what the log says."""

import asyncio
import random

from tests.drills.catalog import Orders
from tests.drills.database.own_server import open_proxied_server
from tests.drills.database.rows import changed_by_rerun
from tests.drills.health import until_all_is_stored
from tests.drills.load import judged, open_load, until_stored
from tests.drills.report import Report, unclean_end
from tests.support.commit_proxy import MOMENTS, CommitProxy

PAUSE_S = (0.0, 0.2)
AGAIN_SHARE = 0.2
"""So often a cut comes at once: then the batch that is tried again is cut again."""
CUT_WAIT_S = 15.0


async def cut_at_commit_drill(orders: Orders) -> Report:
    """Cut ``orders.n`` commits, each of the three ways in turn."""
    complaints: list[str] = []
    async with open_proxied_server(orders.command) as ((server, _, dsn), proxy):
        async with open_load(server, orders.plan) as load:
            await load.until_inside()
            complaints += await _cut(proxy, random.Random(orders.plan.seed), orders.n)
            complaints += await load.settled(orders.settle_s)
            complaints += await until_stored(dsn, load, orders.settle_s)
        complaints += await until_all_is_stored(server, orders.settle_s)
        code = await server.stop()
        verdict = await judged(dsn, load)
        complaints += await changed_by_rerun(dsn, load.rooms)
    complaints += unclean_end(server, code)
    figures = {"commits": proxy.commits, "of them cut": proxy.cuts, "p99": f"{load.quantile_ms(0.99):.0f} ms", **load.figures}
    return Report(drill="cut_at_commit", verdict=verdict, figures=figures, complaints=complaints)


async def _cut(proxy: CommitProxy, rng: random.Random, n: int) -> list[str]:
    for number in range(n):
        try:
            async with asyncio.timeout(CUT_WAIT_S):
                if rng.random() >= AGAIN_SHARE:
                    await proxy.pass_next()
                    await asyncio.sleep(rng.uniform(*PAUSE_S))
                await proxy.cut_next(MOMENTS[number % len(MOMENTS)])
        except TimeoutError:
            return [f"no COMMIT came in {CUT_WAIT_S:g} s, behind {proxy.cuts} that were cut"]
    return []
