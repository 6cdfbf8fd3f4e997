"""Snapshots and deadlines as rows, in the transaction that covers their offset; an older set never replaces a newer one."""

from collections.abc import Sequence

from domain.event_codec import encode
from domain.log import Snapshot
from persistence.database import Connection
from persistence.write_behind.kept import KeptDeadlines

AT_ONCE = 32
"""Snapshots of one statement: up to 256 KiB each."""


async def write_snapshots(connection: Connection, snapshots: Sequence[Snapshot]) -> None:
    for start in range(0, len(snapshots), AT_ONCE):
        some = snapshots[start : start + AT_ONCE]
        await connection.execute(
            """
            INSERT INTO room_snapshots AS s (room, "offset", version, state, receipts)
            SELECT * FROM unnest($1::text[], $2::int8[], $3::int2[], $4::jsonb[], $5::jsonb[])
            ON CONFLICT (room) DO UPDATE SET
              "offset" = excluded."offset", version = excluded.version, state = excluded.state, receipts = excluded.receipts,
              stored_at = now()
            WHERE s."offset" < excluded."offset"
            """,
            [each.room for each in some],
            [each.offset for each in some],
            [each.version for each in some],
            [each.state for each in some],
            [each.receipts for each in some],
        )


async def replace_deadlines(connection: Connection, kept: Sequence[KeptDeadlines]) -> None:
    if not kept:
        return
    gone = await connection.fetch(
        """
        WITH newer AS (SELECT * FROM unnest($1::text[], $2::int8[]) AS v(room, "offset")),
        gone AS (DELETE FROM deadlines AS d USING newer WHERE d.room = newer.room AND d."offset" <= newer."offset")
        SELECT room FROM newer WHERE NOT EXISTS (
          SELECT FROM deadlines AS d WHERE d.room = newer.room AND d."offset" > newer."offset")
        """,
        [each.room for each in kept],
        [each.offset for each in kept],
    )
    open_rooms = {row["room"] for row in gone}
    rows = [
        (each.room, due.what, due.at_ms, due.name, encode(due.payload), due.quiet_key, due.quiet_ms, each.offset)
        for each in kept
        if each.room in open_rooms
        for due in each.deadlines
    ]
    if rows:
        columns = ("room", "what", "at", "name", "payload", "quiet_key", "quiet_ms", "offset")
        await connection.copy_records_to_table("deadlines", records=rows, columns=columns)
