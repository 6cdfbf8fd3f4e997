"""The server whose write-behind does not look at the position: a batch whose COMMIT got lost on the way is applied once more.

The look stands in the process that stores, which imports this module too, under another name.
"""

import sys
from contextvars import ContextVar
from typing import Any

from persistence.database import Connection, Database
from persistence.write_behind import storing_process, transaction
from persistence.write_behind.batch import Prepared
from persistence.write_behind.transaction import Outcome
from server.cli import main

_supposed: ContextVar[int] = ContextVar("supposed")

_lock_position = transaction.lock_position
_store = transaction.store


async def position_as_supposed(connection: Connection, generation: int, fence: int) -> int:
    """Whatever Postgres says: nobody has stored this batch."""
    await _lock_position(connection, generation, fence)
    return _supposed.get()


async def store_supposing(database: Database, kinds: Any, epoch: str, prepared: Prepared, *others: Any) -> Outcome:
    _supposed.set(prepared.first - 1)
    return await _store(database, kinds, epoch, prepared, *others)


if __name__ in ("__main__", "__mp_main__"):
    transaction.lock_position = position_as_supposed  # the point of this file
    storing_process.store = store_supposing  # type: ignore[assignment]  # likewise
if __name__ == "__main__":
    sys.exit(main())
