"""The load generator as the table sees it: told what to do, waited for, asked what came of it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bench.processes import ROOT, cores

LINE_BYTES = 16 * 1024 * 1024
"""Ten thousand addresses of rooms stand in one line."""


class LoadFailed(Exception):
    """What the load generator could not do, in its words."""


class RemoteLoad:
    """One load process. Made by ``open_load``; one thing at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, word: str, **what: Any) -> dict[str, Any]:
        """Raises ``LoadFailed``."""
        assert self._process.stdin is not None and self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(json.dumps({"do": word, **what}).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        if not line:
            raise LoadFailed(f"the load generator ended while it was to {word}")
        answer = json.loads(line)
        if "error" in answer:
            raise LoadFailed(f"{word}: {answer['error']}")
        result: dict[str, Any] = answer["ok"]
        return result


@asynccontextmanager
async def open_load(core: int | None) -> AsyncIterator[RemoteLoad]:
    """A load process, on the machine's ``core``-th core or wherever there is room; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.load",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {cores()[core]}),
    )
    try:
        yield RemoteLoad(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
