"""``atrium project``: run a room's projection again out of its log, after a repair or for a new table; ``--skip`` passes one over.

Works beside a running server: each step holds the position, as the server's own transactions do. While a room is behind, the
server stores its log and leaves its rows to this; the last step reaches the log's end and hands the room back.
"""

from collections.abc import Callable

import msgspec

from domain.decider import Registry
from domain.event_codec import EventCodec, tick_of
from domain.ids import RoomAddress, kind_of
from persistence.database import Connection, Database
from persistence.write_behind.apply import Applying
from persistence.write_behind.batch import RoomSteps, plan_of, project, react
from persistence.write_behind.dead_letters import DeadLetter, bury, resolve
from persistence.write_behind.log_rows import SELECTED, record_of
from persistence.write_behind.passing_rows import read_passing
from persistence.write_behind.positions import PARTITION, move_rooms, projected_offsets
from persistence.write_behind.projecting import Projecting
from persistence.write_behind.projections import PROJECTIONS
from persistence.write_behind.reactions import OutboxRow, write_outbox
from persistence.write_behind.row_operations import Coalescing
from persistence.write_behind.stubs import Stubs

EVENTS_AT_ONCE = 500

Progress = Callable[[int, int], None]
"""(offset reached, the log's end), after every step."""


class NothingToSkip(Exception):
    """The room's projection does not stand still."""


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """How far the rows are now; ``stopped`` is where and why they stopped again, None at the log's end."""

    reached: int
    top: int
    stopped: DeadLetter | None = None


async def project_room(
    database: Database, kinds: Registry, room: RoomAddress, *, start: int | None = None, progress: Progress | None = None
) -> Rerun:
    """Without ``start`` it goes on where the projection stopped. With it, rows are written again from that offset on.

    Raises ``StorageAway`` and ``UnknownEvent``; running it again goes on.
    """
    codec, asked = EventCodec(kinds), 0
    while True:
        async with database.transaction() as connection:
            await _hold(connection)
            top = await _top(connection, room)
            reached = (await projected_offsets(connection, [room]))[room]
            # Going back: the server must leave the room alone from here on, and does so by this offset.
            after = reached if start is None else min(start - 1, reached)
            asked = max(asked, reached)
            start = None
            result = await _step(connection, kinds, codec, room, after, asked)
            if result.stopped is None:
                await move_rooms(connection, {room: result.reached})
                await resolve(connection, room, result.reached)
                if result.reached >= top:
                    await _touch_again(connection, kinds, room)
            else:
                await move_rooms(connection, {room: result.stopped.offset - 1})
                await resolve(connection, room, result.stopped.offset - 1)
                await bury(connection, [result.stopped])
        if progress is not None:
            progress(result.reached, top)
        if result.stopped is not None or result.reached >= top:
            return Rerun(reached=result.reached, top=top, stopped=result.stopped)


async def skip(database: Database, room: RoomAddress) -> int:
    """Pass over the event at which the room's projection stands; returns its offset. Raises ``NothingToSkip``."""
    async with database.transaction() as connection:
        await _hold(connection)
        offset = await connection.fetchval('SELECT min("offset") FROM dead_letters WHERE room = $1 AND resolved_at IS NULL', room)
        if offset is None:
            raise NothingToSkip(f"the projection of {room} does not stand still")
        await move_rooms(connection, {room: offset})
        await resolve(connection, room, offset, skipped=True)
    return int(offset)


async def _hold(connection: Connection) -> None:
    await connection.execute("SELECT FROM positions WHERE partition = $1 FOR UPDATE", PARTITION)


async def _top(connection: Connection, room: RoomAddress) -> int:
    return int(await connection.fetchval('SELECT coalesce(max("offset"), 0) FROM room_events WHERE room = $1', room))


async def _step(connection: Connection, kinds: Registry, codec: EventCodec, room: RoomAddress, after: int, asked: int) -> Rerun:
    """What the records up to ``asked`` ask of other rooms has been written with them."""
    rows = await connection.fetch(
        f'SELECT {SELECTED} FROM room_events WHERE room = $1 AND "offset" > $2 ORDER BY "offset" LIMIT $3',
        room,
        after,
        EVENTS_AT_ONCE,
    )
    records = [record_of(codec, row) for row in rows]
    if not records:
        return Rerun(reached=after, top=after)
    await Stubs().write(connection, {record.actor.id: record.actor for record in records}.values())
    steps, coalescing = RoomSteps(room, after + 1, after + 1, []), Coalescing()
    outbox: list[OutboxRow] = []
    for record in records:
        if record.offset > asked and steps.failed is None:
            outbox += react(kinds, steps, record)
        project(steps, coalescing, record)
    await write_outbox(connection, outbox)
    result = await Projecting(connection, is_rerun=True).project([steps], plan_of([steps]))
    stopped = result.letters[0] if result.letters else None
    return Rerun(reached=result.offsets.get(room, after), top=records[-1].offset, stopped=stopped)


async def _touch_again(connection: Connection, kinds: Registry, room: RoomAddress) -> None:
    """Rows that were written anew lack what passing values had left in them."""
    projection = PROJECTIONS.get(kind_of(room))
    if projection is not None:
        decider = kinds[kind_of(room)]
        values = [each.piece or tick_of(decider, each.tick) for each in (await read_passing(connection, [room]))[room]]
        await Applying(connection).touch([touch for value in values if value for touch in projection.touches(room, value)])
