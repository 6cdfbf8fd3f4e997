"""Whether rows are what their log says: every room is projected once more from its beginning, and nothing may change by that.

A row operation that went in twice, or never, shows: as a counter, a missing row, an older value.
"""

from collections.abc import Sequence

import asyncpg

from domain.ids import RoomAddress
from domain.kinds import KINDS
from persistence.database import open_database
from persistence.write_behind.projections import TABLE_ORDER
from persistence.write_behind.rerun import project_room

EXAMPLES = 10


async def changed_by_rerun(dsn: str, rooms: Sequence[str]) -> list[str]:
    """What is otherwise after every one of ``rooms`` was projected from its first event; in words. No server may run meanwhile."""
    before = await _rows(dsn)
    async with open_database(dsn) as database:
        stopped = [
            f"the rows of {room} stop at {result.stopped.offset}: {result.stopped.error}"
            for room in rooms
            if (result := await project_room(database, KINDS, RoomAddress(room), start=1)).stopped
        ]
    after = await _rows(dsn)
    changed = [
        f"{table} {key}: {_difference(before[table].get(key), after[table].get(key))}"
        for table in TABLE_ORDER
        for key in before[table].keys() | after[table].keys()
        if before[table].get(key) != after[table].get(key)
    ]
    more = [f"and {len(changed) - EXAMPLES} rows more are otherwise"] if len(changed) > EXAMPLES else []
    return [*stopped, *changed[:EXAMPLES], *more]


async def _rows(dsn: str) -> dict[str, dict[str, dict[str, object]]]:
    connection = await asyncpg.connect(dsn)
    try:
        return {
            table: {str(row["id"]): dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")} for table in TABLE_ORDER
        }
    finally:
        await connection.close()


def _difference(before: dict[str, object] | None, after: dict[str, object] | None) -> str:
    if before is None or after is None:
        return "is missing" if before is None else "should not be there"
    return ", ".join(f"{name} is {before[name]!r:.100}, not {after[name]!r:.100}" for name in after if before[name] != after[name])
