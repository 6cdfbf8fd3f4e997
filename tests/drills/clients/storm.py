"""The server dies under load, and everybody comes back at once with token and position: all get in, and nobody lacks anything."""

import asyncio
import time
from collections import Counter

from tests.drills.catalog import Orders
from tests.drills.clients.follower import Follower, following, until_inside, until_read
from tests.drills.load import Load, judge_folder, open_load
from tests.drills.report import Report, unclean_end
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

DEVICES = 5
"""Connections of one person."""
ENTER_S = 120.0
BACK_S = 120.0
"""How long the last of them may need to be let in; clients give up much later."""
BEFORE_S = 1.0
"""Under load, before the server dies and after all have come back."""


async def storm_drill(orders: Orders) -> Report:
    """``orders.n`` connections, a few of each person, in the rooms of the load."""
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan._replace(kinds=("workspace",))) as load:
                may_come = asyncio.Event()
                may_come.set()
                crowd = _crowd(server, load, orders.n, may_come)
                async with following(crowd):
                    complaints = await until_inside(crowd, ENTER_S)
                    await asyncio.sleep(BEFORE_S)
                    took_s = await _die_and_come_back(server, crowd, may_come, complaints)
                    await asyncio.sleep(BEFORE_S)
                    complaints += await load.settled(orders.settle_s)
                    complaints += await until_read(crowd, _tops(load), orders.settle_s)
            code = await server.stop()
            verdict = await judge_folder(server, load, [one.log for one in crowd])
    complaints += unclean_end(server, code)
    resumes = sum(one.resumes for one in crowd)
    figures = {
        "connections": len(crowd),
        "all back": f"{took_s:.1f} s after ready",
        "resumed": resumes,
        "shown anew": sum(one.entries - 1 for one in crowd) - resumes,
        "most tries of one": max(one.tries for one in crowd) - 1,
        "refused meanwhile": dict(sum((one.refusals for one in crowd), Counter[int]())),
        "p99 of the others": f"{load.quantile_ms(0.99):.0f} ms",
    }
    return Report(drill="storm", verdict=verdict, figures=figures, complaints=complaints)


def _crowd(server: ServerProcess, load: Load, count: int, may_come: asyncio.Event) -> list[Follower]:
    rooms, secret = sorted({worker.script.room for worker in load.workers}), secret_of(server.data)
    crowd = []
    for number in range(count):
        user = f"stormy-{number // DEVICES}"
        crowd.append(Follower(server.port, user, mint(secret, user, "user"), rooms[number % len(rooms)], may_come))
    return crowd


async def _die_and_come_back(server: ServerProcess, crowd: list[Follower], may_come: asyncio.Event, complaints: list[str]) -> float:
    """kill -9 in mid-load; nobody comes before the server is ready, then all in the same instant. Seconds until all are in."""
    may_come.clear()
    await server.kill()
    await server.start()
    began = time.monotonic()
    may_come.set()
    complaints += await until_inside(crowd, BACK_S)
    return time.monotonic() - began


def _tops(load: Load) -> dict[str, int]:
    """How far each room has come."""
    tops: Counter[str] = Counter()
    for worker in load.workers:
        for room, offset in [*worker.acked_tops.items(), *((room, place.offset) for room, place in worker.places.items())]:
            tops[room] = max(tops[room], offset)
    return dict(tops)
