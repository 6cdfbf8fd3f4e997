"""Records as rows of ``room_events``, both ways. The log has no foreign keys and takes whatever was acknowledged.

Commands with NUL are refused at the edge; faces come from tokens, so NUL is taken out of them here.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import asyncpg

from domain.event_codec import EventCodec, tag_of, version_of
from domain.ids import ActorId, CommandId, RoomAddress, kind_of
from domain.record import Actor, Record
from persistence.database import Connection

COLUMNS: Final = (
    "room",
    "offset",
    "epoch",
    "type",
    "version",
    "body",
    "actor_id",
    "actor_kind",
    "actor_name",
    "actor_image",
    "at",
    "command_id",
    "ordinal",
    "last",
    "digest",
)
SELECTED: Final = ", ".join(f'"{name}"' for name in COLUMNS)
ROWS_A_TURN = 64


async def copy_records(connection: Connection, epoch: str, records: Iterable[Record]) -> None:
    await connection.copy_records_to_table("room_events", records=_in_turns(epoch, records), columns=COLUMNS)


async def _in_turns(epoch: str, records: Iterable[Record]) -> AsyncIterator[tuple[Any, ...]]:
    for index, record in enumerate(records):
        if index % ROWS_A_TURN == ROWS_A_TURN - 1:
            await asyncio.sleep(0)
        yield row_of(epoch, record)


def row_of(epoch: str, record: Record) -> tuple[Any, ...]:
    actor = record.actor
    return (
        record.room,
        record.offset,
        epoch,
        tag_of(type(record.event)),
        record.version,
        record.body,
        actor.id,
        actor.kind,
        actor.name.replace("\x00", ""),
        actor.image.replace("\x00", ""),
        record.time_ms,
        record.command_id,
        record.ordinal,
        record.last,
        record.digest,
    )


def record_of(codec: EventCodec, row: asyncpg.Record) -> Record:
    """Raises ``UnknownEvent``. The body is written anew: jsonb keeps the content, not the bytes."""
    room = RoomAddress(row["room"])
    event = codec.decode_event(kind_of(room), row["type"], row["version"], row["body"])
    actor = Actor(id=ActorId(str(row["actor_id"])), kind=row["actor_kind"], name=row["actor_name"], image=row["actor_image"])
    return Record(
        room=room,
        offset=row["offset"],
        time_ms=row["at"],
        actor=actor,
        command_id=CommandId(str(row["command_id"])),
        ordinal=row["ordinal"],
        last=row["last"],
        digest=row["digest"],
        event=event,
        version=version_of(type(event)),
        body=codec.encode_event(event),
    )
