"""What is written can be read again and is the same: every message, command and event there is, and both formats alike."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from channels.wire import messages as m
from channels.wire.codec import BadFrame
from channels.wire.protobuf_fields import FIELDS
from channels.wire.varints import signed
from domain.command_codec import CommandCodec
from domain.event_codec import EventCodec, digest_of, encode, tag_of, version_of
from domain.kinds import KINDS
from tests.fuzz.shapes import ID, shaped
from tests.fuzz.tape import Tape
from tests.fuzz.wire import JSON, PROTOBUF, as_json, as_protobuf, measured, most_bytes, plain

COMMANDS, EVENTS = CommandCodec(KINDS), EventCodec(KINDS)
TRIES = 12


def tapes(of: object) -> Iterator[Tape]:
    """The same ones in every run: an empty one for what is smallest, then longer and longer ones."""
    for number in range(TRIES):
        yield Tape(random.Random(f"{of} {number}").randbytes(number * 40))


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_within_its_limits_is_read_as_it_was_written(kind: str) -> None:
    for verb, struct in KINDS[kind].commands.items():
        for tape in tapes(f"{kind}.{verb}"):
            command = msgspec.structs.replace(shaped(tape, struct), room=f"{kind}:{ID}", command_id=ID)

            decider, read = COMMANDS.decode(f"{kind}.{verb}", encode(command))

            assert (decider.kind, read, digest_of(read)) == (kind, command, digest_of(command))


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_read_as_it_was_written(kind: str) -> None:
    for struct in KINDS[kind].events:
        for tape in tapes(struct):
            event = shaped(tape, struct)

            assert EVENTS.decode_event(kind, tag_of(struct), version_of(struct), EVENTS.encode_event(event)) == event


@pytest.mark.parametrize("name", sorted(m.REQUEST_NAMES))
def test_every_request_is_the_same_in_both_formats(name: str) -> None:
    for tape in tapes(name):
        request = shaped(tape, _request_type(name))
        command = _within(m.Command(id=1 + tape.up_to(2**32 - 2), **{name: request}))

        [from_json], [from_protobuf] = JSON.decode(as_json(command)), PROTOBUF.decode(as_protobuf(command))

        assert plain(from_json) == plain(command)
        assert plain(from_protobuf) == plain(command)


def test_every_reply_is_read_as_it_was_written() -> None:
    """In JSON; in Protobuf the SDK's own classes read them (tests/unit/channels/wire)."""
    for tape in tapes("reply"):
        for _ in range(20):
            reply = shaped(Tape(tape.chunk()), m.Reply)

            assert plain(msgspec.json.decode(JSON.encode_reply(reply), type=m.Reply)) == plain(reply)


def _request_type(name: str) -> type[msgspec.Struct]:
    return next(field.of for field in FIELDS[m.Command] if field.name == name)


def _within(value: Any) -> Any:
    """The same with its numbers cut to what Protobuf's fields can hold: JSON has longer ones."""
    if isinstance(value, dict):
        return {key: _within(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_within(part) for part in value]
    if type(value) not in FIELDS:
        return value
    cut = {field.name: _cut(field.kind, getattr(value, field.name)) for field in FIELDS[type(value)]}
    return msgspec.structs.replace(value, **cut)


def _cut(kind: str, value: Any) -> Any:
    if kind not in ("uint32", "uint64", "int32", "int64"):
        return _within(value)
    bits = 64 if kind.endswith("64") else 32
    return value & ((1 << bits) - 1) if kind.startswith("u") else signed(value, bits)


@pytest.mark.parametrize(
    "frame",
    [
        b"{}\n" * 170_000,
        b'{"id":1}\n' * 50_000,
        b"[" * 512_000,
        b'{"id":1,"rpc":{"data":' + b'{"a":' * 100_000,
        b'{"id":1,"rpc":{"data":"' + b"\\ud83d" * 80_000 + b'"}}',
        b"\x00" * 512_000,
        b"\x02\x08\x01" * 170_000,
        b"\xff\xff\x1f" + b"\x2a\x00" * 250_000,
    ],
    ids=lambda frame: f"{frame[:12]!r}",
)
@pytest.mark.parametrize("codec", [JSON, PROTOBUF], ids=lambda codec: codec.name)
def test_a_frame_takes_memory_in_proportion_to_its_size(codec: Any, frame: bytes) -> None:
    with contextlib.suppress(BadFrame):
        codec.decode(frame)

    assert measured(codec, frame) <= most_bytes(frame)
