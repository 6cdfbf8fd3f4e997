"""One WebSocket with as little around it as can be, so that thousands fit into a drill: text frames in and out, and its end."""

import asyncio
import socket
import struct
from collections.abc import Callable

from tests.bench.sockets import client_frame, upgrade_request

CLOSE, PING, PONG = 0x8, 0x9, 0x8A
CUT = 1006
"""The connection ended without a close frame."""


class Wire(asyncio.Protocol):
    """``on_message`` is called with each text, ``on_end`` once with the close code; ``first`` leaves when the server has agreed."""

    def __init__(self, port: int, first: bytes, on_message: Callable[[bytes], None], on_end: Callable[[int], None]) -> None:
        self._port = port
        self._first = first
        self._on_message = on_message
        self._on_end = on_end
        self._tcp: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._is_open = False
        self._code = CUT

    def send(self, text: bytes) -> None:
        if self._tcp is not None and not self._tcp.is_closing():
            self._tcp.write(client_frame(text))

    def stop_reading(self) -> None:
        """From here on the kernel takes what it has room for, and nobody takes it from there."""
        if self._tcp is not None:
            self._tcp.pause_reading()

    def go_on_reading(self) -> None:
        if self._tcp is not None and not self._tcp.is_closing():
            self._tcp.resume_reading()

    def reset(self) -> None:
        """RST instead of FIN."""
        if self._tcp is not None and not self._tcp.is_closing():
            own = self._tcp.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._tcp.abort()

    # ---- what the TCP connection tells (asyncio.Protocol)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._tcp = transport
        transport.write(upgrade_request(self._port))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            self._open()
        while self._is_open and self._take_frame():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_open = False
        self._on_end(self._code)

    # ---- inside

    def _open(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            self.reset()
            return
        del self._buffer[: end + 4]
        self._is_open = True
        self.send(self._first)

    def _take_frame(self) -> bool:
        """One whole frame; servers' frames carry no mask and, ours, no fragments."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        begin, length = 2, buffer[1]
        if length == 126:
            begin, length = 4, int.from_bytes(buffer[2:4], "big")
        elif length == 127:
            begin, length = 10, int.from_bytes(buffer[2:10], "big")
        if len(buffer) < begin + length:
            return False
        payload, opcode = bytes(buffer[begin : begin + length]), buffer[0] & 0xF
        del buffer[: begin + length]
        self._took(opcode, payload)
        return True

    def _took(self, opcode: int, payload: bytes) -> None:
        assert self._tcp is not None
        if opcode == CLOSE:
            self._code = int.from_bytes(payload[:2], "big") if payload else CUT
            self._tcp.close()
        elif opcode == PING:
            self._tcp.write(client_frame(payload, PONG))
        else:
            self._on_message(payload)


async def open_wire(
    port: int, first: bytes, on_message: Callable[[bytes], None], on_end: Callable[[int], None], receive_bytes: int = 0
) -> Wire:
    """Connected; ``receive_bytes`` bounds what the kernel takes for us, where a drill stops reading. Raises ``OSError``."""
    loop = asyncio.get_running_loop()
    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        own.setblocking(False)
        if receive_bytes:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        await loop.sock_connect(own, ("127.0.0.1", port))
        _, wire = await loop.create_connection(lambda: Wire(port, first, on_message, on_end), sock=own)
    except BaseException:
        own.close()
        raise
    return wire
