"""Postgres is stopped under load: open rooms go on and can be joined, closed and new ones answer 100, and all arrives later."""

import asyncio

from tests.drills.catalog import Orders
from tests.drills.database.own_server import open_own_server
from tests.drills.load import Load, judged, make_rooms, open_load, until_stored, until_there
from tests.drills.report import Report, unclean_end
from tests.support.raw import open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import mint, new_command_id, secret_of

UNAVAILABLE = 100
CLOSED_S = 2.5
"""By then a room that is stored, and that nobody is in, is closed."""


async def postgres_away_drill(orders: Orders) -> Report:
    """Take Postgres away for ``orders.seconds`` in the middle of the load."""
    away_s, plan = orders.seconds, orders.plan
    complaints: list[str] = []
    # a room that nobody sits in closes soon, so that there is one to be found closed
    async with open_own_server(orders.command, {"ATRIUM_HUB_IDLE_CLOSE_S": "0.2"}) as (server, postgres, dsn):
        (closed,) = await make_rooms(server, 1, f"closed-{plan.seed}")
        async with open_load(server, plan) as load:
            complaints += await until_there(dsn, {closed: 1})
            await load.until_inside()
            await asyncio.sleep(CLOSED_S)
            before = load.acked
            await postgres.stop()
            complaints += await _look_around(server, load, closed)
            await asyncio.sleep(away_s)
            during = load.acked - before
            await postgres.start()
            complaints += await load.settled(orders.settle_s)
            complaints += await until_stored(dsn, load)
        code = await server.stop()
        verdict = await judged(dsn, load)
    complaints += unclean_end(server, code)
    if during < away_s * plan.rate_per_s * 0.5:
        complaints.append(f"only {during} commands were acknowledged in {away_s} s without Postgres")
    figures = {"away": f"{away_s} s", "acknowledged meanwhile": during, "p99": f"{load.quantile_ms(0.99):.0f} ms", **load.figures}
    return Report(drill="postgres_away", verdict=verdict, figures=figures, complaints=complaints)


async def _look_around(server: ServerProcess, load: Load, closed: str) -> list[str]:
    """While Postgres is away: join an open room, try a closed one, try to make one."""
    complaints = []
    token = mint(secret_of(server.data), "visitor", "user")
    async with open_raw(server.socket_address, token) as visitor:
        joined = await visitor.ask(subscribe={"channel": a_workspace_of(load)})
        if "subscribe" not in joined:
            complaints.append(f"an open room could not be joined: {joined}")
        shut = await visitor.ask(subscribe={"channel": closed})
        if shut.get("error", {}).get("code") != UNAVAILABLE:
            complaints.append(f"a closed room should answer {UNAVAILABLE}: {str(shut)[:300]}")
        fields = {"command_id": new_command_id(), "pattern_type": "never-made", "name": "Never", "category": "drills"}
        made = await visitor.rpc("workspace.create", fields)
        if made.get("error", {}).get("code") != UNAVAILABLE:
            complaints.append(f"a new room should answer {UNAVAILABLE}: {str(made)[:300]}")
    return complaints


def a_workspace_of(load: Load) -> str:
    return next(room for room in load.rooms if room.startswith("workspace:"))
