"""WebSockets of the load generator: bare sockets and as little Python per message as there can be, so that it is not the limit."""

import base64
import json
import os
import resource
import select
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, NamedTuple

READ_BYTES = 256 * 1024
CONNECT_S = 30.0
SOCKET_PATH = "/connection/websocket"
PROTOBUF = "centrifuge-protobuf"


class Door(NamedTuple):
    """Where and how a connection comes in."""

    port: int
    is_tls: bool = False
    is_protobuf: bool = False


def raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def client_frame(payload: bytes, first_byte: int = 0x81) -> bytes:
    """A whole frame with the mask 0000, which leaves the payload as it is."""
    length = len(payload)
    if length < 126:
        return bytes((first_byte, 0x80 | length)) + b"\0\0\0\0" + payload
    if length < 65536:
        return bytes((first_byte, 0xFE)) + length.to_bytes(2, "big") + b"\0\0\0\0" + payload
    return bytes((first_byte, 0xFF)) + length.to_bytes(8, "big") + b"\0\0\0\0" + payload


def message(**fields: Any) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def upgrade_request(port: int, path: str = SOCKET_PATH, subprotocol: str = "") -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    offered = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{offered}\r\n"
    ).encode()


def open_socket(door: Door, path: str = SOCKET_PATH) -> socket.socket:
    """A WebSocket after its handshake, blocking."""
    connection = socket.create_connection(("127.0.0.1", door.port), CONNECT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if door.is_tls:
        connection = _trusting().wrap_socket(connection)
    connection.sendall(upgrade_request(door.port, path, PROTOBUF if door.is_protobuf else ""))
    answer = _read_head(connection)
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(answer[:300].decode("latin-1"))
    return connection


def _read_head(connection: socket.socket) -> bytes:
    """The handshake's answer, and not a byte of the frames that some servers send right behind it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if isinstance(connection, ssl.SSLSocket):
            more = connection.recv(1)
        else:
            seen = connection.recv(4096, socket.MSG_PEEK)
            end = (head + seen).find(b"\r\n\r\n")
            more = connection.recv(len(seen) if end < 0 else end + 4 - len(head))
        if not more:
            break
        head += more
    return head


def _trusting() -> ssl.SSLContext:
    """Whoever it is: the other end is a child process of ours."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def enter(door: Door, token: str, room: str = "") -> socket.socket:
    """A connected member of ``room`` (of none without one), its first answers read."""
    connection = open_socket(door)
    connection.sendall(_greeting(door, token, room))
    if door.is_protobuf:
        # the epoch is the only text that a subscribe reply and no other has; a room without events has one too
        answer = read_until(connection, b'"view"' if room else b'"actor"')
    else:
        answer = read_until(connection, b'"recoverable"' if room else b'"connect"')
    if b'"error"' in answer:
        raise ConnectionError(answer[-500:].decode("utf-8", "replace"))
    return connection


def _greeting(door: Door, token: str, room: str) -> bytes:
    if door.is_protobuf:
        commands = [_field(1, 1) + _field(4, _field(1, token.encode()))]
        if room:
            commands.append(_field(1, 2) + _field(5, _field(1, room.encode())))
        return client_frame(b"".join(_varint(len(command)) + command for command in commands), 0x82)
    first = [message(id=1, connect={"token": token})]
    if room:
        first.append(message(id=2, subscribe={"channel": room}))
    return client_frame(b"\n".join(first))


def _field(number: int, value: int | bytes) -> bytes:
    """One field of a Protobuf message: a number, or bytes."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Reader:
    """Many sockets in one epoll. ``on_data(fd, data)`` is called with whatever arrives."""

    def __init__(self, on_data: Callable[[int, bytes], None]) -> None:
        self.on_data = on_data
        self._epoll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._encrypted: set[int] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: socket.socket) -> int:
        connection.setblocking(False)
        fd = connection.fileno()
        self._open[fd] = connection
        if isinstance(connection, ssl.SSLSocket):
            self._encrypted.add(fd)
        self._epoll.register(fd, select.EPOLLIN)
        return fd

    def stop_reading(self, fd: int) -> None:
        """The connection stays, and takes nothing more than the kernel does for it."""
        self._epoll.unregister(fd)

    def close(self, fd: int) -> None:
        """By a reset: at thousands of connections lingering ones would use up the ports."""
        connection = self._open.pop(fd)
        self._encrypted.discard(fd)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    def close_all(self) -> None:
        for fd in list(self._open):
            self.close(fd)

    def turn(self, timeout_s: float) -> None:
        """Read once from everything that has something."""
        read, on_data = os.read, self.on_data
        for fd, _ in self._epoll.poll(timeout_s, 2048):
            data = self._decrypted(fd) if fd in self._encrypted else read(fd, READ_BYTES)
            if not data:
                raise ConnectionError("the server has closed a connection of the benchmark")
            on_data(fd, data)

    def _decrypted(self, fd: int) -> bytes:
        """All that is there: what TLS has buffered raises no event any more."""
        parts = []
        try:
            while part := self._open[fd].recv(READ_BYTES):
                parts.append(part)
        except ssl.SSLWantReadError:
            return b"".join(parts) or b"\0"
        return b"".join(parts)

    def drain(self, quiet_s: float = 0.3) -> None:
        """Read until nothing has come for so long."""
        kept, self.on_data = self.on_data, _forget
        until = time.monotonic() + quiet_s
        while time.monotonic() < until:
            if self._epoll.poll(0.05, 1):
                self.turn(0.0)
                until = time.monotonic() + quiet_s
        self.on_data = kept

    def send(self, fd: int, data: bytes) -> None:
        """All of it; the socket's buffer takes what a benchmark has in flight, else this waits."""
        connection = self._open[fd]
        view = memoryview(data)
        while view:
            try:
                view = view[connection.send(view) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                select.select([], [fd], [], 1.0)


def _forget(fd: int, data: bytes) -> None:
    pass


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data and b'"error"' not in data:
        more = connection.recv(READ_BYTES)
        if not more:
            raise ConnectionError(f"the server closed the connection: {data[-300:]!r}")
        data += more
    return data
