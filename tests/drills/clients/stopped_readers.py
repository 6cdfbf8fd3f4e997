"""Some of many readers stop reading: the others notice nothing, the server's memory is bounded, and the stopped ones catch up."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import httpx
import msgspec

from tests.drills.catalog import Orders
from tests.drills.checker import judge
from tests.drills.clients.follower import Follower, following, until_inside, until_read
from tests.drills.clients.slow_reader import rss_mb
from tests.drills.history import History
from tests.drills.load import stored_events, until_there
from tests.drills.report import Report, unclean_end
from tests.drills.stage import dsn_of
from tests.support.clients import Person, open_person
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import actor_of, mint, secret_of

STOPPED_SHARE = 0.1
RECEIVE_BYTES = 4 * 1024
"""What the kernel takes for each client: a stopped one is noticed after some hundred kilobytes."""
TEXT_CHARACTERS = 4_000
POSTS_PER_S = 20.0
WARM_POSTS = 40
"""So much everybody reads before some stop: what a room of that size takes by itself is not counted."""
BRIEF_POSTS = 100
"""Half of them read on after this, 400 KB: the room's ring still has all that they missed. The others find it gone, or are cut."""
MEMORY_MOST_MB = 24.0
"""What the server may grow by for everybody together: the room's ring, the journal's tail, what Postgres has not yet."""
WAITING_MOST_MB = 0.25
"""And for each who has stopped: its transport's high water, and one write beyond it."""
ENTER_S = 60.0
LATE_S = 10.0
"""The others have everything within this time, also on a busy machine."""


class Watch(msgspec.Struct):
    """The worst that was seen while they did not read."""

    mb: float = 0.0
    behind: int = 0
    lagging: int = 0


async def stopped_readers_drill(orders: Orders) -> Report:
    """``orders.plan.clients`` readers, of whom a tenth stops; half of that for ``orders.seconds``."""
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            token = mint(secret_of(data), "poster", "admin")
            async with open_person(server.socket_address, "poster", token, actor=actor_of("poster")) as poster:
                made = await poster.give("workspace.create", pattern_type="stopped", name="Stopped readers", category="drills")
                crowd = _crowd(server, made["room"], orders.plan.clients)
                async with following(crowd):
                    report = await _stop_and_go_on(server, poster, crowd, orders)
                tops = {made["room"]: crowd[-1].offset}
                report.complaints += await until_there(dsn_of(server), tops)
                stored = await stored_events(dsn_of(server), list(tops))
            report.complaints += unclean_end(server, await server.stop())
    report.verdict = judge(History(logs=[poster.log, *(one.log for one in crowd)], stored=stored, rooms=list(tops)))
    return report


def _crowd(server: ServerProcess, room: str, count: int) -> list[Follower]:
    may_come = asyncio.Event()
    may_come.set()
    secret = secret_of(server.data)
    names = [f"reader-{number}" for number in range(count)]
    return [Follower(server.port, name, mint(secret, name, "user"), room, may_come, RECEIVE_BYTES) for name in names]


async def _stop_and_go_on(server: ServerProcess, poster: Person, crowd: Sequence[Follower], orders: Orders) -> Report:
    room, count = crowd[0].room, int(len(crowd) * STOPPED_SHARE)
    stopped, others = crowd[:count], crowd[count:]
    complaints = await until_inside(crowd, ENTER_S)
    await _post(poster, room, WARM_POSTS)
    before_mb, watch = rss_mb(server), Watch()
    for one in stopped:
        one.stop_reading()
    watching = asyncio.create_task(_watch(server, others, watch))
    await _post(poster, room, BRIEF_POSTS)
    for one in stopped[::2]:
        one.go_on_reading()
    top = await _post(poster, room, max(1, int(orders.seconds * POSTS_PER_S) - BRIEF_POSTS))
    began = time.monotonic()
    complaints += await until_read(others, {room: top}, LATE_S)
    others_s = time.monotonic() - began
    watching.cancel()
    for one in stopped[1::2]:
        one.go_on_reading()
    top = await _post(poster, room, WARM_POSTS)
    complaints += await until_read(crowd, {room: top}, orders.settle_s)
    complaints += _complaints(watch, before_mb, stopped, others)
    figures = {
        "readers": len(crowd),
        "stopped": len(stopped),
        "noticed as lagging": watch.lagging,
        "others at most behind": f"{watch.behind} events",
        "others had all after": f"{others_s:.1f} s",
        "grown": f"{watch.mb - before_mb:.1f} MB",
        "the stopped came again": sum(one.entries - 1 for one in stopped),
        "their closes": dict(Counter(code for one in stopped for code in one.closes)),
        "put out": dict(Counter(code for one in stopped for code in one.put_out)),
    }
    return Report(drill="stopped_readers", verdict=judge(History([], [], [])), figures=figures, complaints=complaints)


def _complaints(watch: Watch, before_mb: float, stopped: Sequence[Follower], others: Sequence[Follower]) -> list[str]:
    complaints = []
    if watch.mb - before_mb > MEMORY_MOST_MB + WAITING_MOST_MB * len(stopped):
        complaints.append(f"the server grew by {watch.mb - before_mb:.1f} MB while {len(stopped)} did not read")
    if watch.lagging < len(stopped):
        complaints.append(
            f"{watch.lagging} of {len(stopped)} were noticed as lagging: the drill was too short, or the server is blind"
        )
    cut = [one.log.name for one in others if one.losses or one.put_out]
    if cut:
        complaints.append(f"{len(cut)} who did read were cut: {cut[:5]}")
    return complaints


async def _post(poster: Person, room: str, count: int) -> int:
    """So many, at a steady rate where the machine allows it; the offset of the last one."""
    loop = asyncio.get_running_loop()
    began, offset = loop.time(), 0
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / POSTS_PER_S - loop.time()))
        text = f"{number} ".ljust(TEXT_CHARACTERS, ".")
        offset = (await poster.give("workspace.post", room, text=text))["offset"]
    return int(offset)


async def _watch(server: ServerProcess, others: Sequence[Follower], watch: Watch) -> None:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        while True:
            watch.mb = max(watch.mb, rss_mb(server))
            offsets = [one.offset for one in others]
            watch.behind = max(watch.behind, max(offsets) - min(offsets))
            watch.lagging = max(watch.lagging, _figure((await client.get("/metrics")).text, "atrium_members_lagging"))
            await asyncio.sleep(0.5)


def _figure(metrics: str, name: str) -> int:
    return next((int(float(line.split()[1])) for line in metrics.splitlines() if line.startswith(f"{name} ")), 0)
