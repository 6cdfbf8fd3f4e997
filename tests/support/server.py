"""The server as a process: started in a data folder of its own, awaited until ``ready``, stopped, or killed in mid-sentence."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

NOT_OURS = frozenset({"DATABASE_URL", "PYTHONDONTWRITEBYTECODE"})
"""Of the environment of the tests: the server is started as ``make run`` starts it."""

READY_S = 60.0
"""A cold start makes a database; on a busy machine with two cores that takes a while."""

STOP_S = 60.0

_READY = re.compile(r"^\s*ready\s*$")


class DidNotStart(Exception):
    """The server ended, or said nothing, before it was ready; the message has its last lines."""


class ServerProcess:
    """One data folder, one port, and at most one process at a time. Made by ``open_server``.

    ``lines`` has what all processes have printed so far. A second ``start`` continues in the same folder on the same port.
    """

    def __init__(self, data: Path, env: Mapping[str, str], command: Sequence[str]) -> None:
        self.data = data
        self.port = free_port()
        self.lines: list[str] = []
        self.env = dict(env)
        self._command = list(command)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/connection/websocket"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, wait: bool = True) -> None:
        """Start, and by default wait until it is ready. Raises ``DidNotStart``."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ATRIUM_") and k not in NOT_OURS}
        environment |= {"PORT": str(self.port), "DATA": str(self.data), "PYTHONUNBUFFERED": "1", **self.env}
        self._ready.clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        if wait:
            await self.until_ready()

    async def until_ready(self) -> None:
        assert self._reading is not None
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({ready, self._reading}, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if not self._ready.is_set():
            await self.kill()
            raise DidNotStart("\n".join(["the server did not become ready:", *self.lines[-40:]]))

    async def kill(self) -> None:
        """``kill -9``: no farewell. Returns when the process is gone."""
        await self._end(signal.SIGKILL)

    async def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, wait for it and return its exit code; after a minute it is killed, and that is told as -9."""
        return await self._end(sign)

    async def ended(self, within_s: float) -> int:
        """Wait until it ends by itself, and return its exit code. Raises ``TimeoutError``."""
        assert self._process is not None, "the server is not running"
        await asyncio.wait_for(self._process.wait(), within_s)
        return await self._end(signal.SIGKILL)

    def send(self, sign: signal.Signals) -> None:
        """A signal, without waiting for what becomes of it."""
        os.kill(self.pid, sign)

    async def _end(self, sign: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        _signal(process, sign)
        try:
            code = await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            _signal(process, signal.SIGKILL)
            code = await process.wait()
        if self._reading is not None:
            # Postgres may hold the pipe for a moment longer than its parent
            await asyncio.wait({self._reading}, timeout=5.0)
            self._reading.cancel()
        self._process = None
        return code

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError):  # a line longer than the reader's limit ends the log, not the test
            while line := await process.stdout.readline():
                text = line.decode("utf-8", "replace").rstrip()
                self.lines.append(text)
                if _READY.search(text):
                    self._ready.set()


def _signal(process: asyncio.subprocess.Process, sign: signal.Signals) -> None:
    """Not by its own ``send_signal``: that one looks whether the process has ended, and then nobody else hears its exit code."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, sign)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def open_server(
    data: Path, env: Mapping[str, str] | None = None, command: Sequence[str] = ("-m", "server", "serve")
) -> AsyncIterator[ServerProcess]:
    """A running server in ``data``; on leaving it is asked to end, whatever state it is in."""
    server = ServerProcess(data, env or {}, command)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for one server. Not pytest's own: started by root, Postgres runs as another account, which may not enter it."""
    folder = Path(tempfile.mkdtemp(prefix="atrium-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
