"""The door to Postgres: a pool of connections, and what its errors mean.

::

    async with open_database(dsn, DatabaseSettings()) as database:
        rows = await database.fetch("SELECT … WHERE id = $1", room_id)
        async with database.transaction() as connection:
            await connection.execute(…)

On these connections ``jsonb`` travels as bytes of JSON and ``timestamptz`` as Unix milliseconds, both ways, COPY included: that is
how records hold them, so nothing is parsed or converted on the way through. Opening connects nothing; connections are made when
needed, and made anew after Postgres was away.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from domain.log import StorageAway

if TYPE_CHECKING:
    Connection: TypeAlias = PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:  # these classes take parameters in their stubs alone
    Connection, Pool = PoolConnectionProxy, asyncpg.Pool

Isolation: TypeAlias = Literal["read_committed", "repeatable_read", "serializable"]
Trouble: TypeAlias = Literal["away", "repeat", "poison", "fault"]
"""Postgres does not answer; try the transaction again; these values will never go in; our own mistake."""

TROUBLE_BY_CLASS: dict[str, Trouble] = {
    "08": "away",  # connection
    "53": "away",  # out of disk, memory, connections
    "57": "away",  # shutting down, starting up, statement cancelled
    "40": "repeat",  # serialization, deadlock
    "22": "poison",  # data
    "23": "poison",  # constraint
}
TROUBLE_BY_STATE: dict[str, Trouble] = {
    "25006": "away",  # read-only: a standby, or a primary that became one. The connection leads to the wrong place for good
}
EPOCH_2000_MS = 946_684_800_000
"""Postgres counts its microseconds from here."""


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    max_connections: int = 10
    """Of the 40 of the embedded Postgres: several nodes, or this release beside the next one, have to fit."""
    acquire_timeout_s: float = 2.0
    """A free connection, connecting included: who waits longer for Postgres is told that it is away. SDKs give up at 5 s."""
    statement_timeout_s: float = 5.0
    """A statement without an answer: Postgres is away. Long work passes its own ``timeout``."""
    release_timeout_s: float = 1.0
    close_timeout_s: float = 5.0
    """Then connections are cut, not waited for."""
    statement_cache_size: int = 200
    """Prepared statements per connection; 0 behind a pooler that changes the connection between transactions."""


def trouble_of(error: BaseException) -> Trouble:
    """What an error of a database call means, by its SQLSTATE where it has one."""
    if isinstance(error, StorageAway | OSError | TimeoutError | asyncpg.InterfaceError):
        return "away"
    sqlstate = getattr(error, "sqlstate", None) or ""
    return TROUBLE_BY_STATE.get(sqlstate) or TROUBLE_BY_CLASS.get(sqlstate[:2], "fault")


@contextmanager
def away_is_told() -> Iterator[None]:
    """Turn every error that means "Postgres does not answer" into ``StorageAway``; others pass as they are."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        if trouble_of(error) != "away":
            raise
        raise StorageAway(f"Postgres does not answer: {str(error) or type(error).__name__}") from error


class Database:
    """Built by ``open_database``. Calls raise ``StorageAway`` within the settings' timeouts, and work again once Postgres does."""

    def __init__(self, dsn: str, pool: Pool, settings: DatabaseSettings) -> None:
        self.dsn = dsn
        self.settings = settings
        self._pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of one's own, without a transaction."""
        with away_is_told():
            connection = await self._pool.acquire(timeout=self.settings.acquire_timeout_s)
        try:
            with away_is_told():
                yield connection
        except StorageAway:
            # It may hang: a new one will tell. One that has ended is the pool's again, which it says as an error of ours.
            with contextlib.suppress(asyncpg.InterfaceError):
                connection.terminate()
            raise
        finally:
            await self._release(connection)

    @asynccontextmanager
    async def transaction(self, isolation: Isolation = "read_committed", *, readonly: bool = False) -> AsyncIterator[Connection]:
        """Commits on leaving, rolls back on an exception. ``StorageAway`` on leaving may mean either: look before repeating."""
        async with self.connection() as connection, connection.transaction(isolation=isolation, readonly=readonly):
            yield connection

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with self.connection() as connection:
            return await connection.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: object) -> asyncpg.Record | None:
        async with self.connection() as connection:
            return await connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: object) -> Any:
        async with self.connection() as connection:
            return await connection.fetchval(query, *arguments)

    async def execute(self, query: str, *arguments: object) -> str:
        """The command's tag: ``UPDATE 1``."""
        async with self.connection() as connection:
            return await connection.execute(query, *arguments)

    async def _release(self, connection: Connection) -> None:
        # What fails here has terminated the connection, which is all that is wanted.
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await self._pool.release(connection, timeout=self.settings.release_timeout_s)


class _Connection(asyncpg.Connection):
    """Leaves nothing behind: no session settings, listeners or advisory locks are used here (SET LOCAL ends by itself)."""

    def get_reset_query(self) -> str:
        # Speed: the reset is a second round trip for every use of the pool.
        return ""


@asynccontextmanager
async def open_database(dsn: str, settings: DatabaseSettings | None = None) -> AsyncIterator[Database]:
    """A pool for ``dsn`` (``postgresql://…``; parameters as libpq has them). Does not connect yet."""
    settings = settings or DatabaseSettings()
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=settings.max_connections,
        timeout=settings.acquire_timeout_s,
        command_timeout=settings.statement_timeout_s,
        statement_cache_size=settings.statement_cache_size,
        server_settings={"application_name": "atrium", "timezone": "UTC"},
        init=set_codecs,
        connection_class=_Connection,
    )
    try:
        yield Database(dsn, pool, settings)
    finally:
        try:
            async with asyncio.timeout(settings.close_timeout_s):
                await pool.close()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pool.terminate()


async def set_codecs(connection: "asyncpg.Connection[asyncpg.Record] | Connection") -> None:
    """Let ``jsonb`` be bytes and ``timestamptz`` Unix milliseconds on this connection."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda text: b"\x01" + text,  # the binary format's version
        decoder=lambda text: text[1:],
    )
    await connection.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        format="tuple",
        encoder=lambda unix_ms: ((unix_ms - EPOCH_2000_MS) * 1_000,),
        decoder=lambda microseconds: microseconds[0] // 1_000 + EPOCH_2000_MS,
    )
