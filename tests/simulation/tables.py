"""Rows of a pretended Postgres, and what one transaction sees of them: nothing of another that has not committed."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import UniqueConstraint

from persistence.tables import METADATA

Key: TypeAlias = tuple[Any, ...]
Row: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = dict[Key, Row]


class Form:
    """What the tables' own definition says of one table."""

    def __init__(self, name: str) -> None:
        table = METADATA.tables[name]
        self.name = name
        self.key = tuple(column.name for column in table.primary_key.columns)
        self.needed = tuple(column.name for column in table.columns if not column.nullable and column.server_default is None)
        self.parents = tuple((column.name, key.column.table.name) for column in table.columns for key in column.foreign_keys)
        uniques = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        self.uniques = tuple(tuple(column.name for column in each.columns) for each in uniques)

    def key_of(self, row: Row) -> Key:
        return tuple(str(row[name]) if name == "id" else row[name] for name in self.key)


@cache
def form_of(name: str) -> Form:
    return Form(name)


@cache
def cascades_from(name: str) -> tuple[tuple[str, str], ...]:
    """Columns of other tables whose rows go with a row of this one."""
    keys = [
        (table.name, column.name, key)
        for table in METADATA.tables.values()
        for column in table.columns
        for key in column.foreign_keys
    ]
    return tuple((table, column) for table, column, key in keys if key.ondelete == "CASCADE" and key.column.table.name == name)


class Sight:
    """One transaction's tables: the committed ones under its own changes. Rows are never changed in place.

    ``is_steady``: all of it as it was at the first look (repeatable read), else as it is now (read committed).
    """

    def __init__(self, committed: dict[str, Rows], *, is_steady: bool = False) -> None:
        self._committed = {name: dict(rows) for name, rows in committed.items()} if is_steady else committed
        self._changes: dict[str, dict[Key, Row | None]] = {}

    def rows(self, table: str) -> list[Row]:
        changes, committed = self._changes.get(table), self._committed.get(table, {})
        if not changes:
            return list(committed.values())
        old = [row for key, row in committed.items() if key not in changes]
        return old + [row for row in changes.values() if row is not None]

    def where(self, table: str, is_wanted: Callable[[Row], bool]) -> list[Row]:
        return [row for row in self.rows(table) if is_wanted(row)]

    def get(self, table: str, *key: Any) -> Row | None:
        changes = self._changes.get(table, {})
        return changes[key] if key in changes else self._committed.get(table, {}).get(key)

    def put(self, table: str, row: Row) -> None:
        """Insert, or write over the row with this key."""
        self._changes.setdefault(table, {})[form_of(table).key_of(row)] = dict(row)

    def delete(self, table: str, row: Row) -> None:
        """The row, and those that go with it."""
        for child, column in cascades_from(table):
            for each in self.where(child, lambda each, column=column: each.get(column) == row["id"]):  # type: ignore[misc]  # bound
                self.delete(child, each)
        self._changes.setdefault(table, {})[form_of(table).key_of(row)] = None

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """New rows. Raises what Postgres says to a key that is there, to nothing where something is needed, to a missing parent."""
        form, fresh = form_of(table), list(rows)
        for row in fresh:
            key = form.key_of(row)
            if self.get(table, *key) is not None:
                raise asyncpg.exceptions.UniqueViolationError(f"{table} has {key}")
            if missing := [name for name in form.needed if row.get(name) is None]:
                raise asyncpg.exceptions.NotNullViolationError(f"{table} needs {missing}")
            self._demand_unique(form, row)
            self.put(table, row)
        for row in fresh:
            self._demand_parents(form, row)

    def _demand_unique(self, form: Form, row: Row) -> None:
        for columns in form.uniques:
            wanted = tuple(row.get(name) for name in columns)
            if None in wanted:
                continue
            first, of_first = columns[0], wanted[0]
            same = [each for each in self.rows(form.name) if each.get(first) == of_first]
            if any(wanted == tuple(each.get(name) for name in columns) for each in same):
                raise asyncpg.exceptions.UniqueViolationError(f"{form.name} has {columns} {wanted}")

    def _demand_parents(self, form: Form, row: Row) -> None:
        for column, parent in form.parents:
            if row.get(column) is not None and self.get(parent, str(row[column])) is None:
                raise asyncpg.exceptions.ForeignKeyViolationError(f"{form.name}.{column} {row[column]} is not in {parent}")

    def mark(self) -> dict[str, dict[Key, Row | None]]:
        """A savepoint."""
        return {table: dict(changes) for table, changes in self._changes.items()}

    def back_to(self, mark: dict[str, dict[Key, Row | None]]) -> None:
        self._changes = mark

    def commit(self, committed: dict[str, Rows]) -> None:
        for table, changes in self._changes.items():
            rows = committed.setdefault(table, {})
            for key, row in changes.items():
                if row is None:
                    rows.pop(key, None)
                else:
                    rows[key] = row
        self._changes = {}
