"""The wire as Protobuf: binary frames, each message preceded by its length as a varint (PROTOCOL.md, ``client.proto``).

Written by hand over the table of ``protobuf_fields``: it decodes straight into our structs, which is faster here than the generated
classes and the copying out of them (tests/bench), and it checks every length before it copies anything.

Where a client repeats a single field the last one counts; embedded messages are not merged (no SDK sends them twice).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias, cast

import msgspec

from channels.seats import FormatName, RoomMessage
from channels.wire import frames
from channels.wire.codec import MAX_COMMANDS, BadFrame
from channels.wire.messages import EMPTY, Command, Reply
from channels.wire.protobuf_fields import FIELDS, Field
from channels.wire.varints import BYTES, VARINT, decode_length, decode_varint, encode_varint, signed, skipped

_KEY_TAG: Final = 1 << 3 | BYTES
_VALUE_TAG: Final = 2 << 3 | BYTES
_NUMBERS = frozenset({"bool", "uint32", "uint64", "int32", "int64"})


class _Plan(NamedTuple):
    """How one type is read and written; made once from its fields.

    ``numbers``: tag -> (field name, what the varint means); ``texts``: tag -> (field name, what the bytes mean, how they are added
    where the field repeats). ``encoders``: (field name, tag as bytes, how its value is written).
    """

    make: Callable[..., Any]
    numbers: dict[int, tuple[str, Callable[[int], Any]]]
    texts: dict[int, tuple[str, Callable[[bytes, int, int], Any], "_Adder | None"]]
    encoders: tuple[tuple[str, bytes, Callable[[bytes, Any], bytes]], ...]


_Adder: TypeAlias = Callable[[dict[str, Any], str, Any], None]


# ---- reading


def _read(plan: _Plan, buffer: bytes, at: int, end: int) -> Any:
    """The message between ``at`` and ``end``. Speed: numbers below 128 (nearly all tags and lengths) are read in place."""
    values: dict[str, Any] = {}
    numbers, texts = plan.numbers, plan.texts
    while at < end:
        tag = buffer[at]
        at += 1
        if tag > 127:
            tag, at = decode_varint(buffer, at - 1, end)
        if (text := texts.get(tag)) is not None:
            if at < end and (stop := at + 1 + buffer[at]) <= end and buffer[at] < 128:
                at += 1
            else:
                at, stop = decode_length(buffer, at, end)
            name, take, add = text
            if add is None:
                values[name] = take(buffer, at, stop)
            else:
                add(values, name, take(buffer, at, stop))
            at = stop
        elif (number := numbers.get(tag)) is not None:
            value, at = decode_varint(buffer, at, end)
            values[number[0]] = number[1](value)
        else:
            at = skipped(buffer, tag, at, end)
    return plan.make(**values)


def _take_string(buffer: bytes, begin: int, end: int) -> str:
    return buffer[begin:end].decode()


def _take_raw(buffer: bytes, begin: int, end: int) -> msgspec.Raw:
    # the empty one is the structs' own default, so that the other format leaves the field out
    return msgspec.Raw(buffer[begin:end]) if end > begin else EMPTY


def _taker(field: Field) -> Callable[[bytes, int, int], Any]:
    if field.kind in ("message", "repeated"):
        return lambda buffer, begin, end: _read(_PLANS[field.of], buffer, begin, end)
    if field.kind == "strings":
        return lambda buffer, begin, end: _read_entry(_take_string, "", buffer, begin, end)
    if field.kind == "messages":
        return lambda buffer, begin, end: _read_entry(partial(_read, _PLANS[field.of]), field.of(), buffer, begin, end)
    return _take_raw if field.kind == "bytes" else _take_string


def _read_entry(take: Callable[[bytes, int, int], Any], value: Any, buffer: bytes, at: int, end: int) -> tuple[str, Any]:
    """One entry of a map: field 1 is the key, field 2 the value; either may be missing."""
    key = ""
    while at < end:
        tag, at = decode_varint(buffer, at, end)
        if tag not in (_KEY_TAG, _VALUE_TAG):
            at = skipped(buffer, tag, at, end)
            continue
        begin, at = decode_length(buffer, at, end)
        if tag == _KEY_TAG:
            key = _take_string(buffer, begin, at)
        else:
            value = take(buffer, begin, at)
    return key, value


def _append(values: dict[str, Any], name: str, item: Any) -> None:
    values.setdefault(name, []).append(item)


def _put(values: dict[str, Any], name: str, entry: tuple[str, Any]) -> None:
    values.setdefault(name, {})[entry[0]] = entry[1]


_FROM_VARINT: dict[str, Callable[[int], Any]] = {
    "bool": bool,
    "uint32": lambda value: value & 0xFFFFFFFF,
    "uint64": int,
    "int32": lambda value: signed(value, 32),
    "int64": signed,
}
_ADDERS: dict[str, _Adder] = {"repeated": _append, "strings": _put, "messages": _put}


# ---- writing


def _write(message: Any) -> bytes:
    parts = []
    for name, tag, encode in _PLANS[type(message)].encoders:
        value = getattr(message, name)
        if value is not None:
            parts.append(encode(tag, value))
    return b"".join(parts)


def _sized(tag: bytes, payload: bytes) -> bytes:
    return tag + encode_varint(len(payload)) + payload


def _write_number(tag: bytes, value: int) -> bytes:
    return tag + encode_varint(value) if value else b""


def _write_string(tag: bytes, value: str) -> bytes:
    return _sized(tag, value.encode()) if value else b""


def _write_raw(tag: bytes, value: msgspec.Raw) -> bytes:
    payload = bytes(value)
    return _sized(tag, payload) if payload else b""


def _write_message(tag: bytes, value: msgspec.Struct) -> bytes:
    return _sized(tag, _write(value))


def _write_repeated(tag: bytes, value: Sequence[msgspec.Struct]) -> bytes:
    return b"".join([_sized(tag, _write(item)) for item in value])


def _write_strings(tag: bytes, value: dict[str, str]) -> bytes:
    return b"".join([_sized(tag, _key(key) + _value(item.encode())) for key, item in value.items()])


def _write_messages(tag: bytes, value: dict[str, msgspec.Struct]) -> bytes:
    return b"".join([_sized(tag, _key(key) + _value(_write(item))) for key, item in value.items()])


def _key(key: str) -> bytes:
    """Field 1 of every map's entry."""
    return _sized(b"\x0a", key.encode())


