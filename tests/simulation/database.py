"""A pretended Postgres behind a line that may be slow, away, or cut at any call, before or after a commit."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from persistence.database import Database, DatabaseSettings, Isolation, away_is_told
from tests.simulation import statements
from tests.simulation.tables import Row, Rows, Sight
from tests.simulation.world import World

AWAY_S = 2.0
"""How long somebody waits for a Postgres that does not answer."""


class Postgres:
    """What outlives every node: committed rows, and who holds the position."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.committed: dict[str, Rows] = {}
        self.position = asyncio.Lock()
        self.is_down = False
        self.slow_s = 0.0
        self._rng = world.draw("postgres")
        world.is_stored = lambda room, offset: (room, offset) in self.committed.get("room_events", {})

    def rows(self, table: str) -> list[Row]:
        return list(self.committed.get(table, {}).values())

    def chance(self, of: float) -> bool:
        return not self.world.is_calm and self._rng.random() < of

    def trip_s(self) -> float:
        return self._rng.uniform(0.0002, 0.002) + (self._rng.uniform(0.0, self.slow_s) if self.slow_s else 0.0)


class Line:
    """One connection: the part of asyncpg's that the node uses."""

    def __init__(self, database: "SimDatabase", sight: Sight) -> None:
        self._database = database
        self.sight = sight
        self.holds_position = False

    async def execute(self, sql: str, *arguments: Any) -> str:
        answer = await self._ask(sql, arguments)
        return f"DONE {answer if isinstance(answer, int) else len(answer)}"

    async def executemany(self, sql: str, many: Iterable[Sequence[Any]]) -> None:
        await self._database.travel()
        for arguments in many:
            statements.run(self.sight, sql, arguments)

    async def fetch(self, sql: str, *arguments: Any) -> list[Row]:
        answer = await self._ask(sql, arguments)
        assert not isinstance(answer, int), sql
        return answer

    async def fetchrow(self, sql: str, *arguments: Any) -> Row | None:
        return next(iter(await self.fetch(sql, *arguments)), None)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        row = await self.fetchrow(sql, *arguments)
        return None if row is None else next(iter(row.values()))

    async def copy_records_to_table(self, table: str, *, records: Any, columns: Sequence[str]) -> None:
        rows = [record async for record in records] if hasattr(records, "__aiter__") else list(records)
        await self._database.travel()
        self.sight.insert(table, [dict(zip(columns, row, strict=True)) for row in rows])

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A savepoint inside the one that is under way."""
        mark = self.sight.mark()
        try:
            yield
        except BaseException:
            self.sight.back_to(mark)
            raise

    async def _ask(self, sql: str, arguments: Sequence[Any]) -> statements.Answer:
        await self._database.travel()
        if "FOR UPDATE" in sql:
            await self._database.postgres.position.acquire()
            self.holds_position = True
        return statements.run(self.sight, sql, arguments)


class SimDatabase(Database):
    """One node's way to Postgres; ``is_cut`` once the node is dead."""

    def __init__(self, postgres: Postgres) -> None:
        self.dsn = "simulated"
        self.settings = DatabaseSettings()
        self.postgres = postgres
        self.is_cut = False

    async def travel(self) -> None:
        """There and back. Raises what a broken line raises."""
        postgres = self.postgres
        self._demand_line()
        if postgres.is_down:
            await asyncio.sleep(AWAY_S)
            raise ConnectionRefusedError("Postgres is away, as the simulation wants it")
        await asyncio.sleep(postgres.trip_s())
        self._demand_line()
        if postgres.is_down:
            raise ConnectionResetError("Postgres went away, as the simulation wants it")
        if postgres.chance(postgres.world.weather.line_cut):
            postgres.world.fault("database line cut")
            raise ConnectionResetError("cut, as the simulation wants it")

    def _demand_line(self) -> None:
        if self.is_cut:
            raise ConnectionResetError("this node is dead")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Every statement is a transaction of its own."""
        with away_is_told():
            sight = Sight(self.postgres.committed)
            yield Line(self, sight)
            sight.commit(self.postgres.committed)

    @asynccontextmanager
    async def transaction(self, isolation: Isolation = "read_committed", *, readonly: bool = False) -> AsyncIterator[Any]:
        with away_is_told():
            await self.travel()
            line = Line(self, Sight(self.postgres.committed, is_steady=isolation != "read_committed"))
            try:
                yield line
                if not readonly:
                    await self._commit(line)
            finally:
                if line.holds_position:
                    self.postgres.position.release()

    async def _commit(self, line: Line) -> None:
        """The word is under way, done, and the answer is under way: the line may break in each of them.

        Once the word has left, the node's own end does not take it back.
        """
        postgres = self.postgres
        if postgres.chance(postgres.world.weather.line_cut):
            postgres.world.fault("database cut before commit")
            raise ConnectionResetError("cut before the commit, as the simulation wants it")
        self._demand_line()
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(postgres.trip_s(), self._committed, line, done, line.holds_position)
        line.holds_position = False
        await asyncio.shield(done)
        self._demand_line()
        if postgres.chance(4 * postgres.world.weather.line_cut):
            postgres.world.fault("database cut after commit")
            raise ConnectionResetError("cut after the commit, as the simulation wants it")
        await asyncio.sleep(postgres.trip_s() / 2)

    def _committed(self, line: Line, done: "asyncio.Future[None]", holds_position: bool) -> None:
        """Where Postgres takes the word; a server that went down meanwhile never does."""
        postgres = self.postgres
        if not postgres.is_down:
            line.sight.commit(postgres.committed)
            postgres.world.note("committed")
        if holds_position:
            postgres.position.release()
        if not done.done():
            with contextlib.suppress(asyncio.InvalidStateError):
                if postgres.is_down:
                    done.set_exception(ConnectionResetError("Postgres went away in the commit"))
                else:
                    done.set_result(None)
