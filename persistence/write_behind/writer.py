"""The write-behind: follows the journal, batch by batch, and frees it of what Postgres holds.

One task on the server's loop, which gathers loads, has them stored (``storing.py``) and lets the journal go of what Postgres holds.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

import asyncpg
import structlog

from domain.decider import Registry
from domain.ids import RoomAddress
from domain.log import JournalBroken, JournalForsaken, Position, StorageAway
from persistence.database import Database, trouble_of
from persistence.journal.tail import Tail
from persistence.write_behind.dead_letters import rooms_behind
from persistence.write_behind.kept import Kept
from persistence.write_behind.lag import Lag
from persistence.write_behind.positions import Unfollowed, WriteBehindStopped, claim_position, demand_known
from persistence.write_behind.reading import PASSING, ReadableJournal, ReadFailed, Reading
from persistence.write_behind.settings import WriteBehindSettings
from persistence.write_behind.storing import Load, LoopStoring, Storing
from persistence.write_behind.storing_process import Begin, Home, open_process_storing
from persistence.write_behind.transaction import Outcome

CONFIRMED_AT_ONCE = 64
"""Batches whose records are let go between two turns of the loop."""

Answer = TypeVar("Answer")

_log = structlog.get_logger(__name__)


class FollowedJournal(ReadableJournal, Protocol):
    """What the write-behind needs of a journal, beyond the port of the same name."""

    tail: Tail
    epoch: str

    @property
    def confirmed(self) -> Position: ...

    async def trim(self, up_to: Position) -> None: ...

    def break_off(self, error: JournalBroken) -> None: ...


class WriteBehind:
    """Use ``open_write_behind``."""

    def __init__(self, database: Database, journal: FollowedJournal, settings: WriteBehindSettings, storing: Storing) -> None:
        self.kept = Kept(settings.tick_interval_s)
        self.outbox_grew = asyncio.Event()
        """Set whenever rows of the outbox have been committed; whoever delivers them clears it."""
        self._database = database
        self._journal = journal
        self._settings = settings
        self._storing = storing
        self._reading = Reading(journal, settings)
        self._hurry = asyncio.Event()
        self._away = ""
        self._unreadable = ""
        self._stopped = ""
        self._rooms_behind = 0
        self._fence = 0
        self._found = journal.tail.top
        """What earlier starts may have stored without our having heard of it."""
        self._flushing = 0
        self._gathered = 0
        self._settled = 0
        self._has_settled = asyncio.Event()

    def lag(self) -> Lag:
        tail = self._journal.tail
        return Lag(
            records_waiting=tail.record_count,
            oldest_age_s=tail.oldest_age_s(),
            rooms_behind=self._rooms_behind,
            confirmed_batch=tail.confirmed,
            away=self._away or self._unreadable,
            stopped=self._stopped,
        )

    def wake(self) -> None:
        """Something was handed over to ``kept``."""
        self._journal.tail.grew.set()

    async def flush(self, timeout_s: float) -> bool:
        """Store everything that is there now, last values of what passes included; False when time runs out first."""
        if self._stopped:
            return False
        tail = self._journal.tail
        self._flushing += 1
        self._hurry.set()
        self.wake()
        try:
            async with asyncio.timeout(timeout_s):
                await tail.until_confirmed(tail.top)
                await self._until_kept_is_stored()
        except TimeoutError:
            return False
        finally:
            self._flushing -= 1
            if not self._flushing:
                self._hurry.clear()
        return True

    async def _until_kept_is_stored(self) -> None:
        """What is handed over from now on need not be waited for: it may never end."""
        wanted = self._gathered + 1
        while self._settled < wanted and not (self.kept.is_empty() and self._settled == self._gathered):
            self.wake()
            self._has_settled.clear()
            await self._has_settled.wait()

    # Following

    async def run(self) -> None:
        """Until cancelled, or until going on would lose something: then ``lag().stopped`` says so."""
        try:
            await self._insist(self._claim)
            ahead: Load | None = None
            while True:
                if ahead is None:
                    await self._until_work()
                    ahead = await self._gathered_at_last()
                ahead = await self._step(ahead)
        except WriteBehindStopped as stop:
            self._stopped = str(stop)
            _log.critical("write-behind stopped", reason=self._stopped)
            if isinstance(stop, Unfollowed):
                self._journal.break_off(JournalForsaken(self._stopped))
        except Exception as error:
            # A mistake of ours, or a journal that cannot be read back: whoever watches the lag has to hear of it.
            self._stopped = f"{type(error).__name__}: {error}"
            _log.critical("write-behind failed", reason=self._stopped, exc_info=error)

    async def _step(self, load: Load) -> Load | None:
        """Store a batch; while Postgres works, prepare the next one if it is whole already."""
        ahead: Load | None = None
        async with asyncio.TaskGroup() as group:
            storing = group.create_task(self._store(load))
            left = self._journal.tail.record_count - len(load.records)
            if left >= self._settings.batch_records:
                with contextlib.suppress(ReadFailed):  # it is gathered again once this one is settled
                    ahead = await self._gather(load.position)
        outcome = storing.result()
        if isinstance(outcome, WriteBehindStopped):
            raise outcome
        demand_known(outcome.stored, load.last, self._found)
        if ahead is not None and outcome.stored != load.last:
            # Before the older ones: of two values behind the same offset the one that is there stays.
            self.kept.give_back(ahead.taken)
            self._gathered -= 1
            ahead = None
        await self._settle(load, outcome)
        return ahead

    async def _until_work(self) -> None:
        """Returns once a batch is large or old enough, or a passing value is due."""
        tail = self._journal.tail
        while True:
            tail.grew.clear()
            if tail.record_count:
                await self._until_old_enough()
                return
            wait_s = self.kept.due_in_s(self._settings.batch_age_s)
            if wait_s == 0.0 or (wait_s is not None and self._hurry.is_set()):
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await tail.grew.wait()

    async def _until_old_enough(self) -> None:
        tail = self._journal.tail
        left_s = self._settings.batch_age_s - tail.oldest_age_s()
        if left_s > 0 and tail.record_count < self._settings.batch_records and not self._hurry.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._hurry.wait()

    async def _gathered_at_last(self) -> Load:
        """Try for ever to read what is next: descriptors and threads come back some day."""
        bound_s = self._settings.retry_first_s
        while True:
            try:
                load = await self._gather(self._journal.confirmed)
            except ReadFailed as error:
                if not self._unreadable:
                    _log.error("journal cannot be read back", error=str(error))
                self._unreadable = f"the journal cannot be read back: {error}"
                await asyncio.sleep(random.uniform(0, bound_s))
                bound_s = min(2 * bound_s, self._settings.retry_most_s)
            else:
                self._unreadable = ""
                return load

    async def _gather(self, after: Position) -> Load:
        records, last = await self._reading.read(after.number)
        # Offsets rise inside a room: the last one of each stays.
        tops = {record.room: record.offset for record in records}
        taken = self.kept.take(lambda room, offset: self._is_covered(tops, room, offset), is_hurried=self._hurry.is_set())
        load = Load(after, last, records, tops, taken, self._fence)
        await self._storing.prepare(load)
        self._gathered += 1
        return load

    def _is_covered(self, tops: Mapping[RoomAddress, int], room: RoomAddress, offset: int) -> bool:
        if tops.get(room, -1) >= offset:
            return True
        unstored = self._journal.tail.first_unstored(room)
        return unstored is None or unstored > offset

    # Storing

    async def _claim(self) -> None:
        async with self._database.transaction() as connection:
            self._fence = await claim_position(connection, self._journal.confirmed.generation, self._found)

    async def _store(self, load: Load) -> Outcome | WriteBehindStopped:
        try:
            return await self._insist(lambda: self._storing.store(self._journal.epoch, load))
        except WriteBehindStopped as stop:
            return stop

    async def _insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Try for ever: Postgres comes back some day. Full jitter, so that many nodes do not come back at once."""
        bound_s = self._settings.retry_first_s
        while True:
            try:
                answer = await ask()
            except WriteBehindStopped:
                raise
            except Exception as error:
                self._note(error)
                await asyncio.sleep(random.uniform(0, bound_s))
                bound_s = min(2 * bound_s, self._settings.retry_most_s)
            else:
                if self._away:
                    self._note_back()
                    # An earlier try may have gone in after all, and stopped a projection that this one knows nothing of.
                    await self.count_rooms_behind()
                return answer

    def _note(self, error: Exception) -> None:
        sentence = f"{type(error).__name__}: {error}"
        if isinstance(error, StorageAway) or trouble_of(error) in ("away", "repeat"):
            if not self._away:
                _log.warning("Postgres is away", error=sentence)
        else:
            # Neither the weather nor poison: a table that is missing, say. An operator has to look, and then it goes on.
            _log.error("write-behind cannot store", error=sentence)
        self._away = sentence

    def _note_back(self) -> None:
        _log.info("Postgres is back", records_waiting=self._journal.tail.record_count)
        self._away = ""

    async def _settle(self, load: Load, outcome: Outcome) -> None:
        for letter in outcome.letters:
            _log.error("projection stopped", room=letter.room, offset=letter.offset, error=letter.error)
        if outcome.has_outbox:
            self.outbox_grew.set()
        await self._confirm(load.after.generation, outcome.stored)
        if outcome.stored == load.last:
            self.kept.stored(load.taken)
        else:
            self.kept.give_back(load.taken)
        self._settled += 1
        self._has_settled.set()
        if outcome.letters or self._rooms_behind:
            await self.count_rooms_behind()

    async def _confirm(self, generation: int, stored: int) -> None:
        """In steps: forgetting what a large batch held takes a millisecond or two."""
        while self._journal.confirmed.number < stored:
            step = min(self._journal.confirmed.number + CONFIRMED_AT_ONCE, stored, self._journal.tail.top)
            try:
                await self._journal.trim(Position(generation, step))
            except PASSING as error:
                # It has let go of the records; what is left is to remove files that nobody needs, and the next trim does that.
                _log.warning("journal segments stay", error=str(error))
            await asyncio.sleep(0)

    async def count_rooms_behind(self) -> None:
        """The CLI resolves dead letters behind our back: while there are any, they are counted anew with every batch."""
        try:
            self._rooms_behind = await rooms_behind(self._database)
        except StorageAway:
            pass
        except asyncpg.PostgresError as error:
            # Only a figure: it is counted again with the next batch.
            _log.warning("rooms behind cannot be counted", error=str(error))


