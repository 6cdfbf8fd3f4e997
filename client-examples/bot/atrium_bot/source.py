"""Where the lines come from: a file, standard input, or a command that the bot starts; with their pace and a recording."""

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from atrium_bot.claude_lines import timestamp_of

LINE_BYTES = 64 * 1024 * 1024
"""The longest line that is taken: a tool's result with an image in it can be several megabytes."""

WAITING_LINES = 1_000
"""How far reading may run ahead of reporting; then the reader waits, and with it whoever writes."""

DEFAULT_PAUSE_S = 1.0
"""The pace of a replay where lines have no timestamp."""

LONGEST_PAUSE_S = 30.0
"""A coffee break in the recording is not replayed in full (before ``speed`` divides it)."""


class CommandFailed(Exception):
    """The command that should have given the lines ended badly."""


async def file_lines(file: IO[bytes]) -> AsyncIterator[str]:
    """The lines of a file or pipe, read in a thread that dies with the process: nothing can interrupt a read."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue(WAITING_LINES)

    def read() -> None:
        with contextlib.suppress(RuntimeError, ValueError):  # the loop or the file is closed: nobody wants lines any more
            for line in file:
                asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
            asyncio.run_coroutine_threadsafe(lines.put(b""), loop).result()

    threading.Thread(target=read, name="lines", daemon=True).start()
    while line := await lines.get():
        yield line.decode("utf-8", "replace")


@asynccontextmanager
async def command_lines(command: Sequence[str]) -> AsyncIterator[AsyncIterator[str]]:
    """Start a command and yield the lines of its standard output; leaving ends the command.

    The iterator raises ``CommandFailed`` behind the last line where the command did not end with 0.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES, start_new_session=True
    )
    assert process.stdout is not None

    async def lines(output: asyncio.StreamReader) -> AsyncIterator[str]:
        while line := await output.readline():
            yield line.decode("utf-8", "replace")
        if code := await process.wait():
            raise CommandFailed(f"{command[0]} ended with exit code {code}")

    try:
        yield lines(process.stdout)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10.0)
            except TimeoutError:
                process.kill()
                await process.wait()


async def paced(lines: AsyncIterator[str], speed: float, skip: int = 0) -> AsyncIterator[str]:
    """The lines with their recorded pauses, ``speed`` times faster; the first ``skip`` lines at once. Speed 0: no pauses."""
    number, last = 0, None
    async for line in lines:
        number += 1
        now = _moment(line)
        if speed and number > max(skip, 1):
            pause_s = (now - last).total_seconds() if now and last else DEFAULT_PAUSE_S
            await asyncio.sleep(min(max(pause_s, 0.0), LONGEST_PAUSE_S) / speed)
        last = now
        yield line


async def recorded(lines: AsyncIterator[str], path: Path) -> AsyncIterator[str]:
    """The same lines, each also written to ``path`` with the time it came, for a later replay."""
    with path.open("a", encoding="utf-8") as recording:
        async for line in lines:
            print(_stamped(line), file=recording, flush=True)
            yield line


def _stamped(line: str) -> str:
    """The line with a timestamp, where it is an object without one; other lines as they are, so that the count stays."""
    with contextlib.suppress(ValueError):
        entry = json.loads(line)
        if isinstance(entry, dict):
            return json.dumps(
                {**entry, "timestamp": entry.get("timestamp") or datetime.now(UTC).isoformat(timespec="milliseconds")}
            )
    return line.rstrip("\n")


def standard_input() -> IO[bytes]:
    return sys.stdin.buffer


def _moment(line: str) -> datetime | None:
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(timestamp_of(line))
    return None
