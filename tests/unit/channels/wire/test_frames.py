"""Our server frames, read back by the websockets library."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from channels.wire import frames


def read_by_a_client(data: bytes) -> list[tuple[Opcode, bytes]]:
    client = ClientProtocol(parse_uri("ws://localhost/"), max_size=None, state=State.OPEN)
    client.receive_data(data)
    return [(event.opcode, bytes(event.data)) for event in client.events_received() if isinstance(event, Frame)]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_headers_are_read_by_a_client(length: int) -> None:
    payload = b"x" * length

    assert read_by_a_client(frames.header(frames.BINARY, length) + payload) == [(Opcode.BINARY, payload)]


def test_small_messages_share_one_frame() -> None:
    assert read_by_a_client(frames.join(frames.TEXT, b"\n", [b"{}", b"{}", b"{}"])) == [(Opcode.TEXT, b"{}\n{}\n{}")]


def test_a_frame_stays_within_64_kib() -> None:
    messages = [bytes([65 + index]) * 30_000 for index in range(7)]

    received = read_by_a_client(frames.join(frames.TEXT, b"\n", messages))

    assert [len(payload) for _, payload in received] == [60_001, 60_001, 60_001, 30_000]
    assert b"\n".join(payload for _, payload in received).split(b"\n") == messages


def test_a_message_that_is_larger_has_its_own_frame() -> None:
    messages = [b"a", b"b" * 100_000, b"c", b"d"]

    received = read_by_a_client(frames.join(frames.BINARY, b"", messages))

    assert [payload for _, payload in received] == [b"a", b"b" * 100_000, b"cd"]


def test_messages_that_fill_a_frame_to_the_byte_are_joined() -> None:
    half = b"x" * (frames.MAX_JOINED_BYTES // 2)

    assert len(read_by_a_client(frames.join(frames.BINARY, b"", [half, half]))) == 1
    assert len(read_by_a_client(frames.join(frames.TEXT, b"\n", [half, half]))) == 2
