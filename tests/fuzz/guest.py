"""One connection as the fuzzer drives it: what it sent, what it was answered, and what its transport may not do."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import msgspec

from channels.connection import Connection
from channels.lobby import Lobby
from channels.stage import Stage
from channels.wire import codes, protobuf_codec
from channels.wire import messages as m
from channels.wire.codec import BadFrame
from channels.wire.varints import decode_varint
from tests.unit.channels.fakes import FakeTransport

ERRORS = {code.code for code in (*codes.ERRORS, *codes.REJECTIONS.values())}
DISCONNECTS = {code.code for code in codes.DISCONNECTS} - {codes.SERVER_ERROR.code}
"""What a connection may end with, except for a fault of the server."""


class Line(FakeTransport):
    """Complains about what is written behind the goodbye."""

    def write(self, framed: bytes) -> None:
        assert self.closed is None, "written behind the close frame"
        assert framed, "an empty write"
        super().write(framed)

    def close(self, code: int, reason: str) -> None:
        assert self.closed is None, "closed twice"
        assert code in DISCONNECTS, f"ended with {code}: {reason}"
        assert len(reason.encode()) <= 123, "a close frame has no room for its reason (RFC 6455, 5.5)"
        super().close(code, reason)


class Guest:
    """``sent`` counts the ids that want an answer, ``answered`` those that got one."""

    def __init__(self, lobby: Lobby, format_name: str) -> None:
        self.lobby = lobby
        self.line = Line()
        self.connection = Connection(lobby, self.line, "protobuf" if format_name == "protobuf" else "json")
        self.line.connection = self.connection
        self.codec = lobby.codecs[self.connection.format]
        self.sent: Counter[int] = Counter()
        self.answered: Counter[int] = Counter()
        self.connect_ids: set[int] = set()
        self.excused: set[int] = set()
        self.token = ""
        self.is_gone = False
        self._stall = ExitStack()

    # ---- what it does

    @property
    def is_open(self) -> bool:
        return self.line.closed is None and not self.is_gone

    def send(self, frame: bytes) -> None:
        if not self.is_open:
            return
        try:
            commands = self.codec.decode(frame)
        except BadFrame:
            commands = []
        for command in commands:
            if command.id and not isinstance(command.request, m.SendRequest):
                self.sent[command.id] += 1
            if isinstance(command.request, m.ConnectRequest):
                self.connect_ids.add(command.id)
        self.connection.received(frame)
        self.check()

    def stall(self, is_stalled: bool) -> None:
        self._stall.close()
        if is_stalled and self.is_open:
            self._stall.enter_context(self.line.stalled())

    def leave(self, is_clean: bool) -> None:
        if not self.is_gone:
            self.is_gone = True
            self.connection.ended(is_clean)

    def pass_time(self, seconds: float) -> None:
        if self.is_open:
            self.connection.on_time(self.lobby.loop.time() + seconds)

    # ---- what holds at any time

    def check(self) -> None:
        session, settings = self.connection._session, self.lobby.settings
        self.listen()
        if not self.is_open:
            assert session.stage is Stage.ENDED
            return
        assert 0 <= session._waiting <= settings.waiting_commands
        assert 0 <= session._waiting_bytes <= settings.waiting_bytes + 128 * 1024, "more waits than a limit and one command"
        assert len(session._followed) <= settings.rooms + 1, "more rooms than a connection may follow, and its home"
        assert not (session.is_behind and self.line.is_reading), "it reads on, and cannot take what waits"
        assert self.line.buffered_bytes <= settings.backlog_bytes + 512 * 1024, "a slow reader was not given up"

    def listen(self) -> None:
        writes, self.line.writes = self.line.writes, []
        for framed in writes:
            for reply in self._replies(framed):
                self._hear(reply)

    def _hear(self, reply: m.Reply) -> None:
        if reply.error is not None:
            assert reply.id and reply.error.code in ERRORS and reply.error.message, reply
            if reply.id in self.connect_ids and self.connection._session.stage is not Stage.OPEN:
                self.excused.update(self.sent)  # refused, so what came behind it was dropped
        if reply.id:
            self.answered[reply.id] += 1
            assert self.answered[reply.id] <= self.sent[reply.id], f"{reply.id} is answered once too often: {reply}"
        elif reply.push is not None:
            assert reply.push.channel or reply.push.disconnect is not None

    def _replies(self, framed: bytes) -> Iterator[m.Reply]:
        for payload in _payloads(framed):
            if self.codec.encoding == "json":
                yield from msgspec.json.Decoder(m.Reply).decode_lines(payload)
            else:
                yield from read_protobuf_replies(payload)

    @property
    def missing(self) -> dict[int, int]:
        """Ids that an open connection still owes an answer, and how many."""
        if not self.is_open or self.connection._session.stage is not Stage.OPEN:
            return {}
        return {id: count for id, count in (self.sent - self.answered).items() if id not in self.excused}

    def check_answered(self) -> None:
        """At the end, when everything has come to rest."""
        self.check()
        assert not self.missing, f"without an answer: {self.missing}"
        if self.is_open and self.connection._session.stage is Stage.OPEN:
            assert self.connection._session._waiting == 0
            assert self.connection._session._waiting_bytes == 0


def _payloads(framed: bytes) -> Iterator[bytes]:
    """The messages of one write (RFC 6455, 5.2: unmasked, whole)."""
    at = 0
    while at < len(framed):
        assert framed[at] in (0x81, 0x82), "no whole text or binary frame"
        size, begin = framed[at + 1], at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, begin = int.from_bytes(framed[begin : begin + width], "big"), begin + width
        yield framed[begin : begin + size]
        at = begin + size
    assert at == len(framed), "a frame is shorter than it says"


def read_protobuf_replies(payload: bytes) -> Iterator[m.Reply]:
    at = 0
    while at < len(payload):
        length, at = decode_varint(payload, at, len(payload))
        yield protobuf_codec._read(protobuf_codec._PLANS[m.Reply], payload, at, at + length)
        at += length
