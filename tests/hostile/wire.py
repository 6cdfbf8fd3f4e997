"""A WebSocket by hand: any bytes, any frames, in any order, and what comes back as it is. No library stands in between."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
PATH = "/connection/websocket"
WAIT_S = 10.0


class Frame(NamedTuple):
    opcode: int
    payload: bytes
    is_final: bool
    rsv: int


class Answer(NamedTuple):
    """What a request or a handshake was answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Closed(NamedTuple):
    """How the server ended it: ``code`` 0 is a close frame without one, -1 a connection cut without a close frame."""

    code: int
    reason: str


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, is_masked: bool = True) -> bytes:
    """A client's frame as it should be, but for what is said."""
    size, mark = len(payload), 0x80 if is_masked else 0
    if size < 126:
        length = bytes((mark | size,))
    elif size < 65536:
        length = bytes((mark | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((mark | 127,)) + size.to_bytes(8, "big")
    head = bytes(((FIN if fin else 0) | rsv | opcode,)) + length
    return head + b"\x00\x00\x00\x00" + payload if is_masked else head + payload


def masked(payload: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


def close_payload(code: int, reason: bytes = b"") -> bytes:
    return code.to_bytes(2, "big") + reason


class Wire:
    """One TCP connection. Made by ``open_wire`` or ``open_socket``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """The next HTTP answer, its body as far as ``Content-Length`` says."""
        async with asyncio.timeout(WAIT_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split()[1]), headers, body)

    async def frame(self) -> Frame:
        """The next frame. Raises ``IncompleteReadError`` or ``ConnectionError`` where there is none."""
        async with asyncio.timeout(WAIT_S):
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            assert not second & 0x80, "a server masks nothing"
            return Frame(first & 0x0F, await self.reader.readexactly(size), bool(first & FIN), first & 0x70)

    async def message(self) -> bytes:
        """The payload of the next message; control frames before it are passed over."""
        while True:
            came = await self.frame()
            if came.opcode in (TEXT, BINARY):
                return came.payload
            assert came.opcode != CLOSE, came

    async def closed(self) -> Closed:
        """Wait until the server ends it; then the line is dead, too."""
        try:
            while True:
                came = await self.frame()
                if came.opcode == CLOSE:
                    code = int.from_bytes(came.payload[:2], "big") if came.payload else 0
                    return Closed(code, came.payload[2:].decode())
        except (asyncio.IncompleteReadError, ConnectionError):
            return Closed(-1, "")

    async def is_dead(self) -> bool:
        """Whether the server has let the TCP connection go; waits for it."""
        try:
            async with asyncio.timeout(WAIT_S):
                while await self.reader.read(65536):
                    pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def abort(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def open_wire(port: int) -> AsyncIterator[Wire]:
    """A TCP connection that has said nothing yet; cut at the end."""
    wire = Wire(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield wire
    finally:
        wire.abort()


def handshake(port: int, headers: Mapping[str, str] | None = None, path: str = PATH) -> bytes:
    """The request of a client that behaves, with ``headers`` instead of its own or beside them; an empty one is left out."""
    whole = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        **(headers or {}),
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items() if value), "", ""]
    return "\r\n".join(lines).encode("latin-1")


@asynccontextmanager
async def open_socket(port: int, headers: Mapping[str, str] | None = None) -> AsyncIterator[Wire]:
    """A connection behind its handshake."""
    async with open_wire(port) as wire:
        await wire.send(handshake(port, headers))
        assert (answer := await wire.answer()).status == 101, answer
        yield wire
