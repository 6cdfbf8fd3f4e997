"""The load of a fan-out: members that only read and count, one publisher that keeps W messages in flight."""

import contextlib
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench.entering import Asks, enter_surely
from tests.bench.marks import MARK, Marks, marked
from tests.bench.rivals_on_wire import MEMBER, PUBLISHER, Dialect, dialect_of
from tests.bench.sockets import Door, Reader, client_frame, enter, message, open_socket
from tests.bench.timed_ids import TimedIds

GIVE_UP_S = 60.0


class Crowd:
    """One server's members and its publisher. ``room`` is empty where the server is a reference, spoken to in ``dialect``."""

    def __init__(self, door: Door, room: str = "", token: str = "", dialect: str = "plain") -> None:
        self._door = door
        self._room = room
        self._token = token
        self._dialect: Dialect = dialect_of(dialect)
        self._marks = Marks()
        self._reader = Reader(self._marks.take)
        self._ids = TimedIds()
        self._sent = 0
        self._members: list[int] = []
        self._publisher = self._reader.add(self._open_publisher())
        self._reader.on_data = self._take

    def enter(self, members: int) -> None:
        """Grow to so many members."""
        count = members - len(self._members)
        if self._room and not self._door.is_tls and not self._door.is_protobuf:
            entered = enter_surely(self._door.port, [Asks(self._token, self._room)] * count)
            connections = [each.connection for each in entered]
        else:
            connections = [self._open_member() for _ in range(count)]
        self._members += [self._reader.add(connection) for connection in connections]
        self._reader.drain()

    def shrink(self, members: int) -> None:
        for fd in self._members[members:]:
            self._reader.close(fd)
        del self._members[members:]

    def close(self) -> None:
        self._reader.close_all()

    def stop_reading_one(self) -> None:
        """The first member stays in the room and takes nothing more; what is counted are the others."""
        self._reader.stop_reading(self._members.pop(0))

    def publish(self, window: int, payload_bytes: int, seconds: float, per_s: float = 0.0) -> dict[str, float]:
        """``window`` at once, and again when everyone has them: what is in flight together stays together. ``per_s`` paces it."""
        text, members, started, sent = marked(payload_bytes), len(self._members), self._marks.seen, 0
        began = time.monotonic()
        until = began + seconds
        while True:
            now = time.monotonic()
            done = (self._marks.seen - started) // members
            if now >= until and done >= sent:
                took = time.monotonic() - began
                return {"deliveries": self._marks.seen - started, "seconds": took, "publications": sent}
            if now >= until + GIVE_UP_S:
                raise TimeoutError(f"{sent - done} publications were not delivered to everyone within a minute")
            want = min(window - (sent - done), int((now - began) * per_s) - sent) if per_s else window * (sent == done)
            if now < until and want > 0:
                self._send([text] * want)
                sent += want
            self._reader.turn(0.05 if not per_s else 0.002)

    def latency(self, payload_bytes: int, seconds: float, per_s: float) -> dict[str, float]:
        """From a publication's sending to its arrival at each member, at a fixed rate whether or not they arrive."""
        text = marked(payload_bytes)
        given: list[float] = []
        latencies_ms: list[float] = []
        with self._timed(given, latencies_ms):
            began = time.monotonic()
            while (now := time.monotonic()) < began + seconds:
                if len(given) < (now - began) * per_s:
                    given.append(now)
                    self._send([text])
                self._reader.turn(0.001)
            self._await(lambda: len(latencies_ms) >= len(given) * len(self._members))
        cuts = statistics.quantiles(latencies_ms, n=100)
        return {"p50_ms": cuts[49], "p99_ms": cuts[98], "max_ms": max(latencies_ms), "deliveries": float(len(latencies_ms))}

    @contextlib.contextmanager
    def _timed(self, given: list[float], latencies_ms: list[float]) -> Iterator[None]:
        got: dict[int, int] = dict.fromkeys(self._members, 0)
        tails: dict[int, bytes] = {}

        def take(fd: int, data: bytes) -> None:
            if fd not in got:
                return
            now, whole = time.monotonic(), tails.get(fd, b"") + data
            for _ in range(whole.count(MARK)):
                latencies_ms.append((now - given[got[fd]]) * 1000)
                got[fd] += 1
            tails[fd] = whole[1 - len(MARK) :]

        self._reader.on_data = take
        try:
            yield
        finally:
            self._reader.on_data = self._take

    def _await(self, is_done: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + GIVE_UP_S
        while not is_done():
            self._reader.turn(0.05)
            if time.monotonic() > give_up_at:
                raise TimeoutError("publications were not delivered to everyone within a minute")

    def _take(self, fd: int, data: bytes) -> None:
        if fd != self._publisher:
            self._marks.take(fd, data)

    def _open_member(self) -> socket.socket:
        if self._room:
            return enter(self._door, self._token, self._room)
        return self._dialect.greet(open_socket(self._door, self._dialect.path(MEMBER)), MEMBER)

    def _open_publisher(self) -> socket.socket:
        if self._room:
            return enter(self._door._replace(is_protobuf=False), self._token)
        return self._dialect.greet(open_socket(self._door, self._dialect.path(PUBLISHER)), PUBLISHER)

    def _send(self, texts: list[str]) -> None:
        if not self._room:
            self._reader.send(self._publisher, b"".join(client_frame(self._dialect.publication(text)) for text in texts))
            return
        self._ids.tell_time()
        frames = []
        for text in texts:
            self._sent += 1
            fields: dict[str, Any] = {"room": self._room, "command_id": self._ids.next(), "text": text}
            frames.append(client_frame(message(id=self._sent + 10, rpc={"method": "workspace.post", "data": fields})))
        self._reader.send(self._publisher, b"".join(frames))
