"""The handshake under uvicorn, and the moment at which the socket changes hands.

uvicorn reads the HTTP request, a route of the application looks at it (``endpoint.py``) and calls ``hand_over``, which it finds in
the scope. That sends the 101 and puts a ``SocketTransport`` in this object's place on the TCP transport; then the ASGI task ends,
and scope, queue and the ``websockets`` protocol object are dropped. Parked in a handler, a connection costs 24 KB; so, 3.5.

uvicorn is pinned: what is used of it beside its public names stands in ``USED_OF_UVICORN``, and a test looks for each.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from server.socket.door import DEFLATE_AGREED
from server.socket.doorstep import Doorstep, PunctualHttpProtocol
from server.socket.settings import SocketSettings
from server.socket.transport import Connect, SocketTransport, Taken

HAND_OVER: Final = "atrium.hand_over"
"""Name of the ASGI extension that carries ``hand_over``."""

USED_OF_UVICORN: Final = {
    WebSocketsSansIOProtocol: (
        "handle_connect",
        "connection_lost",
        "send",
        "run_asgi",
        "connections",
        "transport",
        "conn",
        "scope",
    ),
    HttpToolsProtocol: (
        "connection_made",
        "connection_lost",
        "data_received",
        "on_message_begin",
        "on_headers_complete",
        "on_message_complete",
        "handle_websocket_upgrade",
        "send_400_response",
        "connections",
        "transport",
        "client",
        "headers",
        "url",
    ),
}


class HandOver(Protocol):
    """Accept the handshake and let a connection have the socket. After it the route has nothing more to do and should return."""

    def __call__(self, agreed: "Agreed", connect: Connect, release: Callable[[], None]) -> Awaitable[None]: ...


class Agreed(NamedTuple):
    """What a handshake was answered with: the subprotocol to echo, and whether messages may be compressed."""

    subprotocol: str | None
    is_deflate: bool


class _Gone:
    """Stands where a TCP transport stood: whatever uvicorn still does with it goes nowhere."""

    def is_closing(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def write(self, data: bytes) -> None:
        pass


def protocols(settings: SocketSettings) -> tuple[type[HttpToolsProtocol], type[WebSocketsSansIOProtocol]]:
    """The two protocol classes for uvicorn's ``http`` and ``ws``; classes, because uvicorn makes the objects."""

    class SocketProtocol(HandshakeProtocol):
        socket_settings = settings

    class HttpProtocol(PunctualHttpProtocol):
        socket_settings = settings
        doorstep = Doorstep(settings)

    return HttpProtocol, SocketProtocol


class HandshakeProtocol(WebSocketsSansIOProtocol):
    """uvicorn's until ``hand_over``; routes that do not call it are served as uvicorn serves them."""

    socket_settings: SocketSettings

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._handshake_timer: asyncio.TimerHandle | None = None

    def handle_connect(self, event: Request) -> None:
        if not any(value.strip() for value in event.headers.get_all("Sec-WebSocket-Protocol")):
            # some SDKs send the header empty where they have no subprotocol to offer; the RFC would have that refused
            event.headers.pop("Sec-WebSocket-Protocol", None)
        limit_s = self.socket_settings.handshake_timeout_s
        self._handshake_timer = self.loop.call_later(limit_s, self._handshake_is_late)
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[HAND_OVER] = self.hand_over

    async def hand_over(self, agreed: Agreed, connect: Connect, release: Callable[[], None]) -> None:
        """See ``HandOver``. Reading pauses across the change, so that no byte falls between the two protocols."""
        self.transport.pause_reading()
        headers = [(b"sec-websocket-extensions", DEFLATE_AGREED.encode())] if agreed.is_deflate else []
        await self.send({"type": "websocket.accept", "subprotocol": agreed.subprotocol, "headers": headers})
        if self.transport.is_closing():
            release()
            return
        tcp, self.transport = self.transport, cast("asyncio.Transport", _Gone())
        self.connections.discard(self)
        taken = Taken(tcp, self.connections, release, agreed.is_deflate)
        tcp.set_protocol(SocketTransport(taken, connect, self.socket_settings))
        tcp.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timer()
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._forget_timer()
        if isinstance(self.transport, _Gone):
            # these two hold themselves in a circle, and would wait for the garbage collector
            cast("dict[str, Any]", self.scope).clear()
            self.conn.__dict__.clear()

    def _handshake_is_late(self) -> None:
        if not self.handshake_complete:
            self.transport.abort()

    def _forget_timer(self) -> None:
        if self._handshake_timer is not None:
            self._handshake_timer.cancel()
            self._handshake_timer = None
