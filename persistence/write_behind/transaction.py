"""One batch in one transaction: the log, the rows, what goes with them, and the position. All of it or nothing."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog

from domain.decider import Registry
from domain.event_codec import EventCodec
from domain.ids import kind_of
from domain.log import Snapshot
from domain.record import Record
from persistence.database import Connection, Database, trouble_of
from persistence.write_behind.apply import Applying
from persistence.write_behind.batch import Prepared, plan_of
from persistence.write_behind.dead_letters import DeadLetter, bury
from persistence.write_behind.kept import Taken
from persistence.write_behind.kept_passing import KeptTick
from persistence.write_behind.kept_rows import replace_deadlines, write_snapshots
from persistence.write_behind.log_rows import copy_records
from persistence.write_behind.passing_rows import write_passing
from persistence.write_behind.positions import (
    WriteBehindStopped,
    demand_next,
    lock_position,
    move_position,
    move_rooms,
    projected_offsets,
)
from persistence.write_behind.projecting import Projecting
from persistence.write_behind.projections import PROJECTIONS
from persistence.write_behind.reactions import write_outbox
from persistence.write_behind.stubs import Stubs
from persistence.write_behind.taken_back import TakingBack, clean_snapshots

_log = structlog.get_logger(__name__)


class LogRefused(WriteBehindStopped):
    """The log itself does not take an acknowledged record."""


class Outcome:
    """``stored`` is where Postgres stands afterwards; ``letters`` are projections that stopped in this batch; ``has_outbox``: rows
    of the outbox went in with it."""

    def __init__(self, stored: int, letters: Sequence[DeadLetter] = (), *, has_outbox: bool = False) -> None:
        self.stored = stored
        self.letters = letters
        self.has_outbox = has_outbox


async def store(database: Database, kinds: Registry, epoch: str, prepared: Prepared, stubs: Stubs, codec: EventCodec) -> Outcome:
    """Store a batch exactly once: what an earlier try has stored (its commit was cut off, say) is not stored again.

    If an earlier try stored only part of what is prepared, nothing happens, and ``stored`` says where to go on. Raises
    ``StorageAway``, ``WriteBehindStopped``, and whatever Postgres says.
    """
    async with database.transaction() as connection:
        stored = await lock_position(connection, prepared.generation, prepared.fence)
        if stored >= prepared.first and stored < prepared.last:
            return Outcome(stored)
        demand_next(stored, prepared.first)
        if stored < prepared.first:
            await stubs.write(connection, prepared.actors.values())
            await _store_log(connection, epoch, prepared.records)
            await TakingBack(connection, kinds, codec).apply(prepared.taken_back)
            letters = await _project(connection, prepared)
            await write_outbox(connection, prepared.outbox)
            await move_position(connection, prepared.position)
            stored = max(stored, prepared.last)
        else:
            letters = []
        snapshots = clean_snapshots(prepared.taken.snapshots, prepared.taken_back)
        await _take_along(connection, prepared.taken, snapshots)
    stubs.written(prepared.actors.values())
    return Outcome(stored, letters, has_outbox=bool(prepared.outbox))


async def _store_log(connection: Connection, epoch: str, records: Sequence[Record]) -> None:
    if not records:
        return
    try:
        await copy_records(connection, epoch, records)
    except Exception as error:
        if trouble_of(error) != "poison":
            raise
        raise LogRefused(f"Postgres does not take the log behind {records[0].room} {records[0].offset}: {error}") from error


async def _project(connection: Connection, prepared: Prepared) -> Sequence[DeadLetter]:
    """Rows follow their log without a gap: a room that stopped earlier stays where it is."""
    if not prepared.rooms:
        return []
    projected = await projected_offsets(connection, list(prepared.rooms))
    going = [room for room in prepared.rooms.values() if projected[room.room] == room.first - 1]
    plan = prepared.plan if len(going) == len(prepared.rooms) else plan_of(going)
    result = await Projecting(connection).project(going, plan)
    if result.offsets:
        await move_rooms(connection, result.offsets)
    if result.letters:
        await bury(connection, result.letters)
    return result.letters


async def _take_along(connection: Connection, taken: Taken, snapshots: Sequence[Snapshot]) -> None:
    """All of this can be made again, so what Postgres refuses of it holds up nothing: it is dropped, loudly."""
    if snapshots:
        await _dropping(connection, "snapshots", lambda: write_snapshots(connection, snapshots))
    if taken.deadlines:
        await _dropping(connection, "deadlines", lambda: replace_deadlines(connection, taken.deadlines))
    if taken.ticks or taken.ended:
        await _dropping(connection, "passing values", lambda: write_passing(connection, taken.ticks, taken.ended))
        await _dropping(connection, "ticks", lambda: write_ticks(connection, taken.ticks))


async def _dropping(connection: Connection, what: str, write: Callable[[], Awaitable[None]]) -> None:
    try:
        async with connection.transaction():
            await write()
    except asyncpg.PostgresError as error:
        if trouble_of(error) != "poison":
            raise
        _log.error("dropped what Postgres refuses", what=what, error=str(error))


async def write_ticks(connection: Connection, ticks: Sequence[KeptTick]) -> None:
    touches = [
        touch
        for tick in ticks
        if (projection := PROJECTIONS.get(kind_of(tick.room))) is not None
        for touch in projection.touches(tick.room, tick.value)
    ]
    if touches:
        await Applying(connection).touch(touches)
