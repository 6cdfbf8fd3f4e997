"""The route ``/connection/websocket``: looks at a handshake, and lets a connection have its socket."""

from functools import partial
from typing import Any, Final

from litestar import WebSocket, websocket
from litestar.handlers import WebsocketRouteHandler

from channels.connection import Connection
from channels.lobby import Lobby
from channels.seats import FormatName
from channels.transport import Receiver, Transport
from server.socket.asgi_fallback import carry, refuse
from server.socket.door import Door, Refused, agrees_on_deflate, choose_format
from server.socket.protocol import HAND_OVER, Agreed, HandOver
from server.socket.settings import SocketSettings

PATH: Final = "/connection/websocket"
EXTENSIONS: Final = "sec-websocket-extensions"
DEFLATED: Final[dict[FormatName, FormatName]] = {"json": "json+deflate", "protobuf": "protobuf+deflate"}
"""The same format, compressed."""


def socket_route(lobby: Lobby, settings: SocketSettings) -> WebsocketRouteHandler:
    """The route over a running lobby. Where the server offers no ``hand_over``, the connection is carried over plain ASGI."""
    door = Door(settings)

    @websocket(PATH, opt={"exclude_from_auth": True})
    async def connection(socket: WebSocket[Any, Any, Any]) -> None:
        address = socket.client.host if socket.client is not None else ""
        try:
            door.check_origin(socket.headers.get("origin", ""), socket.headers.get("host", ""), socket.url.scheme)
            door.enter(address)
        except Refused as refusal:
            await refuse(socket.scope, socket.send, refusal)
            return
        offered = socket.scope["subprotocols"]
        format, subprotocol = choose_format(offered, socket.scope["query_string"].decode("latin-1"))
        hand_over: HandOver | None = (socket.scope.get("extensions") or {}).get(HAND_OVER)  # type: ignore[assignment] # extensions are typed by nobody
        is_deflate = hand_over is not None and settings.deflate and agrees_on_deflate(socket.headers.get(EXTENSIONS, ""))
        connect = partial(_connect, lobby, DEFLATED[format] if is_deflate else format)
        release = partial(door.leave, address)
        if hand_over is not None:
            await hand_over(Agreed(subprotocol, is_deflate), connect, release)
            return
        try:
            await carry(socket.receive, socket.send, subprotocol, connect, settings)
        finally:
            release()

    return connection


def _connect(lobby: Lobby, format: FormatName, transport: Transport) -> Receiver:
    return Connection(lobby, transport, format)
