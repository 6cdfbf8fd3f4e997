"""Batches become rows in a child process: neither the loop nor its interpreter lock is held up by projecting and encoding.

Frames: four bytes of length, then a pickled message. To the child: ``_Prepare`` (no answer), ``_Store`` (one answer, and until then
a sign of life every second: an empty frame). One store at a time, while the next load is prepared beside it. The child keeps
nothing that counts: if it dies, or hangs and is killed, the load is given to the next one, and the position in Postgres says what
was stored. When the parent dies the child reads the end of its socket and leaves.
"""

import asyncio
import contextlib
import multiprocessing
import pickle
import signal
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple, TypeAlias

import structlog

from domain.decider import Registry
from domain.event_codec import EventCodec
from domain.log import Batch, Position, StorageAway
from persistence.database import Database, DatabaseSettings, open_database, trouble_of
from persistence.write_behind.batch import Prepared, prepare
from persistence.write_behind.dead_letters import DeadLetter
from persistence.write_behind.kept import Taken
from persistence.write_behind.positions import Unfollowed, WriteBehindStopped
from persistence.write_behind.storing import Load
from persistence.write_behind.stubs import Stubs
from persistence.write_behind.transaction import Outcome, store

ENCODED_AT_ONCE: Final = 64
"""Records encoded for the child between two turns of the parent's loop: a tenth of a millisecond."""
CONNECTIONS: Final = 2
EXIT_WAIT_S: Final = 5.0
SIGN_EVERY_S: Final = 1.0
"""Between two signs of life of a child that stores."""
_LENGTH = struct.Struct(">I")

_log = structlog.get_logger(__name__)


class StoringFailed(Exception):
    """The child could not store for a reason that is neither the weather nor an order to stop: its text says which."""


class _Prepare(NamedTuple):
    after: Position
    last: int
    blobs: list[bytes]
    taken: Taken
    fence: int


class _Store(NamedTuple):
    epoch: str
    position: Position


class _Stored(NamedTuple):
    """``trouble`` is empty, ``away``, ``stopped``, ``unfollowed`` or ``failed``; then ``text`` says what."""

    stored: int = 0
    letters: tuple[DeadLetter, ...] = ()
    has_outbox: bool = False
    trouble: str = ""
    text: str = ""


Begin: TypeAlias = Callable[[], None]
"""Called first in the child: logging."""


class Home(NamedTuple):
    """What the child is started with; all of it can be pickled."""

    dsn: str
    database: DatabaseSettings
    kinds: Registry
    begin: Begin | None = None


class ProcessStoring:
    """Fits ``Storing``. Use ``open_process_storing``."""

    def __init__(self, home: Home, silent_s: float) -> None:
        self._home = home
        self._silent_s = silent_s
        self._codec = EventCodec(home.kinds)
        self._child: _Child | None = None
        self._beginning = asyncio.Lock()

    async def prepare(self, load: Load) -> None:
        """Where there is no child at the moment it is given the load when that is to be stored."""
        if self._child is not None:
            with contextlib.suppress(OSError):
                await self._give(self._child, load)

    async def store(self, epoch: str, load: Load) -> Outcome:
        try:
            child = await self.begin()
            if load.position not in child.given:
                await self._give(child, load)
            answer: _Stored = await child.ask(_Store(epoch, load.position))
        except TimeoutError as error:
            await self._kill()
            raise StoringFailed("the process that stores gives no sign of life, was killed and is started again") from error
        except (OSError, EOFError, asyncio.IncompleteReadError) as error:
            await self.close()
            raise StoringFailed(f"the process that stores is gone and is started again: {error!r}") from error
        match answer.trouble:
            case "":
                return Outcome(answer.stored, answer.letters, has_outbox=answer.has_outbox)
            case "away":
                raise StorageAway(answer.text)
            case "unfollowed":
                raise Unfollowed(answer.text)
            case "stopped":
                raise WriteBehindStopped(answer.text)
            case _:
                raise StoringFailed(answer.text)

    async def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.close()

    async def _kill(self) -> None:
        """What it was given is given to the next one: the position in Postgres says whether it has been stored."""
        child, self._child = self._child, None
        if child is not None:
            await child.kill()

    async def begin(self) -> "_Child":
        """The child, started where there is none."""
        async with self._beginning:
            if self._child is None:
                self._child = await _start(self._home, self._silent_s)
            return self._child

    async def _give(self, child: "_Child", load: Load) -> None:
        blobs = []
        for start in range(0, len(load.records), ENCODED_AT_ONCE):
            blobs.append(self._codec.encode_records(load.records[start : start + ENCODED_AT_ONCE]))
            await asyncio.sleep(0)
        child.given = {position for position in child.given if position >= load.after} | {load.position}
        await child.tell(_Prepare(load.after, load.last, blobs, load.taken, load.fence))


class _Child:
    """The parent's end of one child."""

    def __init__(self, process: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, silent_s: float) -> None:
        self.given: set[Position] = set()
        """Where the loads end that it has been told of."""
        self._process = process
        self._reader = reader
        self._writer = writer
        self.silent_s = silent_s

    async def tell(self, message: object) -> None:
        """Raises ``OSError`` where the child is gone, ``TimeoutError`` (which is one) where it takes nothing."""
        if self._writer.is_closing():
            # A closed transport of uvloop says so with a RuntimeError.
            raise ConnectionResetError("the other end was closed")
        body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        self._writer.writelines((_LENGTH.pack(len(body)), body))
        async with asyncio.timeout(self.silent_s):
            await self._writer.drain()

    async def ask(self, message: object) -> Any:
        """Raises as ``tell``."""
        await self.tell(message)
        while True:
            async with asyncio.timeout(self.silent_s):
                answer = await _read(self._reader)
            if answer is not None:
                return answer

    async def close(self) -> None:
        self._writer.close()
        await asyncio.to_thread(self._process.join, EXIT_WAIT_S)
        if self._process.is_alive():
            await self.kill()

    async def kill(self) -> None:
        """At once, also one that is stopped."""
        self._writer.close()
        self._process.kill()
        await asyncio.to_thread(self._process.join)


