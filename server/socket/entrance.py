"""Where every WebSocket comes in, whatever carries it: from what a handshake says to the connection that it becomes."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from channels.connection import Connection
from channels.lobby import Lobby
from channels.seats import FormatName
from channels.transport import Receiver, Transport
from server.socket.door import Door, agrees_on_deflate, choose_format
from server.socket.settings import SocketSettings
from server.socket.transport import Connect

PATH: Final = "/connection/websocket"
DEFLATED: Final[dict[FormatName, FormatName]] = {"json": "json+deflate", "protobuf": "protobuf+deflate"}
"""The same format, compressed."""


class Handshake(NamedTuple):
    """What a client says before it is let in; ``extensions`` is empty where the carrier cannot keep any."""

    address: str
    scheme: str
    host: str
    origin: str
    offered: Sequence[str]
    query: str
    extensions: str


class Admitted(NamedTuple):
    """What the handshake is answered with, what makes the connection of its transport, and what to call at its end."""

    subprotocol: str | None
    is_deflate: bool
    connect: Connect
    release: Callable[[], None]


class Entrance:
    """One per server: it counts the sockets of each address."""

    def __init__(self, lobby: Lobby, settings: SocketSettings) -> None:
        self.settings = settings
        self._lobby = lobby
        self._door = Door(settings)

    def admit(self, handshake: Handshake) -> Admitted:
        """Raises ``Refused``; else ``release`` has to be called once."""
        self._door.check_origin(handshake.origin, handshake.host, handshake.scheme)
        self._door.enter(handshake.address)
        format, subprotocol = choose_format(handshake.offered, handshake.query)
        is_deflate = self.settings.deflate and agrees_on_deflate(handshake.extensions)
        connect = partial(_connect, self._lobby, DEFLATED[format] if is_deflate else format)
        return Admitted(subprotocol, is_deflate, connect, partial(self._door.leave, handshake.address))


def _connect(lobby: Lobby, format: FormatName, transport: Transport) -> Receiver:
    return Connection(lobby, transport, format)
