"""Postgres stands still: its processes are stopped, or a lock is held on a table, in turns. Open rooms go on and may be joined, who
asks for ``stored`` is told that it is not yet, the journal holds all that Postgres does not, and afterwards all of it arrives."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.drills.catalog import Orders
from tests.drills.database.hurting import GOES_ON_SHARE, hurt_under_load
from tests.drills.database.postgres_away import a_workspace_of
from tests.drills.health import figure_of, lag_of
from tests.drills.load import Load
from tests.drills.report import Report
from tests.drills.stage import dsn_of
from tests.support.postgres import RunningPostgres
from tests.support.raw import open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import mint, new_command_id, secret_of

LOCKED = ("positions", "room_events", "room_positions", "room_passing")
"""One table after the other: what every transaction of the write-behind needs."""
BACK_S = 1.0
"""Between two of them, so that one begins with nothing left of the last."""


async def postgres_stalled_drill(orders: Orders) -> Report:
    """Let it stand still ``orders.n`` times for ``orders.seconds``."""
    meanwhile: list[int] = []

    async def hurt(server: ServerProcess, load: Load) -> list[str]:
        complaints: list[str] = []
        for number in range(orders.n):
            before = load.acked
            async with _standing_still(server, number) as reads:
                complaints += await _look_around(server, load, orders.seconds)
                complaints += await _all_in_journal(server, load, reads) if reads else []
                complaints += await _confirmed_too_far(server, reads) if reads else []
            meanwhile.append(load.acked - before)
            await asyncio.sleep(BACK_S)
        return complaints

    load, verdict, complaints = await hurt_under_load(orders, hurt)
    if min(meanwhile, default=0) < orders.seconds * orders.plan.rate_per_s * GOES_ON_SHARE:
        complaints.append(f"acknowledged while Postgres stood still for {orders.seconds:g} s: {meanwhile}")
    figures = {
        "stalls": orders.n,
        "of": f"{orders.seconds:g} s",
        "acknowledged meanwhile": sum(meanwhile),
        "p99": f"{load.quantile_ms(0.99):.0f} ms",
        **load.figures,
    }
    return Report(drill="postgres_stalled", verdict=verdict, figures=figures, complaints=complaints)


@asynccontextmanager
async def _standing_still(server: ServerProcess, number: int) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record] | None]":
    """With a lock there is one who may still read: the connection that holds it."""
    if number % 2 == 0:
        with RunningPostgres(server.data / "postgres").frozen():
            yield None
        return
    connection = await asyncpg.connect(dsn_of(server))
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {LOCKED[number // 2 % len(LOCKED)]} IN ACCESS EXCLUSIVE MODE")
            yield connection
    finally:
        await connection.close()


async def _all_in_journal(server: ServerProcess, load: Load, reads: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """What was acknowledged and is not in Postgres is still to be stored, as the server itself says."""
    tops: Counter[str] = Counter()
    for worker in load.workers:
        tops |= Counter(worker.acked_tops)
    waiting = (await lag_of(server))["records"]  # at once: from now on others join them
    rows = await reads.fetch('SELECT room, max("offset") AS top FROM room_events WHERE room = ANY($1) GROUP BY room', list(tops))
    stored = {row["room"]: row["top"] for row in rows}
    missing = sum(top - min(top, stored.get(room, 0)) for room, top in tops.items())
    return [f"{missing} records are not in Postgres, and only {waiting} wait in the journal"] if missing > waiting else []


async def _confirmed_too_far(server: ServerProcess, reads: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Up to what Postgres has confirmed the journal may let go, and no further."""
    confirmed = await figure_of(server, "atrium_write_behind_confirmed_batch")
    stored = await reads.fetchval("SELECT number FROM positions")
    return [f"batch {confirmed:g} counts as confirmed, and Postgres is at {stored}"] if confirmed > stored else []


async def _look_around(server: ServerProcess, load: Load, seconds: float) -> list[str]:
    """For ``seconds``: join an open room, and ask there for ``stored``."""
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + seconds
    room = a_workspace_of(load)
    async with open_raw(server.socket_address, mint(secret_of(server.data), "visitor", "user")) as visitor:
        joined = await visitor.ask(subscribe={"channel": room})
        if "subscribe" not in joined:
            complaints.append(f"an open room could not be joined: {str(joined)[:300]}")
        fields = {"room": room, "command_id": new_command_id(), "text": "is it there?", "receipt": "stored"}
        asking = asyncio.create_task(visitor.rpc("workspace.post", fields))
        await asyncio.wait({asking}, timeout=max(0.0, ends_s - loop.time()))
        if asking.done() and (told := asking.result().get("rpc", {}).get("data", {}).get("stored")) is not False:
            complaints.append(f"told as stored ({told}) while Postgres stood still")
        await asyncio.sleep(max(0.0, ends_s - loop.time()))
        if not asking.done():
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
    return complaints
