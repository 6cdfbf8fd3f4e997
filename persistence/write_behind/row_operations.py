"""Row operations: what a projection says is to happen to single rows, and how those of one batch are put together.

Everything here is pure. ``coalesce`` merges the operations on one row inside a batch into one, so that a row is touched once per
batch however often its room spoke; the result is what applying them one after the other gives.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

import msgspec


class Change(msgspec.Struct, frozen=True):
    """A value that follows from the row as it is. ``reads`` names the columns; a column that has no value yet is missing."""

    reads: ClassVar[tuple[str, ...]] = ()

    def apply(self, row: Mapping[str, Any]) -> Any:
        raise NotImplementedError


Values: TypeAlias = dict[str, Any]
"""Column -> value: text, number, bool, None, Unix milliseconds, tuples for arrays, dicts and lists for jsonb; or ``Change``."""


class Insert(msgspec.Struct, frozen=True):
    """A row that is not there yet. Its values are plain: there is nothing that a change could follow from."""

    table: str
    key: str
    values: Values


class Update(msgspec.Struct, frozen=True):
    """A row that is there: if it is not, that is an error."""

    table: str
    key: str
    values: Values


class Touch(msgspec.Struct, frozen=True):
    """What a tick leaves behind: nothing happens where the row is gone or is no longer as ``only_if`` says."""

    table: str
    key: str
    values: Values
    only_if: Values


class Delete(msgspec.Struct, frozen=True):
    """A row that is there. What hangs on it goes by the foreign keys' own rules."""

    table: str
    key: str


Operation: TypeAlias = Insert | Update | Delete

RowKey: TypeAlias = tuple[str, str]
"""(table, id)."""


class Steps(msgspec.Struct):
    """What happens to an existing row, in order. Neighbouring plain values are one step."""

    steps: list[Values]

    @property
    def reads(self) -> frozenset[str]:
        """The columns that must be known before the steps can be taken."""
        return frozenset(
            column for step in self.steps for value in step.values() if isinstance(value, Change) for column in value.reads
        )

    def add(self, values: Values) -> None:
        if self.steps and not any(isinstance(value, Change) for value in values.values()):
            self.steps[-1].update(values)
        else:
            self.steps.append(dict(values))

    def result(self, row: Mapping[str, Any]) -> Values:
        """The columns that change, with their last values."""
        changed: Values = {}
        now = dict(row)
        for step in self.steps:
            values = evaluated(step, now)
            now.update(values)
            changed.update(values)
        return changed


class Stage(msgspec.Struct):
    """Operations whose order among each other does not matter: all inserts, then all updates, then all deletes."""

    inserts: dict[RowKey, Values] = msgspec.field(default_factory=dict)
    updates: dict[RowKey, Steps] = msgspec.field(default_factory=dict)
    deletes: dict[RowKey, None] = msgspec.field(default_factory=dict)


class Plan(msgspec.Struct):
    """The stages of a batch, to be applied in order. A delete ends its room's stage: foreign keys act on what is there by then."""

    stages: list[Stage] = msgspec.field(default_factory=list)

    def stage(self, index: int) -> Stage:
        while len(self.stages) <= index:
            self.stages.append(Stage())
        return self.stages[index]


class Coalescing:
    """Builds a plan out of the operations of many rooms; rooms never share a row."""

    def __init__(self) -> None:
        self.plan = Plan()
        self._stage_of: dict[str, int] = {}

    def add(self, room: str, operations: Iterable[Operation]) -> None:
        index = self._stage_of.get(room, 0)
        for operation in operations:
            stage = self.plan.stage(index)
            key = (operation.table, operation.key)
            match operation:
                case Insert(values=values):
                    stage.inserts[key] = dict(values)
                case Update(values=values):
                    _update(stage, key, values)
                case Delete():
                    stage.deletes[key] = None
                    index += 1
        self._stage_of[room] = index


def coalesce(by_room: Iterable[tuple[str, Iterable[Operation]]]) -> Plan:
    coalescing = Coalescing()
    for room, operations in by_room:
        coalescing.add(room, operations)
    return coalescing.plan


def _update(stage: Stage, key: RowKey, values: Values) -> None:
    inserted = stage.inserts.get(key)
    if inserted is not None:
        inserted.update(evaluated(values, inserted))
        return
    steps = stage.updates.get(key)
    if steps is None:
        steps = stage.updates[key] = Steps([])
    steps.add(values)


def evaluated(values: Values, row: Mapping[str, Any]) -> Values:
    """The values with every change taken on ``row`` as it was before."""
    return {column: value.apply(row) if isinstance(value, Change) else value for column, value in values.items()}
