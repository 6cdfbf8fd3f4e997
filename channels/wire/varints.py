"""Varints and tags of Protobuf, as far as the wire needs them. Broken input raises ``BadFrame``, never anything else."""

from typing import Final

from channels.wire.codec import BadFrame

VARINT: Final = 0
BYTES: Final = 2

_MAX_VARINT_BYTES: Final = 10
_MASK64: Final = (1 << 64) - 1
_SMALL: Final = [bytes((value,)) for value in range(128)]


def encode_varint(value: int) -> bytes:
    """A negative number takes ten bytes, as int32 and int64 do."""
    if 0 <= value < 128:
        return _SMALL[value]
    if 0 <= value < 16384:
        return bytes((value & 127 | 128, value >> 7))
    value &= _MASK64
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode_varint(buffer: bytes, at: int, end: int) -> tuple[int, int]:
    """The number that begins at ``at`` and the place behind it; at most ten bytes, and none at or behind ``end``."""
    if at < end and buffer[at] < 128:
        return buffer[at], at + 1
    value = shift = 0
    for place in range(at, min(end, at + _MAX_VARINT_BYTES)):
        byte = buffer[place]
        value |= (byte & 127) << shift
        if byte < 128:
            return value & _MASK64, place + 1
        shift += 7
    raise BadFrame("a number that does not end")


def decode_length(buffer: bytes, at: int, end: int) -> tuple[int, int]:
    """Begin and end of what a length announces; a length that reaches behind ``end`` is refused before anything is copied."""
    length, at = decode_varint(buffer, at, end)
    if length > end - at:
        raise BadFrame("a length that reaches behind its message")
    return at, at + length


def skipped(buffer: bytes, tag: int, at: int, end: int) -> int:
    """The place behind a field that nobody here knows; groups are gone from the format and are refused."""
    if not 0 < tag >> 3 < 1 << 29:
        raise BadFrame("a field number outside of 1 to 536870911")
    match tag & 7:
        case 0:
            return decode_varint(buffer, at, end)[1]
        case 1:
            at += 8
        case 2:
            return decode_length(buffer, at, end)[1]
        case 5:
            at += 4
        case _:
            raise BadFrame("a field of a type that is not in use")
    if at > end:
        raise BadFrame("a field that ends too early")
    return at


def signed(value: int, bits: int = 64) -> int:
    """A varint's 64 bits read as a signed number of ``bits`` bits."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value
