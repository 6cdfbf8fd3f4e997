"""Both formats of the wire: any bytes are commands or a ``BadFrame``, and what was read can be written and read again."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec

from channels.wire import messages as m
from channels.wire import protobuf_codec
from channels.wire.codec import MAX_COMMANDS, BadFrame, Codec
from channels.wire.json_codec import JsonCodec, one_line
from channels.wire.protobuf_codec import ProtobufCodec
from channels.wire.varints import encode_varint
from tests.fuzz.target import Target

JSON, PROTOBUF = JsonCodec(), ProtobufCodec()
BYTES_PER_BYTE = 100
"""What a frame may take while it is decoded, per byte of it. An empty command is a byte or two, its struct has 16 fields; so
``MAX_COMMANDS`` and this together keep the worst frame (512 KiB) far below what a machine has."""
BYTES_AT_LEAST = 1 << 20


def plain(value: Any) -> Any:
    """For comparison: raw payloads have no equality of their own."""
    if isinstance(value, msgspec.Raw):
        return one_line(bytes(value))
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def as_json(command: m.Command) -> bytes:
    """A command as a JSON client writes it."""
    return one_line(msgspec.json.encode(command))


def as_protobuf(command: m.Command) -> bytes:
    """A command as a Protobuf client writes it: its length first."""
    payload = protobuf_codec._write(command)
    return encode_varint(len(payload)) + payload


def read_any(codec: Codec, write: Callable[[m.Command], bytes], frame: bytes) -> None:
    try:
        commands = codec.decode(frame)
    except BadFrame as refusal:
        assert str(refusal), "a refusal without a word"
        return
    assert len(commands) <= MAX_COMMANDS
    for command in commands:
        assert 0 <= command.id < 1 << 32
        assert not (command.unknown and command.request), "a command has one request, known or unknown"
    known = [command for command in commands if not command.unknown]
    separated = codec.separator.join(map(write, known))
    assert plain(codec.decode(separated)) == plain(known), "written and read again it is another"


def measured(codec: Codec, frame: bytes) -> int:
    """Bytes that decoding took at its highest; slow, because every allocation is counted."""
    tracemalloc.start()
    try:
        codec.decode(frame)
    except BadFrame:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def most_bytes(frame: bytes) -> int:
    return BYTES_AT_LEAST + BYTES_PER_BYTE * len(frame)


def read_json(frame: bytes) -> None:
    read_any(JSON, as_json, frame)


def read_protobuf(frame: bytes) -> None:
    read_any(PROTOBUF, as_protobuf, frame)


SAMPLES: tuple[m.Command, ...] = (
    m.Command(),
    m.Command(id=1, connect=m.ConnectRequest(token="t", subs={"person:1": m.SubscribeRequest(recover=True, epoch="e", offset=7)})),
    m.Command(id=2, subscribe=m.SubscribeRequest(channel="desk:one", recover=True, epoch="e", offset=41, join_leave=True)),
    m.Command(id=3, rpc=m.RPCRequest(method="desk.say", data=msgspec.Raw(b'{"text":"\\ud83d\\ude00"}'))),
    m.Command(id=4, publish=m.PublishRequest(channel="desk:one", data=msgspec.Raw(b'{"type":"typing"}'))),
    m.Command(id=5, history=m.HistoryRequest(channel="desk:one", limit=-1, since=m.StreamPosition(offset=1, epoch="e"))),
    m.Command(id=12, history=m.HistoryRequest(channel="desk:one", limit=5, since=m.StreamPosition(offset=2**64, epoch="e"))),
    m.Command(id=6, unsubscribe=m.UnsubscribeRequest(channel="desk:one")),
    m.Command(id=7, refresh=m.RefreshRequest(token="t")),
    m.Command(id=8, sub_refresh=m.SubRefreshRequest(channel="desk:one", token="t")),
    m.Command(id=9, presence=m.PresenceRequest(channel="desk:one")),
    m.Command(id=10, presence_stats=m.PresenceStatsRequest(channel="desk:one")),
    m.Command(id=11, ping=m.PingRequest()),
    m.Command(send=m.SendRequest(data=msgspec.Raw(b"[]"))),
)

_WORDS = [name.encode() for name in sorted(m.REQUEST_NAMES)]

TARGETS = (
    Target(
        "json-frames",
        "any bytes to the JSON codec: commands that survive being written again, or a refused frame",
        read_json,
        [
            *map(as_json, SAMPLES),
            b"\n".join(map(as_json, SAMPLES)),
            b'{"id":7,"map_subscribe":{}}',
            b'{"id":1,"rpc":{"data":"\\ud83d"}}',
        ],
        ["channels.wire.json_codec"],
        [
            *(b'"%b":' % word for word in _WORDS),
            b"\n",
            b'{"id":1,',
            b"null",
            b"\\ud83d",
            b"[[[[[[[[",
            b'"data":',
            b"1e999",
            b"\xed\xa0\x80",
        ],
    ),
    Target(
        "protobuf-frames",
        "any bytes to the Protobuf codec: commands that survive being written again, or a refused frame",
        read_protobuf,
        [*map(as_protobuf, SAMPLES), b"".join(map(as_protobuf, SAMPLES))],
        ["channels.wire.protobuf_codec", "channels.wire.varints"],
        [b"\xff" * 9 + b"\x01", b"\x80\x80\x80\x80\x10", b"\x00" * 16, b"\x0b\x0c", b"\x2a\x00"],
    ),
)
