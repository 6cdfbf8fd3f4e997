"""Where a room's projection stands still: the offset whose rows Postgres (or the projection itself) refused, and why."""

from collections.abc import Sequence

import msgspec

from domain.ids import RoomAddress
from persistence.database import Connection, Database

ERROR_MAX = 2_000


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """``sqlstate`` is empty where the projection itself failed."""

    room: RoomAddress
    offset: int
    error: str
    sqlstate: str = ""


def dead_letter(room: RoomAddress, offset: int, error: BaseException) -> DeadLetter:
    text = f"{type(error).__name__}: {error}"[:ERROR_MAX].replace("\x00", "\ufffd")
    return DeadLetter(room=room, offset=offset, error=text, sqlstate=getattr(error, "sqlstate", None) or "")


async def bury(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Remember them; one that was resolved before and fails again is open again."""
    await connection.executemany(
        """
        INSERT INTO dead_letters (room, "offset", sqlstate, error) VALUES ($1, $2, $3, $4)
        ON CONFLICT (room, "offset") DO UPDATE
        SET sqlstate = excluded.sqlstate, error = excluded.error, at = now(), resolved_at = NULL, skipped = false
        """,
        [(letter.room, letter.offset, letter.sqlstate, letter.error) for letter in letters],
    )


async def resolve(connection: Connection, room: RoomAddress, up_to: int, *, skipped: bool = False) -> None:
    """The room's projection has passed ``up_to``: by its rows, or (``skipped``) by the operator's word."""
    await connection.execute(
        'UPDATE dead_letters SET resolved_at = now(), skipped = $3 WHERE room = $1 AND "offset" <= $2 AND resolved_at IS NULL',
        room,
        up_to,
        skipped,
    )


async def rooms_behind(database: Database) -> int:
    """Rooms whose projection stands still."""
    return int(await database.fetchval("SELECT count(DISTINCT room) FROM dead_letters WHERE resolved_at IS NULL"))
