"""JSON on the wire: what is read, what is refused, what is written."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.seats import RoomMessage
from channels.wire.codec import BadFrame
from channels.wire.json_codec import MAX_DEPTH, JsonCodec, is_deeper_than
from channels.wire.messages import (
    PING,
    Command,
    Error,
    PingRequest,
    Publication,
    Push,
    Reply,
    RPCRequest,
    RPCResult,
    SubscribeResult,
    UnsubscribeResult,
)

CODEC = JsonCodec()


def decoded(reply: Reply) -> object:
    return json.loads(CODEC.encode_reply(reply))


def test_commands_of_one_frame_come_in_order() -> None:
    commands = CODEC.decode(b'{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"a:1"}}\n{"id":3,"rpc":{"method":"m"}}')

    assert [command.id for command in commands] == [1, 2, 3]


def test_a_frame_may_end_with_a_newline() -> None:
    assert CODEC.decode(b'{"id":1,"ping":{}}\n') == [Command(id=1, ping=PingRequest())]


def test_an_empty_object_is_a_pong() -> None:
    assert CODEC.decode(b"{}") == [Command()]


def test_payloads_stay_as_they_came() -> None:
    [command] = CODEC.decode(b'{"id":1,"rpc":{"method":"workspace.post","data":{"b": 1,"a":"\xc3\xa4"}}}')

    assert isinstance(command.request, RPCRequest)
    assert bytes(command.request.data) == b'{"b": 1,"a":"\xc3\xa4"}'


def test_a_request_that_we_do_not_have_is_named() -> None:
    assert CODEC.decode(b'{"id":7,"map_subscribe":{"channel":"x"}}') == [Command(id=7, unknown="map_subscribe")]


def test_it_is_found_among_others_of_its_frame() -> None:
    commands = CODEC.decode(b'{"id":1,"ping":{}}\n{"id":2,"shared_poll":{}}\n')

    assert [command.unknown for command in commands] == ["", "shared_poll"]


def test_a_command_with_nothing_but_an_id_names_nothing() -> None:
    assert CODEC.decode(b'{"id":7,"rpc":null,"other":null}') == [Command(id=7)]


def test_fields_that_we_do_not_know_are_left_alone() -> None:
    [command] = CODEC.decode(b'{"id":1,"subscribe":{"channel":"a:1","tf":{"op":"and"},"new":[1,2]}}')

    assert command.subscribe is not None
    assert command.subscribe.channel == "a:1"


@pytest.mark.parametrize(
    "frame",
    [
        b"[]",
        b"17",
        b"nonsense",
        b'{"id":"1"}',
        b'{"id":-1}',
        b'{"id":4294967296}',
        b'{"id":1,"rpc":[]}',
        b'{"id":1,"rpc":{"method":7}}',
        b'{"id":1,"rpc":{"data":',
        b'{"id":1,"rpc":{"data":{"a":"\xff"}}}',
        b'{"id":1,"rpc":{"data":' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
        b"[" * 500_000,
        b"{}\n" * 5_000,
    ],
    ids=lambda frame: frame[:40].decode(errors="replace"),
)
def test_what_is_not_of_the_protocol_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (b"\\ud83d", b"\\u0000"),
        (b"a\\ud83d b", b"a\\u0000 b"),
        (b"\\ud83d\\ud83d\\ude00", b"\\u0000\\ud83d\\ude00"),
        (b"\\ude00\\ud83d", b"\\u0000\\u0000"),
        (b"\\\\ud83d \\uDE00", b"\\\\ud83d \\u0000"),
    ],
)
def test_half_a_surrogate_pair_spoils_its_command_and_not_the_connection(text: bytes, mended: bytes) -> None:
    [first, second] = CODEC.decode(b'{"id":1,"rpc":{"method":"m","data":"%b"}}\n{"id":2,"rpc":{"data":"\\ud83d\\ude00"}}' % text)

    assert first.rpc is not None
    assert second.rpc is not None
    assert bytes(first.rpc.data) == b'"%b"' % mended
    assert bytes(second.rpc.data) == b'"\\ud83d\\ude00"'


def test_nesting_is_measured_without_decoding() -> None:
    fits = b'{"id":1,"rpc":{"data":' + b"[" * (MAX_DEPTH - 2) + b"]" * (MAX_DEPTH - 2) + b"}}"

    assert CODEC.decode(fits)
    with pytest.raises(BadFrame, match="nested deeper"):
        CODEC.decode(fits.replace(b"[]", b"[[]]"))


@pytest.mark.parametrize("text", [b'"[[["', b'"\\"[[["', b'["[[[", "\\\\", []]', b'{"a":"}{[["}', b'[],[],[],{},"'])
def test_brackets_in_strings_and_beside_each_other_are_not_nesting(text: bytes) -> None:
    assert not is_deeper_than(2, text)


@given(st.recursive(st.none() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)))
def test_nesting_counts_as_json_does(value: object) -> None:
    def depth(item: object) -> int:
        if isinstance(item, dict):
            return 1 + max((depth(part) for part in item.values()), default=0)
        return 1 + max((depth(part) for part in item), default=0) if isinstance(item, list) else 0

    text = json.dumps(value, ensure_ascii=False).encode()

    assert not is_deeper_than(depth(value), text)
    assert depth(value) == 0 or is_deeper_than(depth(value) - 1, text)


@given(st.binary(max_size=200))
def test_any_bytes_are_commands_or_a_bad_frame(frame: bytes) -> None:
    try:
        CODEC.decode(frame)
    except BadFrame as error:
        assert str(error)


@given(st.text(alphabet='{}[]":,\\idrpcn\n 01', max_size=60))
def test_so_is_text_that_looks_like_json(text: str) -> None:
    try:
        CODEC.decode(text.encode())
    except BadFrame as error:
        assert str(error)


def test_an_empty_reply_is_the_ping() -> None:
    assert CODEC.encode_reply(PING) == b"{}"
    assert CODEC.frame([CODEC.encode_reply(PING)]) == CODEC.ping


def test_a_result_without_content_is_still_there() -> None:
    assert decoded(Reply(id=4, unsubscribe=UnsubscribeResult())) == {"id": 4, "unsubscribe": {}}
    assert decoded(Reply(id=5, subscribe=SubscribeResult())) == {"id": 5, "subscribe": {}}
    assert decoded(Reply(id=6, rpc=RPCResult())) == {"id": 6, "rpc": {}}


def test_an_error_says_its_code_and_its_message() -> None:
    assert decoded(Reply(id=4, error=Error(code=107, message="no"))) == {"id": 4, "error": {"code": 107, "message": "no"}}


def test_a_message_never_holds_a_raw_newline() -> None:
    payload = msgspec.Raw(b'{\n"a":\n"b\\nc"}')

    assert CODEC.encode_reply(Reply(id=1, rpc=RPCResult(data=payload))) == b'{"id":1,"rpc":{"data":{ "a": "b\\nc"}}}'
    assert b"\n" not in CODEC.encode_room_message("a:1", RoomMessage(data=bytes(payload)))


def test_a_room_message_is_the_push_that_a_reply_would_be() -> None:
    message = RoomMessage(data=b'{"event":{"type":"x"}}', offset=42, command_id="c-1", time_ms=17)
    push = Push(
        channel='a:"1',
        pub=Publication(data=msgspec.Raw(message.data), offset=42, tags={"command_id": "c-1"}, time=17),
    )

    assert json.loads(CODEC.encode_room_message('a:"1', message)) == decoded(Reply(push=push))


def test_a_passing_message_has_no_offset_and_no_tags() -> None:
    assert json.loads(CODEC.encode_room_message("a:1", RoomMessage(data=b'{"tick":1}'))) == {
        "push": {"channel": "a:1", "pub": {"data": {"tick": 1}}}
    }
