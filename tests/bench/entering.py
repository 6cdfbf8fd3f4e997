"""Many connections that come in at the same time: the state machine of each, all in one epoll."""

import select
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.bench.sockets import READ_BYTES, client_frame, message, upgrade_request

AT_ONCE = 1_000
"""Handshakes under way at the same time in a storm; more than a listening queue holds would measure the kernel's retries."""
CALMLY = 100
"""The same where nobody hurries: none of them comes near the limit of a handshake."""
GIVE_UP_S = 240.0
TRIES = 5
_END = b"\r\n\r\n"
_REPLY = b'"id":2'


class Asks(NamedTuple):
    """Who comes, into which room, and from which position (none without an epoch)."""

    token: str
    room: str
    epoch: str = ""
    offset: int = 0

    def greeting(self) -> bytes:
        asks: dict[str, object] = {"channel": self.room}
        if self.epoch:
            asks |= {"recover": True, "epoch": self.epoch, "offset": self.offset}
        return client_frame(message(id=1, connect={"token": self.token}) + b"\n" + message(id=2, subscribe=asks))


class Entered(NamedTuple):
    """``answer`` is what came behind the handshake, up to the subscribe reply; empty where the server hung up."""

    connection: socket.socket
    asks: Asks
    answer: bytes


class _Coming:
    """One connection on its way."""

    __slots__ = ("asks", "connection", "is_greeted", "received")

    def __init__(self, connection: socket.socket, asks: Asks) -> None:
        self.connection = connection
        self.asks = asks
        self.is_greeted = False
        self.received = b""


def enter_all(port: int, everyone: Sequence[Asks], at_once: int = CALMLY) -> list[Entered]:
    """Handshake, connect and subscribe for all of them, ``at_once`` at a time; in the order in which they are done."""
    waiting, epoll = list(reversed(everyone)), select.epoll()
    coming: dict[int, _Coming] = {}
    done: list[Entered] = []
    give_up_at = time.monotonic() + GIVE_UP_S
    while waiting or coming:
        while waiting and len(coming) < at_once:
            each = _begin(port, waiting.pop())
            coming[each.connection.fileno()] = each
            epoll.register(each.connection, select.EPOLLOUT)
        for fd, event in epoll.poll(0.2, 2048):
            entered = _go_on(epoll, coming[fd], port, event)
            if entered is not None:
                epoll.unregister(fd)
                del coming[fd]
                done.append(entered)
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{len(coming) + len(waiting)} connections have not come in after {GIVE_UP_S:.0f} s")
    return done


def enter_surely(port: int, everyone: Sequence[Asks]) -> list[Entered]:
    """Like ``enter_all``; who is hung up on, as it happens to slow handshakes, comes again. In the end all are inside."""
    inside: list[Entered] = []
    waiting = list(everyone)
    for _ in range(TRIES):
        coming = enter_all(port, waiting)
        inside += [each for each in coming if each.answer]
        waiting = [each.asks for each in coming if not each.answer]
        if not waiting:
            return inside
    raise ConnectionError(f"{len(waiting)} of {len(everyone)} were not let in, {TRIES} times")


def _begin(port: int, asks: Asks) -> _Coming:
    connection = socket.socket()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    connection.connect_ex(("127.0.0.1", port))
    return _Coming(connection, asks)


def _go_on(epoll: select.epoll, each: _Coming, port: int, event: int) -> Entered | None:
    if event & select.EPOLLOUT:
        each.connection.send(upgrade_request(port))
        epoll.modify(each.connection, select.EPOLLIN)
        return None
    data = each.connection.recv(READ_BYTES)
    each.received += data
    if not data:
        return Entered(each.connection, each.asks, b"")
    if not each.is_greeted and _END in each.received:
        each.is_greeted, each.received = True, b""
        each.connection.send(each.asks.greeting())
    elif each.is_greeted and _REPLY in each.received and _is_whole(each.received):
        return Entered(each.connection, each.asks, each.received)
    return None


def _is_whole(received: bytes) -> bool:
    """Whether the subscribe reply's frame, the last that is awaited, has come to its end: frames are counted off."""
    at = 0
    while at + 4 <= len(received):
        size, begin = received[at + 1] & 0x7F, at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, begin = int.from_bytes(received[begin : begin + width], "big"), begin + width
        at = begin + size
    return at == len(received)