def _value(payload: bytes) -> bytes:
    """Field 2 of every map's entry."""
    return _sized(b"\x12", payload)


_ENCODERS: dict[str, Callable[[bytes, Any], bytes]] = {
    **dict.fromkeys(_NUMBERS, _write_number),
    "string": _write_string,
    "bytes": _write_raw,
    "message": _write_message,
    "repeated": _write_repeated,
    "strings": _write_strings,
    "messages": _write_messages,
}


def _plan(type_: type[msgspec.Struct], fields: tuple[Field, ...]) -> _Plan:
    tags = {field: field.number << 3 | (VARINT if field.kind in _NUMBERS else BYTES) for field in fields}
    return _Plan(
        make=type_,
        numbers={tag: (field.name, _FROM_VARINT[field.kind]) for field, tag in tags.items() if field.kind in _NUMBERS},
        texts={
            tag: (field.name, _taker(field), _ADDERS.get(field.kind)) for field, tag in tags.items() if field.kind not in _NUMBERS
        },
        encoders=tuple((field.name, encode_varint(tag), _ENCODERS[field.kind]) for field, tag in tags.items()),
    )


_PLANS: dict[type[msgspec.Struct], _Plan] = {type_: _plan(type_, fields) for type_, fields in FIELDS.items()}
_COMMAND: Final = _PLANS[Command]


# ---- the codec


class ProtobufCodec:
    """Stateless; one serves every connection."""

    name: FormatName = "protobuf"
    encoding = "protobuf"
    first_byte = frames.BINARY
    separator = b""
    ping: bytes = frames.header(frames.BINARY, 1) + b"\x00"

    def decode(self, frame: bytes) -> list[Command]:
        commands: list[Command] = []
        at, end = 0, len(frame)
        try:
            while at < end:
                begin, at = decode_length(frame, at, end)
                commands.append(_command(frame, begin, at))
                if len(commands) > MAX_COMMANDS:
                    raise BadFrame(f"more than {MAX_COMMANDS} commands in one frame")
        except UnicodeDecodeError:
            raise BadFrame("text that is not UTF-8") from None
        return commands

    def encode_reply(self, reply: Reply) -> bytes:
        payload = _write(reply)
        return encode_varint(len(payload)) + payload

    def encode_room_message(self, room: str, message: RoomMessage) -> bytes:
        # Speed: the same bytes as encode_reply over a Reply, in a third of its time: tags are constants here.
        data = message.data
        publication = b'"%b%b' % (encode_varint(len(data)), data)
        if message.offset:
            command_id = message.command_id.encode()
            entry = b"\x0a\x0acommand_id\x12%b%b" % (encode_varint(len(command_id)), command_id)
            publication += b"\x30%b\x3a%b%b" % (encode_varint(message.offset), encode_varint(len(entry)), entry)
            if message.time_ms:
                publication += b"\x48" + encode_varint(message.time_ms)
        channel = room.encode()
        push = b"\x12%b%b\x22%b%b" % (encode_varint(len(channel)), channel, encode_varint(len(publication)), publication)
        length = encode_varint(len(push))
        return b"%b\x22%b%b" % (encode_varint(1 + len(length) + len(push)), length, push)

    def frame(self, messages: Sequence[bytes]) -> bytes:
        return frames.join(frames.BINARY, b"", messages)


def _command(frame: bytes, begin: int, end: int) -> Command:
    command = cast("Command", _read(_COMMAND, frame, begin, end))
    if command.id and command.request is None:
        return Command(id=command.id, unknown=_unknown_request(frame, begin, end))
    return command


def _unknown_request(buffer: bytes, at: int, end: int) -> str:
    """The first field of a command that is a message and not ours, by its number."""
    while at < end:
        tag, at = decode_varint(buffer, at, end)
        if tag & 7 == BYTES and tag not in _COMMAND.texts:
            return f"request {tag >> 3}"
        at = skipped(buffer, tag, at, end)
    return ""
