"""Frames of a client, made by the websockets library and by hand."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from channels.wire.deflate import deflate
from server.socket.frame_reader import BINARY, CLOSE, PING, TEXT, BrokenFrames, FrameReader, Limits

LIMITS = Limits(message_bytes=512 * 1024, message_fragments=64)


def frame(opcode: Opcode, payload: bytes, fin: bool = True) -> bytes:
    return bytes(Frame(opcode, payload, fin).serialize(mask=True))


def read(data: bytes, limits: Limits = LIMITS) -> list[tuple[int, bytes]]:
    return list(FrameReader(limits).feed(data))


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536, 300_000])
def test_a_whole_frame_is_a_message(length: int) -> None:
    payload = os.urandom(length)

    assert read(frame(Opcode.BINARY, payload)) == [(BINARY, payload)]


def test_several_frames_of_one_read_come_in_order() -> None:
    data = frame(Opcode.TEXT, b"a") + frame(Opcode.PING, b"p") + frame(Opcode.TEXT, b"b")

    assert read(data) == [(TEXT, b"a"), (PING, b"p"), (TEXT, b"b")]


messages = st.lists(
    st.tuples(st.sampled_from([Opcode.TEXT, Opcode.BINARY]), st.lists(st.binary(max_size=300), min_size=1, max_size=4))
)


@given(messages, st.lists(st.integers(1, 40), min_size=1))
def test_however_the_bytes_are_cut_the_messages_are_the_same(sent: list[tuple[Opcode, list[bytes]]], cuts: list[int]) -> None:
    data = b""
    for opcode, parts in sent:
        for index, part in enumerate(parts):
            data += frame(opcode if index == 0 else Opcode.CONT, part, fin=index == len(parts) - 1)
    reader = FrameReader(LIMITS)
    received = []
    place = index = 0
    while place < len(data):
        step = cuts[index % len(cuts)]
        received += list(reader.feed(data[place : place + step]))
        place, index = place + step, index + 1

    assert received == [(int(opcode), b"".join(parts)) for opcode, parts in sent]
    assert not reader.is_midway


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_broken(data: bytes) -> None:
    try:
        read(data)
    except BrokenFrames as error:
        assert str(error)


def test_it_knows_when_a_message_has_begun() -> None:
    reader = FrameReader(LIMITS)
    whole = frame(Opcode.TEXT, b"hello")

    list(reader.feed(whole[:3]))
    assert reader.is_midway
    list(reader.feed(whole[3:]))
    assert not reader.is_midway
    list(reader.feed(frame(Opcode.TEXT, b"a", fin=False)))
    assert reader.is_midway
    list(reader.feed(frame(Opcode.PING, b"")))
    assert reader.is_midway
    list(reader.feed(frame(Opcode.CONT, b"b")))
    assert not reader.is_midway


def masked(first: int, second: int, rest: bytes = b"\0\0\0\0") -> bytes:
    return bytes((first, second)) + rest


@pytest.mark.parametrize(
    "data",
    [
        masked(0x81, 0x01, b"a"),
        masked(0xC1, 0x80),
        masked(0x83, 0x80),
        masked(0x8B, 0x80),
        masked(0x09, 0x80),
        masked(0x89, 0xFE, b"\x00\x7e\0\0\0\0"),
        masked(0x80, 0x80),
        frame(Opcode.TEXT, b"a", fin=False) + frame(Opcode.TEXT, b"b"),
        masked(0x82, 0xFF, b"\xff" * 8),
        masked(0x82, 0xFF, (512 * 1024 + 1).to_bytes(8, "big")),
    ],
    ids=[
        "not masked",
        "a reserved bit",
        "an opcode that is none",
        "a control opcode that is none",
        "a ping in fragments",
        "a ping of 126 bytes",
        "a continuation of nothing",
        "a message inside a message",
        "a length of 64 bits",
        "one byte too large",
    ],
)
def test_what_is_against_the_rules_or_the_limits_is_refused_before_it_is_waited_for(data: bytes) -> None:
    with pytest.raises(BrokenFrames):
        read(data)


def test_fragments_count_together_in_bytes() -> None:
    half = frame(Opcode.TEXT, b"x" * 300_000, fin=False)

    with pytest.raises(BrokenFrames, match="524288 bytes"):
        read(half + frame(Opcode.CONT, b"x" * 300_000))


def test_a_message_has_at_most_64_fragments() -> None:
    begin, more, end = frame(Opcode.TEXT, b"a", fin=False), frame(Opcode.CONT, b"a", fin=False), frame(Opcode.CONT, b"a")

    assert read(begin + 62 * more + end) == [(TEXT, b"a" * 64)]
    with pytest.raises(BrokenFrames, match="64 fragments"):
        read(begin + 63 * more + end)


def test_the_limits_begin_anew_with_each_message() -> None:
    message = frame(Opcode.TEXT, b"x" * 200_000, fin=False) + frame(Opcode.CONT, b"x" * 200_000)

    assert len(read(message * 3)) == 3


def test_a_close_frame_comes_with_its_payload() -> None:
    assert read(frame(Opcode.CLOSE, b"\x03\xe8bye")) == [(CLOSE, b"\x03\xe8bye")]


def test_one_byte_at_a_time_costs_no_more_than_the_message() -> None:
    # a reader that copies its buffer for every byte would take minutes here
    reader = FrameReader(LIMITS)
    data = frame(Opcode.BINARY, bytes(400_000))

    received = [message for place in range(len(data)) for message in reader.feed(data[place : place + 1])]

    assert received == [(BINARY, bytes(400_000))]


def compressed(payload: bytes) -> bytes:
    framed = frame(Opcode.TEXT, deflate(payload))
    return bytes((framed[0] | 0x40,)) + framed[1:]


def test_a_compressed_message_becomes_what_it_was() -> None:
    reader = FrameReader(Limits(512 * 1024, 64, is_deflate=True))

    assert list(reader.feed(compressed(b"again " * 1_000))) == [(TEXT, b"again " * 1_000)]


def test_a_little_may_not_become_much() -> None:
    """Half a kilobyte would become half a megabyte: within the size of a message, and far more than it has paid for."""
    reader = FrameReader(Limits(512 * 1024, 64, is_deflate=True))

    with pytest.raises(BrokenFrames, match="at most 131072 bytes once it is inflated"):
        list(reader.feed(compressed(b"x" * 500_000)))


def test_a_large_message_may_become_as_much_as_its_size_allows() -> None:
    payload = os.urandom(20_000).hex().encode() * 8
    reader = FrameReader(Limits(512 * 1024, 64, is_deflate=True))

    assert list(reader.feed(compressed(payload))) == [(TEXT, payload)]


def test_without_an_agreement_nothing_is_inflated() -> None:
    with pytest.raises(BrokenFrames, match="not agreed on"):
        list(FrameReader(Limits(512 * 1024, 64)).feed(compressed(b"again " * 1_000)))
