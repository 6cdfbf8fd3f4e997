"""WebSocket frames of a server (RFC 6455, 5.2): unmasked, unfragmented, so the same bytes serve every member."""

from collections.abc import Sequence
from typing import Final

TEXT: Final = 0x81
"""First byte of a whole text message: FIN and opcode 1."""
BINARY: Final = 0x82
"""First byte of a whole binary message: FIN and opcode 2."""

MAX_JOINED_BYTES: Final = 64 * 1024
"""Messages are joined up to this size: one header and one ``onmessage`` for all, and still a bite that a phone swallows at once."""


def header(first_byte: int, length: int) -> bytes:
    """The header of one unmasked frame."""
    if length < 126:
        return bytes((first_byte, length))
    if length < 65536:
        return bytes((first_byte, 126)) + length.to_bytes(2, "big")
    return bytes((first_byte, 127)) + length.to_bytes(8, "big")


def join(first_byte: int, separator: bytes, messages: Sequence[bytes]) -> bytes:
    """All messages in as few frames as ``MAX_JOINED_BYTES`` allows; a message that is larger by itself has its own frame."""
    return b"".join(header(first_byte, len(payload)) + payload for payload in joined(separator, messages))


def joined(separator: bytes, messages: Sequence[bytes]) -> list[bytes]:
    """The payloads of these frames."""
    payload = separator.join(messages)
    if len(payload) <= MAX_JOINED_BYTES or len(messages) == 1:
        return [payload]
    return _slices(separator, messages)


def _slices(separator: bytes, messages: Sequence[bytes]) -> list[bytes]:
    payloads: list[bytes] = []
    begin, size = 0, 0
    for index, message in enumerate(messages):
        added = len(message) + (len(separator) if index > begin else 0)
        if size + added > MAX_JOINED_BYTES and index > begin:
            payloads.append(separator.join(messages[begin:index]))
            begin, size, added = index, 0, len(message)
        size += added
    return [*payloads, separator.join(messages[begin:])]
