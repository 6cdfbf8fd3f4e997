"""Rooms to measure in: many, over one connection, as fast as they are answered."""

import re

from tests.bench.sockets import READ_BYTES, Door, client_frame, enter, message
from tests.bench.timed_ids import TimedIds

IN_FLIGHT = 32
_MADE = re.compile(rb'"id":(\d+),"rpc":\{"data":\{[^}]*?"room":"([^"]+)"')


def make_rooms(door: Door, token: str, count: int, name: str) -> list[str]:
    """The addresses of ``count`` new workspaces, whose pattern types begin with ``name``."""
    connection, ids = enter(door, token), TimedIds()
    made: dict[int, str] = {}
    asked, received = 0, b""
    while len(made) < count:
        while asked < count and asked - len(made) < IN_FLIGHT:
            fields = {"command_id": ids.next(), "pattern_type": f"{name}-{asked}", "name": name, "category": "bench"}
            connection.sendall(client_frame(message(id=asked + 10, rpc={"method": "workspace.create", "data": fields})))
            asked += 1
        received += connection.recv(READ_BYTES)
        if b'"error"' in received:
            raise RuntimeError(f"a room was not made: {received[-300:]!r}")
        for match in _MADE.finditer(received):
            made[int(match[1])] = match[2].decode()
        received = received[received.rfind(b'"id":') :] if b'"id":' in received else received
    connection.close()
    return [made[number] for number in sorted(made)]
