"""Protobuf on the wire, against the SDK's own descriptor."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from centrifuge.codecs import _ProtobufCodec as SdkCodec
from centrifuge.protocol import client_pb2 as sdk
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from channels.seats import RoomMessage
from channels.wire import messages as m
from channels.wire import protobuf_codec
from channels.wire.codec import MAX_COMMANDS, BadFrame
from channels.wire.protobuf_codec import ProtobufCodec
from channels.wire.protobuf_fields import FIELDS, Field
from channels.wire.varints import encode_varint

CODEC = ProtobufCodec()
PROTO = Path(protobuf_codec.__file__).with_name("client.proto").read_text()


def fields_of(type_: type[msgspec.Struct]) -> list[Field]:
    """Those that the Python SDK knows: it is older than the kinds of subscription."""
    return [field for field in FIELDS[type_] if field.name != "type"]


def sdk_message(type_: type[msgspec.Struct]) -> Any:
    return getattr(sdk, type_.__name__)


def proto_type(field: Field) -> str:
    """What ``client.proto`` writes for a field of our table."""
    match field.kind:
        case "message":
            return field.of.__name__
        case "repeated":
            return f"repeated {field.of.__name__}"
        case "strings":
            return "map<string, string>"
        case "messages":
            return f"map<string, {field.of.__name__}>"
        case _:
            return field.kind


def test_the_proto_file_says_what_the_table_says() -> None:
    written = {
        name: {int(number): (kind.strip(), field) for kind, field, number in re.findall(r"^  (.+) (\w+) = (\d+);$", body, re.M)}
        for name, body in re.findall(r"^message (\w+) \{(.*?)\}$", PROTO, re.M | re.S)
    }

    assert written == {
        type_.__name__: {field.number: (proto_type(field), field.name) for field in fields} for type_, fields in FIELDS.items()
    }


@pytest.mark.parametrize("type_", FIELDS, ids=lambda type_: type_.__name__)
def test_the_numbers_are_those_of_the_sdk(type_: type[msgspec.Struct]) -> None:
    descriptor = sdk_message(type_).DESCRIPTOR

    for field in fields_of(type_):
        assert descriptor.fields_by_name[field.name].number == field.number
    assert {field.name for field in FIELDS[type_]} == set(type_.__struct_fields__) - {"unknown"}


STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "string": STRINGS,
    "bytes": st.binary(min_size=1, max_size=200).map(msgspec.Raw) | st.just(m.EMPTY),
    "bool": st.booleans(),
    "uint32": st.integers(0, 2**32 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "strings": st.dictionaries(STRINGS, STRINGS, max_size=3),
}


def values_of(field: Field, owner: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    if field.kind in SIMPLE:
        return SIMPLE[field.kind]
    inner = instances(field.of)
    if field.kind == "repeated":
        return st.lists(inner, max_size=3)
    if field.kind == "messages":
        return st.dictionaries(STRINGS, inner, max_size=3)
    return inner if owner in (m.Join, m.Leave) else st.none() | inner


def instances(type_: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: st.builds(type_, **{field.name: values_of(field, type_) for field in fields_of(type_)}))


def as_sdk(value: msgspec.Struct) -> Any:
    """The same message as an object of the SDK's classes."""
    made = sdk_message(type(value))()
    for field in fields_of(type(value)):
        item = getattr(value, field.name)
        if field.kind == "bytes":
            setattr(made, field.name, bytes(item))
        elif field.kind == "message":
            if item is not None:
                getattr(made, field.name).CopyFrom(as_sdk(item))
        elif field.kind == "repeated":
            getattr(made, field.name).extend([as_sdk(part) for part in item])
        elif field.kind == "strings":
            getattr(made, field.name).update(item)
        elif field.kind == "messages":
            for key, part in item.items():
                getattr(made, field.name)[key].CopyFrom(as_sdk(part))
        else:
            setattr(made, field.name, item)
    return made


def plain(value: Any) -> Any:
    """For comparison: raw payloads have no equality of their own."""
    if isinstance(value, msgspec.Raw):
        return bytes(value)
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def delimited(message: Any) -> bytes:
    payload = message.SerializeToString()
    return encode_varint(len(payload)) + bytes(payload)


@given(instances(m.Command))
def test_we_read_what_the_sdk_writes(command: m.Command) -> None:
    [read] = CODEC.decode(delimited(as_sdk(command)))

    assert plain(read) == plain(command)


@given(instances(m.Reply))
def test_the_sdk_reads_what_we_write(reply: m.Reply) -> None:
    expected = as_sdk(reply)

    [read] = SdkCodec.decode_replies(CODEC.encode_reply(reply))

    assert read == MessageToDict(expected, preserving_proto_field_name=True)


