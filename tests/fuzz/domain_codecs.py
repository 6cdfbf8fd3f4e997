"""The codecs of the rules: any bytes are a command, a question or records, or are refused as declared."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from domain.command_codec import ADDRESS_MAX, CommandCodec
from domain.event_codec import UNREADABLE, EventCodec, UnknownEvent, digest_of, encode
from domain.ids import kind_of
from domain.kinds import KINDS
from domain.limits import DEPTH_MAX
from domain.question_codec import QuestionCodec
from domain.rejections import Malformed, UnknownCommand
from tests.fuzz.tape import Tape
from tests.fuzz.target import Target
from tests.support.records import conversation, workspace

COMMANDS, QUESTIONS, EVENTS = CommandCodec(KINDS), QuestionCodec(KINDS), EventCodec(KINDS)
COMMAND_NAMES = sorted(COMMANDS.names)
QUESTION_NAMES = sorted(QUESTIONS.names)
GOLDEN = Path(__file__).parents[1] / "unit" / "domain"


def read_command(data: bytes) -> None:
    tape = Tape(data)
    name = tape.one_of([*COMMAND_NAMES, "workspace.fly", ""])
    payload = tape.rest()
    try:
        decider, command = COMMANDS.decode(name, payload)
    except (Malformed, UnknownCommand) as refusal:
        encode(str(refusal))  # it is told as JSON
        return
    assert name.startswith(decider.kind)
    assert len(command.room) <= ADDRESS_MAX
    flaws = list(_flaws(msgspec.to_builtins(command)))
    assert not flaws, flaws
    again = COMMANDS.decode(name, encode(command))[1]
    assert (again, digest_of(again)) == (command, digest_of(command)), "written and read again it is another"


def _flaws(value: Any, depth: int = 1) -> Iterable[str]:
    """What Postgres would not take: the codec promises that none of it comes through."""
    if depth > DEPTH_MAX:
        yield "too deep"
    elif isinstance(value, str):
        if "\0" in value or (not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value)):
            yield f"text {value!r}"
    elif isinstance(value, float) and not math.isfinite(value):
        yield "no number"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _flaws(key, depth)
            yield from _flaws(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _flaws(item, depth + 1)


def read_question(data: bytes) -> None:
    tape = Tape(data)
    name = tape.one_of([*QUESTION_NAMES, "share.whom"])
    try:
        _, question = QUESTIONS.decode(name, tape.rest())
    except (Malformed, UnknownCommand) as refusal:
        encode(str(refusal))
        return
    assert QUESTIONS.decode(name, encode(question))[1] == question


def read_records(blob: bytes) -> None:
    try:
        records = EVENTS.decode_records(blob)
    except (*UNREADABLE, UnknownEvent):
        return
    written = EVENTS.encode_records(records)
    assert EVENTS.decode_records(written) == records, "written and read again they are others"
    for record in records:
        assert kind_of(record.room) in KINDS
        assert EVENTS.encode_event(record.event), "an event that cannot be written"


def _with_name(name: str, fields: dict[str, Any]) -> bytes:
    return bytes((COMMAND_NAMES.index(name),)) + json.dumps(fields).encode()


_ENVELOPE = {"room": workspace("one"), "command_id": "018bcfe5-6800-7001-8000-000000000001"}
_COMMANDS = (
    _with_name("workspace.create", {**_ENVELOPE, "pattern_type": "swings", "name": "Swings", "category": "price_action"}),
    _with_name("workspace.post", {**_ENVELOPE, "text": "hello", "attachments": [{"url": "u", "name": "n"}]}),
    _with_name("workspace.create_session", {**_ENVELOPE, "name": "s", "data": {"a": [1, {"b": None}], "c": 1.5}}),
    _with_name("concept.set_optimized_versions", {**_ENVELOPE, "room": "concept:1", "image_id": "x", "versions": {"a": {}}}),
    _with_name("conversation.complete_turn", {**_ENVELOPE, "room": "conversation:1", "turn_id": "x", "attempt": 1, "length": 3}),
    *(bytes((index,)) + json.dumps(_ENVELOPE).encode() for index in range(0, len(COMMAND_NAMES), 7)),
)


def _golden_blobs() -> list[bytes]:
    """Every event that has ever been written, as the journal holds it."""
    blobs = [EVENTS.encode_records(conversation(workspace("one"), "one", 4))]
    for path in sorted(GOLDEN.glob("*/golden_events.json")):
        room = f"{path.parent.name}:1"
        events = json.loads(path.read_bytes()).values()
        actor = {"id": "a", "kind": "user", "name": "A"}
        stored = [[room, 1, 1, actor, "c", 0, True, "d", each["version"], json.loads(each["body"])] for each in events]
        blobs += [json.dumps([one]).encode() for one in stored]
    return blobs


_ODD = (
    b"\\u0000",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"1e999",
    b"NaN",
    b"-0",
    b"[" * 40,
    b"null",
    b'{"":1}',
    b"9" * 30,
    b"\xff",
    b"\x00",
)

TARGETS = (
    Target(
        "commands",
        "any bytes under any command's name: a command that Postgres can store, or Malformed with its path",
        read_command,
        _COMMANDS,
        ["domain.command_codec"],
        _ODD,
    ),
    Target(
        "questions",
        "any bytes under any question's name: a question, or Malformed with its path",
        read_question,
        [bytes((index,)) + b'{"room":"share:1"}' for index in range(len(QUESTION_NAMES))],
        ["domain.question_codec"],
        _ODD,
    ),
    Target(
        "records",
        "any bytes as a batch of the journal: records that survive being written again, or a refusal that recovery knows",
        read_records,
        _golden_blobs(),
        ["domain.event_codec"],
        [*_ODD, b'"type":', b"true", b"workspace:1", b"share:1", b"2"],
    ),
)
