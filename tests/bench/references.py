"""What the fan-out is compared with: the least that Python can do, and the broadcast of the ``websockets`` library.

    python -m tests.bench.references bare|joined|websockets PORT

``/publisher`` sends, ``/answering`` is answered, every other path receives. ``bare`` writes a pre-framed message to each member at
once; ``joined`` writes what one loop turn brought together; neither has rules, rooms or a journal.
"""

import asyncio
import base64
import contextlib
import hashlib
import re
import sys
from collections.abc import Iterator
from typing import cast

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ID = re.compile(rb'"id":(\d+)')


class Bare(asyncio.Protocol):
    """Handshake by hand; frames of the publisher are taken apart, everything else is ignored."""

    members: set[asyncio.Transport] = set()
    joins = False
    waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class, which does not inherit from it
        self.buffer = b""
        self.is_open = False
        self.is_answered = False

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open:
            self._shake_hands()
        elif self.is_answered:
            self._answer()
        elif self.transport not in self.members:
            self._publish()

    def connection_lost(self, exc: Exception | None) -> None:
        self.members.discard(self.transport)

    def _shake_hands(self) -> None:
        if b"\r\n\r\n" not in self.buffer:
            return
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
        assert key is not None
        accept = base64.b64encode(hashlib.sha1(key[1] + _GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + accept
            + b"\r\n\r\n"
        )
        self.is_open = True
        self.is_answered = head.startswith(b"GET /answering")
        if not self.is_answered and not head.startswith(b"GET /publisher"):
            self.members.add(self.transport)

    def _publish(self) -> None:
        for payload in self._payloads():
            self._give(_server_frame(payload))

    def _answer(self) -> None:
        """Each command by its number, all of one read in one write: what a server does that has nothing to decide or to keep."""
        numbers = [found[1] for payload in self._payloads() if (found := _ID.search(payload))]
        if numbers:
            self.transport.write(_server_frame(b"\n".join(b'{"id":%b,"rpc":{"data":{"offset":1}}}' % number for number in numbers)))

    def _payloads(self) -> Iterator[bytes]:
        buffer, at = self.buffer, 0
        while len(buffer) - at > 8 and (whole := at + self._frame_bytes(at)) <= len(buffer):
            yield buffer[at + (6 if buffer[at + 1] & 0x7F < 126 else 8) : whole]
            at = whole
        self.buffer = buffer[at:]

    def _frame_bytes(self, at: int) -> int:
        length = self.buffer[at + 1] & 0x7F
        return 6 + length if length < 126 else 8 + int.from_bytes(self.buffer[at + 2 : at + 4], "big")

    def _give(self, frame: bytes) -> None:
        if not self.joins:
            for member in self.members:
                member.write(frame)
            return
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self.waiting.append(frame)

    def _flush(self) -> None:
        together = b"".join(self.waiting)
        self.waiting.clear()
        for member in self.members:
            member.write(together)


def _server_frame(payload: bytes) -> bytes:
    length = len(payload)
    return (bytes((0x81, length)) if length < 126 else b"\x81\x7e" + length.to_bytes(2, "big")) + payload


async def run_bare(port: int, joins: bool) -> None:
    Bare.joins = joins
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=2048)
    _ready()
    await server.serve_forever()


async def run_websockets(port: int) -> None:
    members: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.path == "/publisher":
            with contextlib.suppress(ConnectionClosed):
                async for text in connection:
                    broadcast(members, text)
            return
        members.add(connection)
        await connection.wait_closed()
        members.discard(connection)

    async with serve(handle, "127.0.0.1", port, compression=None, ping_interval=None, backlog=2048) as server:
        _ready()
        await server.serve_forever()


def _ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    which, port = sys.argv[1], int(sys.argv[2])
    uvloop.run(run_websockets(port) if which == "websockets" else run_bare(port, which == "joined"))
