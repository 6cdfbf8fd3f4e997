"""The journal on this node's disk: what is acknowledged stands here, fsynced, until Postgres holds it.

Natural group commit: appends that arrive while a commit is under way go together into the next one. A batch is one row.
"""

import asyncio
import contextlib
import errno
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import structlog

from domain.event_codec import EventCodec
from domain.log import Appended, AppendResult, Batch, Conflict, JournalBroken, JournalFull, Position, Proposal
from domain.record import Record
from persistence.journal.ballast import Ballast
from persistence.journal.committer import Committer
from persistence.journal.disk import Disk
from persistence.journal.holdings import Holdings, Segment
from persistence.journal.ledger import Ledger, files_of, segment_path, write_ledger
from persistence.journal.refusals import JournalDamaged
from persistence.journal.segment import Row, open_sealed
from persistence.journal.settings import JournalSettings
from persistence.journal.tail import Tail

_READ_AT_ONCE = 64
"""Spilled batches are read back this many at a time: a few hundred KB, one trip to the worker thread."""

_log = structlog.get_logger()


class PoisonedRecord(ValueError):
    """A record has no JSON (a lone surrogate in a name): the edge let something through. Nothing was written."""


class _Waiting:
    """One call of ``append`` on its way to the disk."""

    __slots__ = ("error", "is_settled", "proposals", "results")

    def __init__(self, proposals: Sequence[Proposal]) -> None:
        self.proposals = proposals
        self.results: list[AppendResult] = []
        self.error: Exception | None = None
        self.is_settled = False


class JournalParts(msgspec.Struct, frozen=True, kw_only=True):
    """What an opened journal consists of; ``persistence.journal.opening`` puts it together."""

    settings: JournalSettings
    disk: Disk
    codec: EventCodec
    committer: Committer
    tail: Tail
    holdings: Holdings
    ballast: Ballast
    generation: int
    epoch: str


