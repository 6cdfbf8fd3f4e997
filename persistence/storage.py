"""Durable truth behind one door: the journal, the log of every room and the write-behind that joins them to Postgres.

::

    async with open_storage(database, journal_settings, write_behind_settings, kinds) as storage:
        hub = open_hub(journal=storage.journal, log=storage.log, …)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from domain.decider import Registry
from persistence.database import Database
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.postgres_generations import PostgresGenerations
from persistence.journal.settings import JournalSettings
from persistence.journal.sqlite import SqliteJournal
from persistence.log import PostgresDeadlines, PostgresLog
from persistence.references import PostgresReferences
from persistence.restart import open_restart
from persistence.write_behind.lag import Lag
from persistence.write_behind.reactions import PostgresReactions
from persistence.write_behind.settings import WriteBehindSettings
from persistence.write_behind.storing_process import Begin
from persistence.write_behind.writer import WriteBehind, open_write_behind


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """What the live side needs, running. All but the last fit the ports of the same names."""

    journal: SqliteJournal
    log: PostgresLog
    deadlines: PostgresDeadlines
    reactions: PostgresReactions
    references: PostgresReferences
    write_behind: WriteBehind

    def lag(self) -> Lag:
        """How far Postgres is behind: for /health/ready and /metrics. Costs nothing."""
        return self.write_behind.lag()

    async def flush(self, timeout_s: float) -> bool:
        """Wait until everything appended so far is in Postgres; False when ``timeout_s`` runs out first."""
        return await self.write_behind.flush(timeout_s)

    async def broken(self) -> Exception:
        """Returns (never raises) once the journal can acknowledge nothing more: the process has to end."""
        return await self.journal.broken()


@asynccontextmanager
async def open_storage(
    database: Database,
    journal: JournalSettings,
    write_behind: WriteBehindSettings,
    kinds: Registry,
    *,
    accept_loss: bool = False,
    begin: Begin | None = None,
) -> AsyncIterator[Storage]:
    """Open everything and take up where the last start left off.

    Raises ``StorageAway``, and ``persistence.journal.refusals.JournalRefused`` (its text says what to do) when the journal on disk
    is damaged, missing or another database's; ``accept_loss`` then takes a new generation. On leaving the write-behind drains for
    ``drain_s``, then the journal is closed; what is not stored by then is stored by the next start. ``begin`` is called first in
    the process that stores, where there is one.
    """
    async with (
        open_sqlite_journal(PostgresGenerations(database), journal, kinds, accept_loss=accept_loss) as opened,
        open_write_behind(database, opened, write_behind, kinds, begin) as writing,
        open_restart(database, opened, writing, kinds),
    ):
        yield Storage(
            journal=opened,
            log=PostgresLog(database, opened, writing, kinds),
            deadlines=PostgresDeadlines(database),
            reactions=PostgresReactions(database, kinds, writing.outbox_grew),
            references=PostgresReferences(database),
            write_behind=writing,
        )
