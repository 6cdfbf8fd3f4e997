"""Fan-out of one room, beside the least that Python can do and beside the ``websockets`` library, all in the same minutes."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from tests.bench.lines import Line
from tests.bench.processes import LOAD_CORE, ROOT, can_pin, cpu_s, pin_tree, run_load
from tests.bench.sizes import Sizes
from tests.support.server import ServerProcess, free_port

TARGET_W16 = 1_200_000.0
TARGET_W1_RATIO = 1.15
"""At most so many times the processor time of the bare writer."""


class Measured(NamedTuple):
    per_s: float
    cpu_us: float
    """Processor time of the server for one delivery, in microseconds."""


async def fan_out_lines(server: ServerProcess, room: str, token: str, sizes: Sizes) -> list[Line]:
    """One line for each window, per delivery and per second."""
    lines = []
    for window in (1, 16):
        best: dict[str, Measured] = {}
        for _ in range(sizes.rounds):
            for which in ("bare", "joined", "websockets"):
                async with _reference(which) as (pid, port):
                    _keep(best, which, await _measure(pid, port, window, sizes))
            _keep(best, "atrium", await _measure(server.pid, server.port, window, sizes, room, token))
        lines += _lines_of(window, best)
    return lines


def _lines_of(window: int, best: dict[str, Measured]) -> list[Line]:
    atrium, bare, joined, library = best["atrium"], best["bare"], best["joined"], best["websockets"]
    name = f"fan-out W={window}"
    least = bare if window == 1 else joined
    cost = Line(
        name=f"{name}, processor",
        unit="µs/delivery",
        measured=atrium.cpu_us,
        reference=least.cpu_us,
        reference_name="bare, one write each" if window == 1 else "bare, joined writes",
        target=least.cpu_us * TARGET_W1_RATIO if window == 1 else None,
        target_text=f"{TARGET_W1_RATIO} x the reference" if window == 1 else "",
        more_is_better=False,
    )
    rate = Line(
        name=f"{name}, rate",
        unit="deliveries/s",
        measured=atrium.per_s,
        reference=library.per_s,
        reference_name="websockets broadcast",
        target=TARGET_W16 if window == 16 else None,
        note=f"bare {bare.per_s:,.0f}/s, joined {joined.per_s:,.0f}/s",
    )
    return [cost, rate]


def _keep(best: dict[str, Measured], which: str, measured: Measured) -> None:
    known = best.get(which, measured)
    best[which] = Measured(max(known.per_s, measured.per_s), min(known.cpu_us, measured.cpu_us))


async def _measure(pid: int, port: int, window: int, sizes: Sizes, room: str = "", token: str = "") -> Measured:
    if can_pin():
        pin_tree(pid)
    load = asyncio.create_task(
        run_load(
            "fan_out_load",
            LOAD_CORE if can_pin() else None,
            port=port,
            members=sizes.members,
            window=window,
            seconds=sizes.seconds,
            room=room,
            token=token,
        )
    )
    spent = await _spent_while(pid, load)
    result = load.result()
    return Measured(result["deliveries"] / result["seconds"], spent * 1e6 / max(result["deliveries"], 1))


async def _spent_while(pid: int, load: "asyncio.Task[dict[str, float]]") -> float:
    """Processor seconds from the load's own beginning to its end: its handshakes come before and are not counted."""
    samples: list[tuple[float, float]] = []
    loop = asyncio.get_running_loop()
    while not load.done():
        samples.append((loop.time(), cpu_s(pid)))
        await asyncio.wait({load}, timeout=0.05)
    result = await load
    began, ended = result["began"], result["began"] + result["seconds"]
    return _at(samples, ended) - _at(samples, began)


def _at(samples: list[tuple[float, float]], moment: float) -> float:
    """The processor seconds at ``moment``, between two samples in proportion."""
    before = max((sample for sample in samples if sample[0] <= moment), default=samples[0])
    after = min((sample for sample in samples if sample[0] >= moment), default=samples[-1])
    if after[0] == before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (moment - before[0]) / (after[0] - before[0])


@asynccontextmanager
async def _reference(which: str) -> AsyncIterator[tuple[int, int]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.references", which, str(port), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield process.pid, port
    finally:
        process.kill()
        await process.wait()
