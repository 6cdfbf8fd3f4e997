"""Commands from bytes: what is taken, and what is refused with which path."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.command_codec import CommandCodec
from domain.decider import Command
from domain.kinds import KINDS
from domain.kinds.workspace import commands as ask
from domain.limits import DEPTH_MAX, OBJECT_MAX_BYTES, PAYLOAD_MAX_BYTES, TEXT_MAX
from domain.rejections import Malformed, Rejection, UnknownCommand
from tests.unit.domain.story import command_id

codec = CommandCodec(KINDS)

ROOM = "workspace:8f1d0000-0000-5000-8000-000000000000"
UNKNOWN = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"
ENVELOPE: dict[str, Any] = {"room": ROOM, "command_id": command_id(1)}


def decode(verb: str, **fields: Any) -> Command:
    return codec.decode(f"workspace.{verb}", json.dumps({**ENVELOPE, **fields}).encode())[1]


def raw(verb: str, fields: str) -> Command:
    """``fields`` as JSON text, put behind the envelope."""
    body = json.dumps(ENVELOPE)[:-1] + ", " + fields + "}"
    return codec.decode(f"workspace.{verb}", body.encode())[1]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_every_command_of_every_kind_has_its_wire_name() -> None:
    assert codec.names == {f"{kind.kind}.{verb}" for kind in KINDS.values() for verb in kind.commands}


def test_a_command_comes_with_its_kind() -> None:
    decider, command = codec.decode("workspace.post", json.dumps({**ENVELOPE, "text": "hello"}).encode())

    assert decider is KINDS["workspace"]
    assert command == ask.Post(room=ROOM, command_id=command_id(1), text="hello")  # type: ignore[arg-type]  # a plain text


@pytest.mark.parametrize("name", ["workspace.fly", "nowhere.vote", "post", "", "workspace." + "x" * 500])
def test_an_unknown_command_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(UnknownCommand, match=r"there is no command") as refusal:
        codec.decode(name, b"{}")
    assert len(str(refusal.value)) < 200


def test_creating_needs_no_room_and_anything_else_does() -> None:
    body = {"command_id": command_id(1), "pattern_type": "swings", "name": "Swings", "category": "x"}
    assert codec.decode("workspace.create", json.dumps(body).encode())[1].room == ""
    with pytest.raises(Malformed, match=r"\$\.room"):
        codec.decode("workspace.post", json.dumps({"command_id": command_id(1), "text": "x"}).encode())


@pytest.mark.parametrize("room", ["share:1", "workspace", "", "workspace:" + "x" * 300])
def test_a_foreign_or_broken_room_is_refused(room: str) -> None:
    with pytest.raises(Malformed, match=r"address of a workspace.*\$\.room"):
        decode("post", room=room, text="x")


@pytest.mark.parametrize("wrong", ["", "1", "0190AAAA-BBBB-7CCC-8DDD-EEEEEEEEEEEE", "0190aaaabbbb7ccc8dddeeeeeeeeeeee", "x" * 36])
def test_a_command_id_is_a_uuid_in_small_letters(wrong: str) -> None:
    with pytest.raises(Malformed, match=r"uuid.*\$\.command_id"):
        decode("post", command_id=wrong, text="x")


def test_a_receipt_is_durable_or_stored() -> None:
    assert decode("post", text="x").receipt == "durable"
    assert decode("post", text="x", receipt="stored").receipt == "stored"
    with pytest.raises(Malformed, match=r"\$\.receipt"):
        decode("post", text="x", receipt="soon")


@pytest.mark.parametrize(
    "verb,fields,path",
    [
        ("post", {"text": "x", "color": "red"}, r"unknown field `color` - at `\$`"),
        ("post", {}, r"missing required field `text` - at `\$`"),
        ("post", {"text": 1}, r"Expected `str`, got `int` - at `\$\.text`"),
        ("post", {"text": ""}, r"- at `\$\.text`"),
        ("post", {"text": "x" * (TEXT_MAX + 1)}, r"length <= 20000 - at `\$\.text`"),
        ("post", {"text": "x", "attachments": ["y" * 2_001]}, r"- at `\$\.attachments\[\.\.\.\]`|attachments\[0\]"),
        ("post", {"text": "x", "attachments": ["y"] * 21}, r"- at `\$\.attachments`"),
        ("set_version", {"version": "1.0"}, r"- at `\$\.version`"),
        ("set_version", {"version": "01.0.0"}, r"- at `\$\.version`"),
        ("complete_session", {"session_id": "short"}, r"- at `\$\.session_id`"),
        ("complete_session", {"session_id": "x" * 36}, r"- at `\$\.session_id`"),
        ("complete_session", {"session_id": UNKNOWN.upper()}, r"- at `\$\.session_id`"),
        ("complete_session", {"session_id": UNKNOWN, "success_rate": 1.5}, r"- at `\$\.success_rate`"),
        ("report_progress", {"execution_id": UNKNOWN, "progress": 101}, r"- at `\$\.progress`"),
        ("report_progress", {"execution_id": UNKNOWN, "progress": -1}, r"- at `\$\.progress`"),
        ("advance_phase", {"execution_id": UNKNOWN, "phase": "dreaming"}, r"- at `\$\.phase`"),
        ("append_deploy_log", {"execution_id": UNKNOWN, "attempt": 0, "position": 0, "text": "x"}, r"- at `\$\.attempt`"),
        ("append_deploy_log", {"execution_id": UNKNOWN, "attempt": 1, "position": -1, "text": "x"}, r"- at `\$\.position`"),
        ("submit_description", {"description": "x", "steps": ["s"] * 101}, r"- at `\$\.steps`"),
    ],
)
def test_the_form_is_checked_and_the_path_named(verb: str, fields: dict[str, Any], path: str) -> None:
    with pytest.raises(Malformed, match=path):
        decode(verb, **fields)


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"{} {}", b'{"text": "\xff"}', b"\x00", b'{"text": "\x01"}'])
def test_what_is_not_json_in_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"- at `\$"):
        codec.decode("workspace.post", body)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7"])
def test_what_is_not_an_object_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"Expected `object`.*- at `\$`"):
        codec.decode("workspace.post", body)


@pytest.mark.parametrize(
    "fields,path",
    [
        (r'"name": "a\u0000b"', r"NUL - at `\$\.name`"),
        (r'"name": "S", "data": {"a": ["x", "\u0000"]}', r"NUL - at `\$\.data\.a\[1\]`"),
        (r'"name": "S", "data": {"a\u0000": 1}', r"NUL - at `\$\.data\.a\\u0000`"),
        (r'"name": "\ud800"', r"surrogate pair - at `\$\.name`"),
        (r'"name": "S", "data": {"a": "\udc00 and more text"}', r"surrogate pair - at `\$\.data\.a`"),
        (r'"name": "S", "data": {"\ud800": 1}', r"surrogate pair - at `\$\.data\."),
        ('"name": "S", "data": {"a": NaN}', r"finite number - at `\$\.data\.a`"),
        ('"name": "S", "data": {"a": -Infinity}', r"finite number - at `\$\.data\.a`"),
        ('"name": "S", "data": {"a": [1e999]}', r"finite number - at `\$\.data\.a\[0\]`"),
    ],
)
def test_what_would_poison_a_row_is_refused_with_its_path(fields: str, path: str) -> None:
    with pytest.raises(Malformed, match=path):
        raw("create_session", fields)


def test_an_escaped_backslash_before_u0000_is_just_text() -> None:
    command = raw("create_session", r'"name": "a\\u0000b"')

    assert isinstance(command, ask.CreateSession)
    assert command.name == r"a\u0000b"


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    command = raw("create_session", r'"name": "\ud83d\ude00"')

    assert isinstance(command, ask.CreateSession)
    assert command.name == "😀"


def test_nesting_is_taken_up_to_32_levels_the_command_and_its_field_included() -> None:
    decode("create_session", name="S", data={"a": nested(DEPTH_MAX - 2)})
    with pytest.raises(Malformed, match=r"deeper than 32 levels - at `\$\.data\.a\[0\]"):
        decode("create_session", name="S", data={"a": nested(DEPTH_MAX - 1)})


@pytest.mark.parametrize("levels", [2_000, 20_000])
def test_a_tower_of_brackets_is_refused_whole(levels: int) -> None:
    with pytest.raises(Malformed, match="deeper than 32 levels"):
        raw("create_session", '"name": "S", "data": {"a": ' + "[" * levels + "]" * levels + "}")


def test_many_brackets_that_are_not_nested_are_no_trouble() -> None:
    decode("create_session", name="S", data={"a": [[] for _ in range(500)]})
    decode("post", text="{[" * 500)


def test_a_command_is_bounded_in_bytes() -> None:
    with pytest.raises(Malformed, match=r"96 KiB.*- at `\$`"):
        decode("complete_execution", execution_id=UNKNOWN, files=["f" * 100] * (PAYLOAD_MAX_BYTES // 100))


def test_an_open_object_is_bounded_in_bytes() -> None:
    decode("create_session", name="S", data={"a": "x" * (OBJECT_MAX_BYTES - 100)})
    with pytest.raises(Malformed, match=r"16 KiB - at `\$\.data`"):
        decode("create_session", name="S", data={"a": "x" * OBJECT_MAX_BYTES})
    with pytest.raises(Malformed, match=r"16 KiB - at `\$\.data`"):
        decode("change_feedback", feedback_id=UNKNOWN, data={"a": "x" * OBJECT_MAX_BYTES})


def test_a_number_of_too_many_digits_is_refused() -> None:
    with pytest.raises(Malformed):
        raw("create_session", '"name": "S", "data": {"a": ' + "9" * 5_000 + "}")


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="ignore")))
def test_any_bytes_are_a_command_or_a_refusal(body: bytes) -> None:
    try:
        codec.decode("workspace.post", body)
    except Rejection as rejection:
        assert isinstance(rejection, Malformed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_an_accepted_object_holds_nothing_that_a_row_cannot(data: dict[str, Any]) -> None:
    try:
        command = decode("create_session", name="S", data=data)
    except Malformed:
        return
    assert isinstance(command, ask.CreateSession)
    text = json.dumps(command.data, ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in text
    text.encode()
