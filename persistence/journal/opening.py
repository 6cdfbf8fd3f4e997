"""Open the journal: find what the last run left, ask Postgres whose it is, carry the tail over, then serve."""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from domain.decider import Registry
from domain.event_codec import UNREADABLE, EventCodec, UnknownEvent
from domain.ids import kind_of
from domain.record import Record
from persistence.journal.ballast import Ballast
from persistence.journal.committer import Committer, LoopCommitter, Writing
from persistence.journal.committer_process import open_process_committer
from persistence.journal.committer_thread import open_thread_committer
from persistence.journal.disk import Disk, cause_of
from persistence.journal.generations import Generations, new_epoch
from persistence.journal.holdings import Holdings, Segment
from persistence.journal.ledger import LEDGER_NAME, Ledger, read_ledger, segment_path, sweep, write_ledger
from persistence.journal.recovery import Recovery
from persistence.journal.refusals import JournalDamaged, JournalForeign, JournalLocked, JournalMissing, JournalRefused
from persistence.journal.segment import Row, create_segment
from persistence.journal.settings import JournalSettings
from persistence.journal.sqlite import JournalParts, SqliteJournal
from persistence.journal.tail import Tail

_GIVEN_UP = "given-up"
_LOCK_PROBE_S = 0.05
CLOSE_WAIT_S = 10.0
"""A last commit on a slow disk takes seconds."""

_log = structlog.get_logger()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to go on with. ``ordinal`` is the segment to open; ``sealed`` those before it."""

    generation: int
    epoch: str
    sealed: list[Segment]
    ordinal: int
    tail: Tail


@asynccontextmanager
async def open_sqlite_journal(
    generations: Generations,
    settings: JournalSettings,
    kinds: Registry,
    *,
    accept_loss: bool = False,
    disk: Disk | None = None,
) -> AsyncIterator[SqliteJournal]:
    """Raises ``JournalRefused`` before anything was changed, and ``JournalFull`` or ``JournalBroken`` where the disk does not take
    what a start has to write. On leaving it is closed and, when all of it is stored, finished."""
    disk = disk or Disk()
    codec = EventCodec(kinds)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(settings.folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        lock = _Lock(settings)
        await asyncio.to_thread(lock.__enter__)
        stack.push(lock)
        carrying = Carrying(settings, codec, kinds, disk)
        found = await _find(generations, carrying, accept_loss=accept_loss)
        committer = await stack.enter_async_context(_open_committer(settings, disk, found))
        holdings = Holdings(settings, [*found.sealed, Segment(found.ordinal, found.tail.top + 1, found.tail.top)])
        ledger = Ledger(generation=found.generation, epoch=found.epoch, segments=holdings.ordinals, top=found.tail.top)
        ballast = Ballast(disk, settings.folder / "ballast", settings.ballast_bytes)
        await _begin(generations, committer, found, partial(_take_over, disk, settings.folder, ledger, ballast))
        parts = JournalParts(
            settings=settings,
            disk=disk,
            codec=codec,
            committer=committer,
            tail=found.tail,
            holdings=holdings,
            ballast=ballast,
            generation=found.generation,
            epoch=found.epoch,
        )
        journal = SqliteJournal(parts)
        try:
            yield journal
        finally:
            if await _closed(journal):
                await _finish(generations, journal)


async def _closed(journal: SqliteJournal) -> bool:
    """A disk that hangs shall not keep the process from ending: what is open then is found by the next start, as after a crash."""
    try:
        async with asyncio.timeout(CLOSE_WAIT_S):
            await journal.close()
    except TimeoutError:
        _log.error("the journal is left open: its disk does not answer", waited_s=CLOSE_WAIT_S)
        return False
    return True


class Carrying(NamedTuple):
    """What the last run's journal is read with."""

    settings: JournalSettings
    codec: EventCodec
    kinds: Registry
    disk: Disk


async def _find(generations: Generations, carrying: Carrying, *, accept_loss: bool) -> Found:
    settings, disk = carrying.settings, carrying.disk
    try:
        ledger = await _read_ledger(generations, settings.folder)
        stored = await generations.stored_of(ledger)
        if ledger is None or stored is None:
            return await _new_journal(generations, settings, disk)
        return await asyncio.to_thread(_recover, carrying, ledger, stored)
    except (JournalForeign, JournalLocked):
        raise  # neither is a loss that could be accepted
    except JournalRefused as refusal:
        if not accept_loss:
            raise
        _log.critical("journal given up, as accepted", loss=str(refusal))
        return await _new_journal(generations, settings, disk, loss=str(refusal))


async def _read_ledger(generations: Generations, folder: Path) -> Ledger | None:
    """A first start that was cut off between its first segment and the ledger has left nothing that was acknowledged: as long as
    Postgres waits for no journal, it begins anew. Raises ``JournalDamaged``."""
    try:
        return await asyncio.to_thread(read_ledger, folder)
    except JournalDamaged as damaged:
        if (folder / LEDGER_NAME).exists():
            raise
        try:
            await generations.stored_of(None)
        except JournalMissing:
            raise damaged from None
        return None


