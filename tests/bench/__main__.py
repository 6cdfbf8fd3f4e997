"""``python -m tests.bench``: one table, each figure beside its reference of the same run and its target; and reports/bench.json."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.bench.commands import latency_lines, throughput_lines
from tests.bench.fan_out import fan_out_lines
from tests.bench.footprint import memory_lines, start_lines
from tests.bench.lines import Line, as_json, table
from tests.bench.processes import can_pin
from tests.bench.sizes import SHORT, Sizes
from tests.drills.load import make_rooms
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

PARTS = ("start", "memory", "fan_out", "throughput", "latency")

UNBOUNDED = {
    "ATRIUM_CONNECTION_USER_CONNECTIONS": "20000",
    "ATRIUM_CONNECTION_COMMANDS_PER_S": "1e9",
    "ATRIUM_CONNECTION_COMMAND_BURST": "1000000000",
    "ATRIUM_CONNECTION_USER_COMMANDS_PER_S": "1e9",
    "ATRIUM_CONNECTION_USER_COMMAND_BURST": "1000000000",
    "ATRIUM_LOG_LEVEL": "warning",
}
"""All load comes from one user of one machine, which the limits for people would not let through."""


async def measure(parts: list[str], sizes: Sizes) -> list[Line]:
    """The lines of these parts, in the order of ``PARTS``."""
    lines = await start_lines(sizes) if "start" in parts else []
    if set(parts) - {"start"}:
        with data_folder() as data:
            async with open_server(data, UNBOUNDED) as server:
                lines += await _measure_running(server, parts, sizes)
    return lines


async def _measure_running(server: ServerProcess, parts: list[str], sizes: Sizes) -> list[Line]:
    rooms = await make_rooms(server, sizes.connections + 3, "bench")
    idle_room, fan_room, busy_room, *own_rooms = rooms
    token = mint(secret_of(server.data), "load", "user", ttl_s=24 * 3600)
    lines: list[Line] = []
    if "memory" in parts:
        lines += await memory_lines(server, idle_room, token, sizes)
    if "fan_out" in parts:
        lines += await fan_out_lines(server, fan_room, token, sizes)
    if "throughput" in parts:
        lines += await throughput_lines(server, own_rooms, token, sizes)
    if "latency" in parts:
        lines += await latency_lines(server, own_rooms, busy_room, token, sizes)
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these of: {', '.join(PARTS)}")
    parser.add_argument("--short", action="store_true", help="a few seconds: shows that it runs, the figures mean little")
    parser.add_argument("--report", type=Path, default=Path("reports/bench.json"))
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    lines = asyncio.run(measure(options.parts or list(PARTS), SHORT if options.short else Sizes()))
    sys.stdout.write(table(lines) + "\n")
    if not can_pin():
        sys.stdout.write("only one core here: server and load were not kept apart\n")
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_bytes(as_json(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
