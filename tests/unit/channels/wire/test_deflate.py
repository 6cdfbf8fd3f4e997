"""Compressed messages: read by another library's extension, and nothing larger than agreed comes out of what clients send."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from channels.wire import frames
from channels.wire.deflate import FROM_BYTES, BrokenDeflate, DeflateCodec, TooLarge, deflate, inflate
from channels.wire.json_codec import JsonCodec


def codec(from_bytes: int = FROM_BYTES) -> DeflateCodec:
    return DeflateCodec(JsonCodec(), "json+deflate", from_bytes)


@given(st.binary(max_size=5_000))
def test_another_library_reads_what_we_compress(payload: bytes) -> None:
    extension = PerMessageDeflate(True, True, 15, 15)

    frame = extension.decode(Frame(Opcode.TEXT, deflate(payload), rsv1=True))

    assert frame.data == payload


@given(st.binary(max_size=5_000))
def test_we_read_what_another_library_compresses(payload: bytes) -> None:
    extension = PerMessageDeflate(True, True, 15, 15)

    frame = extension.encode(Frame(Opcode.TEXT, payload))

    assert inflate(bytes(frame.data), 5_000) == payload


def test_small_messages_and_those_that_do_not_shrink_go_as_they_are() -> None:
    small, dense = b"x" * (FROM_BYTES - 1), zlib.compress(bytes(range(256)) * 2, 9) * 1

    assert codec().frame([small]) == frames.header(frames.TEXT, len(small)) + small
    assert codec(1).frame([dense]) == frames.header(frames.TEXT, len(dense)) + dense


def test_large_ones_carry_the_mark_of_compression_and_are_counted() -> None:
    deflating, payload = codec(), b"again and again " * 200

    framed = deflating.frame([payload])

    assert framed[0] == frames.TEXT | 0x40
    assert len(framed) < len(payload) / 5
    assert (deflating.plain_bytes, deflating.deflated_bytes) == (len(payload), len(framed) - 2)


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = deflate(bytes(10_000_000))
    assert len(bomb) < 50_000

    with pytest.raises(TooLarge):
        inflate(bomb, 512 * 1024)


def test_what_is_no_deflated_data_is_refused() -> None:
    with pytest.raises(BrokenDeflate):
        inflate(b"\xff\xff\xff", 1_000)
