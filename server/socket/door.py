"""Who may open a WebSocket: its page's origin, its address, its format. Nothing here knows yet who the client is."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from channels.seats import FormatName
from server.addresses import network_of
from server.socket.settings import SocketSettings

SUBPROTOCOLS: Final[dict[str, FormatName]] = {"centrifuge-protobuf": "protobuf", "centrifuge-json": "json"}
"""What a client may offer, best first. Without any of them it speaks JSON, unless its query says ``format=protobuf``."""

DEFLATE_AGREED: Final = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
"""Each message stands for itself on both sides, so that one compression serves all members of a room."""
DEFLATE_PARAMETERS: Final = frozenset(
    {"server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits", "client_max_window_bits"}
)

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Refused(Exception):
    """Not past the door; ``status`` is the HTTP status of the refused handshake."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Door:
    """Counts the sockets of each address (of IPv6: of each /64). Belongs to one event loop."""

    def __init__(self, settings: SocketSettings) -> None:
        self._settings = settings
        self._by_address: dict[str, int] = {}

    def check_origin(self, origin: str, host: str, scheme: str) -> None:
        """Raises ``Refused`` for a page of a host that is neither ours nor allowed: it would act with its visitor's token."""
        allowed = self._settings.allowed_origins
        if not origin or "*" in allowed or origin.rstrip("/").lower() in {one.rstrip("/").lower() for one in allowed}:
            return
        page = _host_and_port(origin)
        if page is None or page != _host_and_port(f"{scheme}://{host}"):
            raise Refused(403, "pages of this origin may not connect (see the allowed origins)")

    def enter(self, address: str) -> None:
        """One more socket of this address. Raises ``Refused`` where it has too many; else ``leave`` once, at its end."""
        address = network_of(address)
        count = self._by_address.get(address, 0)
        if count >= self._settings.connections_per_address:
            raise Refused(429, "too many connections from this address")
        self._by_address[address] = count + 1

    def leave(self, address: str) -> None:
        address = network_of(address)
        count = self._by_address[address] - 1
        if count:
            self._by_address[address] = count
        else:
            del self._by_address[address]


def _host_and_port(origin: str) -> tuple[str, int] | None:
    """The scheme is left out: behind a proxy that ends TLS ours is not the page's."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    port = 80 if port == 443 else port
    return (parts.hostname, port) if parts.hostname else None


def agrees_on_deflate(offers: str) -> bool:
    """Whether some offer of ``Sec-WebSocket-Extensions`` is one that we can keep (RFC 7692, 7.1)."""
    return any(_is_deflate(offer) for offer in offers.split(","))


def _is_deflate(offer: str) -> bool:
    name, *parameters = [part.strip().lower() for part in offer.split(";")]
    if name != "permessage-deflate":
        return False
    for parameter in parameters:
        key = parameter.partition("=")[0].strip()
        # Agreeing on a bound of our window means naming it in the answer, which would be another one for every client.
        if key not in DEFLATE_PARAMETERS or key == "server_max_window_bits":
            return False
    return True


def choose_format(offered: Sequence[str], query: str) -> tuple[FormatName, str | None]:
    """The format, and the subprotocol to echo: one that the client has offered, or none."""
    for name, format in SUBPROTOCOLS.items():
        if name in offered:
            return format, name
    wanted = parse_qs(query).get("format", [""])[-1]
    return ("protobuf" if wanted == "protobuf" else "json"), None
