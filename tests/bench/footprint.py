"""What the server costs while nobody does anything: memory of a connection, time of a start."""

import asyncio
import socket
import time

from tests.bench.lines import Line
from tests.bench.processes import resident_bytes
from tests.bench.sizes import Sizes
from tests.bench.sockets import enter, raise_file_limit
from tests.support.server import ServerProcess, data_folder, open_server

TARGET_CONNECTION_KB = 12.0
TARGET_COLD_S, TARGET_WARM_S = 6.0, 2.0


async def memory_lines(server: ServerProcess, room: str, token: str, sizes: Sizes) -> list[Line]:
    """Resident bytes of the server before and after so many members of one room."""
    raise_file_limit()
    idle: list[socket.socket] = []
    try:
        # what the first ones bring about (pools, caches) is not a connection's
        await asyncio.to_thread(_enter_many, idle, server.port, token, room, max(sizes.idle_connections // 10, 10))
        before, counted = resident_bytes(server.pid), len(idle)
        await asyncio.to_thread(_enter_many, idle, server.port, token, room, sizes.idle_connections)
        after = resident_bytes(server.pid)
        per_connection = (after - before) / (len(idle) - counted) / 1024
    finally:
        for connection in idle:
            connection.close()
    name = f"memory per idle connection ({sizes.idle_connections:,} in one room)"
    return [Line(name=name, unit="KB", measured=per_connection, target=TARGET_CONNECTION_KB, more_is_better=False)]


def _enter_many(into: list[socket.socket], port: int, token: str, room: str, count: int) -> None:
    into.extend(enter(port, token, room) for _ in range(count))


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
