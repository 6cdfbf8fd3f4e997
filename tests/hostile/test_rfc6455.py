"""The socket against RFC 6455, case by case, as the Autobahn suite orders them: frames, pings, reserved bits, opcodes, fragments,
text, closing. Driven by a client that sends bytes; what is of the RFC but against this protocol ends with 3501 and words.

The Autobahn suite itself needs Python 2.7 and a server that says back what it hears: ``tests/autobahn``.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hostile.conftest import Mint
from tests.hostile.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    Closed,
    Frame,
    Wire,
    close_payload,
    frame,
    masked,
    open_socket,
)
from tests.support.server import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

BAD = 3501
"""Where the RFC would have 1002, 1007 or 1009: the protocol's own code, which tells SDKs not to come back (PROTOCOL.md)."""


@pytest_asyncio.fixture(loop_scope="session")
async def wire(server: ServerProcess, token: Mint) -> AsyncIterator[Wire]:
    """Connected and known."""
    async with open_socket(server.port) as opened:
        await opened.send(frame(TEXT, json.dumps({"id": 1, "connect": {"token": token("rfc", "user")}}).encode()))
        assert b'"connect"' in await opened.message()
        yield opened


def ping(number: int, text: str = "") -> bytes:
    """A request of the protocol that is answered with ``number``; ``text`` makes it as long as wanted."""
    return json.dumps({"id": number, "ping": {}, "x": text}, ensure_ascii=False).encode()


async def answered(wire: Wire, number: int) -> bool:
    """Whether the next message is the answer to ``ping(number)``: all before it was taken as it should be."""
    return json.loads(await wire.message()) == {"id": number, "ping": {}}


