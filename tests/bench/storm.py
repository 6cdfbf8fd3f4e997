"""A reconnect storm: connections that were in rooms, are cut all at once, and come back with their token and their position."""

import re
import select
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.bench.sockets import READ_BYTES, Door, client_frame, enter, message, upgrade_request

AT_ONCE = 1_000
"""Handshakes under way at the same time; more than a listening queue holds would measure the kernel's retries."""
GIVE_UP_S = 120.0

_EPOCH = re.compile(rb'"epoch":"([^"]+)"')
_OFFSET = re.compile(rb'"subscribe":\{.*?"offset":(\d+)', re.DOTALL)
_RECOVERED = re.compile(rb'"recovered":true')


class _Position(NamedTuple):
    room: str
    token: str
    epoch: str
    offset: int


class Storm:
    """Enters on being made; ``leave`` cuts everyone, ``come_back`` brings them back and says how that went."""

    def __init__(self, port: int, rooms: Sequence[str], tokens: Sequence[str]) -> None:
        self._port = port
        self._sockets: list[socket.socket] = []
        self._positions: list[_Position] = []
        for number, token in enumerate(tokens):
            self._enter(rooms[number % len(rooms)], token)

    def _enter(self, room: str, token: str) -> None:
        connection = enter(Door(self._port), token)
        connection.sendall(client_frame(message(id=2, subscribe={"channel": room})))
        answer = b""
        while b'"recoverable"' not in answer or not _OFFSET.search(answer):
            answer += connection.recv(READ_BYTES)
        epoch, offset = _EPOCH.search(answer), _OFFSET.search(answer)
        assert epoch is not None and offset is not None
        self._positions.append(_Position(room, token, epoch[1].decode(), int(offset[1])))
        self._sockets.append(connection)

    def leave(self) -> None:
        """By a reset, as a proxy that restarts does it."""
        for connection in self._sockets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
        self._sockets.clear()

    def come_back(self) -> dict[str, float]:
        """Everyone at once; done when each has its subscribe reply. ``missed`` counts the events that these replies brought."""
        returning = _Returning(self._port, self._positions)
        began = time.monotonic()
        returning.run(began + GIVE_UP_S)
        took = time.monotonic() - began
        for each in returning.done:
            each.close()
        return {
            "seconds": took,
            "resumed": float(returning.resumed),
            "fresh": float(returning.fresh),
            "refused": float(returning.refused),
            "missed": float(returning.missed),
        }


class _Returning:
    """The state machine: handshake sent, 101 awaited, connect and subscribe sent, reply awaited; all in one epoll."""

    def __init__(self, port: int, positions: Sequence[_Position]) -> None:
        self._port = port
        self._waiting = list(reversed(positions))
        self._epoll = select.epoll()
        self._open: dict[int, tuple[socket.socket, _Position]] = {}
        self._received: dict[int, bytes] = {}
        self._greeted: set[int] = set()
        self.done: list[socket.socket] = []
        self.resumed = self.fresh = self.refused = self.missed = 0

    def run(self, give_up_at: float) -> None:
        while self._waiting or self._open:
            while self._waiting and len(self._open) < AT_ONCE:
                self._begin(self._waiting.pop())
            for fd, event in self._epoll.poll(0.2, 2048):
                self._go_on(fd, event)
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{len(self._open) + len(self._waiting)} connections have not come back")

    def _begin(self, position: _Position) -> None:
        connection = socket.socket()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", self._port))
        fd = connection.fileno()
        self._open[fd] = (connection, position)
        self._received[fd] = b""
        self._epoll.register(fd, select.EPOLLOUT)

    def _go_on(self, fd: int, event: int) -> None:
        connection, position = self._open[fd]
        if event & select.EPOLLOUT:
            connection.send(upgrade_request(self._port))
            self._epoll.modify(fd, select.EPOLLIN)
            return
        data = connection.recv(READ_BYTES)
        self._received[fd] += data
        if not data:
            self.refused += 1
            self._end(fd)
        elif fd not in self._greeted:
            if b"\r\n\r\n" in self._received[fd]:
                self._greet(fd, connection, position)
        elif b'"id":2' in self._received[fd]:
            self._count(self._received[fd])
            self._end(fd)

    def _greet(self, fd: int, connection: socket.socket, position: _Position) -> None:
        self._greeted.add(fd)
        self._received[fd] = b""
        asks = {"channel": position.room, "recover": True, "epoch": position.epoch, "offset": position.offset}
        connection.send(client_frame(message(id=1, connect={"token": position.token}) + b"\n" + message(id=2, subscribe=asks)))

    def _count(self, answer: bytes) -> None:
        reply = answer[answer.find(b'"id":2') :]
        if b'"error"' in reply[:40]:
            self.refused += 1
        elif _RECOVERED.search(reply):
            self.resumed += 1
            self.missed += reply.count(b'"tags":{"command_id"')
        else:
            self.fresh += 1

    def _end(self, fd: int) -> None:
        connection, _ = self._open.pop(fd)
        self._epoll.unregister(fd)
        self._greeted.discard(fd)
        del self._received[fd]
        self.done.append(connection)
