"""Payloads of every command there is, made from the commands' own types: a new command is tried without anybody thinking of it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import inspect

from domain.decider import Command
from domain.kinds import KINDS

SOME_ID = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"
SAMPLES = ("x", "xxx", SOME_ID, "0" * 64, "0a", "1.0.0", "1.00", "1", "jpeg", "workspace:x", "")
"""Whatever a pattern of the domain wants, one of these has it."""
ENVELOPE = frozenset({"room", "command_id", "receipt"})

Path: TypeAlias = tuple[str | int, ...]
COMMANDS: dict[str, type[Command]] = {
    f"{kind.kind}.{verb}": command for kind in KINDS.values() for verb, command in kind.commands.items()
}
"""Every command of every kind, by its wire name."""


class TextField(NamedTuple):
    """A place for text in a command. ``is_key`` where it has a pattern, so that most text is refused."""

    name: str
    path: Path
    is_key: bool


def example(command: type[Command], *, is_full: bool = False) -> dict[str, Any]:
    """A payload that has its form, without the envelope; ``is_full`` with what may be left out, too."""
    return {name: value for name, value in _struct(inspect.type_info(command), is_full).items() if name not in ENVELOPE}


def text_fields(name: str) -> Iterator[TextField]:
    """Where somebody's text may stand in the full example of a command."""
    for path, kind in _texts(inspect.type_info(COMMANDS[name]), ()):
        if path[0] not in ENVELOPE:
            yield TextField(name, path, kind.pattern is not None)


def with_text(name: str, path: Path, text: str) -> dict[str, Any]:
    """The full example with another text at one place."""
    payload = example(COMMANDS[name], is_full=True)
    place: Any = payload
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = text
    return payload


def at(payload: Any, path: Path) -> Any:
    for step in path:
        payload = payload[step]
    return payload


def _struct(struct: Any, is_full: bool) -> dict[str, Any]:
    return {field.encode_name: _value(field.type, is_full) for field in struct.fields if field.required or is_full}


def _value(kind: inspect.Type, is_full: bool) -> Any:
    match kind:
        case inspect.Metadata():
            return _value(kind.type, is_full)
        case inspect.StructType():
            return _struct(kind, is_full)
        case inspect.StrType():
            return _text(kind)
        case inspect.IntType() | inspect.FloatType():
            return max(kind.ge or 0, 1 if kind.le is None or kind.le >= 1 else 0)
        case inspect.BoolType():
            return True
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.UnionType():
            return _value(_something_of(kind), is_full)
        case inspect.TupleType():
            return [_value(item, is_full) for item in kind.item_types]
        case inspect.VarTupleType() | inspect.ListType():
            return [_value(kind.item_type, is_full)] if is_full or kind.min_length else []
        case inspect.DictType():
            return {"x": "x"} if is_full else {}
        case _:
            raise AssertionError(f"no example of {kind}: say here what it looks like")


def _text(kind: inspect.StrType) -> str:
    fitting = (
        text
        for text in SAMPLES
        if len(text) >= (kind.min_length or 0)
        and len(text) <= (kind.max_length or len(text))
        and (kind.pattern is None or re.search(kind.pattern, text))
    )
    found = next(fitting, None)
    assert found is not None, f"no sample fits {kind}: add one to SAMPLES"
    return found


def _something_of(kind: inspect.UnionType) -> inspect.Type:
    return next(one for one in kind.types if not isinstance(one, inspect.NoneType | inspect.CustomType))


def _texts(kind: inspect.Type, path: Path) -> Iterator[tuple[Path, inspect.StrType]]:
    match kind:
        case inspect.Metadata():
            yield from _texts(kind.type, path)
        case inspect.StructType():
            for field in kind.fields:
                yield from _texts(field.type, (*path, field.encode_name))
        case inspect.StrType():
            yield path, kind
        case inspect.UnionType():
            yield from _texts(_something_of(kind), path)
        case inspect.TupleType():
            yield from _each(kind.item_types, path)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _texts(kind.item_type, (*path, 0))
        case inspect.DictType():
            yield (*path, "x"), inspect.StrType()


def _each(kinds: Sequence[inspect.Type], path: Path) -> Iterator[tuple[Path, inspect.StrType]]:
    for place, kind in enumerate(kinds):
        yield from _texts(kind, (*path, place))


def decoded(name: str, payload: bytes) -> dict[str, Any]:
    """A command as its own type reads it, as plain values again."""
    return dict(msgspec.to_builtins(msgspec.json.decode(payload, type=COMMANDS[name])))