def in_fragments(payload: bytes, size: int, between: bytes = b"", opcode: int = TEXT) -> bytes:
    """One message in fragments of ``size`` bytes, ``between`` them whatever is to be tried."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    frames = [frame(opcode if place == 0 else CONTINUATION, part, fin=place == len(parts) - 1) for place, part in enumerate(parts)]
    return between.join(frames)


class TestFrames:
    @pytest.mark.parametrize("length", [0, 1, 64, 125 - 28, 126 - 28, 127 - 28, 128, 65_535 - 28, 65_536 - 28, 200_000])
    async def test_a_text_of_any_length_is_one_message(self, length: int, wire: Wire) -> None:
        await wire.send(frame(TEXT, ping(7, "x" * length)))
        assert await answered(wire, 7)

    @pytest.mark.parametrize("step", [1, 2, 3, 7, 64])
    async def test_however_the_bytes_are_cut(self, step: int, wire: Wire) -> None:
        data = frame(TEXT, ping(7, "ä€🎁"))
        for at in range(0, len(data), step):
            await wire.send(data[at : at + step])
        assert await answered(wire, 7)

    async def test_a_binary_message_holds_the_same(self, wire: Wire) -> None:
        await wire.send(frame(BINARY, ping(7)))
        assert await answered(wire, 7)

    @pytest.mark.parametrize("width", [2, 8])
    async def test_a_length_that_takes_more_bytes_than_it_needs_is_read(self, width: int, wire: Wire) -> None:
        payload = ping(7)
        length = bytes((0x80 | (126 if width == 2 else 127),)) + len(payload).to_bytes(width, "big")
        await wire.send(b"\x81" + length + bytes(4) + payload)
        assert await answered(wire, 7)

    async def test_any_mask_is_taken_off(self, wire: Wire) -> None:
        for number in range(2, 12):
            key, payload = os.urandom(4), ping(number, "€" * number)
            await wire.send(bytes((0x81, 0x80 | len(payload))) + key + masked(payload, key))
            assert await answered(wire, number)

    @pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
    async def test_a_frame_without_a_mask_ends_it(self, opcode: int, wire: Wire) -> None:
        await wire.send(frame(opcode, b"", is_masked=False))
        assert (await wire.closed()).code == BAD

    @pytest.mark.parametrize("length", [2**63, 2**64 - 1, 512 * 1024 + 1])
    async def test_a_length_beyond_the_limit_is_refused_before_it_is_waited_for(self, length: int, wire: Wire) -> None:
        await wire.send(b"\x81\xff" + length.to_bytes(8, "big"))
        closed = await wire.closed()
        assert closed.code == BAD
        assert "524288" in closed.reason


class TestPings:
    @pytest.mark.parametrize("payload", [b"", b"hello", bytes(range(125)), b"\x00\xff\xfe\xfd", b"x" * 125])
    async def test_a_ping_is_answered_with_its_own_words(self, payload: bytes, wire: Wire) -> None:
        await wire.send(frame(PING, payload))
        assert await wire.frame() == Frame(PONG, payload, True, 0)

    async def test_ten_at_once_are_answered_in_order(self, wire: Wire) -> None:
        await wire.send(b"".join(frame(PING, b"%d" % number) for number in range(10)))
        assert [(await wire.frame()).payload for _ in range(10)] == [b"%d" % number for number in range(10)]

    async def test_one_that_comes_byte_by_byte_is_answered(self, wire: Wire) -> None:
        for byte in frame(PING, b"slowly"):
            await wire.send(bytes((byte,)))
        assert (await wire.frame()).payload == b"slowly"

    async def test_a_pong_that_nobody_asked_for_is_let_be(self, wire: Wire) -> None:
        await wire.send(frame(PONG, b"unasked") + frame(TEXT, ping(7)))
        assert await answered(wire, 7)

    @pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
    async def test_a_control_frame_has_at_most_125_bytes(self, opcode: int, wire: Wire) -> None:
        await wire.send(frame(opcode, b"\x03\xe8" + b"x" * 124))
        assert (await wire.closed()).code == BAD

    @pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
    async def test_a_control_frame_has_no_fragments(self, opcode: int, wire: Wire) -> None:
        await wire.send(frame(opcode, b"", fin=False))
        assert (await wire.closed()).code == BAD


class TestReserved:
    @pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
    @pytest.mark.parametrize("rsv", [RSV1, RSV2, RSV3, RSV1 | RSV2, RSV2 | RSV3, RSV1 | RSV2 | RSV3])
    async def test_bits_of_an_extension_that_was_not_agreed_on_end_it(self, rsv: int, opcode: int, wire: Wire) -> None:
        await wire.send(frame(opcode, b"", rsv=rsv))
        assert (await wire.closed()).code == BAD

    @pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
    async def test_an_opcode_that_is_none_ends_it(self, opcode: int, wire: Wire) -> None:
        await wire.send(frame(opcode, b""))
        assert (await wire.closed()).code == BAD

    async def test_what_came_whole_before_it_is_answered(self, wire: Wire) -> None:
        await wire.send(frame(TEXT, ping(7)) + frame(5, b"x") + frame(TEXT, ping(8)))
        assert await answered(wire, 7)
        assert (await wire.closed()).code == BAD


class TestFragments:
    @pytest.mark.parametrize("size", [1, 2, 5, 16])
    async def test_fragments_are_one_message(self, size: int, wire: Wire) -> None:
        await wire.send(in_fragments(ping(7), size))
        assert await answered(wire, 7)

    async def test_empty_ones_among_them_too(self, wire: Wire) -> None:
        payload = ping(7)
        await wire.send(
            frame(TEXT, b"", fin=False)
            + frame(CONTINUATION, payload[:9], fin=False)
            + frame(CONTINUATION, b"", fin=False)
            + frame(CONTINUATION, payload[9:])
        )
        assert await answered(wire, 7)

    async def test_pings_between_them_are_answered_at_once(self, wire: Wire) -> None:
        payload = ping(7)
        await wire.send(frame(TEXT, payload[:5], fin=False) + frame(PING, b"between"))
        assert await wire.frame() == Frame(PONG, b"between", True, 0)
        await wire.send(frame(PONG) + frame(CONTINUATION, payload[5:]))
        assert await answered(wire, 7)

    @pytest.mark.parametrize("fin", [True, False])
    async def test_a_continuation_of_nothing_ends_it(self, fin: bool, wire: Wire) -> None:
        await wire.send(frame(CONTINUATION, b"x", fin=fin))
        assert (await wire.closed()).code == BAD

    async def test_a_continuation_behind_a_whole_message_ends_it(self, wire: Wire) -> None:
        await wire.send(frame(TEXT, ping(7)) + frame(CONTINUATION, b"x"))
        assert await answered(wire, 7)
        assert (await wire.closed()).code == BAD

    @pytest.mark.parametrize("opcode", [TEXT, BINARY])
    async def test_a_message_inside_a_message_ends_it(self, opcode: int, wire: Wire) -> None:
        await wire.send(frame(TEXT, b"{", fin=False) + frame(opcode, b"}"))
        assert (await wire.closed()).code == BAD

    async def test_one_that_does_not_go_on_is_cut_in_time(self, wire: Wire) -> None:
        await wire.send(frame(TEXT, b"{", fin=False))
        closed = await wire.closed()
        assert closed.code == BAD
        assert "took more than 1 s" in closed.reason


VALID_TEXTS = {
    "greek": "κόσμε",
    "first and last of one byte": "\x20\x7f",
    "of two": "\x80\u07ff",
    "of three": "\u0800\uffff",
    "of four": "\U00010000\U0010ffff",
    "beside the surrogates": "\ud7ff\ue000\ufffd",
    "not characters": "\ufffe\uffff\ufdd0\U0001fffe",
}
INVALID_TEXTS = {
    "a continuation byte": b"\x80",
    "a sequence that ends early": b"\xce",
    "two bytes of three": b"\xe2\x82",
    "three bytes of four": b"\xf0\x9f\x8e",
    "too long for a slash": b"\xc0\xaf",
    "too long for a slash, in three": b"\xe0\x80\xaf",
    "too long for NUL": b"\xc0\x80",
    "half a surrogate pair": b"\xed\xa0\x80",
    "both halves": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond the last": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "0xfe": b"\xfe",
    "0xff": b"\xff",
    "latin-1": "é".encode("latin-1"),
}


class TestText:
    @pytest.mark.parametrize("name", VALID_TEXTS)
    async def test_what_is_utf_8_is_taken_whole_and_in_single_bytes(self, name: str, wire: Wire) -> None:
        payload = ping(7, VALID_TEXTS[name])
        await wire.send(frame(TEXT, payload))
        assert await answered(wire, 7)
        await wire.send(in_fragments(payload, 1 if len(payload) <= 64 else 2))
        assert await answered(wire, 7)

    @pytest.mark.parametrize("name", INVALID_TEXTS)
    async def test_what_is_not_ends_it(self, name: str, wire: Wire) -> None:
        await wire.send(frame(TEXT, ping(7, "@").replace(b"@", INVALID_TEXTS[name])))
        closed = await wire.closed()
        assert closed.code == BAD
        assert "UTF-8" in closed.reason

    async def test_it_does_so_at_every_place_of_a_message(self, server: ServerProcess, token: Mint) -> None:
        payload = ping(7, "place")
        connect = frame(TEXT, json.dumps({"id": 1, "connect": {"token": token("rfc", "user")}}).encode())

        async def code_of(place: int) -> int:
            async with open_socket(server.port) as wire:
                await wire.send(connect)
                await wire.message()
                await wire.send(frame(TEXT, payload[:place] + b"\xff" + payload[place:]))
                return (await wire.closed()).code

        codes = await asyncio.gather(*(code_of(place) for place in range(len(payload) + 1)))
        assert codes == [BAD] * (len(payload) + 1)

    async def test_a_character_may_be_cut_by_fragments(self, wire: Wire) -> None:
        payload = ping(7, "🎁")
        cut = payload.index("🎁".encode()) + 2
        await wire.send(frame(TEXT, payload[:cut], fin=False) + frame(CONTINUATION, payload[cut:]))
        assert await answered(wire, 7)


class TestClosing:
    @pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
    async def test_a_code_that_may_be_sent_is_echoed(self, code: int, wire: Wire) -> None:
        await wire.send(frame(CLOSE, close_payload(code, b"bye")))
        assert await wire.closed() == Closed(code, "bye")
        assert await wire.is_dead()

    async def test_none_is_answered_with_none(self, wire: Wire) -> None:
        await wire.send(frame(CLOSE))
        assert await wire.closed() == Closed(0, "")
        assert await wire.is_dead()

    @pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    async def test_one_that_may_not_is_1002(self, code: int, wire: Wire) -> None:
        await wire.send(frame(CLOSE, close_payload(code)))
        assert (await wire.closed()).code == 1002
        assert await wire.is_dead()

    @pytest.mark.parametrize(
        "payload",
        [b"\x03", close_payload(1000, b"\xff"), close_payload(1000, b"\xed\xa0\x80")],
        ids=["one byte", "0xff", "a half"],
    )
    async def test_a_payload_that_is_none_is_1002(self, payload: bytes, wire: Wire) -> None:
        await wire.send(frame(CLOSE, payload))
        assert (await wire.closed()).code == 1002

    async def test_a_reason_may_fill_the_frame(self, wire: Wire) -> None:
        await wire.send(frame(CLOSE, close_payload(1000, b"x" * 123)))
        assert await wire.closed() == Closed(1000, "x" * 123)

    async def test_what_comes_behind_a_close_frame_is_not_taken(self, wire: Wire) -> None:
        await wire.send(frame(CLOSE, close_payload(1000)) + frame(TEXT, ping(7)) + frame(PING, b"late"))
        assert await wire.frame() == Frame(CLOSE, close_payload(1000), True, 0)
        assert await wire.is_dead()

    async def test_a_close_frame_between_fragments_ends_the_message_too(self, wire: Wire) -> None:
        await wire.send(frame(TEXT, b'{"id": 7', fin=False) + frame(CLOSE, close_payload(1000)))
        assert (await wire.closed()).code == 1000

    async def test_a_client_that_does_not_answer_a_close_frame_is_cut(self, wire: Wire) -> None:
        await wire.send(frame(5))
        assert (await wire.closed()).code == BAD
        assert await wire.is_dead()
