"""WebSockets of the load generator: bare sockets and as little Python per message as there can be, so that it is not the limit."""

import base64
import json
import os
import resource
import select
import socket
import time
from collections.abc import Callable
from typing import Any

READ_BYTES = 256 * 1024
CONNECT_S = 30.0


def raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def client_frame(payload: bytes) -> bytes:
    """A text frame with the mask 0000, which leaves the payload as it is."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, 0x80 | length)) + b"\0\0\0\0" + payload
    if length < 65536:
        return b"\x81\xfe" + length.to_bytes(2, "big") + b"\0\0\0\0" + payload
    return b"\x81\xff" + length.to_bytes(8, "big") + b"\0\0\0\0" + payload


def message(**fields: Any) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def open_socket(port: int, path: str = "/connection/websocket") -> socket.socket:
    """A WebSocket after its handshake, blocking."""
    connection = socket.create_connection(("127.0.0.1", port), CONNECT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    connection.sendall(request.encode())
    answer = _read_until(connection, b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(answer[:300].decode("latin-1"))
    return connection


def enter(port: int, token: str, room: str = "") -> socket.socket:
    """A connected member of ``room`` (of none without one), its first answers read."""
    connection = open_socket(port)
    first = [message(id=1, connect={"token": token})]
    if room:
        first.append(message(id=2, subscribe={"channel": room}))
    connection.sendall(client_frame(b"\n".join(first)))
    answer = _read_until(connection, b'"recoverable"' if room else b'"connect"')
    if b'"error"' in answer:
        raise ConnectionError(answer[-500:].decode("utf-8", "replace"))
    return connection


class Reader:
    """Many sockets in one epoll. ``on_data(fd, data)`` is called with whatever arrives."""

    def __init__(self, on_data: Callable[[int, bytes], None]) -> None:
        self._on_data = on_data
        self._epoll = select.epoll()
        self._open: dict[int, socket.socket] = {}

    def add(self, connection: socket.socket) -> int:
        connection.setblocking(False)
        fd = connection.fileno()
        self._open[fd] = connection
        self._epoll.register(fd, select.EPOLLIN)
        return fd

    def turn(self, timeout_s: float) -> None:
        """Read once from everything that has something."""
        read, on_data = os.read, self._on_data
        for fd, _ in self._epoll.poll(timeout_s, 2048):
            data = read(fd, READ_BYTES)
            if not data:
                raise ConnectionError("the server has closed a connection of the benchmark")
            on_data(fd, data)

    def drain(self, quiet_s: float = 0.3) -> None:
        """Read until nothing has come for so long."""
        until = time.monotonic() + quiet_s
        while time.monotonic() < until:
            for fd, _ in self._epoll.poll(0.05, 2048):
                os.read(fd, READ_BYTES)
                until = time.monotonic() + quiet_s

    def send(self, fd: int, data: bytes) -> None:
        """All of it; the socket's buffer takes what a benchmark has in flight, else this waits."""
        connection = self._open[fd]
        view = memoryview(data)
        while view:
            try:
                view = view[connection.send(view) :]
            except BlockingIOError:
                select.select([], [fd], [], 1.0)


def _read_until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data and b'"error"' not in data:
        more = connection.recv(READ_BYTES)
        if not more:
            raise ConnectionError(f"the server closed the connection: {data[-300:]!r}")
        data += more
    return data
