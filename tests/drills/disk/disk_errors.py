"""The disk fails: EIO on the journal's sync or write. Nothing in flight is acknowledged, the process ends, the next one serves."""

import asyncio
import random
from collections import Counter

from tests.drills.catalog import Orders
from tests.drills.disk.beside import open_beside
from tests.drills.disk.strace import attached
from tests.drills.load import open_load
from tests.drills.report import Report

CALLS = ("fdatasync", "pwrite64")
FARTHEST = 40
ENDED_S = 20.0
BROKEN_EXIT = 3
"""As ``server.serving`` has it: the journal failed."""
SAID = "journal broken"


async def disk_errors_drill(orders: Orders) -> Report:
    """``orders.n`` errors, one at a time, each behind so many calls as the seed decides. A disk that failed once works again."""
    rng, errors, complaints = random.Random(orders.plan.seed), Counter[str](), list[str]()
    async with open_beside(orders.command) as beside:
        server = beside.server
        async with open_load(server, orders.plan) as load:
            for index in range(orders.n):
                await load.until_inside()
                call = CALLS[index % len(CALLS)]
                told = len(server.lines)
                async with attached(server, f"{call}:error=EIO:when={rng.randint(1, FARTHEST)}"):
                    try:
                        code = await server.ended(ENDED_S)
                    except TimeoutError:
                        complaints.append(f"it goes on behind EIO on {call}")
                        await server.kill()
                        break
                errors[call] += 1
                said = server.lines[told:]
                if code != BROKEN_EXIT or not any(SAID in line for line in said):
                    complaints += [f"it ended with {code} behind EIO on {call}", *said[-15:]]
                await server.start()
            await asyncio.sleep(0.5)
            complaints += await load.settled(orders.settle_s)
        verdict, ended = await beside.ended(load)
    figures = {"errors": dict(errors), "closes": dict(load.closes), **load.figures}
    return Report(drill="disk_errors", verdict=verdict, figures=figures, complaints=[*complaints, *ended])
