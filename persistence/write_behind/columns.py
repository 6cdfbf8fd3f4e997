"""How values travel into the columns of projected tables: by COPY, by ``unnest``, and what stands where nothing is said."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, DateTime, Float, Integer, Numeric, String, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from domain.event_codec import encode
from persistence.tables import METADATA


class ColumnForm(msgspec.Struct, frozen=True):
    """``array_type`` and ``read`` are for ``unnest``: the parameter's type, and the expression over ``v.<column>``.

    A list cannot stand in an array parameter (``unnest`` would flatten it), so lists travel as jsonb there.
    """

    name: str
    array_type: str
    read: str
    to_copy: Callable[[Any], Any]
    to_unnest: Callable[[Any], Any]


class TableForm(msgspec.Struct, frozen=True):
    """``defaults`` are what an insert that names not every column means for the others."""

    name: str
    columns: Mapping[str, ColumnForm]
    defaults: Mapping[str, Any]
    gather: Callable[[Mapping[str, Any]], Sequence[Any]]
    converted: Sequence[tuple[int, Callable[[Any], Any]]]

    def row(self, key: str, values: Mapping[str, Any]) -> list[Any]:
        """The whole row as COPY takes it, in the order of ``columns``."""
        # Speed: most columns take their value as it is, so only the others are looked at one by one (a third of projecting).
        row = list(self.gather({**self.defaults, **values, "id": key}))
        for place, to_copy in self.converted:
            row[place] = to_copy(row[place])
        return row


@cache
def form_of(table: str) -> TableForm:
    found: Table = METADATA.tables[table]
    forms = {column.name: _form(column) for column in found.columns}
    defaults = {column.name: _default(column) for column in found.columns if _has_default(column)}
    converted = [(place, form.to_copy) for place, form in enumerate(forms.values()) if form.to_copy is not _as_it_is]
    return TableForm(table, forms, defaults, itemgetter(*forms), converted)


def _form(column: Column[Any]) -> ColumnForm:
    name = column.name
    match column.type:
        case JSONB():
            return ColumnForm(name, "jsonb", f'v."{name}"', _json, _json)
        case ARRAY(item_type=UUID()):
            return ColumnForm(name, "jsonb", f'ARRAY(SELECT jsonb_array_elements_text(v."{name}"))::uuid[]', _listed, _json)
        case ARRAY():
            return ColumnForm(name, "jsonb", f'ARRAY(SELECT jsonb_array_elements_text(v."{name}"))', _listed, _json)
        case UUID():
            return ColumnForm(name, "uuid", f'v."{name}"', _as_it_is, _as_it_is)
        case DateTime():
            return ColumnForm(name, "timestamptz", f'v."{name}"', _as_it_is, _as_it_is)
        case Boolean():
            return ColumnForm(name, "bool", f'v."{name}"', _as_it_is, _as_it_is)
        case Integer():
            return ColumnForm(name, "int8", f'v."{name}"', _as_it_is, _as_it_is)
        case Float():
            return ColumnForm(name, "float8", f'v."{name}"', _as_it_is, _as_it_is)
        case Numeric():  # decimal text, as events have it; a row that is read gives ``Decimal``
            return ColumnForm(name, "numeric", f'v."{name}"', _as_it_is, _as_it_is)
        case String():  # Text too; the assignment checks the length, which a cast would cut
            return ColumnForm(name, "text", f'v."{name}"', _as_it_is, _as_it_is)
        case _:
            raise TypeError(f"no form for {column.table.name}.{name}: {column.type!r}")


def _has_default(column: Column[Any]) -> bool:
    return column.nullable or (column.server_default is not None and not isinstance(column.type, DateTime))


def _default(column: Column[Any]) -> Any:
    """What Postgres would put there. A time without a value is never guessed: projections give every one."""
    if column.server_default is None:
        return None
    stated = str(getattr(column.server_default, "arg", ""))
    match column.type:
        case JSONB():
            return msgspec.json.decode(stated.partition("::")[0].strip("'"))
        case ARRAY():
            return ()
        case Integer():
            return int(stated)
        case Boolean():
            return stated == "true"
        case _:
            return stated


def _as_it_is(value: Any) -> Any:
    return value


def _listed(value: Sequence[Any]) -> list[Any]:
    return list(value)


def _json(value: Any) -> bytes | None:
    return None if value is None else encode(value)
