"""Put a batch's rows in, whatever one room's rows may be like.

All rooms together first. If Postgres refuses a value (SQLSTATE 22, 23) or a row is not there, the rooms are halved until the one is
found, then its records: that room's projection stops there (``dead_letters``), everything else goes in.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec

from domain.ids import RoomAddress
from persistence.database import Connection, trouble_of
from persistence.write_behind.apply import Applying, RowRefused
from persistence.write_behind.batch import RoomSteps, Step, plan_of
from persistence.write_behind.dead_letters import DeadLetter, dead_letter
from persistence.write_behind.row_operations import Plan

MISSING_PARENT: Final = "23503"
"""SQLSTATE foreign_key_violation."""


class Projected(msgspec.Struct):
    """How far each room's rows have come, and where they stopped."""

    offsets: dict[RoomAddress, int] = msgspec.field(default_factory=dict)
    letters: list[DeadLetter] = msgspec.field(default_factory=list)


class Projecting:
    """One batch on one connection, inside its transaction."""

    def __init__(self, connection: Connection, *, is_rerun: bool = False) -> None:
        self._connection = connection
        self._applying = Applying(connection, is_rerun=is_rerun)
        self._projected = Projected()

    async def project(self, rooms: Sequence[RoomSteps], plan: Plan) -> Projected:
        """``plan`` is that of ``rooms``."""
        await self._some(rooms, plan)
        await self._again(rooms)
        return self._projected

    async def _again(self, rooms: Sequence[RoomSteps]) -> None:
        """Halved, a room may have come before the room of a row that it refers to: what lacked one is tried behind all others."""
        lacked = {letter.room: letter for letter in self._projected.letters if letter.sqlstate == MISSING_PARENT}
        if not lacked or len(lacked) == len(rooms):
            return
        self._projected.letters = [letter for letter in self._projected.letters if letter.room not in lacked]
        for room in rooms:
            if letter := lacked.get(room.room):
                steps = [step for step in room.steps if step.offset >= letter.offset]
                rest = RoomSteps(room.room, letter.offset, room.last, steps, room.failed)
                await self._some([rest], plan_of([rest]))

    async def _some(self, rooms: Sequence[RoomSteps], plan: Plan) -> None:
        error = await self._refused(plan)
        if error is None:
            for room in rooms:
                self._reached(room)
        elif len(rooms) == 1:
            await self._one(rooms[0], error)
        else:
            middle = len(rooms) // 2
            for half in (rooms[:middle], rooms[middle:]):
                await self._some(half, plan_of(half))

    async def _one(self, room: RoomSteps, error: RowRefused | asyncpg.PostgresError) -> None:
        """Find the record: what stands before it goes in, nothing behind it does."""
        if len(room.steps) == 1:
            stopped: DeadLetter | None = dead_letter(room.room, room.steps[0].offset, error)
        else:
            middle = len(room.steps) // 2
            stopped = await self._steps(room, room.steps[:middle]) or await self._steps(room, room.steps[middle:])
        if stopped is None:
            # Record by record they go in, and not all at once: none is to blame.
            self._reached(room)
            return
        self._projected.letters.append(stopped)
        if stopped.offset > room.first:
            self._projected.offsets[room.room] = stopped.offset - 1

    async def _steps(self, room: RoomSteps, steps: Sequence[Step]) -> DeadLetter | None:
        error = await self._refused(plan_of([RoomSteps(room.room, room.first, room.last, list(steps))]))
        if error is None:
            return None
        if len(steps) == 1:
            return dead_letter(room.room, steps[0].offset, error)
        middle = len(steps) // 2
        return await self._steps(room, steps[:middle]) or await self._steps(room, steps[middle:])

    def _reached(self, room: RoomSteps) -> None:
        if room.reaches >= room.first:
            self._projected.offsets[room.room] = room.reaches
        if room.failed is not None:
            self._projected.letters.append(room.failed)

    async def _refused(self, plan: Plan) -> RowRefused | asyncpg.PostgresError | None:
        """None when all of it went in, else why none of it did. Raises what is no poison."""
        try:
            async with self._connection.transaction():
                await self._applying.apply(plan)
                # What a deferred constraint has against the batch must be known here, not at the commit.
                await self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except RowRefused as error:
            return error
        except asyncpg.PostgresError as error:
            if trouble_of(error) != "poison":
                raise
            return error
        return None
