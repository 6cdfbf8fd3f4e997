"""What an operator does beside the running server: migrations, and rows written again out of the log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from domain.event_codec import UnknownEvent
from domain.ids import RoomAddress
from domain.kinds import KINDS
from domain.log import StorageAway
from persistence.database import open_database
from persistence.embedded import AlreadyRunning, CannotStart, open_embedded
from persistence.migrate import SchemaRefused, Standing, downgrade, standing, upgrade
from persistence.write_behind.rerun import NothingToSkip
from persistence.write_behind.rerun import project_room as rerun
from persistence.write_behind.rerun import skip as pass_over
from server.environment import without_password
from server.settings import Settings

SOCKET_FOLDER_LINE = 4
"""The line of ``postmaster.pid`` that names the folder of the socket."""


class Refused(Exception):
    """What the operator has to put right; the text says how."""


def migrate_up(settings: Settings, target: str) -> None:
    async def job(dsn: str) -> None:
        applied = await upgrade(dsn, target)
        for revision in applied:
            click.echo(f"applied {revision.version}  {revision.description}")
        if not applied:
            click.echo("nothing to apply")

    _with_database(settings, job)


def migrate_down(settings: Settings, target: str) -> None:
    async def job(dsn: str) -> None:
        before = await standing(dsn)
        await downgrade(dsn, target)
        there = {revision.version for revision in (await standing(dsn)).applied}
        for revision in reversed(before.applied):
            if revision.version not in there:
                click.echo(f"taken back {revision.version}  {revision.description}")

    _with_database(settings, job)


def migrate_current(settings: Settings) -> None:
    async def job(dsn: str) -> None:
        click.echo(f"database: {'embedded' if settings.is_embedded else without_password(dsn)}")
        _tell(await standing(dsn))

    _with_database(settings, job)


def _tell(now: Standing) -> None:
    for revision in now.applied:
        click.echo(f"{revision.version}  applied  {revision.description}")
    for revision in now.pending:
        click.echo(f"{revision.version}  missing  {revision.description}")
    for revision in now.newer:
        click.echo(f"{revision.version}  of a later release  {revision.description}")


def _with_database(settings: Settings, job: Callable[[str], Awaitable[None]]) -> None:
    """Raises ``Refused``."""

    async def run() -> None:
        async with reach_database(settings) as dsn:
            await job(dsn)

    try:
        asyncio.run(run())
    except (SchemaRefused, StorageAway, CannotStart) as error:
        raise Refused(str(error)) from error


@asynccontextmanager
async def reach_database(settings: Settings) -> AsyncIterator[str]:
    """The address of the database: the configured one, that of the running server's Postgres, or of one started for this."""
    if not settings.is_embedded:
        yield settings.server.database_url
        return
    async with AsyncExitStack() as stack:
        try:
            dsn = await stack.enter_async_context(open_embedded(settings.embedded))
        except AlreadyRunning:
            dsn = running_embedded(settings.embedded.data)
        yield dsn


def running_embedded(data: Path) -> str:
    """The address of the embedded Postgres that a server holds open at this moment. Raises ``Refused``."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        folder = lines[SOCKET_FOLDER_LINE].strip()
    except (OSError, IndexError) as error:
        raise Refused("the server that runs here is just starting or ending: try again in a moment") from error
    return f"postgresql://postgres@/postgres?host={quote(folder)}"


def project_room(settings: Settings, room: str, start: int | None, *, skip: bool) -> None:
    """Write a room's rows again out of its log, with a bar that shows how far. Raises ``Refused`` where they stand still again."""

    async def job(dsn: str) -> None:
        async with open_database(dsn, settings.database) as database:
            if skip:
                click.echo(f"passed over offset {await pass_over(database, RoomAddress(room))}")
            with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=Console(stderr=True)) as bar:
                task = bar.add_task(f"rows of {room}", total=None)
                result = await rerun(
                    database,
                    KINDS,
                    RoomAddress(room),
                    start=start,
                    progress=lambda at, top: bar.update(task, completed=at, total=top),
                )
        if not result.top:
            raise Refused(f"nothing has ever happened in {room}: look at its address")
        if result.stopped is not None:
            raise Refused(
                f"the rows of {room} stand still at offset {result.stopped.offset} of {result.top}: {result.stopped.error}\n"
                "repair what it says and run this again, or pass that event over with --skip"
            )
        click.echo(f"{room}: rows are at offset {result.reached} of {result.top}")

    try:
        _with_database(settings, job)
    except (NothingToSkip, UnknownEvent) as error:
        raise Refused(str(error)) from error
