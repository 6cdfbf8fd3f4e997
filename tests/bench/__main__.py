"""``python -m tests.bench``: one table, each figure beside its reference of the same minutes and its target."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.bench.commands import latency_lines, throughput_lines
from tests.bench.fan_out import fan_out_lines
from tests.bench.footprint import memory_lines, start_lines
from tests.bench.growth import growth_lines
from tests.bench.house import House, load_core, open_house
from tests.bench.items import items_report
from tests.bench.lines import Line, as_json, table
from tests.bench.loads import open_load
from tests.bench.processes import can_pin
from tests.bench.reconnecting import storm_lines
from tests.bench.sizes import SHORT, Sizes
from tests.bench.stopped_reader import stopped_reader_lines
from tests.bench.write_behind import write_behind_lines

INSIDE: Mapping[str, Callable[[House, Sizes], Awaitable[list[Line]]]] = {
    "fan_out": fan_out_lines,
    "throughput": throughput_lines,
    "latency": latency_lines,
    "stopped_reader": stopped_reader_lines,
    "storm": storm_lines,
    "growth": growth_lines,
}
"""Parts that are measured at a running server; each is given a fresh one."""


async def ceiling_lines(sizes: Sizes) -> list[Line]:
    """What the load generator can read at most: figures near it are its own, not the server's."""
    async with open_load(load_core()) as load:
        found = {
            window: (await load.ask("ceiling", members=min(sizes.members, 1_000), window=window, rounds=20))["reads_per_s"]
            for window in (1, 16)
        }
    name = "the load generator's own ceiling"
    return [Line(name=f"{name}, W={window}", unit="deliveries/s", measured=per_s) for window, per_s in found.items()]


ALONE: dict[str, Callable[[Sizes], Awaitable[list[Line]]]] = {
    "ceiling": ceiling_lines,
    "start": start_lines,
    "memory": memory_lines,
    "write_behind": write_behind_lines,
}
PARTS = (*ALONE, *INSIDE)


async def measure(
    parts: Sequence[str], sizes: Sizes, tell: Callable[[str, list[Line]], None] = lambda what, lines: None
) -> list[Line]:
    """The lines of these parts, in the order of ``PARTS``; ``tell`` is told of each when it is done, with all lines so far."""
    lines: list[Line] = []
    for part in (part for part in PARTS if part in parts):
        began = time.monotonic()
        try:
            found = await _measure_part(part, sizes)
        except Exception as error:  # the others are still worth their minutes; the table says it, and the exit code
            found = [Line(name=part, unit="", failure=f"{type(error).__name__}: {error}")]
        for line in found:
            line.part = part
        lines += found
        tell(f"{part}: {time.monotonic() - began:.0f} s", lines)
    return lines


async def _measure_part(part: str, sizes: Sizes) -> list[Line]:
    if part in ALONE:
        return await ALONE[part](sizes)
    async with open_house() as house:
        return await INSIDE[part](house, sizes)


def _tell(report: Path, what: str, lines: list[Line]) -> None:
    """A run that is ended early leaves what it has measured."""
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_bytes(as_json(lines))
    sys.stderr.write(what + "\n")
    sys.stderr.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these of: {', '.join(PARTS)}; or items alone")
    parser.add_argument("--quick", action="store_true", help="a few seconds: shows that it runs, the figures mean little")
    parser.add_argument("--report", type=Path, default=Path("reports/bench.json"))
    options = parser.parse_args()
    if unknown := set(options.parts) - {*PARTS, "items"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


def main() -> int:
    options = _arguments()
    sizes = SHORT if options.quick else Sizes()
    if options.parts == ["items"]:
        sys.stdout.write(asyncio.run(items_report(sizes)) + "\n")
        return 0
    lines = asyncio.run(measure(options.parts or PARTS, sizes, partial(_tell, options.report)))
    sys.stdout.write(table(lines) + "\n")
    if not can_pin():
        sys.stdout.write("only one core here: server and load were not kept apart\n")
    return 1 if any(line.failure for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
