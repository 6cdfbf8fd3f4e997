"""A reconnect storm: everyone is cut, the rooms go on meanwhile, and everyone comes back at once with a position."""

import asyncio

from tests.bench.house import House, load_core
from tests.bench.lines import Line
from tests.bench.loads import open_load
from tests.bench.processes import cpu_s
from tests.bench.sizes import Sizes

TARGET_RESUMES, TARGET_P99_MS = 2_500.0, 50.0
ROOMS = 50
MISSED = 3
"""Events that each room has while its members are away."""
OTHERS_PER_S = 200.0


async def storm_lines(house: House, sizes: Sizes) -> list[Line]:
    rooms = await house.rooms(ROOMS + 8, "storm")
    stormy, quiet = rooms[:ROOMS], rooms[ROOMS:]
    how = {"door": house.door(), "token": house.token()}
    async with open_load(load_core()) as others:
        await others.ask("commander", name="others", rooms=quiet, connections=len(quiet), **how)
        before = cpu_s(house.server.pid)
        await house.load.ask("storm", name="storm", port=house.server.port, secret=house.secret, rooms=stormy, count=sizes.storm)
        entered = cpu_s(house.server.pid) - before
        await house.load.ask("storm_leave", name="storm")
        await others.ask("commander", name="rooms", rooms=stormy, connections=ROOMS, **how)
        await others.ask("throughput", name="rooms", window=MISSED, seconds=0.0)
        await others.ask("dismiss", name="rooms")
        before = cpu_s(house.server.pid)
        returning = asyncio.create_task(house.load.ask("storm_return", name="storm"))
        # as long as it takes at the target, at least: what comes after it is quiet and would flatter
        rate = await others.ask("rate", name="others", per_s=OTHERS_PER_S, seconds=max(0.5, sizes.storm / TARGET_RESUMES))
        returned = await returning
        spent = cpu_s(house.server.pid) - before
    return _lines(sizes.storm, returned, spent, entered, rate)


def _lines(count: int, returned: dict[str, float], spent: float, entered: float, rate: dict[str, float]) -> list[Line]:
    lost = count - returned["resumed"] + abs(count * MISSED - returned["missed"])
    return [
        Line(
            name="reconnect storm, resumes",
            unit="resumes/core-s",
            measured=returned["resumed"] / spent,
            reference=count / entered,
            reference_name="first entries/core-s",
            target=TARGET_RESUMES,
            note=f"{count:,} connections, {count / returned['seconds']:,.0f}/s by the clock; others' commands are in it",
        ),
        Line(
            name="reconnect storm, not lost",
            unit="of those who came back",
            measured=max(count - lost, 0.0) / count,
            target=1.0,
            note=(
                f"{returned['resumed']:,.0f} resumed with {returned['missed']:,.0f} events of {count * MISSED:,}, "
                f"{returned['fresh']:,.0f} got a fresh view, {returned['refused']:,.0f} refused after {returned['tries']:.0f} tries"
            ),
        ),
        Line(
            name="reconnect storm, answers to others, p99",
            unit="ms",
            measured=rate["p99_ms"],
            target=TARGET_P99_MS,
            more_is_better=False,
            note=f"p50 {rate['p50_ms']:.1f} ms; both loads are on one core",
        ),
    ]
