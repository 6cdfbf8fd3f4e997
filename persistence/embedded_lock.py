"""The lock of an embedded Postgres: a file beside its folder, locked by the server and inherited by every process of Postgres.

A free lock proves that nobody of the last run is alive, so what it left (pid file, socket) may go. A held one says who holds it.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from persistence.embedded_binaries import CannotStart

OWNER_ALIVE_WAIT_S = 1.0
"""A lock whose server lives is waited for only this long: that is a second start by mistake, or a restart that overlaps."""


class AlreadyRunning(CannotStart):
    """Another server runs its Postgres in the same folder."""


@asynccontextmanager
async def locked(path: Path, wait_s: float) -> AsyncIterator[int]:
    """The lock's descriptor, to be passed on. Raises ``AlreadyRunning``; an orphaned Postgres is given ``wait_s`` to end."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _take(lock, path, wait_s)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


async def _take(lock: int, path: Path, wait_s: float) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    while not _try_lock(lock):
        owner = _owner_of(lock)
        patience_s = min(OWNER_ALIVE_WAIT_S, wait_s) if _is_alive(owner) else wait_s
        if clock() - began >= patience_s:
            raise AlreadyRunning(
                f"already running: {path} is held by process {owner or 'unknown'} or by the Postgres that it started; "
                f"stop it, or give this server another data folder"
            )
        await asyncio.sleep(0.02)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner_of(lock: int) -> int:
    """The server's process id as the lock's holder wrote it, or 0."""
    said = os.pread(lock, 20, 0).strip()
    return int(said) if said.isdigit() else 0


def _is_alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
