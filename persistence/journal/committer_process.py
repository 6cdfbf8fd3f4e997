"""Commits in a child process: neither the loop nor its interpreter lock waits for the disk; the price is one trip over a socket.

Frames: four bytes of length, one letter, the rest. To the child: ``c`` number, blob | ``p`` ordinal | ``s`` (switch) |
``l`` (seal) | ``x`` (close). Back: ``o`` | ``f`` text (full) | ``b`` text (broken).
One request at a time, so answers need no names; the first answer is for the segment to begin with. When the parent dies the child
reads the end of its socket, seals what is open and leaves.
"""

import asyncio
import contextlib
import multiprocessing
import signal
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from domain.log import JournalBroken, JournalFull
from persistence.journal.committer import Writing
from persistence.journal.disk import Disk, cause_of
from persistence.journal.ledger import segment_path
from persistence.journal.segment import Row, create_segment

_LENGTH = struct.Struct(">I")
_NUMBER = struct.Struct(">Q")
_EXIT_WAIT_S = 5.0
_GONE = "the journal's child process is gone"

_log = structlog.get_logger(__name__)


class ProcessCommitter:
    """Use ``open_process_committer``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    async def commit(self, row: Row) -> None:
        await self._ask(b"c", _NUMBER.pack(row.number), row.blob)

    async def prepare(self, ordinal: int) -> None:
        await self._ask(b"p", _NUMBER.pack(ordinal))

    async def switch(self) -> None:
        await self._ask(b"s")

    async def seal(self) -> None:
        await self._ask(b"l")

    async def close(self) -> None:
        await self._ask(b"x")

    async def _ask(self, letter: bytes, *parts: bytes) -> None:
        async with self._turn:
            try:
                self._writer.writelines((_LENGTH.pack(1 + sum(map(len, parts))), letter, *parts))
                await self._writer.drain()
            except OSError as error:
                raise JournalBroken(_GONE) from error
            await self.answered()

    async def answered(self) -> None:
        """The child has done the one thing that it has to do. Raises like ``commit``."""
        try:
            length = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))[0]
            answer = await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise JournalBroken(_GONE) from error
        match answer[:1]:
            case b"f":
                raise JournalFull(answer[1:].decode())
            case b"b":
                raise JournalBroken(answer[1:].decode())


def _serve(channel: socket.socket, disk: Disk, folder: Path, generation: int, ordinal: int) -> None:
    """The child: answers requests until its parent closes or dies; signals to the group are the parent's to handle."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    with channel, channel.makefile("rb") as requests:
        try:
            opened = create_segment(disk, segment_path(folder, ordinal), generation)
        except Exception as error:
            _answer(channel, _failed(cause_of(error)))
            return
        writing = Writing(disk, folder, generation, opened)
        _answer(channel, b"o")
        try:
            while len(head := requests.read(_LENGTH.size)) == _LENGTH.size:
                request = requests.read(_LENGTH.unpack(head)[0])
                try:
                    _do(writing, request)
                except (JournalFull, JournalBroken) as error:
                    _answer(channel, _failed(error))
                else:
                    _answer(channel, b"o")
        finally:
            with contextlib.suppress(JournalBroken):  # nobody is left to hear of it; the next start looks at what is there
                writing.close()


def _do(writing: Writing, request: bytes) -> None:
    match request[:1]:
        case b"c":
            writing.commit(Row(_NUMBER.unpack_from(request, 1)[0], request[9:]))
        case b"p":
            writing.prepare(_NUMBER.unpack_from(request, 1)[0])
        case b"s":
            writing.switch()
        case b"l":
            writing.seal()
        case b"x":
            writing.close()


def _failed(error: JournalFull | JournalBroken) -> bytes:
    return (b"f" if isinstance(error, JournalFull) else b"b") + str(error).encode()


def _answer(channel: socket.socket, answer: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # the parent died meanwhile: the next read says so
        channel.sendall(_LENGTH.pack(len(answer)) + answer)


@contextlib.asynccontextmanager
async def open_process_committer(disk: Disk, folder: Path, generation: int, ordinal: int) -> AsyncIterator[ProcessCommitter]:
    """The child creates segment ``ordinal`` and takes it over. Raises ``JournalFull`` or ``JournalBroken`` when it cannot."""
    ours, theirs = socket.socketpair()
    # spawn: a fork would carry the loop, the threads and every open descriptor along.
    child = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, disk, folder, generation, ordinal), name="journal", daemon=True
    )
    with theirs:
        await asyncio.to_thread(child.start)
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        committer = ProcessCommitter(reader, writer)
        await committer.answered()
        yield committer
    finally:
        writer.close()
        await asyncio.to_thread(child.join, _EXIT_WAIT_S)
        if child.is_alive():
            # A disk that hangs. What it has committed by then is found by the next start, as after a crash; left alone it would
            # keep this process from ending: Python waits for its children, and this one does not hear of SIGTERM.
            _log.error("the journal's child process hangs and is killed", waited_s=_EXIT_WAIT_S)
            child.kill()
            await asyncio.to_thread(child.join, _EXIT_WAIT_S)
