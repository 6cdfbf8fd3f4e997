"""What the product's own recovery makes of a journal's folder, without a server: every batch, or the refusal."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from structlog.testing import capture_logs

from domain.kinds import KINDS
from domain.log import Position
from domain.record import Record
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.refusals import JournalRefused
from persistence.journal.settings import JournalSettings
from tests.drills.disk.beside import Stored
from tests.support.journals import Generation, MemoryGenerations


class Place(NamedTuple):
    """One event in a batch."""

    room: str
    offset: int
    event_id: str


Batches = dict[int, tuple[Place, ...]]
"""By the batch's number."""


async def recovered(folder: Path, stored: Stored) -> Batches | JournalRefused:
    """Open the folder as the next start would, with Postgres at ``stored``, and read all that is not stored."""
    settings = JournalSettings(folder=folder, ballast_bytes=0, lock_wait_s=0.0)
    with capture_logs():
        try:
            async with open_sqlite_journal(_book_of(stored), settings, KINDS) as journal:
                position = Position(stored.generation, stored.number)
                return {batch.position.number: _places(batch.records) async for batch in journal.read(position)}
        except JournalRefused as refusal:
            return refusal


def _places(records: Sequence[Record]) -> tuple[Place, ...]:
    return tuple(Place(record.room, record.offset, record.id) for record in records)


def _book_of(stored: Stored) -> MemoryGenerations:
    generations = MemoryGenerations()
    generations.all = [Generation(number, stored.epoch, "") for number in range(1, stored.generation + 1)]
    generations.newest.stored = stored.number
    generations.newest.is_finished = False
    return generations


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for thousands of copies; in memory where there is such a place, since nobody pulls the plug on these."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="atrium-drill-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
