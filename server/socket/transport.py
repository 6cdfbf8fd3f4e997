"""The bytes of one connection after its handshake: an asyncio protocol without task, queue or scope.

It takes the place of uvicorn's protocol object on the same TCP transport (``protocol.py``), so a connection that says nothing costs
a few hundred bytes here. Inbound messages go straight to the connection, outbound bytes are WebSocket frames already.
"""

import asyncio
import socket
from collections.abc import Callable, MutableSet
from typing import Any, NamedTuple

from channels.transport import Receiver, Transport
from channels.wire.codes import SHUTDOWN
from server.socket.frame_reader import BINARY, CLOSE, PING, BrokenFrames, FrameReader, Limits
from server.socket.settings import SocketSettings

Connect = Callable[[Transport], Receiver]
"""Makes the connection of a transport whose handshake is done."""

PROTOCOL_ERROR = 1002


class Taken(NamedTuple):
    """A TCP transport whose handshake is done, with what belongs to it: where the server counts it, and what to call at its end."""

    tcp: asyncio.Transport
    connections: MutableSet[Any]
    release: Callable[[], None]
    is_deflate: bool = False


class SocketTransport(asyncio.Protocol):
    """The TCP connection's protocol on one side, ``channels.transport.Transport`` on the other."""

    __slots__ = (
        "_close_timer",
        "_has_closed",
        "_message_timer",
        "_reader",
        "_receiver",
        "_settings",
        "_taken",
        "_tcp",
        "write",
    )

    def __init__(self, taken: Taken, connect: Connect, settings: SocketSettings) -> None:
        self._taken = taken
        self._tcp = taken.tcp
        self._settings = settings
        self._reader = FrameReader(Limits(settings.message_bytes, settings.message_fragments, taken.is_deflate))
        self._has_closed = False
        self._close_timer: asyncio.TimerHandle | None = None
        self._message_timer: asyncio.TimerHandle | None = None
        # Speed: rooms write once per member and delivery, so nothing stands between them and the TCP transport.
        self.write: Callable[[bytes], None] = taken.tcp.write
        taken.tcp.set_write_buffer_limits(high=settings.high_water_bytes)
        _bound_unsent(taken.tcp, settings.unsent_bytes)
        taken.connections.add(self)
        self._receiver = connect(self)

    # ---- what the connection does (channels.transport.Transport)

    @property
    def buffered_bytes(self) -> int:
        return self._tcp.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        self._say_goodbye(code.to_bytes(2, "big") + reason.encode())
        # the other side's close frame is still to be read
        self.resume_reading()

    def pause_reading(self) -> None:
        if not self._tcp.is_closing() and self._tcp.is_reading():
            self._tcp.pause_reading()

    def resume_reading(self) -> None:
        if not self._tcp.is_closing() and not self._tcp.is_reading():
            self._tcp.resume_reading()

    # ---- what the TCP connection tells (asyncio.Protocol)

    def data_received(self, data: bytes) -> None:
        try:
            for opcode, payload in self._reader.feed(data):
                if opcode <= BINARY:
                    if not self._has_closed:
                        self._receiver.received(payload)
                elif opcode == PING:
                    self._pong(payload)
                elif opcode == CLOSE:
                    self._closed_by_client(payload)
                    return
        except BrokenFrames as error:
            if self._has_closed:
                self._tcp.abort()
            else:
                self._receiver.broken(str(error))
            return
        self._watch_message()

    def pause_writing(self) -> None:
        self._receiver.paused()

    def resume_writing(self) -> None:
        self._receiver.resumed()

    def eof_received(self) -> None:
        """Gone without a close frame. The TCP transport closes itself."""
        self._receiver.ended(is_clean=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._receiver.ended(is_clean=False)
        self._taken.connections.discard(self)
        for timer in (self._close_timer, self._message_timer):
            if timer is not None:
                timer.cancel()
        self._taken.release()

    # ---- what uvicorn's own shutdown calls

    def shutdown(self) -> None:
        self._receiver.ended(is_clean=False)
        self.close(SHUTDOWN.code, SHUTDOWN.reason)

    # ---- inside

    def _pong(self, payload: bytes) -> None:
        # Pings do not pass the connection, which holds up whoever does not read: over the high water they stay without an answer.
        if not self._has_closed and self.buffered_bytes <= self._settings.high_water_bytes:
            self.write(bytes((0x8A, len(payload))) + payload)

    def _closed_by_client(self, payload: bytes) -> None:
        self._receiver.ended(is_clean=True)
        self._say_goodbye(payload if is_close_payload(payload) else PROTOCOL_ERROR.to_bytes(2, "big"))
        self._tcp.close()

    def _say_goodbye(self, payload: bytes) -> None:
        """Once; and whoever does not answer, or does not take what is buffered, is cut."""
        if self._has_closed or self._tcp.is_closing():
            return
        self._has_closed = True
        self.write(bytes((0x88, len(payload))) + payload)
        self._close_timer = asyncio.get_running_loop().call_later(self._settings.close_timeout_s, self._tcp.abort)

    def _watch_message(self) -> None:
        """A message that has begun has to end in time."""
        if not self._reader.is_midway:
            if self._message_timer is not None:
                self._message_timer.cancel()
                self._message_timer = None
        elif self._message_timer is None:
            loop = asyncio.get_running_loop()
            self._message_timer = loop.call_later(self._settings.message_timeout_s, self._message_is_late)

    def _message_is_late(self) -> None:
        self._message_timer = None
        if not self._tcp.is_reading():
            self._watch_message()  # it is we who do not read on
            return
        self._receiver.broken(f"a message took more than {self._settings.message_timeout_s:g} s")


def _bound_unsent(tcp: asyncio.Transport, unsent_bytes: int) -> None:
    """Where the system knows the option (Linux, macOS); elsewhere the kernel's buffers are as large as it likes."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    own = tcp.get_extra_info("socket")
    if option is not None and own is not None and own.family in (socket.AF_INET, socket.AF_INET6):
        own.setsockopt(socket.IPPROTO_TCP, option, unsent_bytes)


def is_close_payload(payload: bytes) -> bool:
    """Whether a close frame may hold this (RFC 6455, 7.4): nothing, or a code that may be sent with a reason in UTF-8."""
    if not payload:
        return True
    code = int.from_bytes(payload[:2], "big")
    is_known = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        return False
    return len(payload) >= 2 and is_known
