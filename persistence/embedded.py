"""The embedded Postgres: a real one, started beside the server as its direct child and reachable over a unix socket alone.

::

    async with open_embedded(EmbeddedSettings(data=Path("data/postgres"))) as dsn:
        …

Beside the folder ``DATA`` stand ``DATA.lock`` (embedded_lock.py), ``DATA.log`` and, where the account that root hands Postgres to
cannot read the installed binaries, a copy of them in ``DATA.binaries``. Where that account may not enter the folder itself,
``DATA`` becomes a link to a place that it may. Linux and macOS.
"""

import asyncio
import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec
import structlog

from persistence.embedded_binaries import Account, Binaries, CannotStart, account_for, find_binaries, place_of, reachable
from persistence.embedded_lock import AlreadyRunning, locked

__all__ = ["AlreadyRunning", "CannotStart", "EmbeddedSettings", "open_embedded"]

_log = structlog.get_logger(__name__)

SOCKET_PATH_MAX_BYTES = 107
"""What the kernel takes as the address of a unix socket."""
SOCKET_NAME = ".s.PGSQL.5432"
POLL_S = 0.005
"""Postgres is ready 30 ms after a warm start; there is nothing to be told by, so its pid file is looked at."""
WATCH_S = 0.25
LOG_KEPT_BYTES = 1024 * 1024
PR_SET_PDEATHSIG = 1


class EmbeddedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``data`` is the cluster's folder; it is made at the first start, and everything beside it begins with its name."""

    data: Path
    shared_buffers: str = "32MB"
    """With these four Postgres stays at 13 MB; a bigger database belongs on a server of its own."""
    max_connections: int = 40
    start_timeout_s: float = 120.0
    """Crash recovery after a kill comes before readiness."""
    stop_timeout_s: float = 10.0
    """Then it is stopped without a checkpoint, which costs a recovery at the next start and nothing else."""
    lock_wait_s: float = 10.0
    """After ``kill -9`` of the server its Postgres needs a moment to write its last checkpoint and go."""
    fsync: bool = True
    """False in tests only: an operating system's crash then loses the cluster."""
    version: int | None = None
    """Major version of a new cluster; None takes the newest that is installed. An existing one keeps its own."""
    options: Mapping[str, str] = {}
    """Further settings of postgresql.conf, which win over ours."""


@asynccontextmanager
async def open_embedded(settings: EmbeddedSettings) -> AsyncIterator[str]:
    """Start Postgres (and make its cluster, the first time) and yield its DSN; on leaving it is stopped with a checkpoint.

    While open, a Postgres that ends by itself is started again. Raises ``AlreadyRunning`` or ``CannotStart``.
    """
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    account = account_for(settings.data)
    place = place_of(settings.data, account)
    settings = msgspec.structs.replace(settings, data=place)
    async with locked(_beside(settings.data, ".lock"), settings.lock_wait_s) as lock:
        cluster = await asyncio.to_thread(_prepared, settings, account, lock)
        with _socket_folder(settings.data, account) as sockets:
            async with _running(cluster, sockets):
                yield f"postgresql://postgres@/postgres?host={quote(str(sockets))}"


