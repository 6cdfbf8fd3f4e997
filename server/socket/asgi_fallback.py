"""The same connection on any ASGI server, over plain receive and send: right, only slower and larger than ``transport.py``.

A connection writes whole WebSocket frames, and ASGI wants messages, so they are taken out of their frames again.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import anyio

from channels.transport import Receiver
from server.socket.door import Refused
from server.socket.settings import SocketSettings
from server.socket.transport import Connect

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

CLEAN_CODES: Final = frozenset({1000, 1001})
"""What a client says that goes of its own accord. 1005 is no such sign: servers give it for a cut, too."""
TEXT: Final = 0x81


async def refuse(scope: Mapping[str, Any], send: Send, refusal: Refused) -> None:
    """Answer a handshake with an HTTP error, where the server can; else with its plain 403."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": str(refusal).encode(), "more_body": False})


async def carry(receive: Receive, send: Send, subprotocol: str | None, connect: Connect, settings: SocketSettings) -> None:
    """One connection from its accept to its end."""
    first = await receive()
    if first["type"] == "websocket.connect":
        await send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})
    transport = AsgiTransport(settings)
    transport.receiver = connect(transport)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(transport.read, receive)
            await transport.write_out(send)
            with anyio.move_on_after(settings.close_timeout_s):
                await transport.gone.wait()
            tasks.cancel_scope.cancel()
    finally:
        transport.receiver.ended(is_clean=False)


class AsgiTransport:
    """``channels.transport.Transport`` over two tasks: one reads, one writes."""

    receiver: Receiver

    def __init__(self, settings: SocketSettings) -> None:
        self._settings = settings
        self._outbox: deque[bytes | tuple[int, str]] = deque()
        """Bounded by the connection, which pauses above the high water and gives up at its backlog."""
        self._has_outbox = anyio.Event()
        self._may_read = anyio.Event()
        self._may_read.set()
        self._is_paused = False
        self._is_closing = False
        self.gone = anyio.Event()
        self.buffered_bytes = 0

    # ---- what the connection does

    def write(self, framed: bytes) -> None:
        if self._is_closing:
            return
        self.buffered_bytes += len(framed)
        self._put(framed)
        if self.buffered_bytes > self._settings.high_water_bytes and not self._is_paused:
            self._is_paused = True
            self.receiver.paused()

    def close(self, code: int, reason: str) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._put((code, reason))
            self.resume_reading()

    def pause_reading(self) -> None:
        if self._may_read.is_set() and not self._is_closing:
            self._may_read = anyio.Event()

    def resume_reading(self) -> None:
        self._may_read.set()

    # ---- the two tasks

    async def read(self, receive: Receive) -> None:
        while True:
            await self._may_read.wait()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self._is_closing = True
                self.receiver.ended(is_clean=message.get("code") in CLEAN_CODES)
                self.gone.set()
                self._has_outbox.set()
                return
            if not self._is_closing:
                self._received(message.get("text"), message.get("bytes"))

    async def write_out(self, send: Send) -> None:
        """Until the connection or the client has closed."""
        while not self.gone.is_set():
            while self._outbox and not self.gone.is_set():
                item = self._outbox.popleft()
                if isinstance(item, tuple):
                    await self._send(send, {"type": "websocket.close", "code": item[0], "reason": item[1]})
                    return
                for opcode, payload in messages_of(item):
                    await self._send(send, _as_asgi(opcode, payload))
                self._took(len(item))
            self._has_outbox = anyio.Event()
            if not self._outbox and not self.gone.is_set():
                await self._has_outbox.wait()

    async def _send(self, send: Send, message: dict[str, Any]) -> None:
        try:
            await send(message)
        except OSError:
            # ASGI 2.4: the client is gone; the reading task hears it as a disconnect
            self._is_closing = True
            self.receiver.ended(is_clean=False)
            self.gone.set()

    def _received(self, text: str | None, data: bytes | None) -> None:
        payload = text.encode(errors="surrogatepass") if text is not None else data or b""
        if len(payload) > self._settings.message_bytes:
            self.receiver.broken(f"a message may have at most {self._settings.message_bytes} bytes")
        else:
            self.receiver.received(payload)

    def _put(self, item: bytes | tuple[int, str]) -> None:
        self._outbox.append(item)
        self._has_outbox.set()

    def _took(self, size: int) -> None:
        self.buffered_bytes -= size
        if self._is_paused and self.buffered_bytes <= self._settings.high_water_bytes // 4:
            self._is_paused = False
            self.receiver.resumed()


def messages_of(framed: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages in frames that we made ourselves: unmasked and whole."""
    at = 0
    while at < len(framed):
        size, begin = framed[at + 1], at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size = int.from_bytes(framed[begin : begin + width], "big")
            begin += width
        yield framed[at], framed[begin : begin + size]
        at = begin + size


def _as_asgi(opcode: int, payload: bytes) -> dict[str, Any]:
    if opcode == TEXT:
        return {"type": "websocket.send", "text": payload.decode()}
    return {"type": "websocket.send", "bytes": payload}
