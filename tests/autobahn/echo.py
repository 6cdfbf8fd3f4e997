"""A server that says back what it hears: our HTTP protocol, sockets, frame reader and compression, without what stands behind them.

The suite needs an echo, and the product must not have one. A connection of ours answers what breaks the RFC with 3501 instead of
1002 and 1007 (PROTOCOL.md), and never asks whether a message was text or binary; here both are as the RFC has them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import uvicorn

from channels.transport import Receiver, Transport
from channels.wire import frames
from channels.wire.deflate import deflate
from server.socket.door import agrees_on_deflate
from server.socket.entrance import PATH, Admitted, Entrance, Handshake
from server.socket.frame_reader import TEXT, FrameReader, Limits
from server.socket.server import uvicorn_config
from server.socket.settings import SocketSettings
from server.socket.transport import PROTOCOL_ERROR, SocketTransport

INVALID_TEXT: Final = 1007
FIN: Final = 0x80
RSV1: Final = 0x40
SETTINGS: Final = SocketSettings(
    message_bytes=32 * 1024 * 1024,
    message_fragments=100_000,
    message_timeout_s=120.0,
    control_frames_per_s=1_000.0,
)
"""The suite's largest messages have 16 MiB, its smallest fragments 64 bytes of 4 MiB."""


@asynccontextmanager
async def open_echo() -> AsyncIterator[str]:
    """Listens on the loopback; yields the address of the echo."""
    config = uvicorn_config(_nothing, cast("Entrance", _Entrance()), host="127.0.0.1", port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.wait([serving], timeout=0.02)
            if serving.done():
                serving.result()
                raise RuntimeError("the echo ended before it was there")
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"ws://{host}:{port}{PATH}"
    finally:
        server.should_exit = True
        await serving


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    """There is no application beside the socket."""


class _Entrance:
    """In the place of the server's: everybody may come in, and nobody is counted."""

    settings = SETTINGS

    def admit(self, handshake: Handshake) -> Admitted:
        is_deflate = agrees_on_deflate(handshake.extensions)

        def connect(transport: Transport) -> Receiver:
            return _Echo(cast("SocketTransport", transport), is_deflate=is_deflate)

        return Admitted(None, is_deflate, connect, lambda: None)


class _Opcodes(FrameReader):
    """Remembers what kind of message it gave last: connections are not told."""

    __slots__ = ("last",)

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        for self.last, payload in super().feed(data):
            yield self.last, payload


class _Echo:
    """A ``channels.transport.Receiver``. It takes a pause of its transport as a reason not to read on."""

    def __init__(self, transport: SocketTransport, *, is_deflate: bool) -> None:
        self._transport = transport
        self._is_deflate = is_deflate
        self._opcodes = _Opcodes(Limits(SETTINGS.message_bytes, SETTINGS.message_fragments, is_deflate))
        transport._reader = self._opcodes  # there is no other way to learn the opcode

    def received(self, message: bytes) -> None:
        opcode = self._opcodes.last
        if opcode == TEXT and not _is_text(message):
            self._transport.close(INVALID_TEXT, "no UTF-8")
            return
        first = FIN | opcode
        if self._is_deflate:
            first, message = first | RSV1, deflate(message)
        self._transport.write(frames.header(first, len(message)) + message)

    def broken(self, what: str) -> None:
        self._transport.close(PROTOCOL_ERROR, what)

    def paused(self) -> None:
        self._transport.pause_reading()

    def resumed(self) -> None:
        self._transport.resume_reading()

    def ended(self, is_clean: bool) -> None:
        """The transport says goodbye by itself."""


def _is_text(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True