async def _new_journal(generations: Generations, settings: JournalSettings, disk: Disk, loss: str = "") -> Found:
    """What is here goes aside before there is a new generation, of which it would not be: broken off in between, a start finds
    no journal, whose loss can be accepted once more."""
    await asyncio.to_thread(_set_aside, disk, settings.folder)
    epoch = new_epoch()
    generation = await generations.mint(epoch, loss)
    await asyncio.to_thread(_name_aside, disk, settings.folder, generation)
    return Found(generation=generation, epoch=epoch, sealed=[], ordinal=1, tail=Tail(0, settings.memory_bytes))


def _set_aside(disk: Disk, folder: Path) -> None:
    """What was given up stays for whoever wants to look at it."""
    left = [*folder.glob("*.segment*"), *folder.glob("ledger")]
    if left:
        aside = folder / _GIVEN_UP
        aside.mkdir(exist_ok=True)
        for path in left:
            path.rename(aside / path.name)
        disk.sync_folder(folder)


def _name_aside(disk: Disk, folder: Path, generation: int) -> None:
    """After the generation that followed."""
    aside = folder / _GIVEN_UP
    if aside.exists():
        aside.rename(folder / f"{_GIVEN_UP}-before-{generation}")
        disk.sync_folder(folder)


def _recover(carrying: Carrying, ledger: Ledger, stored: int) -> Found:
    settings = carrying.settings
    tail = Tail(stored, settings.memory_bytes)

    def take(rows: list[Row], sealed_up_to: int) -> None:
        for row in rows:
            records = _decode(carrying.codec, settings.folder, row)
            tail.add(row.number, _by_room(records), len(row.blob))
            for record in records:
                if taken_back := carrying.kinds[kind_of(record.room)].redacts(record):
                    tail.redact(record.room, taken_back)
        tail.spill(sealed_up_to)

    recovery = Recovery(carrying.disk, settings, ledger, stored)
    try:
        sealed = recovery.carry_over(take)
    except sqlite3.Error as error:  # the carried segment finds no room, say: nothing was changed, and nothing is lost
        raise cause_of(error) from error
    if tail.top > stored:
        _log.info("journal carried over", batches=tail.top - stored, records=tail.record_count)
    return Found(generation=ledger.generation, epoch=ledger.epoch, sealed=sealed, ordinal=recovery.next_ordinal, tail=tail)


def _decode(codec: EventCodec, folder: Path, row: Row) -> tuple[Record, ...]:
    try:
        return codec.decode_records(row.blob)
    except UnknownEvent as error:
        raise JournalRefused(
            f"{folder}: batch {row.number}: {error}; start that release once more and let it store everything"
        ) from error
    except UNREADABLE as error:
        raise JournalDamaged(f"{folder}: batch {row.number} cannot be read ({error})") from error


def _by_room(records: tuple[Record, ...]) -> list[list[Record]]:
    """Records of one proposal stand together; a new room begins a new group."""
    groups: list[list[Record]] = []
    for record in records:
        if groups and groups[-1][0].room == record.room:
            groups[-1].append(record)
        else:
            groups.append([record])
    return groups


@asynccontextmanager
async def _open_committer(settings: JournalSettings, disk: Disk, found: Found) -> AsyncIterator[Committer]:
    folder, ordinal, generation = settings.folder, found.ordinal, found.generation
    if settings.commit == "process":
        async with open_process_committer(disk, folder, generation, ordinal) as in_process:
            yield in_process
        return
    try:
        opened = await asyncio.to_thread(create_segment, disk, segment_path(folder, ordinal), generation)
    except Exception as error:
        raise cause_of(error) from error
    writing = Writing(disk, folder, generation, opened)
    if settings.commit == "thread":
        async with open_thread_committer(writing, settings.switch_interval_s) as in_thread:
            yield in_thread
    else:
        yield LoopCommitter(writing)


async def _begin(generations: Generations, committer: Committer, found: Found, take_over: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(take_over)
        await generations.begin(found.generation)
    except BaseException:
        # It is listed by now: left as it is it would lose its -wal file with its connection, and be taken for damaged.
        await committer.close()
        raise


def _take_over(disk: Disk, folder: Path, ledger: Ledger, ballast: Ballast) -> None:
    """From here on the new segments are the journal, and what they replace may go."""
    write_ledger(disk, folder, ledger)
    sweep(disk, folder, ledger)
    ballast.take_again()


async def _finish(generations: Generations, journal: SqliteJournal) -> None:
    if journal.is_broken or journal.tail.confirmed < journal.tail.top:
        return  # where another server goes on with it, it is not ours to finish
    try:
        await generations.finish(journal.generation)
    except Exception as error:  # Postgres is away: the next start finds journal and generation unfinished, and goes on
        _log.warning("generation stays unfinished", error=str(error))


class _Lock:
    """``folder/lock``, held as long as this process lives: a free lock proves that nobody is writing here."""

    def __init__(self, settings: JournalSettings) -> None:
        self._descriptor = os.open(settings.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._settings = settings

    def __enter__(self) -> None:
        deadline = time.monotonic() + self._settings.lock_wait_s
        while not self._is_taken():
            if time.monotonic() >= deadline:
                os.close(self._descriptor)
                raise JournalLocked(f"{self._settings.folder} is in use: another server is running on it")
            time.sleep(_LOCK_PROBE_S)

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