@given(st.lists(instances(m.Command), max_size=5))
def test_several_commands_share_a_frame(commands: list[m.Command]) -> None:
    frame = b"".join(delimited(as_sdk(command)) for command in commands)

    assert [plain(command) for command in CODEC.decode(frame)] == [plain(command) for command in commands]


@given(st.binary(max_size=300))
def test_any_bytes_are_commands_or_a_bad_frame(frame: bytes) -> None:
    try:
        CODEC.decode(frame)
    except BadFrame as error:
        assert str(error)


@given(instances(m.Command), st.integers(0, 300), st.integers(0, 255))
def test_so_is_a_command_with_one_byte_changed(command: m.Command, place: int, byte: int) -> None:
    frame = bytearray(delimited(as_sdk(command)))
    frame[place % len(frame)] = byte
    try:
        CODEC.decode(bytes(frame))
    except BadFrame as error:
        assert str(error)


@given(instances(m.Command))
def test_every_cut_of_a_command_is_a_bad_frame(command: m.Command) -> None:
    frame = delimited(as_sdk(command))

    for end in range(1, len(frame)):
        with pytest.raises(BadFrame):
            CODEC.decode(frame[:end])


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff" * 11,
        b"\x80" * 400_000,
        b"\xff\xff\xff\xff\x7f",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01{}",
        b"\x02\x0a\x7f",
        b"\x02\x08\xff",
        b"\x04\x22\xff\xff\x01",
        b"\x01\x00",
        b"\x02\x0b\x0c",
        b"\x03\x09\x00\x00",
        b"\x04\x2a\x02\x0a\x01",
        b"\x05\x2a\x03\x0a\x01\xff",
    ],
    ids=[
        "a number of eleven bytes",
        "a number without end",
        "a length of gigabytes",
        "a length of 64 bits",
        "a field behind the message",
        "an id that does not end",
        "a request longer than the frame",
        "field number 0",
        "a group",
        "eight bytes that are two",
        "a text behind its request",
        "text that is not UTF-8",
    ],
)
def test_hostile_input_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        CODEC.decode(frame)


def test_a_frame_full_of_empty_commands_is_refused() -> None:
    assert len(CODEC.decode(b"\x00" * MAX_COMMANDS)) == MAX_COMMANDS
    with pytest.raises(BadFrame):
        CODEC.decode(b"\x00" * (MAX_COMMANDS + 1))


def test_a_request_that_we_do_not_have_is_named_by_its_number() -> None:
    assert CODEC.decode(b"\x05\x08\x07\xa2\x01\x00") == [m.Command(id=7, unknown="request 20")]


def test_a_command_with_nothing_but_an_id_names_nothing() -> None:
    assert CODEC.decode(b"\x02\x08\x07") == [m.Command(id=7)]


def test_fields_that_we_do_not_know_are_skipped() -> None:
    theirs = sdk.Command(id=1, subscribe=sdk.SubscribeRequest(channel="a:1", tf=sdk.FilterNode(op="and", vals=["x"]), flag=1))

    [command] = CODEC.decode(delimited(theirs))

    assert command.subscribe == m.SubscribeRequest(channel="a:1", flag=1)


def test_a_kind_of_subscription_is_read() -> None:
    [command] = CODEC.decode(b"\x09\x08\x01\x2a\x05\x0a\x01r\x78\x04")

    assert command.subscribe == m.SubscribeRequest(channel="r", type=4)


def test_an_empty_message_is_the_ping_and_the_pong() -> None:
    assert CODEC.frame([CODEC.encode_reply(m.PING)]) == CODEC.ping
    assert CODEC.decode(b"\x00") == [m.Command()]


@given(STRINGS, st.binary(max_size=300), st.integers(0, 2**40), st.integers(0, 2**45), STRINGS)
def test_a_room_message_is_the_push_that_a_reply_would_be(
    room: str, data: bytes, offset: int, time_ms: int, command_id: str
) -> None:
    message = RoomMessage(data=data, offset=offset, command_id=command_id, time_ms=time_ms)
    tags = {"command_id": command_id} if offset else {}
    publication = m.Publication(data=msgspec.Raw(data), offset=offset, tags=tags, time=time_ms if offset else 0)

    read = SdkCodec.decode_replies(CODEC.encode_room_message(room, message))

    assert read == SdkCodec.decode_replies(CODEC.encode_reply(m.Reply(push=m.Push(channel=room, pub=publication))))
