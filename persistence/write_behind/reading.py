"""What the journal has next, as much of it as one transaction may take."""

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from domain.log import Batch
from domain.record import Record
from persistence.write_behind.settings import WriteBehindSettings

READ_AT_ONCE: Final = 64
"""Batches asked of the journal in one go, where they are small: it may have to open a file for them."""
PASSING: Final = (OSError, RuntimeError, sqlite3.OperationalError)
"""No descriptor, no thread: that passes. Damage (``JournalDamaged``) and what is no longer there (``LookupError``) do not."""


class ReadFailed(Exception):
    """The journal cannot be read back at the moment: the same is to be asked for again."""


class ReadableJournal(Protocol):
    async def read_some(self, after: int, limit: int) -> Sequence[Batch]: ...


class Portion(NamedTuple):
    """The records of whole batches, ``last`` the number of the last one."""

    records: list[Record]
    last: int


class Reading:
    """Batches are never divided: their numbers are the positions that Postgres knows."""

    def __init__(self, journal: ReadableJournal, settings: WriteBehindSettings) -> None:
        self._journal = journal
        self._settings = settings
        self._at_once = READ_AT_ONCE

    async def read(self, after: int) -> Portion:
        """What follows the batch ``after``: at least one batch unless that is the top, else within both bounds.

        Raises ``ReadFailed``, and whatever the journal says of damage.
        """
        records: list[Record] = []
        last, size = after, 0
        while len(records) < self._settings.batch_records:
            try:
                some = await self._journal.read_some(last, self._at_once)
            except PASSING as error:
                raise ReadFailed(f"{type(error).__name__}: {error}") from error
            if not some:
                break
            sizes = [sum([len(record.body) for record in batch.records]) for batch in some]
            self._ask_for_as_much(len(some), sum(sizes))
            for batch, batch_size in zip(some, sizes, strict=True):
                is_full = len(records) >= self._settings.batch_records or size + batch_size > self._settings.batch_bytes
                if is_full and last > after:
                    return Portion(records, last)
                records += batch.records
                size += batch_size
                last = batch.position.number
        return Portion(records, last)

    def _ask_for_as_much(self, batches: int, size: int) -> None:
        """Next time: what is read beyond the bound is read for nothing, and a file's worth of large batches fills the memory."""
        fitting = self._settings.batch_bytes * batches // max(1, size)
        self._at_once = max(1, min(READ_AT_ONCE, fitting))
