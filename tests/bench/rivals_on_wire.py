"""How the reference servers are spoken to: where their members come in, what these say first, what a publisher sends."""

import json
import socket
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from tests.bench.sockets import client_frame, message, read_until

Part: TypeAlias = Literal["member", "publisher"]
MEMBER: Part = "member"
PUBLISHER: Part = "publisher"


class Dialect(NamedTuple):
    """``greet`` is given an open WebSocket and returns it once it is a member, or may publish."""

    path: Callable[[Part], str]
    greet: Callable[[socket.socket, Part], socket.socket]
    publication: Callable[[str], bytes]


def dialect_of(name: str) -> Dialect:
    return _DIALECTS[name]


def _as_it_is(connection: socket.socket, part: Part) -> socket.socket:
    return connection


def _plain(text: str) -> bytes:
    return message(push={"pub": {"data": text}})


def _socketio_greet(connection: socket.socket, part: Part) -> socket.socket:
    read_until(connection, b"0{")
    connection.sendall(client_frame(b"40"))
    read_until(connection, b"40{")
    if part == MEMBER:
        connection.sendall(client_frame(b'42["follow"]'))
    return connection


def _centrifuge_greet(connection: socket.socket, part: Part) -> socket.socket:
    commands = [message(id=1, connect={})]
    if part == MEMBER:
        commands.append(message(id=2, subscribe={"channel": "room"}))
    connection.sendall(client_frame(b"\n".join(commands)))
    read_until(connection, b'"id":2' if part == MEMBER else b'"id":1')
    return connection


_DIALECTS = {
    "plain": Dialect("/{}".format, _as_it_is, _plain),
    "socketio": Dialect(
        lambda part: "/socket.io/?EIO=4&transport=websocket",
        _socketio_greet,
        lambda text: b"42" + json.dumps(["publish", text]).encode(),
    ),
    "centrifuge": Dialect(
        lambda part: "/connection/websocket",
        _centrifuge_greet,
        lambda text: message(id=9, publish={"channel": "room", "data": {"text": text}}),
    ),
}
