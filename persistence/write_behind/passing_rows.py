"""Last values of passing things as rows of ``room_passing``, both ways."""

from collections.abc import Iterator, Sequence

import asyncpg

from domain.decider import Piece
from domain.ids import RoomAddress
from domain.log import StoredPassing
from persistence.database import Connection
from persistence.write_behind.kept_passing import KeptEnd, KeptTick

ROWS_AT_ONCE = 100
"""Rows of one statement's parameters, and as many characters (below) of streams, which have up to 256 KiB each."""
CHARACTERS_AT_ONCE = 512 * 1024

_UPSERT = """
    INSERT INTO room_passing AS p (room, key, after, at, tick, attempt, position, text)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::timestamptz[], $5::jsonb[], $6::int4[], $7::int8[], $8::text[])
    ON CONFLICT (room, key) DO UPDATE SET
      after = excluded.after, at = excluded.at, tick = excluded.tick, attempt = excluded.attempt, position = excluded.position,
      text = excluded.text
    WHERE p.after <= excluded.after
"""
_DELETE = """
    DELETE FROM room_passing AS p USING unnest($1::text[], $2::text[], $3::int8[]) AS v(room, key, "offset")
    WHERE p.room = v.room AND p.key = v.key AND p.after < v."offset"
"""
_OF_ROOMS = "SELECT room, key, after, at, tick, attempt, position, text FROM room_passing WHERE room = ANY($1)"


async def write_passing(connection: Connection, ticks: Sequence[KeptTick], ended: Sequence[KeptEnd]) -> None:
    """What ended goes first: a value that came after the end is of a new telling."""
    if ended:
        await connection.execute(
            _DELETE, [each.room for each in ended], [each.key for each in ended], [each.offset for each in ended]
        )
    for some in _chunks(ticks):
        await connection.execute(_UPSERT, *zip(*map(_row, some), strict=True))


async def read_passing(connection: Connection, rooms: Sequence[RoomAddress]) -> dict[RoomAddress, list[StoredPassing]]:
    """What is kept of each of these rooms; nothing of some is an empty list."""
    found: dict[RoomAddress, list[StoredPassing]] = {room: [] for room in rooms}
    for row in await connection.fetch(_OF_ROOMS, rooms):
        found[row["room"]].append(_stored(row))
    return found


def _chunks(ticks: Sequence[KeptTick]) -> Iterator[list[KeptTick]]:
    chunk: list[KeptTick] = []
    characters = 0
    for tick in ticks:
        chunk.append(tick)
        characters += len(tick.value.text) if isinstance(tick.value, Piece) else 0
        if len(chunk) == ROWS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _row(kept: KeptTick) -> tuple[object, ...]:
    form = kept.stored_form
    if form.piece is None:
        return (kept.room, form.key, form.after, form.at_ms, form.tick, None, None, None)
    piece = form.piece
    return (kept.room, form.key, form.after, form.at_ms, None, piece.attempt, piece.position, piece.text)


def _stored(row: asyncpg.Record) -> StoredPassing:
    key, after, at_ms = row["key"], row["after"], row["at"]
    if row["tick"] is not None:
        return StoredPassing(key=key, after=after, at_ms=at_ms, tick=row["tick"])
    piece = Piece(key=key, attempt=row["attempt"], position=row["position"], text=row["text"])
    return StoredPassing(key=key, after=after, at_ms=at_ms, piece=piece)
