"""Migrations: they make what the tables say, go down and up again, and refuse what was tampered with."""

import asyncio
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from domain.log import StorageAway
from persistence import migrate
from persistence.database import open_database
from persistence.embedded import CannotStart, EmbeddedSettings, open_embedded
from persistence.embedded_binaries import find_binaries
from persistence.tables import METADATA
from tests.support.postgres import PostgresOfTheRun, reachable_folder
from tests.support.workspace_rows import new_id, one_of_each, stored

T = TypeVar("T")
ROOT = Path(__file__).parents[2]

COLUMNS = """
    SELECT table_name, column_name, udt_name, character_maximum_length, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
OPTIONS = "SELECT relname, reloptions::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


async def on_database(dsn: str, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool)
    async with engine.begin() as connection:
        done = await connection.run_sync(work)
    await engine.dispose()
    return done


async def catalogue(dsn: str) -> dict[str, set[tuple[object, ...]]]:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS alembic_version ()")
        queries = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES, "options": OPTIONS}
        return {name: {tuple(row) for row in await connection.fetch(query)} for name, query in queries.items()}
    finally:
        await connection.close()


# --- Tables and migrations ---


async def test_the_migrations_make_the_very_tables_that_the_code_describes(dsn: str, bare_dsn: str) -> None:
    await on_database(bare_dsn, METADATA.create_all)

    described, migrated = await catalogue(bare_dsn), await catalogue(dsn)

    for part, expected in described.items():
        assert migrated[part] == expected, part


async def test_alembic_sees_no_difference_either(dsn: str) -> None:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))

    assert await on_database(dsn, compare) == []


async def test_every_unique_constraint_has_an_owner(dsn: str) -> None:
    listed = tomllib.loads((migrate.folder() / "unique_constraints.toml").read_text())
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        """
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indisunique AND NOT i.indisprimary AND c.relnamespace = 'public'::regnamespace
        """
    )
    await connection.close()

    assert {row[0] for row in rows} == set(listed)
    assert set(listed.values()) <= {"key", "room", "transaction"}


@pytest.mark.parametrize("version", [15, 16, 18])
async def test_up_down_and_up_again_with_rows_inside(version: int) -> None:
    try:
        find_binaries(version)
    except CannotStart:
        pytest.skip(f"no PostgreSQL {version} here")
    with reachable_folder() as folder:
        async with open_embedded(EmbeddedSettings(data=folder / "pg", fsync=False, version=version)) as dsn:
            await migrate.upgrade(dsn)
            async with open_database(dsn) as database:
                await stored(database, *one_of_each(new_id(), new_id()))
            await migrate.downgrade(dsn, "0001")
            assert [one.version for one in (await migrate.standing(dsn)).applied] == ["0001"]
            await migrate.downgrade(dsn)
            assert (await migrate.standing(dsn)).applied == ()

            applied = await migrate.upgrade(dsn)

            assert applied == migrate.revisions()
            async with open_database(dsn) as database:
                await stored(database, *one_of_each(new_id(), new_id()))


# --- What a start sees ---


async def test_a_database_that_is_current_is_left_alone(dsn: str) -> None:
    assert await migrate.upgrade(dsn) == ()
    assert (await migrate.standing(dsn)).applied == migrate.revisions()


async def test_each_migration_leaves_its_description_and_checksum(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT version, description, checksum FROM schema_migrations ORDER BY version")
    await connection.close()

    assert [row["version"] for row in rows] == [one.version for one in migrate.revisions()]
    assert all(len(row["checksum"]) == 64 and row["description"] for row in rows)


async def test_a_changed_migration_is_refused_with_its_name(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE schema_migrations SET checksum = repeat('0', 64) WHERE version = '0002'")
    await connection.close()

    with pytest.raises(migrate.ChecksumDiffers, match=r"migration 0002 .* must not change"):
        await migrate.upgrade(dsn)


async def test_migrations_of_a_later_release_do_no_harm(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("INSERT INTO schema_migrations (version, description, checksum) VALUES ('0999', 'later', 'x')")
    await connection.close()

    assert await migrate.upgrade(dsn) == ()
    assert [one.version for one in (await migrate.standing(dsn)).newer] == ["0999"]


async def test_nodes_that_start_together_migrate_once(bare_dsn: str) -> None:
    await asyncio.gather(*(migrate.upgrade(bare_dsn) for _ in range(3)))

    assert (await migrate.standing(bare_dsn)).applied == migrate.revisions()


async def test_a_migration_that_fails_leaves_nothing_behind(bare_dsn: str) -> None:
    connection = await asyncpg.connect(bare_dsn)
    await connection.execute("CREATE TABLE workspace_messages (mine integer)")
    with pytest.raises(Exception, match="workspace_messages"):
        await migrate.upgrade(bare_dsn)

    assert await connection.fetchval("SELECT to_regclass('users')") is None
    assert await connection.fetchval("SELECT count(*) FROM information_schema.columns WHERE column_name = 'mine'") == 1
    await connection.close()


async def test_a_database_that_is_away_is_told_as_such(postgres: PostgresOfTheRun) -> None:
    with pytest.raises(StorageAway):
        await migrate.upgrade("postgresql://postgres@/postgres?host=/nowhere")


async def test_who_is_not_let_in_is_told_why(postgres: PostgresOfTheRun) -> None:
    with pytest.raises(migrate.NotLetIn, match="no_such_database"):
        await migrate.upgrade(postgres.dsn_of("no_such_database"))


async def test_a_role_that_may_not_change_the_schema_is_told(bare_dsn: str) -> None:
    connection = await asyncpg.connect(bare_dsn)
    await connection.execute("CREATE ROLE reader LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    try:
        with pytest.raises(migrate.NotLetIn, match="CREATE"):
            await migrate.upgrade(bare_dsn.replace("postgres@", "reader@", 1))
    finally:
        await connection.execute("DROP ROLE reader")
        await connection.close()


def test_a_start_with_nothing_to_migrate_loads_no_migration_tools(tmp_path: Path) -> None:
    script = "import sys, persistence.migrate as m; m.revisions(); print({'alembic', 'sqlalchemy'} & set(sys.modules))"

    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert said.strip() == "set()"


def test_line_ends_of_a_checkout_do_not_count_as_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(migrate.folder(), tmp_path / "migrations")
    for path in (tmp_path / "migrations" / "versions").glob("0*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    ours = migrate.revisions()
    monkeypatch.setattr(migrate, "folder", lambda: tmp_path / "migrations")

    assert migrate.revisions() == ours


def test_the_revisions_are_one_line() -> None:
    numbers = [one.version for one in migrate.revisions()]

    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
