"""Fixtures that tests of several folders share. Postgres starts when the first test asks for it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from persistence.database import Database, open_database
from tests.support.postgres import PostgresOfTheRun, postgres_of_the_run


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres() -> AsyncIterator[PostgresOfTheRun]:
    """The run's Postgres, with a migrated template database."""
    async with postgres_of_the_run() as running:
        yield running


@pytest_asyncio.fixture
async def dsn(postgres: PostgresOfTheRun) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    async with postgres.database() as address:
        yield address


@pytest_asyncio.fixture
async def bare_dsn(postgres: PostgresOfTheRun) -> AsyncIterator[str]:
    """A database without tables."""
    async with postgres.database("template0") as address:
        yield address


@pytest_asyncio.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with open_database(dsn) as opened:
        yield opened
