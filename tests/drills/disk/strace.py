"""strace: what a process writes and when, and what becomes of it. The server stays our own child, with its pid."""

import asyncio
import contextlib
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

from tests.support.server import ServerProcess

OPTIONS: Final = "DRILL_STRACE"
"""The environment variable with strace's options, one a line, of a server that ``traced`` starts; without it nobody traces."""

WRITES: Final = ("pwrite64", "fdatasync", "fsync", "write", "writev")
"""What the journal writes and syncs with, and what answers leave by."""

_RECORDED = ("open", "openat", "ftruncate", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", *WRITES)
_LONGEST_BYTES = 4 << 20
_FLUSHED_S = 20.0
_ATTACHED_S = 10.0
_CHILDREN_BYTES = 1 << 20


@cache
def lacking() -> str:
    """What is missing on this machine, by name; "" where processes can be traced."""
    if shutil.which("strace") is None:
        return "lacking: strace (apt-get install strace)"
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], check=False, capture_output=True, text=True)
    return f"lacking: ptrace ({tried.stderr.strip()[-200:]})" if tried.returncode else ""


def traced(command: Sequence[str]) -> Sequence[str]:
    """The command of a server that strace starts, with what ``OPTIONS`` says at that start."""
    return ("-m", "tests.drills.disk.traced", *command)


def recording(log: Path) -> Mapping[str, str]:
    """Write down, with all data, what concerns files and what leaves."""
    options = ("--seccomp-bpf", "-y", "-ttt", "-s", str(_LONGEST_BYTES), "-o", str(log), "-e", f"trace={','.join(_RECORDED)}")
    return {OPTIONS: "\n".join(options)}


def injecting(*faults: str) -> Mapping[str, str]:
    """``faults`` in strace's words, as ``fdatasync:error=EIO:when=3``. Counted in each thread by itself."""
    # Not with --seccomp-bpf: strace's signals then come to nothing.
    return {OPTIONS: "\n".join(_injected(faults))}


def _injected(faults: Sequence[str]) -> list[str]:
    calls = ",".join(dict.fromkeys(fault.partition(":")[0] for fault in faults))
    silent = ["-o", "/dev/null", "-e", f"trace={calls}"]
    return silent + [part for fault in faults for part in ("-e", f"inject={fault}")]


@asynccontextmanager
async def attached(server: ServerProcess, *faults: str) -> AsyncIterator[None]:
    """From now on, and until the end of the block, these faults happen to the running server; its calls are counted from here."""
    arguments = ["-f", "-p", str(server.pid), *_injected(faults)]
    process = await asyncio.create_subprocess_exec("strace", *arguments, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        said = await asyncio.wait_for(process.stderr.readline(), _ATTACHED_S)
        while b"attached" not in said:
            if not said:
                raise RuntimeError(f"strace could not attach to {server.pid}")
            said = await asyncio.wait_for(process.stderr.readline(), _ATTACHED_S)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def until_written(log: Path, pid: int) -> None:
    """The tracer is a process of its own: wait until it has noted the end of ``pid``. Children may live on for a moment."""
    end = re.compile(rb"^%d +\S+ \+\+\+ " % pid, re.MULTILINE)
    async with asyncio.timeout(_FLUSHED_S):
        while not end.search(_last_part(log)):  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.02)


def _last_part(log: Path) -> bytes:
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - _CHILDREN_BYTES))
        return file.read()
