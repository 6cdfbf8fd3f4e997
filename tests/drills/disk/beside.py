"""A server beside a Postgres of its own: only the server is traced, and only its folder forgets."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import asyncpg

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.checker import Verdict
from tests.drills.disk.strace import traced
from tests.drills.load import Load, judged
from tests.drills.report import unclean_end
from tests.support.server import ServerProcess, data_folder, open_server

_SECRET = "x" * 48
_SMALL = {
    # Segments fill in a second, so that rotations, seals and removals are hit as well.
    "ATRIUM_JOURNAL_SEGMENT_BYTES": "60000",
    "ATRIUM_JOURNAL_KEEP_S": "2",
    "ATRIUM_JOURNAL_BALLAST_BYTES": "65536",
}


class Beside(NamedTuple):
    """Made by ``open_beside``. ``folder`` is for what the drill keeps."""

    server: ServerProcess
    dsn: str
    folder: Path

    @property
    def journal(self) -> Path:
        return self.server.data / "journal"

    async def ended(self, load: Load) -> tuple[Verdict, list[str]]:
        """End the server and judge."""
        code = await self.server.stop()
        complaints = unclean_end(self.server, code)
        return await judged(self.dsn, load), complaints


class Stored(NamedTuple):
    """How far the write-behind has come in which generation."""

    generation: int
    epoch: str
    number: int


@asynccontextmanager
async def open_beside(
    command: Sequence[str], more: Mapping[str, str] | None = None, on: Callable[[Path], AbstractContextManager[None]] | None = None
) -> AsyncIterator[Beside]:
    """Running; ``more`` is its environment, ``server.env`` at later starts. ``on`` makes the journal's folder."""
    with data_folder() as folder:
        async with open_embedded(EmbeddedSettings(data=folder / "pg")) as dsn:
            data = folder / "server"
            data.mkdir(mode=0o711)
            (data / "token-secret").write_text(_SECRET)
            environment = {
                "DATABASE_URL": dsn,
                "ATRIUM_AUTH_TRUST_TOKEN_ROLES": "on",
                "ATRIUM_AUTH_TOKEN_SECRET": _SECRET,
                **_SMALL,
                **{name: value.format(folder=folder) for name, value in (more or {}).items()},
            }
            with on(data / "journal") if on else nullcontext():
                async with open_server(data, environment, traced(command)) as server:
                    yield Beside(server, dsn, folder)


async def stored_in(dsn: str) -> Stored:
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(
            "SELECT generation, epoch, number FROM positions JOIN journal_generations USING (partition, generation)"
        )
    finally:
        await connection.close()
    assert row is not None, "the server has opened its journal"
    return Stored(row["generation"], row["epoch"], row["number"])