async def _start(home: Home, silent_s: float) -> _Child:
    ours, theirs = socket.socketpair()
    # spawn: a fork would carry the loop, the threads and every open descriptor along.
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, home), name="write-behind", daemon=True)
    try:
        with theirs:
            await asyncio.to_thread(process.start)
        reader, writer = await asyncio.open_connection(sock=ours)
    except BaseException:
        # No thread, no memory, no descriptor left: whoever tries again every second must not use up those that are.
        ours.close()
        raise
    return _Child(process, reader, writer, silent_s)


async def _read(reader: asyncio.StreamReader) -> Any:
    """Only ever from the other end of our own socket pair. None: a sign of life."""
    length = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))[0]
    if not length:
        return None
    return pickle.loads(await reader.readexactly(length))


@contextlib.asynccontextmanager
async def open_process_storing(home: Home, silent_s: float) -> AsyncIterator[ProcessStoring]:
    """The child is started beside whatever else starts; it ends with the block, after the transaction in hand."""
    storing = ProcessStoring(home, silent_s)
    beginning = asyncio.create_task(storing.begin(), name="begin the process that stores")
    try:
        yield storing
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            await beginning
        await storing.close()


# --- The child ------------------------------------------------------------------------------------------------------------------


def _serve(channel: socket.socket, home: Home) -> None:
    """Signals to the group are the parent's to handle."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if home.begin is not None:
        home.begin()
    asyncio.run(_serving(channel, home))


async def _serving(channel: socket.socket, home: Home) -> None:
    reader, writer = await asyncio.open_connection(sock=channel)
    settings = DatabaseSettings(
        max_connections=CONNECTIONS,
        acquire_timeout_s=home.database.acquire_timeout_s,
        statement_timeout_s=home.database.statement_timeout_s,
        statement_cache_size=home.database.statement_cache_size,
    )
    async with open_database(home.dsn, settings) as database, asyncio.TaskGroup() as group:
        worker = _Worker(database, home.kinds)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                match await _read(reader):
                    case _Prepare() as message:
                        await worker.prepare(message)
                    case _Store() as message:
                        group.create_task(worker.answer(message, writer))


class _Worker:
    def __init__(self, database: Database, kinds: Registry) -> None:
        self._database = database
        self._kinds = kinds
        self._codec = EventCodec(kinds)
        self._stubs = Stubs()
        self._prepared: dict[Position, Prepared] = {}
        self._faults: dict[Position, str] = {}

    async def prepare(self, message: _Prepare) -> None:
        """A fault of ours in it is the answer to the store: whoever watches the server has to hear of it."""
        position = Position(message.after.generation, message.last)
        self._faults.pop(position, None)
        try:
            await self._prepare(message)
        except Exception as error:
            self._faults[position] = f"{type(error).__name__}: {error}"

    async def _prepare(self, message: _Prepare) -> None:
        after = message.after
        records = tuple(record for blob in message.blobs for record in self._codec.decode_records(blob))
        batches = [Batch(Position(after.generation, message.last), records)] if records else []
        prepared = await prepare(self._kinds, after, batches, max(1, len(records) // 8))
        prepared.taken, prepared.fence = message.taken, message.fence
        self._prepared = {position: each for position, each in self._prepared.items() if position >= after}
        self._prepared[Position(after.generation, message.last)] = prepared

    async def answer(self, message: _Store, writer: asyncio.StreamWriter) -> None:
        signs = asyncio.create_task(_give_signs(writer))
        try:
            body = pickle.dumps(await self._store(message), protocol=pickle.HIGHEST_PROTOCOL)
        finally:
            signs.cancel()
        with contextlib.suppress(ConnectionError):  # the parent has died meanwhile: the next read says so
            writer.writelines((_LENGTH.pack(len(body)), body))
            await writer.drain()

    async def _store(self, message: _Store) -> _Stored:
        if message.position in self._faults:
            return _Stored(trouble="failed", text=f"the records cannot be prepared: {self._faults[message.position]}")
        prepared = self._prepared[message.position]
        try:
            outcome = await store(self._database, self._kinds, message.epoch, prepared, self._stubs, self._codec)
        except WriteBehindStopped as stop:
            return _Stored(trouble="unfollowed" if isinstance(stop, Unfollowed) else "stopped", text=str(stop))
        except Exception as error:
            is_weather = trouble_of(error) in ("away", "repeat")
            text = str(error) if isinstance(error, StorageAway) else f"{type(error).__name__}: {error}"
            return _Stored(trouble="away" if is_weather else "failed", text=text)
        return _Stored(outcome.stored, tuple(outcome.letters), outcome.has_outbox)


async def _give_signs(writer: asyncio.StreamWriter) -> None:
    """As long as this loop turns: nobody else knows a child that waits for Postgres from one that hangs."""
    while True:
        await asyncio.sleep(SIGN_EVERY_S)
        writer.write(_LENGTH.pack(0))
