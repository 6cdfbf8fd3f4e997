"""``python -m tests.bench items``: of what objects an idle connection consists, and how many bytes each of them has."""

import asyncio
import os
import signal

import msgspec

from tests.bench.footprint import KINDS, Kind, enter_idle
from tests.bench.house import House, open_house
from tests.bench.processes import resident_bytes
from tests.bench.sizes import Sizes
from tests.bench.weighed import COMMAND, REPORT, Weight

SHOWN = 45
LEAST_BYTES = 4.0


async def items_report(sizes: Sizes) -> str:
    """A table for connections of a person each, and one for connections of one person."""
    return "\n\n".join([await _itemised(kind, sizes.idle_connections) for kind in KINDS if not kind.is_tls])


async def _itemised(kind: Kind, count: int) -> str:
    async with open_house(command=COMMAND) as house:
        room = (await house.rooms(1, "items"))[0]
        await enter_idle(house, kind, room, max(count // 10, 10))
        before, resident = await _weigh(house), resident_bytes(house.server.pid)
        await enter_idle(house, kind, room, count)
        grown = resident_bytes(house.server.pid) - resident
        after = await _weigh(house)
    return _table(kind.name, count, grown, _differences(before, after, count))


async def _weigh(house: House) -> dict[str, Weight]:
    report = house.server.data / REPORT
    report.unlink(missing_ok=True)
    os.kill(house.server.pid, signal.SIGUSR1)
    async with asyncio.timeout(60.0):
        while not report.exists():  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.05)
    return msgspec.json.decode(report.read_bytes(), type=dict[str, Weight])


def _differences(before: dict[str, Weight], after: dict[str, Weight], count: int) -> list[tuple[float, float, str]]:
    """(bytes, objects, type) for one connection, the heaviest first."""
    nothing = Weight(0, 0)
    rows = []
    for name, weight in after.items():
        known = before.get(name, nothing)
        rows.append(((weight.size - known.size) / count, (weight.objects - known.objects) / count, name))
    return sorted(rows, reverse=True)


def _table(title: str, count: int, grown: int, rows: list[tuple[float, float, str]]) -> str:
    shown = [row for row in rows if row[0] >= LEAST_BYTES][:SHOWN]
    lines = [f"{size:8.0f} bytes {objects:7.2f} objects  {name}" for size, objects, name in shown]
    # what was passing when it was weighed first, and is gone, is no connection's
    python = sum(size for size, _, _ in rows if size > 0)
    total = grown / count
    lines += [
        f"{python:8.0f} bytes of Python objects in all",
        f"{total - python:8.0f} bytes beside them: the TCP transport's C structures, allocators' slack",
        f"{total:8.0f} bytes resident",
    ]
    return "\n".join([f"an idle connection, {title} ({count:,} of them):", *lines])
