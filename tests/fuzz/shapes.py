"""Values of our own types, made from a tape: every command, event and message there is, within the limits of its fields."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from tests.fuzz.tape import Tape

ID: Final = "018bcfe5-6800-7001-8000-000000000001"
TEXTS: Final = (
    "",
    "a",
    "swings",
    "Zwei „Steine“",
    "😀 line\nline",
    '"\\/\b\f\t\u2028',
    "x" * 300,
    "@ada look",
    "-1",
    "{}",
    "\x7f\x01",
)
FORMED: Final = (
    ID,
    "018bcfe5-6800-7001-8000-0000000000bb",
    "swings",
    "e2",
    "1.2.3",
    "10.0.0",
    "12.50",
    "0",
    "5e" * 32,
    "abc123",
    f"workspace:{ID}",
    f"concept:{ID}",
    f"person:{ID}",
)
"""What fits one of the patterns that fields have."""
NUMBERS: Final = (0, 1, -1, 2, 100, 2**31 - 1, -(2**31), 2**53 - 1, 2**63 - 1, 1_795_222_800_000)
FLOATS: Final = (0.0, 0.5, 1.0, -1.5, 1e300, 5e-324, 100.0)
JSON: Final = (None, True, 0, 1.5, "😀", [], {}, [1, [2, {}]], {"a": {"b": [None]}, "": 1}, 2**53)
DEPTH_MOST: Final = 4

Maker = Callable[[Tape, Any, int], Any]


def shaped(tape: Tape, wanted: Any, depth: int = 0) -> Any:
    """A value of the type ``wanted``; a tape that is over makes the smallest one."""
    return _made(tape, _info_of(wanted), depth)


@cache
def _info_of(wanted: Any) -> inspect.Type:
    return inspect.type_info(wanted)


def _made(tape: Tape, info: inspect.Type, depth: int) -> Any:
    return _MAKERS[type(info)](tape, info, depth)


def _struct(tape: Tape, info: inspect.StructType, depth: int) -> Any:
    fields: dict[str, Any] = {}
    for field in info.fields:
        if field.required or (depth < DEPTH_MOST and tape.byte() % 3):
            fields[field.name] = _made(tape, field.type, depth + 1)
    return info.cls(**fields)


def _text(tape: Tape, info: inspect.StrType, depth: int) -> str:
    if info.pattern is not None:
        fitting = [text for text in FORMED if re.search(info.pattern, text) and _fits(info, text)]
        return tape.one_of(fitting)
    text = tape.one_of(TEXTS) + tape.one_of(TEXTS)
    least, most = info.min_length or 0, info.max_length or 1_000
    return (text + "a" * least)[:most]


def _fits(info: inspect.StrType, text: str) -> bool:
    return (info.min_length or 0) <= len(text) <= (info.max_length or 1_000)


def _number(tape: Tape, info: inspect.IntType, depth: int) -> int:
    least = info.ge if info.ge is not None else -(2**63)
    most = info.le if info.le is not None else 2**63 - 1
    return int(min(max(tape.one_of(NUMBERS), least), most))


def _float(tape: Tape, info: inspect.FloatType, depth: int) -> float:
    least = info.ge if info.ge is not None else -1e308
    most = info.le if info.le is not None else 1e308
    return float(min(max(tape.one_of(FLOATS), least), most))


def _any(tape: Tape, info: inspect.Type, depth: int) -> Any:
    return tape.one_of(JSON)


def _raw(tape: Tape, info: inspect.Type, depth: int) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(tape.one_of(JSON)).encode())


def _union(tape: Tape, info: inspect.UnionType, depth: int) -> Any:
    return _made(tape, tape.one_of(info.types), depth)


def _count(tape: Tape, info: Any, depth: int) -> int:
    least, most = info.min_length or 0, info.max_length if info.max_length is not None else 3
    return min(least + (tape.up_to(3) if depth < DEPTH_MOST else 0), most)


def _list(tape: Tape, info: inspect.ListType, depth: int) -> list[Any]:
    return [_made(tape, info.item_type, depth + 1) for _ in range(_count(tape, info, depth))]


def _tuple(tape: Tape, info: inspect.VarTupleType, depth: int) -> tuple[Any, ...]:
    return tuple(_made(tape, info.item_type, depth + 1) for _ in range(_count(tape, info, depth)))


def _fixed_tuple(tape: Tape, info: inspect.TupleType, depth: int) -> tuple[Any, ...]:
    return tuple(_made(tape, each, depth + 1) for each in info.item_types)


def _set(tape: Tape, info: inspect.FrozenSetType, depth: int) -> frozenset[Any]:
    return frozenset(_made(tape, info.item_type, depth + 1) for _ in range(_count(tape, info, depth)))


def _dict(tape: Tape, info: inspect.DictType, depth: int) -> dict[Any, Any]:
    count = _count(tape, info, depth)
    return {_made(tape, info.key_type, depth + 1): _made(tape, info.value_type, depth + 1) for _ in range(count)}


_MAKERS: Mapping[type[inspect.Type], Maker] = {
    inspect.Metadata: lambda tape, info, depth: _made(tape, info.type, depth),
    inspect.StructType: _struct,
    inspect.StrType: _text,
    inspect.IntType: _number,
    inspect.FloatType: _float,
    inspect.BoolType: lambda tape, info, depth: bool(tape.byte() & 1),
    inspect.NoneType: lambda tape, info, depth: None,
    inspect.AnyType: _any,
    inspect.RawType: _raw,
    inspect.LiteralType: lambda tape, info, depth: tape.one_of(info.values),
    inspect.UnionType: _union,
    inspect.ListType: _list,
    inspect.VarTupleType: _tuple,
    inspect.TupleType: _fixed_tuple,
    inspect.FrozenSetType: _set,
    inspect.DictType: _dict,
}
