"""The server's clock jumps by hours, ahead and back, under load: nothing is lost by it, times inside a room never fall,
commands are taken all the time, and tokens run out by the clock as it is then."""

import asyncio
import random
from collections.abc import Sequence

import asyncpg

from tests.drills.broken.jumping_clock import OFFSET_FILE
from tests.drills.catalog import Orders
from tests.drills.health import until_all_is_stored
from tests.drills.load import Load, judged, open_load, until_stored
from tests.drills.report import Report, unclean_end
from tests.drills.stage import dsn_of
from tests.support.raw import open_raw
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

JUMPING = ("-m", "tests.drills.broken.jumping_clock", "serve")
HOUR_S = 3600
JUMPS_H = (2, 6)
"""Less than a day: what is dated further from the server's clock is refused, and says so."""
SEEN_S = 0.3
"""By then the server has looked at its clock."""
TOKEN_S = 3600.0
EXPIRED = 109
_FALLING = """
    SELECT room, "offset", at, before FROM (
      SELECT room, "offset", at, lag(at) OVER (PARTITION BY room ORDER BY "offset") AS before FROM room_events
    ) AS e WHERE at < before LIMIT 5
"""


async def clock_jumps_drill(orders: Orders) -> Report:
    """``orders.n`` jumps, ahead, back and to the truth in turns, each for ``orders.seconds``."""
    rng = random.Random(orders.plan.seed)
    complaints: list[str] = []
    offsets_h: list[int] = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                await load.until_inside()
                for number in range(orders.n):
                    offsets_h.append((1, -1, 0)[number % 3] * rng.randint(*JUMPS_H))
                    complaints += await _jump(server, load, offsets_h[-1], orders)
                complaints += await load.settled(orders.settle_s)
                complaints += await until_stored(dsn_of(server), load, orders.settle_s)
            complaints += await until_all_is_stored(server, orders.settle_s)
            verdict = await judged(dsn_of(server), load)
            complaints += await _falling_times(dsn_of(server))
            code = await server.stop()
    complaints += unclean_end(server, code)
    figures = {"hours from the truth": offsets_h, "p99": f"{load.quantile_ms(0.99):.0f} ms", **load.figures}
    return Report(drill="clock_jumps", verdict=verdict, figures=figures, complaints=complaints)


async def _jump(server: ServerProcess, load: Load, offset_h: int, orders: Orders) -> Sequence[str]:
    fresh = server.data / f"{OFFSET_FILE}.new"  # the server may look at any moment
    fresh.write_text(str(offset_h * HOUR_S))
    fresh.replace(server.data / OFFSET_FILE)
    await asyncio.sleep(SEEN_S)
    complaints = await _look_at_tokens(server, offset_h)
    before, cut_before = load.acked, load.closes.total()
    await asyncio.sleep(orders.seconds)
    acked = load.acked - before
    if acked < orders.seconds * orders.plan.rate_per_s * 0.25:
        complaints.append(f"{offset_h} h from the truth {acked} commands were acknowledged in {orders.seconds:g} s")
    if cuts := load.closes.total() - cut_before:
        complaints.append(f"{offset_h} h from the truth {cuts} connections were ended: {dict(load.closes)}")
    return complaints


async def _look_at_tokens(server: ServerProcess, offset_h: int) -> list[str]:
    """One of an hour has run out on a clock that is ahead, and is good on any other; so is one that was issued in its future."""
    async with open_raw(server.socket_address) as client:
        answer = await client.connect(mint(secret_of(server.data), f"visitor-{offset_h}", "user", ttl_s=TOKEN_S))
    wanted = EXPIRED if offset_h > 0 else 0
    told = answer.get("error", {}).get("code", 0)
    return [] if told == wanted else [f"{offset_h} h from the truth a token of an hour was answered {str(answer)[:200]}"]


async def _falling_times(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_FALLING)
    finally:
        await connection.close()
    return [f"times fall in {row['room']} at {row['offset']}: {row['before']}, then {row['at']}" for row in rows]
