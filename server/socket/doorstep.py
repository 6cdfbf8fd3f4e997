"""HTTP connections before anybody has asked for anything: how many there may be, how long and how large a request may be.

uvicorn bounds none of it with its fast parser: a head may have gigabytes, and take for ever from the second request on.
"""

import asyncio
from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.addresses import network_of
from server.socket.settings import SocketSettings

SPARE_FILES: Final = 256
"""Of what the process may open: the journal, Postgres, the page, and whatever a library needs."""
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 31\r\nconnection: close\r\n\r\nthe head of a request too large"
)


class Doorstep:
    """Counts what stands before the door, by address and in all. Belongs to one event loop."""

    def __init__(self, settings: SocketSettings) -> None:
        self._per_address = settings.requests_per_address
        self._most = settings.connections or most_connections()
        self._by_address: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_address)

    def enter(self, address: str, connected: int) -> bool:
        """One more, where ``connected`` are there in all; False where there are too many. Else ``leave`` once."""
        count = self._by_address.get(address, 0)
        if count >= self._per_address or connected > self._most:
            return False
        self._by_address[address] = count + 1
        return True

    def leave(self, address: str) -> None:
        count = self._by_address[address] - 1
        if count:
            self._by_address[address] = count
        else:
            del self._by_address[address]


def most_connections() -> int:
    """What the process may open, less what it needs itself; where the system has no such bound, a million."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 1_000_000
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000_000 if soft == resource.RLIM_INFINITY else max(soft - SPARE_FILES, soft // 2)


class PunctualHttpProtocol(HttpToolsProtocol):
    """uvicorn's, within bounds. A head has a size and a time, a body a time; between requests the keep-alive limit counts."""

    socket_settings: SocketSettings
    doorstep: Doorstep
    _timer: asyncio.TimerHandle | None = None
    _network: str | None = None
    _head_bytes = 0
    _is_in_body = False
    _is_refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        network = network_of(self.client[0]) if self.client else ""
        if not self.doorstep.enter(network, len(self.connections)):
            self.transport.abort()
            return
        self._network = network
        self._give(self.socket_settings.handshake_timeout_s)

    def data_received(self, data: bytes) -> None:
        if self._is_refused or self.transport.is_closing():
            return
        if not self._is_in_body:
            self._head_bytes += len(data)
            if self._timer is None:
                self._give(self.socket_settings.request_timeout_s)
        super().data_received(data)
        if not self._is_in_body and self._head_bytes > self.socket_settings.head_bytes:
            self._refuse_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._timer is None:  # behind another request, in one read
            self._give(self.socket_settings.request_timeout_s)

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.socket_settings.head_bytes:
            self._refuse_head()
            # the parser's feed ends with it
            raise ValueError("a head that is too large")
        self._is_in_body, self._head_bytes = True, 0
        self._give(self.socket_settings.request_timeout_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self._is_refused:
            return
        self._is_in_body = False
        self._take_back()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._leave()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        if not self._is_refused:
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        """Say so and end our side. What still comes is let go unread for a moment: a cut would take our words back with it."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        if self.cycle is not None:
            self.cycle.disconnected = True  # an answer that is under way has no place any more
        self.transport.write(TOO_LARGE)
        self.transport.write_eof()
        self._give(self.socket_settings.close_timeout_s)

    def _leave(self) -> None:
        self._take_back()
        if self._network is not None:
            self.doorstep.leave(self._network)
            self._network = None

    def _give(self, seconds: float) -> None:
        self._take_back()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._is_late, seconds)

    def _take_back(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_late(self, seconds: float) -> None:
        if not self.transport.is_reading() and not self._is_refused:
            self._give(seconds)  # it is we who do not read on
        else:
            self.transport.abort()
