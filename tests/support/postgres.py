"""Postgres for tests: one per run, one migrated template, a database of its own for each test; and one that a test may stop.

Started by our own launcher without fsync. Where the run is root's, Postgres is another account, which may not enter pytest's
folders: so the cluster stands in a folder of its own under the system's temporary one.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import msgspec

from persistence import migrate
from persistence.database import Connection
from persistence.embedded import EmbeddedSettings, open_embedded

TEMPLATE = "atrium_template"
_READY_LINE = 7
"""The line of ``postmaster.pid`` that tells how far the start is."""


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A temporary folder that root's Postgres account may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="atrium-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PostgresOfTheRun:
    """Makes and drops databases; every test gets its own."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._numbers = itertools.count(1)

    def dsn_of(self, name: str) -> str:
        return self.dsn.replace("/postgres?", f"/{name}?")

    @asynccontextmanager
    async def database(self, template: str = TEMPLATE) -> AsyncIterator[str]:
        """The DSN of a fresh database; ``template0`` for one without tables."""
        name = f"test_{next(self._numbers)}"
        await self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.dsn_of(name)
        finally:
            await self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    async def make_template(self) -> None:
        await self._administer(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        await migrate.upgrade(self.dsn_of(TEMPLATE))

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def postgres_of_the_run() -> AsyncIterator[PostgresOfTheRun]:
    with reachable_folder() as folder:
        settings = EmbeddedSettings(data=folder / "pg", fsync=False, max_connections=100)
        async with open_embedded(settings) as dsn:
            postgres = PostgresOfTheRun(dsn)
            await postgres.make_template()
            yield postgres


class RunningPostgres:
    """The embedded Postgres of a folder, whoever has started it: to be killed and frozen."""

    def __init__(self, data: Path) -> None:
        self.folder = data
        self._pid_file = data / "postmaster.pid"

    def pid(self) -> int:
        """The postmaster's."""
        return int(self._pid_file.read_text().split()[0])

    def processes(self) -> list[int]:
        """The postmaster and its children."""
        postmaster = self.pid()
        return [postmaster, *children_of(postmaster)]

    async def kill(self) -> None:
        """As the kernel does when memory runs out; the launcher starts it again."""
        processes = self.processes()
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        await until_gone(processes[1:])

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections and answers nothing: the worst way of being away."""
        processes = self.processes()
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    async def until_back(self, unlike: int, within_s: float = 30.0) -> None:
        """Wait until one is ready whose postmaster is not the process ``unlike``."""

        async def is_back() -> bool:
            try:
                lines = self._pid_file.read_text().splitlines()
            except FileNotFoundError:
                return False
            return len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready" and int(lines[0]) != unlike

        await until(is_back, within_s)


class StoppablePostgres(RunningPostgres):
    """A Postgres with the production's settings that a test stops and starts again on the same folder."""

    def __init__(self, settings: EmbeddedSettings) -> None:
        super().__init__(settings.data)
        self._settings = settings
        self._stack = AsyncExitStack()

    async def start(self) -> str:
        """Returns the DSN, the same one every time."""
        return await self._stack.enter_async_context(open_embedded(self._settings))

    async def stop(self) -> None:
        await self._stack.aclose()
        self._stack = AsyncExitStack()


@asynccontextmanager
async def stoppable_postgres() -> AsyncIterator[StoppablePostgres]:
    """Not started yet; stopped at the end if it still runs."""
    with reachable_folder() as folder:
        postgres = StoppablePostgres(EmbeddedSettings(data=folder / "pg"))
        try:
            yield postgres
        finally:
            await postgres.stop()


def children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended while we looked
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def is_running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def until_gone(pids: list[int], within_s: float = 10.0) -> None:
    async def is_gone() -> bool:
        return not any(is_running(pid) for pid in pids)

    await until(is_gone, within_s)


async def until(is_so: Callable[[], Awaitable[bool]], within_s: float = 10.0) -> None:
    """Ask until the answer is yes; a ``TimeoutError`` after ``within_s``."""
    async with asyncio.timeout(within_s):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.01)


class Row(msgspec.Struct):
    """Columns and values of a row to insert, where a test needs one and does not care how it came."""

    table: str
    values: dict[str, object]


async def insert(connection: Connection, *rows: Row) -> None:
    for row in rows:
        columns = ", ".join(f'"{name}"' for name in row.values)
        places = ", ".join(f"${number}" for number in range(1, len(row.values) + 1))
        await connection.execute(f"INSERT INTO {row.table} ({columns}) VALUES ({places})", *row.values.values())