class SqliteJournal:
    """Fits ``channels.ports.Journal``. Use ``open_sqlite_journal``."""

    def __init__(self, parts: JournalParts) -> None:
        self._parts = parts
        self._settings = parts.settings
        self._committer = parts.committer
        self._holdings = parts.holdings
        self.tail = parts.tail
        self.epoch = parts.epoch
        self.generation = parts.generation
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()
        self._ledger_turn = asyncio.Lock()
        """Held from reading which segments there are until the ledger and the holdings agree again: who adds one and who removes
        some would otherwise list what is gone, or not list what is appended to."""
        self._unlisted: list[Path] = []
        """Segments that are no longer part of the journal, and whose files may still be there."""
        self._rotation: asyncio.Task[None] | None = None
        self._rotated_s = time.monotonic()
        self._redactions_sealed = 0
        self._is_closed = False
        self._broken: asyncio.Future[JournalBroken] = asyncio.get_running_loop().create_future()

    @property
    def top(self) -> Position:
        return Position(self.generation, self.tail.top)

    @property
    def confirmed(self) -> Position:
        """How far Postgres is known to hold the journal."""
        return Position(self.generation, self.tail.confirmed)

    @property
    def fill(self) -> float:
        return self._parts.ballast.fill(self._holdings.disk_bytes / self._settings.budget_bytes)

    @property
    def is_broken(self) -> bool:
        return self._broken.done()

    async def broken(self) -> JournalBroken:
        """Returns once nothing more can be acknowledged."""
        return await asyncio.shield(self._broken)

    def break_off(self, error: JournalBroken) -> None:
        """Acknowledge nothing more: who follows the journal has found out that nothing more of it will be stored."""
        self._break(error)

    # Appending

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        mine = _Waiting(proposals)
        self._waiting.append(mine)
        async with self._turn:
            if not mine.is_settled:
                together, self._waiting = self._waiting, []
                await self._settle(together)
        if mine.error is not None:
            raise mine.error
        return mine.results

    async def _settle(self, together: list[_Waiting]) -> None:
        try:
            groups = [group for waiting in together for group in self._accept(waiting)]
            if groups:
                await self._commit(groups)
        except (JournalFull, JournalBroken) as error:
            for waiting in together:
                waiting.error = error
            if isinstance(error, JournalBroken):
                self._break(error)
        except PoisonedRecord as error:
            for waiting in together:
                waiting.error = error
        except BaseException as error:
            # Cancelled in the middle: whether it is durable is not known, so nothing may follow it.
            self._break(JournalBroken(f"an append was interrupted: {error!r}"))
            raise
        finally:
            for waiting in together:
                waiting.is_settled = True

    def _accept(self, waiting: _Waiting) -> list[tuple[Record, ...]]:
        groups: list[tuple[Record, ...]] = []
        for proposal in waiting.proposals:
            top = self.tail.last_offset(proposal.room)
            if top is not None and top != proposal.expected_top:
                waiting.results.append(Conflict(proposal.room, top))
                continue
            waiting.results.append(Appended(proposal.room, proposal.expected_top + len(proposal.records)))
            if proposal.records:
                groups.append(proposal.records)
        return groups

    async def _commit(self, groups: list[tuple[Record, ...]]) -> None:
        if self._broken.done():
            raise self._broken.result()
        if self._is_closed:
            raise JournalBroken("the journal is closed")
        if self.fill >= 1.0:
            raise JournalFull("the journal's budget is used up: Postgres has been away for too long")
        blob = self._encoded(groups)
        row = Row(self.tail.top + 1, blob)
        try:
            await self._committer.commit(row)
        except JournalFull as full:
            if not self._parts.ballast.give_back(full):
                raise
            await self._committer.commit(row)
        if self._broken.done():  # broken off meanwhile: nobody will store it
            raise self._broken.result()
        self.tail.add(row.number, groups, len(blob))
        self._holdings.committed(row.number, len(blob))
        self.tail.spill(self._holdings.sealed_up_to)
        if self._holdings.is_open_full() or self._parts.ballast.wants_new_segment:
            self._rotate_soon()

    def _encoded(self, groups: Sequence[Sequence[Record]]) -> bytes:
        try:
            return self._parts.codec.encode_records([record for group in groups for record in group])
        except (ValueError, TypeError) as error:
            raise PoisonedRecord(f"a record cannot be written: {error}") from error

    def _break(self, error: JournalBroken) -> None:
        if not self._broken.done():
            _log.critical("journal broken", error=str(error))
            self._broken.set_result(error)

    # Segments

    def _rotate_soon(self) -> None:
        if self._rotation is None or self._rotation.done():
            self._rotation = asyncio.create_task(self._rotate(), name="journal rotation")

    async def _rotate(self) -> None:
        """A new segment is listed before its first append, and the full one is sealed after its last."""
        ordinal = self._holdings.open.ordinal + 1
        try:
            await self._committer.prepare(ordinal)
            async with self._ledger_turn:
                await asyncio.to_thread(self._write_ledger, (*self._holdings.ordinals, ordinal))
                async with self._turn:
                    await self._committer.switch()
                    self._holdings.switched(ordinal)
                    self._rotated_s, self._redactions_sealed = time.monotonic(), self.tail.redactions
            self._parts.ballast.wants_new_segment = False
            await self._seal_full()
        except JournalFull as error:
            _log.warning("journal's segment stays as it is", error=str(error))
        except JournalBroken as error:
            self._break(error)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                _log.warning("journal goes on in a full segment: no room for its ledger", error=str(error))
            else:
                self._break(JournalBroken(f"rotation failed: {error}"))

    async def _seal_full(self) -> None:
        """Also those for which there was no room at an earlier rotation: nothing behind them can be spilled or let go."""
        for segment in self._holdings.unsealed():
            await self._committer.seal()
            segment.is_sealed = True
            segment.disk_bytes = await asyncio.to_thread(self._size_of, segment)

    def _write_ledger(self, ordinals: Sequence[int]) -> None:
        ledger = Ledger(generation=self.generation, epoch=self.epoch, segments=tuple(ordinals), top=self.tail.top)
        write_ledger(self._parts.disk, self._settings.folder, ledger)

    def _size_of(self, segment: Segment) -> int:
        return segment_path(self._settings.folder, segment.ordinal).stat().st_size

    async def trim(self, up_to: Position) -> None:
        if up_to.generation != self.generation:
            raise ValueError(f"generation {up_to.generation} is not this journal's")
        self.tail.confirm(up_to.number)
        self._holdings.confirmed(self.tail.confirmed)
        if self._holds_taken_back_words:
            self._rotate_soon()
        is_rotating = self._rotation is not None and not self._rotation.done()
        if is_rotating or self._ledger_turn.locked():
            return
        async with self._ledger_turn:
            if expired := self._holdings.expired():
                await self._drop(expired)

    @property
    def _holds_taken_back_words(self) -> bool:
        """The open segment may hold them, and would go on to for as long as it takes to fill: it is sealed early, to expire."""
        has_taken_back = self.tail.redactions > self._redactions_sealed
        return has_taken_back and time.monotonic() - self._rotated_s >= self._settings.keep_s

    async def _drop(self, expired: list[Segment]) -> None:
        """Out of the ledger first: what is listed has to be there."""
        gone = {segment.ordinal for segment in expired}
        left = [ordinal for ordinal in self._holdings.ordinals if ordinal not in gone]
        try:
            await asyncio.to_thread(self._write_ledger, left)
            # At once, whatever becomes of the files: the next ledger lists what is in the holdings.
            self._holdings.drop(expired)
            self._unlisted += [segment_path(self._settings.folder, segment.ordinal) for segment in expired]
            await asyncio.to_thread(self._remove_unlisted)
        except OSError as error:  # a full disk, perhaps: the next ones that go try again, or the next start
            _log.warning("journal segments stay", error=str(error))

    def _remove_unlisted(self) -> None:
        for path in self._unlisted:
            for each in files_of(path):
                self._parts.disk.remove(each)
        self._parts.disk.sync_folder(self._settings.folder)
        self._unlisted.clear()
        self._parts.ballast.take_again()

    # Reading

    async def read(self, after: Position) -> AsyncIterator[Batch]:
        number = after.number
        while number < self.tail.top:
            for batch in await self.read_some(number, _READ_AT_ONCE):
                yield batch
                number = batch.position.number

    async def read_some(self, after: int, limit: int) -> Sequence[Batch]:
        """The next batches behind ``after``, at least one unless that is the top. From memory wherever it is still there."""
        at_hand = self.tail.batches_after(after, limit)
        if at_hand:
            return [Batch(Position(self.generation, number), records) for number, records in at_hand]
        if after >= self.tail.top:
            return []
        batches = await asyncio.to_thread(self._read_back, after, limit)
        return [Batch(batch.position, self.tail.as_redacted(batch.records)) for batch in batches]

    def _read_back(self, after: int, limit: int) -> list[Batch]:
        segment = self._holdings.segment_of(after + 1)
        if segment is None or not segment.is_sealed:
            raise LookupError(f"batch {after + 1} is no longer in the journal")
        path = segment_path(self._settings.folder, segment.ordinal)
        try:
            with contextlib.closing(open_sealed(self._parts.disk, path, self.generation)) as reader:
                rows = list(reader.rows(after, min(after + limit, segment.last)))
        except (sqlite3.OperationalError, JournalDamaged) as error:
            if path.exists():
                raise
            # Stored, and its file removed while we were on the way here.
            raise LookupError(f"batch {after + 1} is no longer in the journal") from error
        return [Batch(Position(self.generation, row.number), self._parts.codec.decode_records(row.blob)) for row in rows]

    async def close(self) -> None:
        """After this nothing can be appended. What is not stored is found by the next start."""
        if self._rotation is not None:
            await self._rotation
        async with self._turn:
            self._is_closed = True
            await self._committer.close()
