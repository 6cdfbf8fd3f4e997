"""The pool: what its values look like, and what it says while Postgres is away."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from domain.log import StorageAway
from persistence.database import Database, DatabaseSettings, open_database, trouble_of
from persistence.embedded import SOCKET_NAME
from tests.support.commit_proxy import Moment, open_commit_proxy
from tests.support.postgres import StoppablePostgres, stoppable_postgres, until

AT_MS = 1_763_600_000_123


async def test_times_are_unix_milliseconds_and_json_is_bytes_both_ways(database: Database) -> None:
    row = await database.fetchrow(
        "SELECT $1::timestamptz AS at, $2::jsonb AS body, $3::jsonb[] AS bodies", AT_MS, b'{"a":1}', [b"[]", None]
    )

    assert row is not None
    assert dict(row) == {"at": AT_MS, "body": b'{"a": 1}', "bodies": [b"[]", None]}


async def test_copy_takes_the_same_values(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TEMPORARY TABLE things (at timestamptz, body jsonb) ON COMMIT DROP")
        await connection.copy_records_to_table("things", records=[(AT_MS, b"{}")])
        stored = await connection.fetchrow("SELECT at, at::text AS said, body FROM things")

    assert stored is not None
    assert tuple(stored) == (AT_MS, "2025-11-20 00:53:20.123+00", b"{}")


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO room_positions (room) VALUES ('workspace:a')")
            raise RuntimeError

    assert await database.fetchval("SELECT count(*) FROM room_positions") == 0


async def test_errors_are_told_apart_by_their_sqlstate(database: Database) -> None:
    async def error_of(query: str) -> BaseException:
        with pytest.raises(asyncpg.PostgresError) as caught:
            await database.execute(query)
        return caught.value

    assert trouble_of(await error_of("SELECT 1 / 0")) == "poison"
    assert trouble_of(await error_of("INSERT INTO room_positions (room) VALUES (NULL)")) == "poison"
    assert trouble_of(await error_of("SELECT no_such_column")) == "fault"
    assert trouble_of(asyncpg.SerializationError()) == "repeat"
    assert trouble_of(asyncpg.CannotConnectNowError()) == "away"
    assert trouble_of(asyncpg.DiskFullError()) == "away"
    assert trouble_of(ConnectionResetError()) == "away"


async def test_a_connection_to_a_standby_is_not_kept(dsn: str) -> None:
    """After a failover the pool's connections may lead to what is a standby now; new ones lead to the new primary."""
    async with open_database(dsn, DatabaseSettings(max_connections=1)) as database:
        await database.execute("SET default_transaction_read_only = on")  # until this connection ends

        with pytest.raises(StorageAway, match="read-only"):
            async with database.transaction() as connection:
                await connection.fetchval("SELECT number FROM positions FOR UPDATE")

        assert await database.execute("INSERT INTO room_positions (room) VALUES ('workspace:a')") == "INSERT 0 1"


async def test_a_full_pool_says_away_instead_of_waiting_for_ever(dsn: str) -> None:
    async with open_database(dsn, DatabaseSettings(max_connections=1, acquire_timeout_s=0.05)) as database, database.connection():
        with pytest.raises(StorageAway):
            await database.fetchval("SELECT 1")


async def test_a_cancelled_call_gives_its_connection_back(dsn: str) -> None:
    async with open_database(dsn, DatabaseSettings(max_connections=1)) as database:
        call = asyncio.create_task(database.fetchval("SELECT pg_sleep(60)"))
        await until(partial(_is_sleeping, dsn))
        call.cancel()
        await asyncio.wait([call])

        assert await database.fetchval("SELECT 1") == 1


async def _is_sleeping(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def stoppable() -> AsyncIterator[StoppablePostgres]:
    async with stoppable_postgres() as postgres:
        yield postgres


async def test_a_stopped_postgres_is_away_at_once_and_back_after_its_start(stoppable: StoppablePostgres) -> None:
    async with open_database(await stoppable.start()) as database:
        assert await database.fetchval("SELECT 1") == 1

        await stoppable.stop()
        for _ in range(3):
            await _away_within(database, 2.5)
        await stoppable.start()

        assert await database.fetchval("SELECT 2") == 2


async def test_a_killed_postgres_is_started_again_and_answers(stoppable: StoppablePostgres) -> None:
    async with open_database(await stoppable.start()) as database:
        assert await database.fetchval("SELECT 1") == 1

        await stoppable.kill()

        await until(partial(_answers, database), within_s=20)


async def _answers(database: Database) -> bool:
    try:
        return bool(await database.fetchval("SELECT 2") == 2)
    except StorageAway:
        return False


async def test_a_frozen_postgres_is_away_within_the_timeouts(stoppable: StoppablePostgres) -> None:
    settings = DatabaseSettings(acquire_timeout_s=0.5, statement_timeout_s=0.5, release_timeout_s=0.2)
    async with open_database(await stoppable.start(), settings) as database:
        assert await database.fetchval("SELECT 1") == 1
        with stoppable.frozen():
            await _away_within(database, 1.5)  # on the connection that is there
            await _away_within(database, 1.5)  # making a new one

        assert await database.fetchval("SELECT 2") == 2


async def _away_within(database: Database, limit_s: float) -> None:
    began = time.monotonic()
    with pytest.raises(StorageAway):
        await database.fetchval("SELECT 1")
    assert time.monotonic() - began < limit_s


@pytest.mark.parametrize(("moment", "stored"), [("unseen", 0), ("answered", 1)])
async def test_a_line_cut_at_commit_says_away_and_whoever_looks_finds_all_or_nothing(
    stoppable: StoppablePostgres, moment: Moment, stored: int
) -> None:
    dsn = await stoppable.start()
    async with open_commit_proxy(stoppable.folder / SOCKET_NAME) as proxy:
        proxied = f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres?sslmode=disable"
        async with open_database(proxied) as database, open_database(dsn) as direct:
            await direct.execute("CREATE TABLE things (id int)")
            cutting = asyncio.create_task(proxy.cut_next(moment))
            with pytest.raises(StorageAway, match="does not answer"):
                async with database.transaction() as connection:
                    await connection.execute("INSERT INTO things VALUES (1)")
            await cutting

            assert await database.fetchval("SELECT count(*) FROM things") == stored
    assert proxy.cuts == 1
