"""What the server costs while nobody does anything: memory of a connection, time of a start."""

import time
from typing import NamedTuple

from tests.bench.encrypted import COMMAND as ENCRYPTED
from tests.bench.house import PLAIN, House, open_house
from tests.bench.lines import Line
from tests.bench.processes import resident_bytes
from tests.bench.sizes import Sizes
from tests.support.server import data_folder, open_server

TARGET_CONNECTION_KB = 12.0
TARGET_COLD_S, TARGET_WARM_S = 6.0, 2.0


class Kind(NamedTuple):
    """A kind of idle connection: each of its own person, whose room it follows too, or all of one."""

    name: str
    is_tls: bool
    is_own: bool


KINDS = (
    Kind("plain TCP, a person each", False, True),
    Kind("plain TCP, one person", False, False),
    Kind("TLS, a person each", True, True),
    Kind("TLS, one person", True, False),
)


async def memory_lines(sizes: Sizes) -> list[Line]:
    """Each kind in a server of its own: freed memory would be used again."""
    return [await _memory_line(kind, sizes) for kind in KINDS[: sizes.idle_kinds]]


async def _memory_line(kind: Kind, sizes: Sizes) -> Line:
    async with open_house(command=ENCRYPTED if kind.is_tls else PLAIN) as house:
        room = (await house.rooms(1, "idle"))[0]
        # what the first ones bring about (pools, caches) is not a connection's
        await enter_idle(house, kind, room, max(sizes.idle_connections // 10, 10))
        before = resident_bytes(house.server.pid)
        await enter_idle(house, kind, room, sizes.idle_connections)
        grown = resident_bytes(house.server.pid) - before
    return Line(
        name=f"memory per idle connection, {kind.name}",
        unit="KB",
        measured=grown / sizes.idle_connections / 1024,
        target=TARGET_CONNECTION_KB,
        more_is_better=False,
        note=f"{sizes.idle_connections:,} more in one room",
    )


async def enter_idle(house: House, kind: Kind, room: str, count: int) -> None:
    await house.load.ask("idle", door=house.door(), count=count, room=room, secret=house.secret, own=kind.is_own)


async def start_lines(sizes: Sizes) -> list[Line]:
    """From the command to ``ready``: in an empty folder, and again in the same one; the worst of several."""
    cold, warm = [], []
    for _ in range(sizes.starts):
        with data_folder() as data:
            began = time.monotonic()
            async with open_server(data) as server:
                cold.append(time.monotonic() - began)
                await server.stop()
                began = time.monotonic()
                await server.start()
                warm.append(time.monotonic() - began)
    return [
        Line(name="start, empty data folder", unit="s", measured=max(cold), target=TARGET_COLD_S, more_is_better=False),
        Line(name="start, again", unit="s", measured=max(warm), target=TARGET_WARM_S, more_is_better=False),
    ]
