"""Whether the process lives, and whether it can do everything that it is there for."""

from collections.abc import Callable
from typing import Literal

import anyio
import msgspec

from channels.hub import Hub
from domain.log import StorageAway
from persistence.database import Database
from persistence.storage import Storage


class PostgresHealth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    answers: bool
    embedded: bool
    problem: str = ""


class JournalHealth(msgspec.Struct, frozen=True, kw_only=True):
    """``fill`` is the used share of the budget: from 0.8 producers are slowed, at 1 refused."""

    works: bool
    epoch: str
    fill: float


class LagHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What is durable but not yet in Postgres, and rooms whose rows stand still at a record that did not go in."""

    records: int
    oldest_s: float
    rooms_behind: int
    problem: str = ""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """``acknowledged`` is what an answer to a command means: ``durable`` is fsynced on this machine's disk."""

    ready: bool
    draining: bool
    acknowledged: Literal["durable", "accepted"]
    postgres: PostgresHealth
    journal: JournalHealth
    lag: LagHealth


class Health:
    """Looks at the running parts; ``drain`` marks the beginning of the end."""

    look_s = 1.0
    """Postgres is asked at most once in this time and given this long to answer, whoever polls."""

    def __init__(self, hub: Hub, storage: Storage, database: Database, *, embedded: bool, now_ms: Callable[[], int]) -> None:
        self._hub = hub
        self._storage = storage
        self._database = database
        self._embedded = embedded
        self.now_ms = now_ms
        self._is_draining = False
        self._looked_at_s = float("-inf")
        self._problem = ""
        self._one_at_a_time = anyio.Lock()

    def drain(self) -> None:
        self._is_draining = True

    def lag_s(self) -> float:
        """How old what Postgres knows is at most."""
        return round(self._storage.lag().oldest_age_s, 3)

    async def readiness(self) -> Readiness:
        problem = await self._postgres_problem()
        lag = self._storage.lag()
        works = not self._hub.failed.is_set()
        fill = self._storage.journal.fill
        return Readiness(
            ready=not self._is_draining and works and not problem and not lag.stopped and fill < 1,
            draining=self._is_draining,
            acknowledged="durable",
            postgres=PostgresHealth(answers=not problem, embedded=self._embedded, problem=problem),
            journal=JournalHealth(works=works, epoch=self._storage.journal.epoch, fill=round(fill, 4)),
            lag=LagHealth(
                records=lag.records_waiting,
                oldest_s=round(lag.oldest_age_s, 3),
                rooms_behind=lag.rooms_behind,
                problem=lag.stopped or lag.away,
            ),
        )

    async def _postgres_problem(self) -> str:
        async with self._one_at_a_time:
            if anyio.current_time() - self._looked_at_s >= self.look_s:
                self._problem = await self._look()
                self._looked_at_s = anyio.current_time()
            return self._problem

    async def _look(self) -> str:
        try:
            with anyio.fail_after(self.look_s):
                await self._database.fetchval("SELECT 1")
        except (StorageAway, TimeoutError):
            return "Postgres does not answer: open rooms go on, closed rooms cannot be opened"
        return ""
