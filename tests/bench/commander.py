"""The load of durable commands: connections that keep K commands in flight, or give them at a fixed rate and time the answers."""

import re
import statistics
import time
from collections.abc import Sequence

from tests.bench.sockets import Door, Reader, client_frame, enter, open_socket
from tests.bench.timed_ids import TimedIds

ANSWER = re.compile(rb'"id":(\d+),"rpc"')
REFUSAL = re.compile(rb'"id":(\d+),"error":\{[^}]*\}')
TAIL_BYTES = 64
"""An answer's head may be torn by a read; so much of the end is looked at again, and a number counts once."""
GIVE_UP_S = 30.0


class Commander:
    """``connections`` that give commands to ``rooms``, each to its own share of them in turn.

    They follow their room where ``follows`` is set. Without a token the server is a reference that answers and does nothing.
    """

    def __init__(self, door: Door, rooms: Sequence[str], token: str, connections: int, follows: bool = True) -> None:
        self._reader = Reader(self._take)
        self._ids = TimedIds()
        self._number = 10
        self._asked: dict[int, float] = {}
        self._tails: dict[int, bytes] = {}
        self._freed: dict[int, int] = {}
        self._answers = 0
        self._latencies_ms: list[float] = []
        self._refusals: list[bytes] = []
        self._rooms_of: dict[int, Sequence[str]] = {}
        self._turns: dict[int, int] = {}
        self._text = b"x" * 120
        for number in range(connections):
            share = rooms[number % len(rooms) :: connections] or [rooms[number % len(rooms)]]
            self._open(door, share, token, follows)
        self._reader.drain()

    def _open(self, door: Door, share: Sequence[str], token: str, follows: bool) -> None:
        connection = enter(door, token, share[0] if follows else "") if token else open_socket(door, "/answering")
        fd = self._reader.add(connection)
        self._rooms_of[fd], self._turns[fd] = share, 0

    def close(self) -> None:
        self._reader.close_all()

    def throughput(self, window: int, seconds: float, payload_bytes: int = 120) -> dict[str, float]:
        """Keep ``window`` commands in flight on each connection; ends with none in flight."""
        self._begin(payload_bytes)
        began = time.monotonic()
        until = began + seconds
        for fd in self._rooms_of:
            self._reader.send(fd, b"".join(self._frame(fd) for _ in range(window)))
        while time.monotonic() < until:
            self._reader.turn(0.05)
            self._ids.tell_time()
            again, self._freed = self._freed, {}
            for fd, count in again.items():
                self._reader.send(fd, b"".join([self._frame(fd) for _ in range(count)]))
        self._finish()
        return self._result(began)

    def rate(self, per_s: float, seconds: float, payload_bytes: int = 120) -> dict[str, float]:
        """One command every 1/``per_s`` seconds, round the connections, whether or not answers come (an open loop)."""
        self._begin(payload_bytes)
        fds = list(self._rooms_of)
        began, sent = time.monotonic(), 0
        while (now := time.monotonic()) < began + seconds:
            self._ids.tell_time()
            while sent < (now - began) * per_s:
                fd = fds[sent % len(fds)]
                self._reader.send(fd, self._frame(fd))
                sent += 1
            self._reader.turn(0.0002)
        self._finish()
        return self._result(began)

    def _begin(self, payload_bytes: int) -> None:
        self._text = b"x" * payload_bytes
        self._answers = 0
        self._freed.clear()
        self._latencies_ms.clear()
        self._ids.tell_time()

    def _frame(self, fd: int) -> bytes:
        """One ``post`` in the connection's next room."""
        rooms = self._rooms_of[fd]
        turn = self._turns[fd]
        self._turns[fd] = turn + 1 if turn + 1 < len(rooms) else 0
        self._number += 1
        number = self._number
        self._asked[number] = time.monotonic()
        return client_frame(
            b'{"id":%d,"rpc":{"method":"workspace.post","data":{"room":"%b","command_id":"%b","text":"%b"}}}'
            % (number, rooms[turn].encode(), self._ids.next().encode(), self._text)
        )

    def _take(self, fd: int, data: bytes) -> None:
        """Answers in what a connection received."""
        whole = self._tails.get(fd, b"") + data
        now, found = time.monotonic(), 0
        for match in ANSWER.finditer(whole):
            if (began := self._asked.pop(int(match[1]), None)) is not None:
                self._latencies_ms.append((now - began) * 1000)
                found += 1
        if b'"error"' in whole:
            self._refusals += [match[0] for match in REFUSAL.finditer(whole) if self._asked.pop(int(match[1]), None) is not None]
        self._tails[fd] = whole[-TAIL_BYTES:]
        self._answers += found
        if found:
            self._freed[fd] = self._freed.get(fd, 0) + found

    def _finish(self) -> None:
        give_up_at = time.monotonic() + GIVE_UP_S
        while self._asked and not self._refusals:
            self._reader.turn(0.05)
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{len(self._asked)} commands without an answer after {GIVE_UP_S:.0f} s")
        if self._refusals:
            raise RuntimeError(f"{len(self._refusals)} commands were refused: {self._refusals[0]!r}")

    def _result(self, began: float) -> dict[str, float]:
        cuts = statistics.quantiles(self._latencies_ms, n=100) if len(self._latencies_ms) > 1 else [0.0] * 99
        took = time.monotonic() - began
        return {"answers": float(self._answers), "seconds": took, "p50_ms": cuts[49], "p99_ms": cuts[98]}
