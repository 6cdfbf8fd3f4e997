"""What one transaction stores: the next batches of the journal, prepared as far as that goes without Postgres."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec

from domain.decider import Registry
from domain.ids import RoomAddress, kind_of
from domain.log import Batch, Position
from domain.record import Actor, Record
from domain.redaction import redacted_record
from persistence.write_behind.dead_letters import DeadLetter, dead_letter
from persistence.write_behind.kept import Taken
from persistence.write_behind.projections import operations_of
from persistence.write_behind.reactions import OutboxRow, outbox_rows
from persistence.write_behind.row_operations import Coalescing, Operation, Plan
from persistence.write_behind.taken_back import TakenBack, taken_back_by


class Step(msgspec.Struct, frozen=True):
    """What one record does to rows."""

    offset: int
    operations: Sequence[Operation]


class RoomSteps(msgspec.Struct):
    """One room's part of a batch: offsets ``first`` to ``last``. ``failed``: its projection broke there, steps end before it."""

    room: RoomAddress
    first: int
    last: int
    steps: list[Step]
    failed: DeadLetter | None = None

    @property
    def reaches(self) -> int:
        """The offset that the rows reach when all steps go in."""
        return self.last if self.failed is None else self.failed.offset - 1


class Prepared(msgspec.Struct):
    """``plan`` holds every room's operations, coalesced; ``first`` and ``last`` are batch numbers (last < first: no records).

    ``taken_back`` has the records, of this batch and of earlier ones, whose words go with it.
    """

    generation: int
    first: int
    last: int
    records: list[Record]
    rooms: dict[RoomAddress, RoomSteps]
    actors: dict[str, Actor]
    outbox: list[OutboxRow]
    plan: Plan
    taken_back: dict[RoomAddress, TakenBack]
    taken: Taken = Taken()
    fence: int = 0

    @property
    def position(self) -> Position:
        return Position(self.generation, self.last)


async def prepare(kinds: Registry, after: Position, batches: Sequence[Batch], slice_records: int) -> Prepared:
    """Project the records, ``slice_records`` between two turns of the event loop.

    What a later record of the batch takes back is not projected in the first place, nor written into the log.
    """
    prepared = Prepared(after.generation, after.number + 1, after.number, [], {}, {}, [], Plan(), {})
    coalescing = Coalescing()
    records = [record for batch in batches for record in batch.records]
    if batches:
        prepared.last = batches[-1].position.number
        prepared.taken_back = taken_back_by(kinds, records)
    for record in records:
        taken_back = prepared.taken_back.get(record.room)
        if taken_back is not None and record.offset in taken_back.offsets:
            record = redacted_record(record)
        prepared.records.append(record)
        prepared.actors[record.actor.id] = record.actor
        room = prepared.rooms.setdefault(record.room, RoomSteps(record.room, record.offset, record.offset, []))
        prepared.outbox.extend(react(kinds, room, record))
        project(room, coalescing, record)
        if len(prepared.records) % slice_records == 0:
            await asyncio.sleep(0)
    # What failed may have left half of itself in the plan.
    has_failed = any(room.failed is not None for room in prepared.rooms.values())
    prepared.plan = plan_of(prepared.rooms.values()) if has_failed else coalescing.plan
    return prepared


def react(kinds: Registry, room: RoomSteps, record: Record) -> list[OutboxRow]:
    """What the record asks of other rooms. It was asked for before the record was accepted: a fault now (a release that sees it
    otherwise) stops that room's rows, and nothing else."""
    try:
        return outbox_rows(kinds, record)
    except Exception as error:
        room.failed = room.failed or dead_letter(record.room, record.offset, error)
        return []


def project(room: RoomSteps, coalescing: Coalescing, record: Record) -> None:
    """The room goes on with ``record``, unless it has failed before."""
    room.last = record.offset
    if room.failed is not None:
        return
    try:
        operations = operations_of(kind_of(record.room), record)
        coalescing.add(record.room, operations)
    except Exception as error:  # a mistake of one projection stops that room's rows, and nothing else
        room.failed = dead_letter(record.room, record.offset, error)
    else:
        room.steps.append(Step(record.offset, operations))


def plan_of(rooms: Iterable[RoomSteps]) -> Plan:
    """The plan of some rooms alone."""
    coalescing = Coalescing()
    for room in rooms:
        for step in room.steps:
            coalescing.add(room.room, step.operations)
    return coalescing.plan
