"""The disk is full under load: commands are answered with 100, rooms can be entered, nothing is lost, all goes on later."""

import asyncio
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

from tests.drills.catalog import Orders
from tests.drills.disk.beside import Beside, open_beside
from tests.drills.load import Load, open_load
from tests.drills.report import Report
from tests.support.raw import RawClient, open_raw
from tests.support.tokens import mint, new_command_id, secret_of

UNAVAILABLE, SLOW_DOWN = 100, 111
SIZE_MIB = 32
"""Two seconds of a long form's log, which stay at least, and room to spare."""
PROBE_S = 0.05
ROOM_AGAIN_S = 15.0


@cache
def lacking() -> str:
    """What is missing on this machine, by name; "" where a small disk can be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        if done := _mount(Path(folder)):
            return f"lacking: mount of a tmpfs ({done})"
        _run("umount", folder)
    return ""


def _mount(folder: Path) -> str:
    return _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=0700", "atrium-drill", str(folder))


def _run(*command: str) -> str:
    """What it complained of."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError as error:
        return str(error)
    return done.stderr.strip() or f"exit code {done.returncode}" if done.returncode else ""


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    if complaint := _mount(folder):
        raise OSError(complaint)
    try:
        yield
    finally:
        _run("umount", "--lazy", str(folder))


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[None]:
    """Until the end of the block whatever becomes free is taken at once."""
    filler = folder / "filler"

    async def fill() -> None:
        descriptor = os.open(filler, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            while True:
                try:
                    while os.write(descriptor, bytes(4_096)):
                        pass
                except OSError:
                    await asyncio.sleep(0.01)
        finally:
            os.close(descriptor)

    task = asyncio.create_task(fill())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        filler.unlink(missing_ok=True)


async def full_disk_drill(orders: Orders) -> Report:
    """Fill it for ``orders.seconds``, ``orders.n`` times."""
    answers, complaints = Counter[str](), list[str]()
    async with open_beside(orders.command, on=small_disk) as beside:
        async with open_load(beside.server, orders.plan) as load:
            for _ in range(orders.n):
                await load.until_inside()
                complaints += await _full_for_a_while(beside, load, orders.seconds, answers)
                await asyncio.sleep(0.5)
            complaints += await load.settled(orders.settle_s)
        verdict, ended = await beside.ended(load)
    if not answers[str(UNAVAILABLE)]:
        complaints.append(f"nothing was refused with {UNAVAILABLE}: {dict(answers)}")
    if odd := set(answers) - {"made", str(UNAVAILABLE), str(SLOW_DOWN)}:
        complaints.append(f"a full disk was answered with {odd}")
    figures = {"full": f"{orders.n} x {orders.seconds} s", "answers meanwhile": dict(answers), **load.figures}
    return Report(drill="full_disk", verdict=verdict, figures=figures, complaints=[*complaints, *ended])


async def _full_for_a_while(beside: Beside, load: Load, seconds: float, answers: Counter[str]) -> list[str]:
    complaints: list[str] = []
    token = mint(secret_of(beside.server.data), "visitor", "admin")
    async with open_raw(beside.server.socket_address, token) as visitor:
        async with filled(beside.journal):
            loop = asyncio.get_running_loop()
            until = loop.time() + seconds
            while loop.time() < until:
                answers[await _made(visitor)] += 1
                await asyncio.sleep(PROBE_S)
            joined = await visitor.ask(subscribe={"channel": next(room for room in load.rooms if room.startswith("workspace:"))})
            if "subscribe" not in joined:
                complaints.append(f"an open room could not be entered while the disk was full: {str(joined)[:200]}")
        try:
            async with asyncio.timeout(ROOM_AGAIN_S):
                while await _made(visitor) != "made":  # noqa: ASYNC110  # that is what clients do
                    await asyncio.sleep(PROBE_S)
        except TimeoutError:
            complaints.append(f"{ROOM_AGAIN_S} s after there was room again it still refuses")
    return complaints


async def _made(visitor: RawClient) -> str:
    """Try to make a room: "made", or the error's code."""
    command_id = new_command_id()
    fields = {"command_id": command_id, "pattern_type": f"full-{command_id}", "name": "Full", "category": "drills"}
    reply = await visitor.rpc("workspace.create", fields)
    return str(reply["error"]["code"]) if "error" in reply else "made"
