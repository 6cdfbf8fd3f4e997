"""Bring a database to this release's schema, and refuse one that was made by other migrations than ours.

Revisions are the files of ``migrations/versions``, numbered and in one line: ``0001_platform.py`` is revision ``0001``. An applied
one leaves a row in ``schema_migrations`` with the SHA-256 of its file. At start the two are compared by one query; Alembic is
loaded only when there is something to apply.
"""

import ast
import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from persistence.database import away_is_told, trouble_of
from persistence.embedded_binaries import OLDEST_VERSION

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext, MigrationInfo
    from sqlalchemy import Connection

CONNECT_TIMEOUT_S = 10.0
MIGRATION_LOCK = 7_205_759_403
"""The key of the advisory lock that lets nodes which start together migrate one after another; it ends with the transaction, so
poolers do not matter. Any number that nobody else uses."""


class SchemaRefused(Exception):
    """This database cannot be used as it is; the text says why and what to do."""


class ChecksumDiffers(SchemaRefused):
    """An applied migration is not the file of this release: one of the two was changed after the fact."""


class ServerTooOld(SchemaRefused):
    pass


class NotLetIn(SchemaRefused):
    """The address, the role, its password or its rights are not right: waiting would not help."""


class Revision(msgspec.Struct, frozen=True):
    """One migration as this release carries it, or as the database remembers it."""

    version: str
    description: str
    checksum: str


class Standing(msgspec.Struct, frozen=True):
    """``pending`` is still to be applied; ``newer`` was applied by a later release (migrations only add, so that does no harm)."""

    applied: tuple[Revision, ...]
    pending: tuple[Revision, ...]
    newer: tuple[Revision, ...]


def folder() -> Path:
    """Where the migrations stand, in the repository and in an installed package alike."""
    spec = importlib.util.find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise SchemaRefused("the package 'migrations' is missing: the installation is incomplete")
    return Path(spec.submodule_search_locations[0])


def revisions() -> tuple[Revision, ...]:
    """This release's migrations, oldest first."""
    return tuple(_revision_of(path) for path in sorted((folder() / "versions").glob("[0-9]*_*.py")))


def _revision_of(path: Path) -> Revision:
    content = path.read_bytes().replace(b"\r\n", b"\n")  # a checkout may change line ends, which is no change
    described = (ast.get_docstring(ast.parse(content)) or "").partition("\n")[0]
    return Revision(path.name.partition("_")[0], described, hashlib.sha256(content).hexdigest())


async def standing(dsn: str) -> Standing:
    """Compare the database with this release. Raises ``SchemaRefused`` or ``StorageAway``."""
    with away_is_told():
        connection = await _connected(dsn)
        try:
            applied = await _applied(connection)
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)
    return _compared(applied, revisions())


async def _connected(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S, command_timeout=CONNECT_TIMEOUT_S)
    except asyncpg.PostgresError as error:
        if trouble_of(error) == "away":
            raise
        raise NotLetIn(f"Postgres does not let us in: {error}. Look at the address of the database") from error


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> tuple[Revision, ...]:
    if connection.get_server_version().major < OLDEST_VERSION:
        raise ServerTooOld(
            f"the database is PostgreSQL {connection.get_settings().server_version}: version {OLDEST_VERSION} or later is needed"
        )
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return ()
    rows = await connection.fetch("SELECT version, description, checksum FROM schema_migrations ORDER BY version")
    return tuple(Revision(row["version"], row["description"] or "", row["checksum"] or "") for row in rows)


def _compared(applied: tuple[Revision, ...], ours: tuple[Revision, ...]) -> Standing:
    known = {revision.version: revision for revision in ours}
    for revision in applied:
        if (own := known.get(revision.version)) and own.checksum != revision.checksum:
            raise ChecksumDiffers(
                f"migration {own.version} ({own.description}) was applied with checksum {revision.checksum[:12]}…, but the file of "
                f"this release has {own.checksum[:12]}…: an applied migration must not change. Install the release that made this "
                f"database, or put the file back and add a new migration"
            )
    there = {revision.version for revision in applied}
    return Standing(
        applied=applied,
        pending=tuple(revision for revision in ours if revision.version not in there),
        newer=tuple(revision for revision in applied if revision.version not in known),
    )


async def upgrade(dsn: str, target: str = "head") -> tuple[Revision, ...]:
    """Apply what is missing, all in one transaction; returns what was applied. Costs one query when there is nothing to do."""
    before = await standing(dsn)
    if not before.pending:
        return ()
    await _run(dsn, target, is_upgrade=True)
    there = {revision.version for revision in before.applied}
    return tuple(revision for revision in (await standing(dsn)).applied if revision.version not in there)


async def downgrade(dsn: str, target: str = "base") -> None:
    """Take revisions back down to ``target``, with the rows of their tables."""
    await standing(dsn)
    await _run(dsn, target, is_upgrade=False)


async def _run(dsn: str, target: str, *, is_upgrade: bool) -> None:
    # Loaded here: together they take longer than the rest of a start, which mostly has nothing to migrate.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S),
        poolclass=NullPool,
    )

    def run(connection: "Connection") -> None:
        config = Config(attributes={"connection": connection, "on_version_apply": _remember})
        config.set_main_option("script_location", str(folder()).replace("%", "%%"))
        (command.upgrade if is_upgrade else command.downgrade)(config, target)

    with away_is_told():
        try:
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                await connection.run_sync(run)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != asyncpg.InsufficientPrivilegeError.sqlstate:
                raise
            raise NotLetIn(f"the database's role may not change its schema: {error.orig}. Grant it CREATE there") from error
        finally:
            await engine.dispose()


def _remember(ctx: "MigrationContext", step: "MigrationInfo", heads: set[str], run_args: Any) -> None:
    """Alembic's hook after each revision: write or take back its row of ``schema_migrations``."""
    from sqlalchemy import text

    connection = ctx.connection
    if connection is None or not connection.scalar(text("SELECT to_regclass('schema_migrations')")):
        return  # the revision that made the table was just taken back, and the row with it
    for version in step.up_revision_ids:
        if step.is_upgrade:
            own = next(revision for revision in revisions() if revision.version == version)
            statement = "INSERT INTO schema_migrations (version, description, checksum) VALUES (:version, :description, :checksum)"
            connection.execute(text(statement), msgspec.structs.asdict(own))
        else:
            connection.execute(text("DELETE FROM schema_migrations WHERE version = :version"), {"version": version})
