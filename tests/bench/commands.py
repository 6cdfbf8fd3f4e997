"""Durable commands: how many in a second, and how long one waits for its answer."""

import asyncio
import os
import time
from pathlib import Path

from tests.bench.lines import Line
from tests.bench.processes import LOAD_CORE, can_pin, pin_tree, run_load, unpin_tree
from tests.bench.sizes import Sizes
from tests.support.server import ServerProcess

TARGET_COMMANDS, TARGET_DELIVERIES = 40_000.0, 800_000.0
TARGET_P50_MS, TARGET_P99_MS = 3.0, 15.0
WINDOW = 32
"""In flight per connection: below the server's bound of 64, at which it stops reading."""
SHARED_WINDOW = 4


async def throughput_lines(server: ServerProcess, rooms: list[str], token: str, sizes: Sizes) -> list[Line]:
    """Server and load each on a core of their own."""
    core = LOAD_CORE if can_pin() else None
    if can_pin():
        pin_tree(server.pid)
    common = {"port": server.port, "token": token, "seconds": sizes.seconds}
    syncs_per_s = fsyncs_per_s(server.data)
    alone = await run_load("command_load", core, rooms=rooms[: sizes.connections], window=WINDOW, **common)
    shared = await run_load("command_load", core, rooms=[rooms[0]] * sizes.connections, window=SHARED_WINDOW, **common)
    per_s, shared_per_s = alone["answers"] / alone["seconds"], shared["answers"] / shared["seconds"]
    return [
        Line(
            name="durable commands, each alone in its room",
            unit="commands/s",
            measured=per_s,
            reference=syncs_per_s,
            reference_name="single fsyncs/s",
            target=TARGET_COMMANDS,
            note=f"{sizes.connections} connections, {WINDOW} in flight each; answer p50 {alone['p50_ms']:.1f} ms",
        ),
        Line(
            name="durable commands, all in one room",
            unit="deliveries/s",
            measured=shared_per_s * sizes.connections,
            reference=syncs_per_s,
            reference_name="single fsyncs/s",
            target=TARGET_DELIVERIES,
            note=f"{shared_per_s:,.0f} commands/s; answer p50 {shared['p50_ms']:.1f} ms",
        ),
    ]


async def latency_lines(server: ServerProcess, rooms: list[str], busy_room: str, token: str, sizes: Sizes) -> list[Line]:
    """Unpinned, since pinning would hide a writer thread that starves; alone, and while a large room publishes."""
    if can_pin():
        unpin_tree(server.pid)
    fsync_ms = 1000 / fsyncs_per_s(server.data)
    options = {"port": server.port, "rooms": rooms[: sizes.connections], "token": token, "per_s": sizes.latency_per_s}
    quiet = await run_load("command_load", None, **options, seconds=sizes.seconds)
    busy = asyncio.create_task(
        run_load(
            "fan_out_load",
            None,
            port=server.port,
            members=sizes.busy_members,
            window=8,
            seconds=sizes.seconds + 4,
            room=busy_room,
            token=token,
            per_s=sizes.busy_per_s,
        )
    )
    await asyncio.sleep(2.0 if sizes.seconds >= 1 else 0.3)  # the members enter first
    loud = await run_load("command_load", None, **options, seconds=sizes.seconds)
    await busy
    rate = f"{sizes.latency_per_s:,.0f}/s"
    return [
        *_quantile_lines(f"answer at {rate}", quiet, fsync_ms),
        *_quantile_lines(
            f"answer at {rate}, {sizes.busy_members} members reading {sizes.busy_per_s:,.0f}/s beside it",
            loud,
            fsync_ms,
            "the load's own processes share the cores with the server",
        ),
    ]


def _quantile_lines(name: str, result: dict[str, float], fsync_ms: float, note: str = "") -> list[Line]:
    """Beside one fsync of the same disk in the same minute: an answer cannot be faster than that."""
    targets = {"p50": TARGET_P50_MS, "p99": TARGET_P99_MS}
    return [
        Line(
            name=f"{name}, {which}",
            unit="ms",
            measured=result[f"{which}_ms"],
            reference=fsync_ms,
            reference_name="one fsync",
            target=target,
            more_is_better=False,
            note=note,
        )
        for which, target in targets.items()
    ]


def fsyncs_per_s(folder: Path, seconds: float = 0.3) -> float:
    """What this disk does: 4 KiB appended and fsynced, one after the other."""
    path = folder / "fsync-probe"
    count, began = 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while time.perf_counter() < began + seconds:
            file.write(b"\0" * 4096)
            os.fdatasync(file.fileno())
            count += 1
    path.unlink()
    return count / seconds
