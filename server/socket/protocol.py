"""The handshake under uvicorn, and the moment at which the socket changes hands.

uvicorn reads the HTTP request. Where it asks for a WebSocket on our path, ``websockets`` checks the handshake, the ``Entrance``
looks at who comes, the 101 goes out, and a ``SocketTransport`` takes this object's place on the TCP transport: no ASGI task, scope
or queue is made for it. Through the application a handshake costs several times as much, and reconnect storms consist of them
(bench "storm"). Other paths, and other ASGI servers, go through the application.

uvicorn is pinned: what is used of it beside its public names stands in ``USED_OF_UVICORN``, and a test looks for each.
"""

from collections.abc import Coroutine
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from server.socket.door import DEFLATE_AGREED, Refused
from server.socket.doorstep import Doorstep, PunctualHttpProtocol
from server.socket.entrance import PATH, Admitted, Entrance, Handshake
from server.socket.transport import SocketTransport, Taken

USED_OF_UVICORN: Final = {
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
        "parser",
        "scope",
        "access_log",
        "access_logger",
    ),
}

SUBPROTOCOL: Final = "Sec-WebSocket-Protocol"
EXTENSIONS: Final = "Sec-WebSocket-Extensions"

_PATH: Final = PATH.encode()


def http_protocol(entrance: Entrance) -> type[HttpToolsProtocol]:
    """The protocol class for uvicorn's ``http``; a class, because uvicorn makes the objects."""

    class HttpProtocol(EntranceProtocol):
        socket_settings = entrance.settings
        doorstep = Doorstep(entrance.settings)

    HttpProtocol.entrance = entrance
    return HttpProtocol


class EntranceProtocol(PunctualHttpProtocol):
    """uvicorn's within bounds, except that sockets on our path go to the entrance."""

    entrance: Entrance

    def handle_websocket_upgrade(self) -> None:
        if self.url.partition(b"?")[0] != _PATH:
            super().handle_websocket_upgrade()
            return
        self._leave()
        request = self._request()
        checking = ServerProtocol()
        response = checking.accept(request)
        if response.status_code == 101:
            try:
                admitted = self.entrance.admit(self._handshake(request))
            except Refused as refusal:
                response = checking.reject(refusal.status, str(refusal))
            else:
                self._hand_over(response, admitted)
                return
        self._write(response)
        self.transport.close()

    def _request(self) -> Request:
        # some SDKs send an empty subprotocol where they have none to offer, which the RFC would have refused
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in self.scope["headers"]
            if value or name != b"sec-websocket-protocol"
        ]
        return Request(self.url.decode("latin-1"), Headers(headers), self.scope["method"], f"HTTP/{self.scope['http_version']}")

    def _handshake(self, request: Request) -> Handshake:
        scope, headers = _behind_proxies(self.config, cast("dict[str, Any]", self.scope)), request.headers
        client = scope["client"]
        return Handshake(
            address=client[0] if client else "",
            scheme=scope["scheme"],
            host=",".join(headers.get_all("Host")),
            origin=",".join(headers.get_all("Origin")),
            offered=[name.strip() for value in headers.get_all(SUBPROTOCOL) for name in value.split(",")],
            query=request.path.partition("?")[2],
            extensions=",".join(headers.get_all(EXTENSIONS)),
        )

    def _hand_over(self, response: Response, admitted: Admitted) -> None:
        if admitted.subprotocol is not None:
            response.headers[SUBPROTOCOL] = admitted.subprotocol
        if admitted.is_deflate:
            response.headers[EXTENSIONS] = DEFLATE_AGREED
        self._write(response)
        self.connections.discard(self)
        taken = Taken(self.transport, self.connections, admitted.release, admitted.is_deflate)
        self.transport.set_protocol(SocketTransport(taken, admitted.connect, self.entrance.settings))
        # these two hold each other, and would wait for the garbage collector
        self.parser = cast("Any", None)

    def _write(self, response: Response) -> None:
        if self.access_log:
            address = self.client[0] if self.client else ""
            self.access_logger.info('%s - "GET %s" %d', address, PATH, response.status_code)
        self.transport.write(response.serialize())


def _behind_proxies(config: Config, scope: dict[str, Any]) -> dict[str, Any]:
    """The scope as the application would see it: with the client's own address and scheme where a trusted proxy tells them."""
    if not config.proxy_headers or not any(name.startswith(b"x-forwarded-") for name, _ in scope["headers"]):
        return scope
    middleware = ProxyHeadersMiddleware(_application, cast("str", config.forwarded_allow_ips))
    _run(middleware(cast("Any", scope), cast("Any", None), cast("Any", None)))
    return scope


async def _application(scope: Any, receive: Any, send: Any) -> None:
    """Nothing is behind the middleware here: it is asked for what it makes of the scope."""


def _run(waits_for_nothing: Coroutine[Any, Any, None]) -> None:
    try:
        waits_for_nothing.send(None)
    except StopIteration:
        return
    raise RuntimeError("uvicorn's middleware was not meant to wait for anything")
