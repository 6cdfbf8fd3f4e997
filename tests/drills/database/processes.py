"""The processes of a server's embedded Postgres: killed or stopped all at once, as an operating system does it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.support.server import ServerProcess

READY_S = 30.0
_READY_LINE = 7
"""The line of ``postmaster.pid`` that tells how far the start is."""


def kill_postgres(server: ServerProcess) -> int:
    """``kill -9`` of all its processes, the first one first: nobody of them can clean up. Returns how many there were."""
    processes = postgres_processes(server)
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(processes)


@contextlib.contextmanager
def stopped_postgres(server: ServerProcess) -> Iterator[None]:
    """SIGSTOP: connections stay open, and nothing answers."""
    processes = postgres_processes(server)
    try:
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def postgres_processes(server: ServerProcess) -> list[int]:
    """The postmaster, then its children."""
    postmaster = int(_pid_file(server).read_text().splitlines()[0])
    return [postmaster, *_children_of(postmaster)]


async def until_postgres_ready(server: ServerProcess, unlike: int = 0) -> int:
    """Wait until a Postgres runs whose postmaster is not the process ``unlike``; returns that of the one that does."""
    async with asyncio.timeout(READY_S):
        while True:
            with contextlib.suppress(OSError, IndexError, ValueError):
                lines = _pid_file(server).read_text().splitlines()
                if int(lines[0]) != unlike and lines[_READY_LINE].strip() == "ready":
                    return int(lines[0])
            await asyncio.sleep(0.02)


def _pid_file(server: ServerProcess) -> Path:
    return server.data / "postgres" / "postmaster.pid"


def _children_of(parent: int) -> list[int]:
    threads = Path(f"/proc/{parent}/task")
    return [int(pid) for thread in threads.iterdir() for pid in (thread / "children").read_text().split()]
