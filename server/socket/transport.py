"""The bytes of one connection after its handshake: an asyncio protocol without task, queue or scope.

It takes the place of uvicorn's protocol object on the same TCP transport (``protocol.py``), so a connection that says nothing costs
a few hundred bytes here. Inbound messages go straight to the connection, outbound bytes are WebSocket frames already.
"""

import asyncio
import socket
from collections.abc import Callable, MutableSet
from typing import Any, NamedTuple

from channels.rates import Bucket
from channels.transport import Receiver, Transport
from channels.wire.codes import SHUTDOWN
from server.socket.frame_reader import BINARY, CLOSE, PING, BrokenFrames, FrameReader, Limits
from server.socket.settings import SocketSettings

Connect = Callable[[Transport], Receiver]
"""Makes the connection of a transport whose handshake is done."""

PROTOCOL_ERROR = 1002
CONTROL_BURST = 100
"""Control frames that may come at once: a client that was held up sends its pings together."""
LATE_BYTES_MOST = 64 * 1024
"""What is still looked through after our close frame, to find the client's own."""


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
        "_control",
        "_has_closed",
        "_is_broken",
        "_late_bytes",
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
        self._is_broken = False
        self._late_bytes = 0
        self._control: Bucket | None = None
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
        if self._has_closed:
            self._received_late(data)
            return
        has_ended_one = False
        try:
            for opcode, payload in self._reader.feed(data):
                if opcode <= BINARY:
                    has_ended_one = True
                    if not self._has_closed:
                        self._receiver.received(payload)
                elif not self._control_frame(opcode, payload):
                    return
        except BrokenFrames as error:
            self._break(str(error))
            return
        self._watch_message(has_ended_one)

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

    def _control_frame(self, opcode: int, payload: bytes) -> bool:
        """Answer it; False where nothing behind it is to be read."""
        if opcode == CLOSE:
            self._closed_by_client(payload)
        if self._has_closed:
            return opcode != CLOSE
        now_s = asyncio.get_running_loop().time()
        if self._control is None:
            self._control = Bucket(self._settings.control_frames_per_s, CONTROL_BURST, now_s)
        if self._control.take(now_s) != "pass":
            # six bytes for them, some microseconds for us: 2 MB of them, which is one read, held everybody up for seconds
            self._break(f"more than {self._settings.control_frames_per_s:g} pings and pongs a second")
            return False
        # Pings do not pass the connection, which holds up whoever does not read: over the high water they stay without an answer.
        if opcode == PING and self.buffered_bytes <= self._settings.high_water_bytes:
            self.write(bytes((0x8A, len(payload))) + payload)
        return True

    def _break(self, what: str) -> None:
        """Nothing behind this can be read any more (RFC 6455, 7.1.7)."""
        self._is_broken = True
        self._receiver.broken(what)
        if self._tcp.can_write_eof() and not self._tcp.is_closing():
            # its close frame will not be found in what it sends now, but it ends when it sees ours and then the end
            self._tcp.write_eof()

    def _received_late(self, data: bytes) -> None:
        """After our close frame only the client's own counts. What a flood goes on with is let go unread until the time is up."""
        self._late_bytes += len(data)
        if self._is_broken or self._late_bytes > LATE_BYTES_MOST:
            return
        try:
            if any(opcode == CLOSE for opcode, _ in self._reader.feed(data)):
                self._tcp.close()
        except BrokenFrames:
            self._is_broken = True

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

    def _watch_message(self, has_ended_one: bool) -> None:
        """A message that has begun has to end in time. One may end and the next begin in the same read."""
        if self._message_timer is not None and (has_ended_one or not self._reader.is_midway):
            self._message_timer.cancel()
            self._message_timer = None
        if self._message_timer is None and self._reader.is_midway:
            loop = asyncio.get_running_loop()
            self._message_timer = loop.call_later(self._settings.message_timeout_s, self._message_is_late)

    def _message_is_late(self) -> None:
        self._message_timer = None
        if not self._tcp.is_reading():
            self._watch_message(has_ended_one=False)  # it is we who do not read on
            return
        self._break(f"a message took more than {self._settings.message_timeout_s:g} s")


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
