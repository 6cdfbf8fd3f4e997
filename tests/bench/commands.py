"""Durable commands: how many in a second, and how long one waits for its answer."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from tests.bench.fan_out import unpinned_line
from tests.bench.house import House, load_core
from tests.bench.lines import Line
from tests.bench.loads import RemoteLoad, open_load
from tests.bench.measuring import Measured, costed, in_turns
from tests.bench.processes import can_pin, pin_tree
from tests.bench.rivals import BARE, RIVALS, open_rival
from tests.bench.sizes import Sizes

TARGET_COMMANDS, TARGET_DELIVERIES = 40_000.0, 800_000.0
TARGET_P50_MS, TARGET_P99_MS = 3.0, 15.0
WINDOW = 32
"""In flight per connection: below the server's bound of 64, at which it stops reading."""
SHARED_WINDOW = 8
ANSWERING = "bare, answers only"


async def throughput_lines(house: House, sizes: Sizes) -> list[Line]:
    """Server and load each on a core of their own; beside a server that reads, answers, and does nothing else."""
    rooms = await house.rooms(sizes.connections, "commands")
    async with _open_answering(sizes) as (pid, answering):
        how = {"door": house.door(), "token": house.token(), "connections": sizes.connections}
        await house.load.ask("commander", name="alone", rooms=rooms, **how)
        await house.load.ask("commander", name="shared", rooms=rooms[:1], **how)
        found = await in_turns(
            sizes.rounds,
            {
                "alone": partial(_throughput, house.load, house.server.pid, "alone", WINDOW, sizes.seconds),
                "shared": partial(_throughput, house.load, house.server.pid, "shared", SHARED_WINDOW, sizes.seconds),
                ANSWERING: partial(_throughput, answering, pid, "answering", WINDOW, sizes.seconds),
            },
        )
        house.unpin()
        free = await _throughput(house.load, house.server.pid, "alone", WINDOW, sizes.seconds)
        house.pin()
        await house.load.ask("dismiss", name="alone")
        await house.load.ask("dismiss", name="shared")
    lines = _throughput_lines(found, sizes, fsyncs_per_s(house.server.data))
    return [*lines, unpinned_line("durable commands, each alone in its room", lines[0], free.per_s)]


@asynccontextmanager
async def _open_answering(sizes: Sizes) -> AsyncIterator[tuple[int, RemoteLoad]]:
    async with open_rival(RIVALS[BARE]) as running, open_load(load_core()) as load:
        if can_pin():
            pin_tree(running.pid)
        door = (running.port, False, False)
        await load.ask("commander", name="answering", door=door, rooms=["room"], token="", connections=sizes.connections)
        yield running.pid, load


async def _throughput(load: RemoteLoad, pid: int, name: str, window: int, seconds: float) -> Measured:
    await load.ask("throughput", name=name, window=window, seconds=seconds / 5)
    measured, _ = await costed(load, pid, "answers", "throughput", name=name, window=window, seconds=seconds)
    return measured


def _throughput_lines(found: dict[str, Measured], sizes: Sizes, syncs_per_s: float) -> list[Line]:
    alone, shared, least = found["alone"], found["shared"], found[ANSWERING]
    lines = [
        Line(
            name="durable commands, each alone in its room",
            unit="commands/s",
            measured=alone.per_s,
            reference=least.per_s,
            reference_name=ANSWERING,
            target=TARGET_COMMANDS,
            note=f"{sizes.connections} connections, {WINDOW} in flight each; this disk does {syncs_per_s:,.0f} single fsyncs/s",
        ),
        Line(
            name="durable commands, processor",
            unit="µs/command",
            measured=alone.cpu_us,
            reference=least.cpu_us,
            reference_name=ANSWERING,
            target=1e6 / TARGET_COMMANDS,
            more_is_better=False,
        ),
        Line(
            name="durable commands, all in one room",
            unit="deliveries/s",
            measured=shared.per_s * sizes.connections,
            reference=alone.per_s * sizes.connections,
            reference_name="as many if each were alone",
            target=TARGET_DELIVERIES,
            note=f"{shared.per_s:,.0f} commands/s at {shared.cpu_us:.0f} µs",
        ),
    ]
    return lines


async def latency_lines(house: House, sizes: Sizes) -> list[Line]:
    """Unpinned, since pinning would hide a writer thread that starves; alone, and while a large room publishes all it can."""
    rooms = await house.rooms(sizes.connections + 1, "latency")
    house.unpin()
    fsync_ms = 1000 / fsyncs_per_s(house.server.data)
    how = {"door": house.door(), "token": house.token()}
    async with open_load(None) as load, open_load(None) as crowd:
        await load.ask("commander", name="rate", rooms=rooms[1:], connections=sizes.connections, **how)
        quiet = await load.ask("rate", name="rate", per_s=sizes.latency_per_s, seconds=sizes.latency_seconds)
        await crowd.ask("crowd", name="busy", members=sizes.busy_members, room=rooms[0], **how)
        busy = asyncio.create_task(
            crowd.ask("publish", name="busy", window=4, payload_bytes=200, seconds=sizes.latency_seconds + 1)
        )
        await asyncio.sleep(0.5)
        loud = await load.ask("rate", name="rate", per_s=sizes.latency_per_s, seconds=sizes.latency_seconds)
        published = await busy
    house.pin()
    beside = f"{sizes.busy_members:,} members reading {published['publications'] / published['seconds']:,.0f}/s beside it"
    rate = f"{sizes.latency_per_s:,.0f}/s"
    return [
        *_quantile_lines(f"answer at {rate}", quiet, fsync_ms),
        *_quantile_lines(f"answer at {rate}, a full loop", loud, fsync_ms, f"{beside}; both loads share the cores with the server"),
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
            note=note if which == "p50" else "",
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
