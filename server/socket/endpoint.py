"""The route ``/connection/websocket`` for any ASGI server; under ours, ``protocol.py`` takes the sockets before it sees them."""

from typing import Any

from litestar import WebSocket, websocket
from litestar.handlers import WebsocketRouteHandler

from server.socket.asgi_fallback import carry, refuse
from server.socket.door import Refused
from server.socket.entrance import PATH, Entrance, Handshake


def socket_route(entrance: Entrance) -> WebsocketRouteHandler:
    @websocket(PATH, opt={"exclude_from_auth": True})
    async def connection(socket: WebSocket[Any, Any, Any]) -> None:
        try:
            admitted = entrance.admit(_handshake_of(socket))
        except Refused as refusal:
            await refuse(socket.scope, socket.send, refusal)
            return
        try:
            await carry(socket.receive, socket.send, admitted.subprotocol, admitted.connect, entrance.settings)
        finally:
            admitted.release()

    return connection


def _handshake_of(socket: WebSocket[Any, Any, Any]) -> Handshake:
    return Handshake(
        address=socket.client.host if socket.client is not None else "",
        scheme=socket.url.scheme,
        host=socket.headers.get("host", ""),
        origin=socket.headers.get("origin", ""),
        offered=socket.scope["subprotocols"],
        query=socket.scope["query_string"].decode("latin-1"),
        extensions="",
    )
