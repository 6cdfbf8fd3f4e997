"""How far Postgres follows the journal, and each room's rows their log. Both move in the transaction that moves the rows."""

from collections.abc import Mapping, Sequence

import asyncpg

from domain.ids import RoomAddress
from domain.log import Position
from persistence.database import Connection

PARTITION = 0
"""A single node has one partition."""

_LOCK = """
    SELECT generation, number, fence, set_config('synchronous_commit', 'on', true)
    FROM positions WHERE partition = $1 FOR UPDATE
"""


class WriteBehindStopped(Exception):
    """Going on would lose or double something: an operator has to look. The text says what was found."""


class Unfollowed(WriteBehindStopped):
    """Postgres does not follow this journal any more: nothing of it may be acknowledged from now on, it would be lost."""


class Hole(Unfollowed):
    """The next batch does not follow what is stored."""


class Superseded(Unfollowed):
    """Another journal writes to this database now: this process is a leftover."""


class Overtaken(Unfollowed):
    """Another server stores under this journal's generation."""


async def claim_position(connection: Connection, generation: int, found: int) -> int:
    """From here on this server stores, and no other one that was started on this generation before: the ``fence`` to show with each
    batch. ``found`` is the journal's top. Raises ``Superseded`` and ``Overtaken``."""
    row = await _locked(connection, generation)
    demand_known(row["number"], found, found)
    fence = int(row["fence"]) + 1
    await connection.execute("UPDATE positions SET fence = $2 WHERE partition = $1", PARTITION, fence)
    return fence


async def lock_position(connection: Connection, generation: int, fence: int) -> int:
    """The last batch that is stored; nobody else stores anything until this transaction ends. Raises ``Superseded``."""
    row = await _locked(connection, generation)
    if row["fence"] != fence:
        raise Superseded(f"another server was started on generation {generation} since (on a copy of the journal's folder?)")
    return int(row["number"])


async def _locked(connection: Connection, generation: int) -> asyncpg.Record:
    row = await connection.fetchrow(_LOCK, PARTITION)
    if row is None or row["generation"] != generation:
        found = "none" if row is None else f"generation {row['generation']}"
        raise Superseded(f"this journal is of generation {generation}, and the database follows {found}")
    return row


def demand_next(stored: int, first: int) -> None:
    """Raises ``Hole``."""
    if first > stored + 1:
        raise Hole(f"batch {first} does not follow {stored}: what lies between is missing, so nothing more is stored")


def demand_known(stored: int, last: int, found: int) -> None:
    """Nobody else stores what is this server's to store: Postgres has come to ``last`` by the load that ends there, or to what an
    earlier start had stored, of what this one ``found`` in the journal. Raises ``Overtaken``."""
    if stored > max(last, found):
        raise Overtaken(
            f"Postgres holds batch {stored} of this journal, and this server knows of {last}: another server stores under the "
            "same generation (on a copy of the journal's folder?)"
        )


async def move_position(connection: Connection, position: Position) -> None:
    await connection.execute("UPDATE positions SET number = $2, moved_at = now() WHERE partition = $1", PARTITION, position.number)


async def projected_offsets(connection: Connection, rooms: Sequence[RoomAddress]) -> dict[RoomAddress, int]:
    """How far each room's rows follow its log; 0 for a room that is new. Stable while the position is locked."""
    found = dict.fromkeys(rooms, 0)
    rows = await connection.fetch("SELECT room, projected_offset FROM room_positions WHERE room = ANY($1::text[])", list(rooms))
    found.update((RoomAddress(row["room"]), row["projected_offset"]) for row in rows)
    return found


async def move_rooms(connection: Connection, projected: Mapping[RoomAddress, int]) -> None:
    await connection.execute(
        """
        INSERT INTO room_positions (room, projected_offset) SELECT * FROM unnest($1::text[], $2::int8[])
        ON CONFLICT (room) DO UPDATE SET projected_offset = excluded.projected_offset
        """,
        list(projected),
        list(projected.values()),
    )
