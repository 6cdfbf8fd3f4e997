"""permessage-deflate (RFC 7692) without context takeover: what a room publishes is compressed once and serves all who agreed on it.

A connection keeps no compressor: each message stands for itself, so a thousand members cost one compression and no memory.
"""

import zlib
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from channels.seats import FormatName, RoomMessage
from channels.wire import frames
from channels.wire.codec import Codec
from channels.wire.messages import Command, Reply

WINDOW_BITS: Final = 12
"""4 KiB of window: publications of one room repeat themselves within that, and setting it up takes a quarter of 32 KiB's time."""
LEVEL: Final = 1
MEMORY_LEVEL: Final = 5
FROM_BYTES: Final = 1_024
"""Below it a message fits into one packet anyway, and compressing it costs more than it saves."""
_RSV1: Final = 0x40
_TAIL: Final = b"\x00\x00\xff\xff"


class TooLarge(Exception):
    """What came inflates to more than is allowed."""


class BrokenDeflate(Exception):
    """What came is no deflated data."""


class DeflateCodec:
    """Another codec whose frames are compressed where that pays. Stateless but for its figures; one serves every connection."""

    def __init__(self, inner: Codec, name: FormatName, from_bytes: int = FROM_BYTES) -> None:
        self._inner = inner
        self._from_bytes = from_bytes
        self.name: FormatName = name
        self.encoding = inner.encoding
        self.first_byte = inner.first_byte
        self.separator = inner.separator
        self.ping = inner.ping
        self.plain_bytes = 0
        """Bytes of the messages that were compressed, before and (``deflated_bytes``) after; ``seconds`` is what it took."""
        self.deflated_bytes = 0
        self.seconds = 0.0

    def decode(self, frame: bytes) -> list[Command]:
        return self._inner.decode(frame)

    def encode_reply(self, reply: Reply) -> bytes:
        return self._inner.encode_reply(reply)

    def encode_room_message(self, room: str, message: RoomMessage) -> bytes:
        return self._inner.encode_room_message(room, message)

    def frame(self, messages: Sequence[bytes]) -> bytes:
        return b"".join(map(self._framed, frames.joined(self.separator, messages)))

    def _framed(self, payload: bytes) -> bytes:
        if len(payload) >= self._from_bytes:
            began_s = perf_counter()
            deflated = deflate(payload)
            self.seconds += perf_counter() - began_s
            self.plain_bytes += len(payload)
            self.deflated_bytes += min(len(deflated), len(payload))
            if len(deflated) < len(payload):
                return frames.header(self.first_byte | _RSV1, len(deflated)) + deflated
        return frames.header(self.first_byte, len(payload)) + payload


def deflate(payload: bytes) -> bytes:
    """One message's payload, compressed (RFC 7692, 7.2.1)."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -WINDOW_BITS, MEMORY_LEVEL)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)


def inflate(payload: bytes, most_bytes: int) -> bytes:
    """One message's payload as it was (RFC 7692, 7.2.2).

    Raises ``TooLarge`` before there is more than ``most_bytes`` of it, and ``BrokenDeflate``.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(payload + _TAIL, most_bytes + 1)
    except zlib.error as error:
        raise BrokenDeflate(str(error)) from None
    if len(inflated) > most_bytes:
        raise TooLarge
    return inflated
