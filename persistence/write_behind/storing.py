"""Where a batch becomes rows: on the server's loop, in slices, or in a process of its own (``storing_process.py``)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from domain.decider import Registry
from domain.event_codec import EventCodec
from domain.ids import RoomAddress
from domain.log import Batch, Position
from domain.record import Record
from persistence.database import Database
from persistence.write_behind.batch import Prepared, prepare
from persistence.write_behind.kept import Taken
from persistence.write_behind.stubs import Stubs
from persistence.write_behind.transaction import Outcome, store


class Load(NamedTuple):
    """What one transaction is to store: the records behind ``after``, up to the batch ``last``, and what goes along.

    ``tops`` has each room's highest offset among them. Without records ``last`` is ``after.number``. ``fence`` is shown with it.
    """

    after: Position
    last: int
    records: Sequence[Record]
    tops: dict[RoomAddress, int]
    taken: Taken
    fence: int

    @property
    def position(self) -> Position:
        return Position(self.after.generation, self.last)

    @property
    def batches(self) -> Sequence[Batch]:
        return [Batch(self.position, tuple(self.records))] if self.records else []


class Storing(Protocol):
    """One load after the other is stored; the next one may be prepared meanwhile."""

    async def prepare(self, load: Load) -> None:
        """Begin with what can be done without Postgres."""
        ...

    async def store(self, epoch: str, load: Load) -> Outcome:
        """Store what was prepared, exactly once however often it is asked for.

        Raises ``StorageAway``, ``WriteBehindStopped``, and whatever Postgres says.
        """
        ...


class LoopStoring:
    """On the loop of whoever calls: ``slice_records`` records are projected between two of its turns."""

    def __init__(self, database: Database, kinds: Registry, slice_records: int) -> None:
        self._database = database
        self._kinds = kinds
        self._slice_records = slice_records
        self._codec = EventCodec(kinds)
        self._stubs = Stubs()
        self._prepared: dict[Position, Prepared] = {}

    async def prepare(self, load: Load) -> None:
        prepared = await prepare(self._kinds, load.after, load.batches, self._slice_records)
        prepared.taken, prepared.fence = load.taken, load.fence
        # At most two: the one that is being stored, and the next.
        self._prepared = {position: each for position, each in self._prepared.items() if position >= load.after}
        self._prepared[load.position] = prepared

    async def store(self, epoch: str, load: Load) -> Outcome:
        return await store(self._database, self._kinds, epoch, self._prepared[load.position], self._stubs, self._codec)
