"""Apply a plan: inserts by COPY, updates by ``unnest``, table by table in the order of the foreign keys."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from persistence.database import Connection
from persistence.write_behind.columns import TableForm, form_of
from persistence.write_behind.projections import TABLE_ORDER
from persistence.write_behind.row_operations import Plan, RowKey, Stage, Steps, Touch, Values

AT_ONCE = 100
"""Rows of one statement's parameters: asyncpg encodes them in one go, in under a millisecond."""
ROWS_A_TURN = 32
"""Rows that COPY encodes between two turns of the event loop."""
_UNFIT = (ValueError, TypeError, AttributeError, ArithmeticError, LookupError)
"""What asyncpg's encoders, and the table's form, raise over a value that is of another kind than its column."""


class RowRefused(Exception):
    """The projection and its rows do not fit together."""


class MissingRow(RowRefused):
    """An update or delete hit no row."""


class BrokenChange(RowRefused):
    """A change could not be taken on the row as it is."""


class UnfitValue(RowRefused):
    """COPY cannot write a value as its column has it: asyncpg says so with Python's own errors, before Postgres sees anything."""


class Applying:
    """One plan on one connection. With ``is_rerun`` inserts replace what is there, and deletes may find nothing."""

    def __init__(self, connection: Connection, *, is_rerun: bool = False) -> None:
        self._connection = connection
        self._is_rerun = is_rerun

    async def apply(self, plan: Plan) -> None:
        """Raises ``RowRefused``, and whatever Postgres says to the values."""
        for stage in plan.stages:
            for table, rows in _by_table(stage.inserts, TABLE_ORDER):
                await (self._replace(table, rows) if self._is_rerun else self._insert(table, rows))
            for table, updates in _by_table(stage.updates, TABLE_ORDER):
                await self._update(table, await self._results(table, updates))
            await self._delete(stage)

    async def touch(self, touches: Iterable[Touch]) -> None:
        """What ticks leave behind, where the row is there and as they want it."""
        by_table: dict[str, dict[str, list[Touch]]] = {}
        for touch in touches:
            by_table.setdefault(touch.table, {}).setdefault(touch.key, []).append(touch)
        for table, by_key in by_table.items():
            for chunk in _chunks(list(by_key), AT_ONCE):
                columns = {column for key in chunk for touch in by_key[key] for column in _read_by(touch)}
                rows = await self._read(table, chunk, columns)
                results = {key: _touched(by_key[key], row) for key, row in rows.items()}
                await self._update(table, {key: values for key, values in results.items() if values})

    async def _insert(self, table: str, rows: Mapping[str, Values]) -> None:
        form = form_of(table)
        try:
            await self._connection.copy_records_to_table(table, records=_in_turns(form, rows), columns=list(form.columns))
        except _UNFIT as error:
            raise UnfitValue(f"{table}: {error}") from error

    async def _replace(self, table: str, rows: Mapping[str, Values]) -> None:
        form = form_of(table)
        names = ", ".join(f'"{name}"' for name in form.columns)
        places = ", ".join(f"${number}" for number in range(1, len(form.columns) + 1))
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in form.columns if name != "id")
        statement = f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {sets}"
        await self._connection.executemany(statement, [form.row(key, values) for key, values in rows.items()])

    async def _results(self, table: str, updates: Mapping[str, Steps]) -> dict[str, Values]:
        """What each row becomes; rows that must be known first are read."""
        results = {key: _result(table, key, steps, {}) for key, steps in updates.items() if not steps.reads}
        asking = {key: steps for key, steps in updates.items() if steps.reads}
        for chunk in _chunks(list(asking), AT_ONCE):
            rows = await self._read(table, chunk, {column for key in chunk for column in asking[key].reads})
            for key in chunk:
                if key not in rows:
                    raise MissingRow(f"{table} has no row {key}")
                results[key] = _result(table, key, asking[key], rows[key])
        return results

    async def _read(self, table: str, keys: Sequence[str], columns: Iterable[str]) -> dict[str, Values]:
        form = form_of(table)
        named = sorted({*columns} - {"id"})
        listed = ", ".join(["id", *(f'"{name}"' for name in named)])
        rows = await self._connection.fetch(f"SELECT {listed} FROM {table} WHERE id = ANY($1::uuid[])", list(keys))
        return {str(row["id"]): {name: _from_row(form, name, row[name]) for name in named} for row in rows}

    async def _update(self, table: str, results: Mapping[str, Values]) -> None:
        by_columns: dict[tuple[str, ...], list[str]] = {}
        for key, values in results.items():
            by_columns.setdefault(tuple(sorted(values)), []).append(key)
        for columns, keys in by_columns.items():
            statement = _update_statement(form_of(table), columns)
            for chunk in _chunks(keys, AT_ONCE):
                await self._update_some(table, statement, columns, {key: results[key] for key in chunk})

    async def _update_some(self, table: str, statement: str, columns: Sequence[str], rows: Mapping[str, Values]) -> None:
        forms = [form_of(table).columns[name] for name in columns]
        parameters = [[form.to_unnest(values[form.name]) for values in rows.values()] for form in forms]
        hit = _count(await self._connection.execute(statement, list(rows), *parameters))
        if hit != len(rows):
            there = await self._read(table, list(rows), ())
            raise MissingRow(f"{table} has no row {next((key for key in rows if key not in there), '?')}")

    async def _delete(self, stage: Stage) -> None:
        for table, rows in _by_table(stage.deletes, tuple(reversed(TABLE_ORDER))):
            keys = list(rows)
            hit = _count(await self._connection.execute(f"DELETE FROM {table} WHERE id = ANY($1::uuid[])", keys))
            if hit != len(keys) and not self._is_rerun:
                raise MissingRow(f"{table}: {len(keys) - hit} of {len(keys)} rows to delete are not there")


