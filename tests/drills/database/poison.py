"""A record that Postgres refuses has come into the log of one room: its rows stop there, its log and all other rooms move on, and
``atrium project`` brings its rows up to date after the repair."""

import asyncio
import os
import sys
from collections.abc import Sequence

import asyncpg

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.broken.poisoning import POISON, TOO_LONG
from tests.drills.catalog import Orders
from tests.drills.database.postgres_away import a_workspace_of
from tests.drills.database.rows import changed_by_rerun
from tests.drills.health import until_all_is_stored, until_lag
from tests.drills.load import Load, judged, open_load, until_stored
from tests.drills.report import Report, unclean_end
from tests.drills.stage import dsn_of
from tests.support.clients import open_person
from tests.support.server import ROOT, ServerProcess, data_folder, open_server
from tests.support.tokens import actor_of, mint, secret_of

POISONED = ("-m", "tests.drills.broken.poisoning", "serve")
STRING_TOO_LONG = "22001"
_REPAIR = "ALTER TABLE pattern_workspaces ALTER COLUMN name TYPE varchar(400)"
_STANDS = """
    SELECT p.room, p.projected_offset, max(e."offset") AS top FROM room_positions AS p JOIN room_events AS e USING (room)
    WHERE p.room = ANY($1) GROUP BY p.room, p.projected_offset
"""


async def poison_drill(orders: Orders) -> Report:
    """Poison one room under load, look for ``orders.seconds``, then repair its table under load and project it again."""
    complaints: list[str] = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                await load.until_inside()
                room = a_workspace_of(load)
                poisoned_at = await _poison(server, room)
                lag = await until_lag(server, lambda lag: lag["rooms_behind"] > 0, orders.settle_s)
                if lag["rooms_behind"] != 1 or lag["problem"]:
                    complaints.append(f"/health/ready should tell of one room behind: {lag}")
                await asyncio.sleep(orders.seconds)
                complaints += await _stands_still(server, load, room, poisoned_at)
                complaints += await _repaired(server, room)
                lag = await until_lag(server, lambda lag: lag["rooms_behind"] == 0, orders.settle_s)
                complaints += [f"/health/ready still tells of rooms behind: {lag}"] if lag["rooms_behind"] else []
                complaints += await load.settled(orders.settle_s)
                complaints += await until_stored(dsn_of(server), load, orders.settle_s)
            complaints += await until_all_is_stored(server, orders.settle_s)
            code = await server.stop()
        async with open_embedded(EmbeddedSettings(data=data / "postgres")) as dsn:
            complaints += await _rows_behind(dsn, load.rooms)
            verdict = await judged(dsn, load)
            complaints += await changed_by_rerun(dsn, load.rooms)
    complaints += unclean_end(server, code)
    figures = {"poisoned at": poisoned_at, "p99": f"{load.quantile_ms(0.99):.0f} ms", **load.figures}
    return Report(drill="poison", verdict=verdict, figures=figures, complaints=complaints)


async def _poison(server: ServerProcess, room: str) -> int:
    token = mint(secret_of(server.data), "poisoner", "admin")
    async with open_person(server.socket_address, "poisoner", token, actor=actor_of("poisoner")) as admin:
        return int((await admin.give("workspace.change_details", room, name=POISON))["offset"])


async def _stands_still(server: ServerProcess, load: Load, room: str, poisoned_at: int) -> list[str]:
    """The one room's rows are where they were before the poison, with the reason beside it; its log is further."""
    complaints: list[str] = []
    connection = await asyncpg.connect(dsn_of(server))
    try:
        letters = await connection.fetch('SELECT room, "offset", sqlstate FROM dead_letters WHERE resolved_at IS NULL')
        (stands,) = await connection.fetch(_STANDS, [room])
    finally:
        await connection.close()
    if [tuple(letter) for letter in letters] != [(room, poisoned_at, STRING_TOO_LONG)]:
        complaints.append(f"there should be one dead letter for {room} at {poisoned_at}: {letters}")
    if stands["projected_offset"] != poisoned_at - 1:
        complaints.append(f"rows of {room} are at {stands['projected_offset']}, the poison at {poisoned_at}")
    if stands["top"] <= poisoned_at:
        complaints.append(f"the log of {room} ends at {stands['top']}, the poison is at {poisoned_at}")
    return complaints


async def _repaired(server: ServerProcess, room: str) -> list[str]:
    """What an operator does: make room in the table, then write the room's rows; and the name is there."""
    connection = await asyncpg.connect(dsn_of(server))
    try:
        refused = await _project(server, room)
        await connection.execute(_REPAIR)
        done = await _project(server, room)
        name = await connection.fetchval("SELECT name FROM pattern_workspaces WHERE id = $1", room.partition(":")[2])
    finally:
        await connection.close()
    complaints = [] if refused[0] == 2 and "stand still" in refused[1] else [f"project before the repair: {refused}"]
    complaints += [] if done[0] == 0 else [f"project after the repair: {done}"]
    return complaints + ([] if name == TOO_LONG else [f"the row of {room} has the name {str(name)[:50]!r}"])


async def _project(server: ServerProcess, room: str) -> tuple[int | None, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATRIUM_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "project", "--room", room),
        cwd=ROOT,
        env=environment | {"DATA": str(server.data)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()[-500:]


async def _rows_behind(dsn: str, rooms: Sequence[str]) -> list[str]:
    """At the end every room's rows have come to the end of its log."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_STANDS, list(rooms))
    finally:
        await connection.close()
    return [
        f"rows of {row['room']} are at {row['projected_offset']} of {row['top']}"
        for row in rows
        if row["projected_offset"] != row["top"]
    ]
