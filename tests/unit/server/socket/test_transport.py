"""Our transport over a TCP connection whose other side does not read."""

import asyncio
from typing import Any, cast

from channels.transport import Receiver
from server.socket.settings import SocketSettings
from server.socket.transport import SocketTransport, Taken

PING = b"\x89\xfd" + bytes(4) + b"p" * 125
"""A client's: masked with zeros, as large as a control frame may be."""


class StalledTcp:
    """Keeps everything that is written: nothing leaves."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, framed: bytes) -> None:
        self.kept += framed

    def set_write_buffer_limits(self, high: int) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return len(self.kept)

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, name: str) -> None:
        return None


def test_pings_of_one_that_does_not_read_do_not_fill_the_memory() -> None:
    tcp = StalledTcp()
    settings = SocketSettings()
    taken = Taken(cast("asyncio.Transport", tcp), cast("set[Any]", set()), lambda: None)
    transport = SocketTransport(taken, lambda _: cast("Receiver", None), settings)

    transport.data_received(PING * 10)
    assert len(tcp.kept) == 10 * 127, "each is answered"
    for _ in range(1_000):
        transport.data_received(PING * 10)

    assert len(tcp.kept) <= settings.high_water_bytes + 127