@asynccontextmanager
async def open_write_behind(
    database: Database, journal: FollowedJournal, settings: WriteBehindSettings, kinds: Registry, begin: Begin | None = None
) -> AsyncIterator[WriteBehind]:
    """Runs until left; then it has ``drain_s`` to store the rest. What is not stored by then stays in the journal.

    ``begin`` is called first in the process that stores, where there is one.
    """
    async with _storing(database, settings, kinds, begin) as storing:
        writing = WriteBehind(database, journal, settings, storing)
        await writing.count_rooms_behind()
        task = asyncio.create_task(writing.run(), name="write-behind")
        try:
            yield writing
        finally:
            try:
                if not await writing.flush(settings.drain_s):
                    _log.warning("not everything was stored", records_waiting=writing.lag().records_waiting)
            finally:
                # Also when leaving is cancelled: nobody else would end it, and it would store into what is being closed.
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


@asynccontextmanager
async def _storing(
    database: Database, settings: WriteBehindSettings, kinds: Registry, begin: Begin | None
) -> AsyncIterator[Storing]:
    if settings.where == "loop":
        yield LoopStoring(database, kinds, settings.slice_records)
        return
    async with open_process_storing(Home(database.dsn, database.settings, kinds, begin), settings.silent_s) as storing:
        yield storing
