"""The book of generations in Postgres: ``journal_generations`` and the position of its partition."""

from typing import Final

from persistence.database import Database
from persistence.journal.generations import KnownGeneration, go_on_with
from persistence.journal.ledger import Ledger

PARTITION: Final = 0
"""A single node has one partition."""


class PostgresGenerations:
    """Fits ``persistence.journal.generations.Generations``. Every call raises ``StorageAway`` while Postgres does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stored_of(self, ledger: Ledger | None) -> int | None:
        row = await self._database.fetchrow(
            """
            SELECT generation, epoch, finished_at IS NOT NULL AS is_finished FROM journal_generations
            WHERE partition = $1 ORDER BY generation DESC LIMIT 1
            """,
            PARTITION,
        )
        newest = None if row is None else KnownGeneration(row["generation"], row["epoch"], row["is_finished"])
        if not go_on_with(ledger, newest) or newest is None:
            return None
        stored = await self._database.fetchval(
            "SELECT number FROM positions WHERE partition = $1 AND generation = $2", PARTITION, newest.generation
        )
        return int(stored or 0)

    async def mint(self, epoch: str, loss: str = "") -> int:
        """Counts as finished until ``begin``: a crash before the journal's first file is on the disk must not demand that file."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE journal_generations SET finished_at = now(), accepted_loss = nullif($2, '') "
                "WHERE partition = $1 AND finished_at IS NULL",
                PARTITION,
                loss,
            )
            generation = await connection.fetchval(
                "INSERT INTO journal_generations (partition, epoch, finished_at) VALUES ($1, $2, now()) RETURNING generation",
                PARTITION,
                epoch,
            )
            await connection.execute(
                """
                INSERT INTO positions (partition, generation, number) VALUES ($1, $2, 0)
                ON CONFLICT (partition) DO UPDATE SET generation = excluded.generation, number = 0, moved_at = now()
                """,
                PARTITION,
                generation,
            )
        return int(generation)

    async def begin(self, generation: int) -> None:
        await self._database.execute("UPDATE journal_generations SET finished_at = NULL WHERE generation = $1", generation)

    async def finish(self, generation: int) -> None:
        await self._database.execute("UPDATE journal_generations SET finished_at = now() WHERE generation = $1", generation)
