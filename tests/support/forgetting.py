"""A kind of room for tests in which people take their words back: a workspace whose message "forget 3 4" takes back those two."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from domain.ids import RoomAddress
from domain.kinds.workspace.decider import WORKSPACE
from domain.kinds.workspace.events import MessagePosted
from domain.record import Record
from persistence.database import Database
from persistence.write_behind.projections import PROJECTIONS, Projection
from persistence.write_behind.row_operations import Operation, Update
from tests.support.records import posted


class Forgetting:
    """A workspace's decider, with ``redacts``."""

    def __getattr__(self, name: str) -> Any:
        return getattr(WORKSPACE, name)

    def redacts(self, record: Record) -> Sequence[int]:
        return _offsets_in(record)


FORGETTING: Final[Any] = {"workspace": Forgetting()}


def forget(room: RoomAddress, offset: int, *offsets: int) -> Record:
    return posted(room, offset, f"forget {' '.join(map(str, offsets))}")


def forgetting_projection() -> Projection:
    """A workspace's, whose rows lose the words too."""
    return msgspec.structs.replace(PROJECTIONS["workspace"], operations=_operations)


_workspace_operations = PROJECTIONS["workspace"].operations


def _operations(record: Record) -> Sequence[Operation]:
    blanked = (
        Update("workspace_messages", posted(record.room, offset).id, {"content": "", "data": {}}) for offset in _offsets_in(record)
    )
    return (*_workspace_operations(record), *blanked)


def _offsets_in(record: Record) -> Sequence[int]:
    event = record.event
    if isinstance(event, MessagePosted) and event.text.startswith("forget "):
        return tuple(map(int, event.text.split()[1:]))
    return ()


async def tables_with(database: Database, words: str) -> set[str]:
    """The tables that hold the words in any column of any row."""
    tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = set()
    for (table,) in tables:
        if await database.fetchval(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE $1', f"%{words}%"):
            found.add(table)
    return found


def files_with(folder: Path, words: str) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes())
