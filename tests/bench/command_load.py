"""The load of durable commands: connections that keep K commands in flight, or give them at a fixed rate and time the answers.

python -m tests.bench.command_load '{"port": …, "rooms": […], "token": …, "window": 16, "seconds": 3}'
"""

import json
import re
import statistics
import sys
import time
from typing import Any

from tests.bench.sockets import Reader, client_frame, enter, raise_file_limit

ANSWER = re.compile(rb'"id":(\d+),"rpc"')
REFUSAL = re.compile(rb'"id":(\d+),"error":\{[^}]*\}')
TAIL_BYTES = 64
"""An answer's head may be torn by a read; so much of the end is looked at again, and a number counts once."""


class Commands:
    """Frames on their way out, answers on their way in, over all connections."""

    def __init__(self, rooms: list[str]) -> None:
        self.rooms = rooms
        self.answers = 0
        self.latencies_ms: list[float] = []
        self.refusals: list[bytes] = []
        self._asked: dict[int, float] = {}
        self._number = 10
        self._tails: dict[int, bytes] = {}
        self._prefix = ""
        self.tell_time()

    @property
    def unanswered(self) -> int:
        return len(self._asked)

    def tell_time(self) -> None:
        """Command ids are dated, and a busy room remembers only the newest thousands: call this once per turn."""
        self._prefix = f"{time.time_ns() // 1_000_000:012x}"

    def frame(self, room: str) -> bytes:
        """One ``post`` in this room."""
        self._number += 1
        number, prefix = self._number, self._prefix
        command_id = f"{prefix[:8]}-{prefix[8:]}-7000-8000-{number:012x}"
        self._asked[number] = time.perf_counter()
        return client_frame(
            b'{"id":%d,"rpc":{"method":"workspace.post","data":{"room":"%b","command_id":"%b","text":"%b"}}}'
            % (number, room.encode(), command_id.encode(), b"x" * 120)
        )

    def take(self, fd: int, data: bytes) -> int:
        """Answers in what a connection received."""
        whole = self._tails.get(fd, b"") + data
        now = time.perf_counter()
        found = 0
        for match in ANSWER.finditer(whole):
            if (began := self._asked.pop(int(match[1]), None)) is not None:
                self.latencies_ms.append((now - began) * 1000)
                found += 1
        if b'"error"' in whole:
            self.refusals += [match[0] for match in REFUSAL.finditer(whole) if self._asked.pop(int(match[1]), None) is not None]
        self._tails[fd] = whole[-TAIL_BYTES:]
        self.answers += found
        return found


def main() -> None:
    raise_file_limit()
    sys.stdout.write(json.dumps(run(**json.loads(sys.argv[1]))))


def run(port: int, rooms: list[str], token: str, seconds: float, window: int = 0, per_s: float = 0.0) -> dict[str, Any]:
    """One connection for each entry of ``rooms`` (which may name one room several times)."""
    commands = Commands(rooms)
    room_of: dict[int, str] = {}
    freed: dict[int, int] = {}

    def take(fd: int, data: bytes) -> None:
        if found := commands.take(fd, data):
            freed[fd] = freed.get(fd, 0) + found

    reader = Reader(take)
    for room in rooms:
        room_of[reader.add(enter(port, token, room))] = room
    reader.drain()
    if per_s:
        _at_a_rate(reader, commands, room_of, per_s, seconds)
    else:
        _with_a_window(reader, commands, room_of, freed, window, seconds / 5)
        commands.latencies_ms.clear()
    before, began = commands.answers, time.perf_counter()
    if not per_s:
        _with_a_window(reader, commands, room_of, freed, window, seconds)
    took = time.perf_counter() - began
    if commands.refusals:
        raise RuntimeError(f"{len(commands.refusals)} commands were refused: {commands.refusals[0]!r}")
    return {"answers": commands.answers - before, "seconds": took, **_quantiles(commands.latencies_ms)}


def _with_a_window(
    reader: Reader, commands: Commands, room_of: dict[int, str], freed: dict[int, int], window: int, seconds: float
) -> None:
    """Keep ``window`` commands in flight on each connection; ends with none in flight."""
    freed.clear()
    commands.tell_time()
    until = time.perf_counter() + seconds
    for fd, room in room_of.items():
        reader.send(fd, b"".join(commands.frame(room) for _ in range(window)))
    while time.perf_counter() < until:
        reader.turn(0.05)
        commands.tell_time()
        again = list(freed.items())
        freed.clear()
        for fd, count in again:
            reader.send(fd, b"".join([commands.frame(room_of[fd]) for _ in range(count)]))
    _finish(reader, commands)


def _at_a_rate(reader: Reader, commands: Commands, room_of: dict[int, str], per_s: float, seconds: float) -> None:
    """One command every 1/``per_s`` seconds, round the connections, whether or not answers come (an open loop)."""
    fds = list(room_of)
    began, sent = time.perf_counter(), 0
    while (now := time.perf_counter()) < began + seconds:
        commands.tell_time()
        while sent < (now - began) * per_s:
            fd = fds[sent % len(fds)]
            reader.send(fd, commands.frame(room_of[fd]))
            sent += 1
        reader.turn(0.0002)
    _finish(reader, commands)


def _finish(reader: Reader, commands: Commands) -> None:
    give_up_at = time.perf_counter() + 30
    while commands.unanswered:
        reader.turn(0.05)
        if time.perf_counter() > give_up_at:
            raise TimeoutError(f"{commands.unanswered} commands without an answer after 30 s")


def _quantiles(latencies_ms: list[float]) -> dict[str, float]:
    if len(latencies_ms) < 2:
        return {"p50_ms": 0.0, "p99_ms": 0.0}
    cuts = statistics.quantiles(latencies_ms, n=100)
    return {"p50_ms": cuts[49], "p99_ms": cuts[98], "max_ms": max(latencies_ms)}


if __name__ == "__main__":
    main()
