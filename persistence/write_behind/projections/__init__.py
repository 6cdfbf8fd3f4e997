"""Event -> row operations, pure, one file per kind of room. ``PROJECTIONS`` gives each kind's."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from domain.decider import Piece, Tick
from domain.ids import RoomAddress
from domain.record import Record
from persistence.write_behind.projections import (
    concept,
    concept_jobs,
    conversation,
    person,
    quote,
    share,
    workspace,
    workspace_ticks,
)
from persistence.write_behind.row_operations import Operation, Touch


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind's events and passing values become rows. ``tables`` are in the order of their foreign keys, parents first."""

    tables: tuple[str, ...]
    operations: Callable[[Record], Sequence[Operation]]
    touches: Callable[[RoomAddress, Tick | Piece], Sequence[Touch]]


PROJECTIONS: Final[Mapping[str, Projection]] = {
    "concept": Projection(tables=concept.TABLES, operations=concept.operations, touches=concept_jobs.touches),
    "quote": Projection(tables=quote.TABLES, operations=quote.operations, touches=quote.touches),
    "share": Projection(tables=share.TABLES, operations=share.operations, touches=share.touches),  # behind the concepts it names
    "workspace": Projection(tables=workspace.TABLES, operations=workspace.operations, touches=workspace_ticks.touches),
    "conversation": Projection(tables=conversation.TABLES, operations=conversation.operations, touches=conversation.touches),
    "person": Projection(tables=person.TABLES, operations=person.operations, touches=person.touches),
}

TABLE_ORDER: Final = tuple(dict.fromkeys(table for projection in PROJECTIONS.values() for table in projection.tables))
"""All projected tables, parents first."""


def operations_of(kind: str, record: Record) -> Sequence[Operation]:
    """What a record does to rows; a kind without a projection has none."""
    projection = PROJECTIONS.get(kind)
    return projection.operations(record) if projection else ()
