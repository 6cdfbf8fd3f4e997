"""Tables in memory: what a plan of row operations does, without Postgres."""

from collections.abc import Iterable
from typing import Any

from persistence.write_behind.columns import form_of
from persistence.write_behind.row_operations import Plan

CASCADES = {"pattern_workspaces": ("workspace_messages", "claude_executions")}
"""Parent -> children that go with it, by ``workspace_id``."""
EMPTIED = {"feedback_items": (("workspace_messages", "feedback_id"),)}
"""Table -> pointers to it that a delete empties."""

Tables = dict[str, dict[str, dict[str, Any]]]


def apply(tables: Tables, plans: Iterable[Plan]) -> Tables:
    for plan in plans:
        for stage in plan.stages:
            for (table, key), values in stage.inserts.items():
                rows = tables.setdefault(table, {})
                assert key not in rows, f"{table} {key} is there already"
                rows[key] = {**form_of(table).defaults, **values, "id": key}
            for (table, key), steps in stage.updates.items():
                row = tables[table][key]
                row.update(steps.result(row))
            for table, key in stage.deletes:
                _delete(tables, table, key)
    return tables


def _delete(tables: Tables, table: str, key: str) -> None:
    del tables[table][key]
    for child in CASCADES.get(table, ()):
        tables[child] = {id_: row for id_, row in tables.get(child, {}).items() if row["workspace_id"] != key}
    for child, pointer in EMPTIED.get(table, ()):
        for row in tables.get(child, {}).values():
            if row[pointer] == key:
                row[pointer] = None
