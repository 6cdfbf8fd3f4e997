"""Frames of a client (RFC 6455, 5.2), out of bytes as they come. Sans-I/O, with the limits of a server that trusts nobody.

Ours, because after the handshake ``websockets``' own protocol object costs 1.9 KB a connection against 90 bytes, and 2.5 µs a frame
against 0.9: a frame that lies whole in one read, as nearly all do, is only sliced and unmasked here.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from channels.wire.deflate import BrokenDeflate, TooLarge, inflate

try:
    from websockets.speedups import apply_mask
except ImportError:  # no C extension on this platform
    from websockets.utils import apply_mask

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

MAX_CONTROL_BYTES: Final = 125
INFLATED_FREELY_BYTES: Final = 128 * 1024
"""What any compressed message may become: more than the largest command."""
INFLATED_TIMES: Final = 32
"""Beyond that only so many times its own size, or half a kilobyte would cost what half a megabyte does."""
WHOLE_TEXT: Final = 0x80 | TEXT
"""First byte of a text message in one frame."""
MASKED_126: Final = 0x80 | 126
"""Second byte of a masked frame whose length stands in the next two."""

unmask: Callable[[bytes, bytes], bytes] = apply_mask


class BrokenFrames(Exception):
    """What came is against the RFC or over a limit; the message says what. Nothing behind it can be read."""


class Limits(NamedTuple):
    """``message_bytes`` is that of the message as it was before it was compressed. ``is_deflate`` says that it may have been."""

    message_bytes: int
    message_fragments: int
    is_deflate: bool = False


_RSV1: Final = 0x40


class FrameReader:
    """``feed`` yields whole messages, TEXT or BINARY, and control frames in between, as (opcode, payload)."""

    __slots__ = ("_buffer", "_fragments", "_is_deflated", "_limits", "_needed", "_opcode", "_size")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer: bytearray | None = None
        self._needed = 2
        self._fragments: list[bytes] | None = None
        self._opcode = CONTINUATION
        self._is_deflated = False
        self._size = 0

    @property
    def is_midway(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._buffer is not None or self._fragments is not None

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        if self._buffer is not None:
            self._buffer += data
            if len(self._buffer) < self._needed:
                return
            data, self._buffer = bytes(self._buffer), None
        at, end = 0, len(data)
        while at < end:
            # Speed: a whole masked text of 126 bytes to 64 KiB, as most commands are (bench "durable commands").
            if end - at >= 8 and data[at] == WHOLE_TEXT and data[at + 1] == MASKED_126 and self._fragments is None:
                stop = at + 8 + (data[at + 2] << 8 | data[at + 3])
                if stop <= end and stop - at - 8 <= self._limits.message_bytes:
                    yield TEXT, unmask(data[at + 8 : stop], data[at + 4 : at + 8])
                    at = stop
                    continue
            begin, stop = self._measure(data, at, end)
            self._needed = stop - at
            if stop > end:
                self._buffer = bytearray(data[at:])
                return
            payload = unmask(data[begin:stop], data[begin - 4 : begin])
            first, at = data[at], stop
            message = self._complete(first, payload)
            if message is not None:
                yield message

    def _measure(self, data: bytes, at: int, end: int) -> tuple[int, int]:
        """Where the payload of the frame at ``at`` begins and ends, as far as the header is there. Limits are checked before the
        payload is waited for."""
        if end - at < 2:
            return at + 2, at + 2
        first, second = data[at], data[at + 1]
        size, begin = second & 0x7F, at + 6
        if size >= 126:
            width = 2 if size == 126 else 8
            begin += width
            if end - at < 2 + width:
                return begin, begin
            size = int.from_bytes(data[at + 2 : at + 2 + width], "big")
        self._check(first, second, size)
        return begin, begin + size

    def _check(self, first: int, second: int, size: int) -> None:
        opcode = first & 0x0F
        if first & 0x70 and not (first & 0x70 == _RSV1 and self._limits.is_deflate and opcode in (TEXT, BINARY)):
            raise BrokenFrames("a frame of an extension that was not agreed on")
        if not second & 0x80:
            raise BrokenFrames("a frame without a mask")
        if opcode >= CLOSE:
            if opcode > PONG or not first & 0x80 or size > MAX_CONTROL_BYTES:
                raise BrokenFrames("a control frame that is none")
            return
        if opcode > BINARY or (opcode == CONTINUATION) == (self._fragments is None):
            raise BrokenFrames("a frame that does not follow")
        if self._size + size > self._limits.message_bytes:
            raise BrokenFrames(f"a message may have at most {self._limits.message_bytes} bytes")
        if self._fragments is not None and len(self._fragments) >= self._limits.message_fragments:
            raise BrokenFrames(f"a message may have at most {self._limits.message_fragments} fragments")

    def _complete(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        opcode, is_final = first & 0x0F, first & 0x80
        if opcode >= CLOSE:
            return opcode, payload
        if self._fragments is None:
            if is_final:
                return opcode, self._inflated(payload) if first & _RSV1 else payload
            self._fragments, self._opcode, self._is_deflated = [], opcode, bool(first & _RSV1)
        self._fragments.append(payload)
        self._size += len(payload)
        if not is_final:
            return None
        whole = b"".join(self._fragments)
        self._fragments, self._size = None, 0
        return self._opcode, self._inflated(whole) if self._is_deflated else whole

    def _inflated(self, payload: bytes) -> bytes:
        most_bytes = min(self._limits.message_bytes, max(INFLATED_FREELY_BYTES, INFLATED_TIMES * len(payload)))
        try:
            return inflate(payload, most_bytes)
        except TooLarge:
            raise BrokenFrames(f"a message may have at most {most_bytes} bytes once it is inflated") from None
        except BrokenDeflate:
            raise BrokenFrames("a message that cannot be inflated") from None
