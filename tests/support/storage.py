"""What tests of the write-behind need: a journal that Postgres knows, and a Postgres that fails where the test wants it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from domain.decider import Registry
from domain.kinds import KINDS
from domain.log import StorageAway
from domain.record import Record
from persistence.database import Database, Isolation
from persistence.journal.generations import new_epoch
from persistence.journal.memory import MemoryJournal
from persistence.journal.postgres_generations import PostgresGenerations
from persistence.write_behind.settings import WriteBehindSettings
from persistence.write_behind.writer import WriteBehind, open_write_behind
from tests.support.records import proposal_of

QUICK = WriteBehindSettings(where="loop", batch_age_s=0.0, tick_interval_s=0.0, retry_first_s=0.001, retry_most_s=0.01)


async def known_journal(database: Database) -> MemoryJournal:
    """A journal in memory, of a generation that this database follows."""
    epoch = new_epoch()
    return MemoryJournal(await PostgresGenerations(database).mint(epoch), epoch)


async def append(journal: Any, records: Sequence[Record]) -> None:
    """One proposal per room, in one batch."""
    by_room: dict[str, list[Record]] = {}
    for record in records:
        by_room.setdefault(record.room, []).append(record)
    await journal.append([proposal_of(each) for each in by_room.values()])


@asynccontextmanager
async def writing_behind(
    database: Database, journal: Any, settings: WriteBehindSettings = QUICK, kinds: Registry = KINDS
) -> AsyncIterator[WriteBehind]:
    async with open_write_behind(database, journal, settings, kinds) as writing:
        yield writing


async def stored_offsets(database: Database, room: str) -> list[int]:
    rows = await database.fetch('SELECT "offset" FROM room_events WHERE room = $1 ORDER BY "offset"', room)
    return [row["offset"] for row in rows]


async def message_offsets(database: Database) -> list[int]:
    rows = await database.fetch('SELECT "offset" FROM workspace_messages ORDER BY workspace_id, "offset"')
    return [row["offset"] for row in rows]


class CutConnection:
    """Passes everything on, until it has been asked ``calls`` times: then Postgres is gone."""

    def __init__(self, connection: Any, cut: "Cut") -> None:
        self._connection = connection
        self._cut = cut

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._connection, name)
        if name in ("execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table"):
            self._cut.count()
        return value


class Cut:
    """Cuts the line at the ``at``-th call (1 is the first), once; 0 cuts right behind a commit."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.calls = 0
        self.has_happened = False

    def count(self) -> None:
        self.calls += 1
        if not self.has_happened and self.calls == self.at:
            self.happen()

    def happen(self) -> None:
        self.has_happened = True
        raise StorageAway("cut, as the test wants it")


class CutDatabase(Database):
    """A database whose line is cut, behind the transaction by which the write-behind claims the position."""

    def __init__(self, database: Database, cut: Cut) -> None:
        super().__init__(database.dsn, database._pool, database.settings)
        self.cut = cut
        self._has_claimed = False

    @asynccontextmanager
    async def transaction(self, isolation: Isolation = "read_committed", *, readonly: bool = False) -> AsyncIterator[Any]:
        if not self._has_claimed:
            async with super().transaction(isolation, readonly=readonly) as plain:
                yield plain
            self._has_claimed = True
            return
        async with super().transaction(isolation, readonly=readonly) as connection:
            yield CutConnection(connection, self.cut)
        if not self.cut.has_happened and self.cut.at == 0:
            self.cut.happen()


def interleaved(*logs: Iterable[Record]) -> list[Record]:
    """The records of several rooms, one of each in turn."""
    waiting = [list(log) for log in logs]
    mixed: list[Record] = []
    while any(waiting):
        mixed += [log.pop(0) for log in waiting if log]
    return mixed
