"""Rows into structs, and the parts that lists share: conditions with numbered places, and pages."""

from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg
import msgspec

T = TypeVar("T")

LIMIT_DEFAULT = 50
LIMIT_MOST = 100


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list. ``after`` is what to ask the next one with, None at the end."""

    items: tuple[T, ...]
    after: str | None = None


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as everybody may see them."""

    id: str
    name: str = ""
    image: str = ""


class Conditions:
    """A WHERE clause in the making: only what is asked for stands in it, so that the planner sees which index fits.

    ``conditions.add("status = {}", status)`` adds nothing where the value is None.
    """

    def __init__(self) -> None:
        self.values: list[object] = []
        self._parts: list[str] = []

    def add(self, condition: str, value: object) -> None:
        if value is not None:
            self._parts.append(condition.format(self.place(value)))

    def always(self, condition: str) -> None:
        self._parts.append(condition)

    def place(self, value: object) -> str:
        """The numbered place of a value: ``$3``."""
        self.values.append(value)
        return f"${len(self.values)}"

    def __str__(self) -> str:
        return f"WHERE {' AND '.join(self._parts)}" if self._parts else ""


def row_as(kind: type[T], row: asyncpg.Record) -> T:
    """A row whose columns are named as the struct's fields. A null takes the field's default where there is one."""
    defaulted = _defaulted_fields(kind)  # type: ignore[arg-type]  # a class can be hashed
    plain = {name: _plain(value) for name, value in row.items() if value is not None or name not in defaulted}
    return msgspec.convert(plain, kind)


def rows_as(kind: type[T], rows: list[asyncpg.Record]) -> tuple[T, ...]:
    return tuple(row_as(kind, row) for row in rows)


def page_of(kind: type[T], rows: list[asyncpg.Record], limit: int) -> Page[T]:
    """``rows`` were asked for with one more than ``limit``, which tells whether there is another page behind this one."""
    shown = rows[:limit]
    after = str(shown[-1]["id"]) if len(rows) > limit else None
    return Page(rows_as(kind, shown), after)


def limited(limit: int) -> int:
    return max(1, min(limit, LIMIT_MOST))


def _plain(value: Any) -> object:
    match value:
        case UUID():
            return str(value)
        case bytes():  # jsonb, as persistence.database reads it
            return msgspec.json.decode(value)
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


# Speed: asked for every row; a fifth of the loop while 1,500 people were looked at every second.
@cache
def _defaulted_fields(kind: type[Any]) -> frozenset[str]:
    return frozenset(
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if not (field.required and field.default_factory is msgspec.NODEFAULT)
    )
