"""A proxy in front of Postgres that sees COMMIT go by, and can cut the line at that moment, before or after Postgres has seen it.

::

    async with open_commit_proxy(socket_path, of=b"FROM positions") as proxy:
        dsn = f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres?sslmode=disable"
        await proxy.cut_next("answered")        # returns when it has happened

It reads as much of the protocol as that takes: messages of a client are a letter, a length, a body; a COMMIT is a simple query.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal, TypeAlias

from tests.support.listening import listening, reset

Moment: TypeAlias = Literal["unseen", "under_way", "answered"]
"""Postgres never sees the COMMIT; it sees it, and nobody waits for what becomes of it; its answer gets lost."""

MOMENTS: Final[tuple[Moment, ...]] = ("unseen", "under_way", "answered")

CHUNK_BYTES: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")


class CommitProxy:
    """Made by ``open_commit_proxy``. Only transactions of connections that have sent the bytes ``of`` are counted and cut."""

    def __init__(self, target: Path, of: bytes) -> None:
        self.port = 0
        self.commits = 0
        self.cuts = 0
        self._target = target
        self._of = of
        self._cut: Moment | None = None
        self._has_cut = asyncio.Event()
        self._has_passed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def cut_next(self, moment: Moment) -> None:
        """Cut the line of the next COMMIT."""
        self._has_cut.clear()
        self._cut = moment
        await self._has_cut.wait()

    async def pass_next(self) -> None:
        """Returns when the next COMMIT has gone through."""
        self._has_passed.clear()
        await self._has_passed.wait()

    def take_cut(self) -> Moment | None:
        """A COMMIT is here: how it is to be cut, if at all."""
        self.commits += 1
        moment, self._cut = self._cut, None
        if moment is None:
            self._has_passed.set()
        return moment

    def was_cut(self) -> None:
        self.cuts += 1
        self._has_cut.set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                there, back = await asyncio.open_unix_connection(str(self._target))
                try:
                    await _Line(self, self._of, reader, back, there, writer).run()
                finally:
                    back.close()
        finally:
            reset(writer)


class _Line:
    """One connection of a client, through the proxy."""

    def __init__(
        self,
        proxy: CommitProxy,
        of: bytes,
        asked: asyncio.StreamReader,
        postgres: asyncio.StreamWriter,
        answered: asyncio.StreamReader,
        client: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._of = of
        self._asked = asked
        self._postgres = postgres
        self._answered = answered
        self._client = client
        self._is_counted = False
        self._is_withheld = False

    async def run(self) -> None:
        """Until either side ends, or the line is cut."""
        tasks = {asyncio.create_task(self._questions()), asyncio.create_task(self._answers())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _questions(self) -> None:
        head = await self._asked.readexactly(_LENGTH.size)  # the first message has no letter
        self._postgres.write(head + await self._asked.readexactly(_LENGTH.unpack(head)[0] - _LENGTH.size))
        while True:
            letter = await self._asked.readexactly(1)
            head = await self._asked.readexactly(_LENGTH.size)
            body = await self._asked.readexactly(_LENGTH.unpack(head)[0] - _LENGTH.size)
            self._is_counted = self._is_counted or self._of in body
            moment = self._proxy.take_cut() if self._is_counted and letter == b"Q" and body.startswith(b"COMMIT") else None
            if moment == "unseen":
                self._proxy.was_cut()
                return
            self._is_withheld = moment is not None
            self._postgres.write(letter + head + body)
            await self._postgres.drain()
            if moment == "under_way":
                self._proxy.was_cut()
                return

    async def _answers(self) -> None:
        while data := await self._answered.read(CHUNK_BYTES):
            if self._is_withheld:
                self._proxy.was_cut()
                return
            self._client.write(data)
            await self._client.drain()


@asynccontextmanager
async def open_commit_proxy(target: Path, of: bytes = b"") -> AsyncIterator[CommitProxy]:
    """A proxy on a free port in front of the Postgres whose socket is ``target``. Clients must not ask for TLS."""
    async with listening(CommitProxy(target, of)) as proxy:
        yield proxy