class _Cluster(msgspec.Struct, frozen=True, kw_only=True):
    settings: EmbeddedSettings
    binaries: Binaries
    account: Account | None
    lock: int
    """The descriptor of ``DATA.lock``, inherited by every process of this Postgres."""

    def start(self, program: str, *arguments: str, on_start: Callable[[], None] | None = None) -> "subprocess.Popen[bytes]":
        """A program of ours as the cluster's account, in its own session, its output in ``DATA.log``."""
        account = self.account
        with open(_beside(self.settings.data, ".log"), "ab") as log:
            return subprocess.Popen(
                [str(self.binaries.folder / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                start_new_session=True,
                pass_fds=(self.lock,),
                preexec_fn=on_start,
            )

    def failure(self, what: str) -> CannotStart:
        tail = _beside(self.settings.data, ".log").read_bytes()[-2_000:].decode(errors="replace")
        return CannotStart(f"{what}; the end of {_beside(self.settings.data, '.log')}:\n{tail}")


def _beside(data: Path, ending: str) -> Path:
    return data.with_name(data.name + ending)


def _environment() -> dict[str, str]:
    """Ours without what would steer Postgres (PGPORT, PGOPTIONS, …); messages in English, since they are shown."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_MESSAGES": "C", "TZ": "UTC"}


# --- The cluster's folder --------------------------------------------------------------------------------------------------------


def _prepared(settings: EmbeddedSettings, account: Account | None, lock: int) -> _Cluster:
    """Find the binaries, make the cluster where there is none. Runs in a thread: it copies and waits."""
    data = settings.data
    made_by = data / "PG_VERSION"
    version = int(made_by.read_text()) if made_by.exists() else settings.version
    binaries = find_binaries(version)
    if account:
        binaries = reachable(binaries, account, _beside(data, ".binaries"))
    log = _beside(data, ".log")
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(_beside(data, ".log.1"))
    cluster = _Cluster(settings=settings, binaries=binaries, account=account, lock=lock)
    if not made_by.exists():
        _make_cluster(cluster)
    return cluster


def _make_cluster(cluster: _Cluster) -> None:
    """initdb into ``DATA.new``, renamed when it is whole: a cluster that was killed in the making is never taken for one."""
    data, account = cluster.settings.data, cluster.account
    if data.exists() and any(data.iterdir()):
        raise CannotStart(f"{data} holds files, but no Postgres cluster: choose another data folder")
    unfinished = _beside(data, ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account:
        os.chown(unfinished, account.uid, account.gid)
    flags = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    if not cluster.settings.fsync:
        flags.append("--no-sync")
    if cluster.start("initdb", "-D", str(unfinished), *flags).wait() != 0:
        raise cluster.failure("initdb failed")
    unfinished.rename(data)
    _sync_folder(data.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _socket_folder(data: Path, account: Account | None) -> Iterator[Path]:
    """``DATA`` itself, or a short folder of our own where the socket's path would be too long for the kernel."""
    if len(os.fsencode(data / SOCKET_NAME)) <= SOCKET_PATH_MAX_BYTES:
        yield data
        return
    short = Path(tempfile.gettempdir(), f"atrium-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}")
    shutil.rmtree(short, ignore_errors=True)  # left by a kill; the lock says that nobody uses it
    try:
        short.mkdir(mode=0o700)  # fails where somebody else's folder has that name
        if account:
            os.chown(short, account.uid, account.gid)
    except OSError as error:
        raise CannotStart(f"cannot make the folder for the database's socket: {error}") from error
    try:
        yield short
    finally:
        shutil.rmtree(short, ignore_errors=True)


# --- The process -----------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _running(cluster: _Cluster, sockets: Path) -> AsyncIterator[None]:
    postgres = _Postgres(cluster, sockets)
    try:
        await postgres.start()
        watch = asyncio.create_task(postgres.keep_running(), name="embedded postgres")
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.wait([watch])
    finally:
        await asyncio.shield(asyncio.create_task(postgres.stop(), name="stop embedded postgres"))


class _Postgres:
    """The one postmaster of a cluster: started, watched, stopped."""

    def __init__(self, cluster: _Cluster, sockets: Path) -> None:
        self._cluster = cluster
        self._settings = cluster.settings
        self._sockets = sockets
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns when Postgres is ready. Raises ``CannotStart``."""
        data = self._settings.data
        for stale in (data / "postmaster.pid", self._sockets / SOCKET_NAME, self._sockets / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)
        arguments = ["-D", str(data), "-k", str(self._sockets), "-p", "5432"]
        for name, value in self._options().items():
            arguments += ["-c", f"{name}={value}"]
        self._process = self._cluster.start("postgres", *arguments, on_start=_die_with_parent())
        deadline = asyncio.get_running_loop().time() + self._settings.start_timeout_s
        while not self._is_ready():
            if self._process.poll() is not None:
                raise self._cluster.failure(f"postgres ended with {self._process.returncode} while starting")
            if asyncio.get_running_loop().time() > deadline:
                raise self._cluster.failure(f"postgres was not ready after {self._settings.start_timeout_s:g} s")
            await asyncio.sleep(POLL_S)

    async def keep_running(self) -> None:
        """Start Postgres again whenever it ends by itself (killed for memory, say); ends by being cancelled."""
        while True:
            await asyncio.sleep(WATCH_S)
            if self._process is None or self._process.poll() is None:
                continue
            _log.error("embedded postgres ended, starting it again", returncode=self._process.returncode)
            try:
                await self.start()
            except (CannotStart, OSError) as error:  # its last processes may still be going: the next round tries again
                _log.error("embedded postgres does not start", error=str(error))

    async def stop(self) -> None:
        """Fast shutdown with a checkpoint; without one after ``stop_timeout_s``, and never again after twice that."""
        for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self._process is None or self._process.poll() is not None:
                return
            self._process.send_signal(order)
            for _ in range(round(self._settings.stop_timeout_s / POLL_S)):
                if self._process.poll() is not None:
                    return
                await asyncio.sleep(POLL_S)

    def _is_ready(self) -> bool:
        try:
            lines = (self._settings.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _options(self) -> dict[str, str]:
        settings = self._settings
        options = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "shared_buffers": settings.shared_buffers,
            "max_connections": str(settings.max_connections),
            "jit": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # What fails is reported by who asked; here it would only fill the disk.
            "log_checkpoints": "off",
            "log_min_error_statement": "panic",
        }
        if self._cluster.binaries.version >= 18:
            options["io_method"] = "sync"  # no worker processes for so small a cache
        if not settings.fsync:
            options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return options | dict(settings.options)


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes Postgres: ask for SIGINT when our main thread ends, however it ends.

    The kernel ties the wish to the thread that forked, so it is asked for from the main thread only; elsewhere the lock still
    tells. It runs after the change of account, which would take the wish back.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # the parent ended in between
            os._exit(1)

    return ask
