"""kill -9 while the server starts and carries its journal over, five times in a row; then it must come up, and all is there."""

import asyncio
import random
from collections import Counter

from tests.drills.catalog import Orders
from tests.drills.checker import Verdict
from tests.drills.disk.beside import open_beside
from tests.drills.disk.strace import OPTIONS, injecting
from tests.drills.load import open_load
from tests.drills.report import Report
from tests.support.server import DidNotStart, ServerProcess

IN_A_ROW = 5
CALLS = {"pwrite64": 100, "fdatasync": 20, "fsync": 9, "unlink": 6, "ftruncate": 6, "rename": 1}
"""What a start changes its folder with, and about how often in one thread: the tail is carried over and sealed, what the last run
left open is sealed, the ledger is replaced, and what it does not list any more is removed."""
PAUSE_S = (0.5, 1.5)
LATE = {"ATRIUM_WRITE_BEHIND_BATCH_AGE_S": "0.8"}
"""Records wait for the write-behind, so that there is much to recover."""


async def kill_in_recovery_drill(orders: Orders) -> Report:
    """``orders.n`` times: kill it under load, then in five starts in a row."""
    rng, ends, complaints = random.Random(orders.plan.seed), Counter[str](), list[str]()
    async with open_beside(orders.command, LATE) as beside:
        server = beside.server
        async with open_load(server, orders.plan) as load:
            for _ in range(orders.n):
                await load.until_inside()
                await asyncio.sleep(rng.uniform(*PAUSE_S))
                await server.kill()
                for _ in range(IN_A_ROW):
                    complaints += await _killed_while_starting(server, rng, ends)
                del server.env[OPTIONS]
                try:
                    await server.start()
                except DidNotStart as error:
                    return Report(drill="kill_in_recovery", verdict=Verdict(), complaints=[*complaints, str(error)])
            complaints += await load.settled(orders.settle_s)
        verdict, ended = await beside.ended(load)
    if not ends.total() - ends["came up"]:
        complaints.append("no start was killed")
    figures = {"rounds": orders.n, "starts killed at": dict(ends), "closes": dict(load.closes), **load.figures}
    return Report(drill="kill_in_recovery", verdict=verdict, figures=figures, complaints=[*complaints, *ended])


async def _killed_while_starting(server: ServerProcess, rng: random.Random, ends: Counter[str]) -> list[str]:
    """One start that does not live long. Returns what it refused to start with: nothing may make it do so."""
    call = rng.choice(list(CALLS))
    server.env.update(injecting(f"{call}:signal=KILL:when={rng.randint(1, CALLS[call])}"))
    told = len(server.lines)
    try:
        await server.start()
    except DidNotStart:
        ends[call] += 1
    else:
        ends["came up"] += 1  # the call did not come so often
        await server.kill()
    return [line for line in server.lines[told:] if line.startswith("atrium:")]
