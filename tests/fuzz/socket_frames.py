"""The frame reader: however the same bytes are cut, the same messages come out, and the same place is refused."""

from collections.abc import Iterator
from typing import NamedTuple

from channels.wire.deflate import deflate
from server.socket.frame_reader import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, BrokenFrames, FrameReader, Limits, unmask
from tests.fuzz.tape import Tape
from tests.fuzz.target import Target

LIMITS = (Limits(2_000, 4), Limits(2_000, 4, is_deflate=True), Limits(300_000, 64, is_deflate=True), Limits(130, 1))
HEADER_BYTES = 14
"""The longest header of a masked frame (RFC 6455, 5.2)."""


class Read(NamedTuple):
    """What came out of a stream; ``refusal`` is "" where nothing was refused."""

    messages: list[tuple[int, bytes]]
    refusal: str
    is_midway: bool
    held_bytes: int


def read(limits: Limits, pieces: Iterator[bytes]) -> Read:
    reader = FrameReader(limits)
    messages: list[tuple[int, bytes]] = []
    refusal = ""
    try:
        for piece in pieces:
            messages.extend(reader.feed(piece))
            assert held_bytes(reader) <= 2 * limits.message_bytes + HEADER_BYTES, "more is kept than a message may have"
    except BrokenFrames as error:
        refusal = str(error)
    return Read(messages, refusal, reader.is_midway, len(reader._buffer or b""))


def held_bytes(reader: FrameReader) -> int:
    return len(reader._buffer or b"") + sum(map(len, reader._fragments or ()))


def whole(data: bytes) -> Iterator[bytes]:
    yield data


def singly(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def cut(data: bytes, steps: bytes) -> Iterator[bytes]:
    """In pieces of so many bytes, in turn; an empty piece now and then, as a transport may deliver it."""
    at = turn = 0
    while at < len(data):
        step = steps[turn % len(steps)] if any(steps) else 1
        yield data[at : at + step]
        at, turn = at + step, turn + 1


def read_frames(data: bytes) -> None:
    tape = Tape(data)
    limits = tape.one_of(LIMITS)
    steps = tape.chunk()[:16] or b"\x07"
    stream = tape.rest()
    at_once = read(limits, whole(stream))
    for opcode, payload in at_once.messages:
        assert opcode <= PONG and opcode != CONTINUATION
        assert len(payload) <= limits.message_bytes if opcode <= BINARY else len(payload) <= 125
    agree(at_once, read(limits, singly(stream)), "byte by byte")
    agree(at_once, read(limits, cut(stream, steps)), f"cut at {steps!r}")


def agree(at_once: Read, pieces: Read, how: str) -> None:
    """A header of which only a part has come is judged with its last byte, so the refusal of a cut stream may still be to come."""
    assert pieces.messages == at_once.messages, f"{how} it reads other messages"
    if pieces.refusal != at_once.refusal:
        is_to_come = pieces.refusal == "" and pieces.is_midway and pieces.held_bytes < HEADER_BYTES
        assert is_to_come, f"{how} it is refused otherwise: {pieces.refusal!r} for {at_once.refusal!r}"


MASK = b"\x37\xfa\x21\x3d"
"""Always the same (RFC 6455's own example), so that a seed is the same input in every run."""


def frame(opcode: int, payload: bytes, *, fin: bool = True, rsv1: bool = False) -> bytes:
    """One masked frame, extension bit included; payloads of up to 64 KiB."""
    first = opcode | 0x80 * fin | 0x40 * rsv1
    size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes((first,)) + size + MASK + unmask(payload, MASK)


def _seed(limits: int, stream: bytes, steps: bytes = b"\x03\x01\x00\x11") -> bytes:
    return bytes((limits, len(steps))) + steps + stream


_TEXT = b'{"id":1,"ping":{}}'
_STREAMS = (
    frame(TEXT, _TEXT),
    frame(TEXT, _TEXT * 10) + frame(BINARY, b"\x02\x08\x01"),
    frame(TEXT, b"a", fin=False) + frame(PING, b"p") + frame(CONTINUATION, b"b"),
    frame(TEXT, deflate(_TEXT * 30), rsv1=True),
    frame(BINARY, deflate(bytes(200_000)), rsv1=True),
    frame(PONG, b"") + frame(CLOSE, b"\x03\xe8bye") + frame(TEXT, b"late"),
    bytes((0x80 | CLOSE, 0x80, 1, 2, 3, 4)),
)

TARGETS = (
    Target(
        "socket-frames",
        "any bytes to the frame reader, whole, byte by byte and cut anywhere: the same messages and the same refusal",
        read_frames,
        [_seed(limits, stream) for limits in range(len(LIMITS)) for stream in _STREAMS],
        ["server.socket.frame_reader", "channels.wire.deflate"],
        [b"\x81\xfe", b"\x81\xff", b"\xc1\x80", b"\x80\x80", b"\x01\x80", b"\x89\x80", b"\x00\x00\x00\x00", b"\xff" * 8],
    ),
)
