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


async def test_pings_of_one_that_does_not_read_do_not_fill_the_memory() -> None:
    tcp = StalledTcp()
    settings = SocketSettings(high_water_bytes=2_000)
    taken = Taken(cast("asyncio.Transport", tcp), cast("set[Any]", set()), lambda: None)
    transport = SocketTransport(taken, lambda _: cast("Receiver", None), settings)

    transport.data_received(PING * 10)
    assert len(tcp.kept) == 10 * 127, "each is answered"
    for _ in range(8):
        transport.data_received(PING * 10)

    assert len(tcp.kept) <= settings.high_water_bytes + 127


class Heard:
    """What a connection was told."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.complaints: list[str] = []
        self.has_complained = asyncio.Event()

    def received(self, message: bytes) -> None:
        self.messages.append(message)

    def broken(self, what: str) -> None:
        self.complaints.append(what)
        self.has_complained.set()


class OpenTcp(StalledTcp):
    def is_reading(self) -> bool:
        return True

    def can_write_eof(self) -> bool:
        return False


def opened(heard: Heard, **settings: float) -> SocketTransport:
    taken = Taken(cast("asyncio.Transport", OpenTcp()), cast("set[Any]", set()), lambda: None)
    return SocketTransport(taken, lambda _: cast("Receiver", heard), SocketSettings(**settings))  # type: ignore[arg-type]  # floats


async def test_a_flood_of_pings_ends_the_connection_and_what_follows_is_not_looked_at() -> None:
    heard = Heard()
    transport = opened(heard)

    transport.data_received(PING * 100)
    assert not heard.complaints
    transport.data_received(PING * 2_000)

    assert heard.complaints == ["more than 10 pings and pongs a second"]


async def test_messages_that_follow_each_other_without_a_pause_are_not_one_that_is_late() -> None:
    # each read ends in the middle of a message: that of the next one, not of the same
    heard = Heard()
    transport = opened(heard, message_timeout_s=0.1)
    message = b"\x81\xfe\x01\x00" + bytes(4) + b"x" * 256

    transport.data_received(message[:10])
    for _ in range(12):
        await asyncio.sleep(0.025)
        transport.data_received(message[10:] + message[:10])

    assert not heard.complaints
    assert len(heard.messages) == 12
    await asyncio.wait_for(heard.has_complained.wait(), 5)
    assert "took more than" in heard.complaints[0]
