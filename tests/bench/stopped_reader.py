"""One member of a thousand that stops reading: the others notice nothing, and memory stays bounded."""

import statistics

from tests.bench.house import House
from tests.bench.lines import Line
from tests.bench.processes import resident_bytes
from tests.bench.sizes import Sizes

PAYLOAD_BYTES = 8_000
PER_S = 20.0
MOST_OF_BEFORE = 1.5
"""The others' p99 with a stopped reader over that without: what is still noise."""
MOST_GROWN_MB = 16.0
"""A room's ring, a connection's buffers, and what any room of that size leaves in allocators."""


async def stopped_reader_lines(house: House, sizes: Sizes) -> list[Line]:
    """Two rooms in turns, alike but for the one who does not read."""
    rooms = await house.rooms(2, "stopped")
    how = {"door": house.door(), "token": house.token()}
    for name, room in zip(("all read", "one stopped"), rooms, strict=True):
        await house.load.ask("crowd", name=name, members=sizes.members, room=room, **how)
        await house.load.ask("latency", name=name, payload_bytes=PAYLOAD_BYTES, per_s=PER_S, seconds=1.0)
    before = resident_bytes(house.server.pid)
    await house.load.ask("stop_reading", name="one stopped")
    found: dict[str, list[float]] = {"all read": [], "one stopped": []}
    for _ in range(sizes.stopped_rounds):
        for name, p99s in found.items():
            result = await house.load.ask("latency", name=name, payload_bytes=PAYLOAD_BYTES, per_s=PER_S, seconds=2 * sizes.seconds)
            p99s.append(result["p99_ms"])
    grown = (resident_bytes(house.server.pid) - before) / 1024**2
    for name in found:
        await house.load.ask("leave", name=name)
    medians = {name: statistics.median(p99s) for name, p99s in found.items()}
    return [
        Line(
            name="one stopped reader, the others' p99",
            unit="ms",
            measured=medians["one stopped"],
            reference=medians["all read"],
            reference_name="all read",
            most_ratio=MOST_OF_BEFORE,
            more_is_better=False,
            note=f"{sizes.members:,} members, {PER_S:.0f} publications/s of {PAYLOAD_BYTES:,} bytes",
        ),
        Line(
            name="one stopped reader, memory grown",
            unit="MB",
            measured=max(grown, 0.01),
            target=MOST_GROWN_MB,
            more_is_better=False,
        ),
    ]