def _by_table(operations: Mapping[RowKey, Any], order: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    by_table: dict[str, dict[str, Any]] = {}
    for (table, key), value in operations.items():
        by_table.setdefault(table, {})[key] = value
    return [(table, by_table[table]) for table in order if table in by_table]


def _result(table: str, key: str, steps: Steps, row: Mapping[str, Any]) -> Values:
    try:
        return steps.result(row)
    except Exception as error:
        raise BrokenChange(f"{table} {key}: {type(error).__name__}: {error}") from error


async def _in_turns(form: TableForm, rows: Mapping[str, Values]) -> AsyncIterator[list[Any]]:
    """The rows for COPY, with a turn for everybody else now and then."""
    for index, (key, values) in enumerate(rows.items()):
        if index % ROWS_A_TURN == ROWS_A_TURN - 1:
            await asyncio.sleep(0)
        yield form.row(key, values)


def _update_statement(form: TableForm, columns: Sequence[str]) -> str:
    sets = ", ".join(f'"{name}" = {form.columns[name].read}' for name in columns)
    arrays = ", ".join(f"${number}::{form.columns[name].array_type}[]" for number, name in enumerate(columns, 2))
    names = ", ".join(f'"{name}"' for name in columns)
    return f"UPDATE {form.name} AS t SET {sets} FROM unnest($1::uuid[], {arrays}) AS v(id, {names}) WHERE t.id = v.id"


def _from_row(form: TableForm, name: str, value: Any) -> Any:
    return msgspec.json.decode(value) if form.columns[name].array_type == "jsonb" and isinstance(value, bytes) else value


def _read_by(touch: Touch) -> set[str]:
    return {*touch.only_if, *Steps([touch.values]).reads}


def _touched(touches: Sequence[Touch], row: Mapping[str, Any]) -> Values:
    steps = Steps([])
    for touch in touches:
        if all(row[column] == wanted for column, wanted in touch.only_if.items()):
            steps.add(touch.values)
    return steps.result(row)


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])


def _chunks(keys: Sequence[str], size: int) -> list[Sequence[str]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]
