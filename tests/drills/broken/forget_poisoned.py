"""The server that does not store the log of a room either whose rows stand still, as if nothing of it could be stored."""

import sys
from collections.abc import Sequence

from domain.record import Record
from persistence.database import Connection
from persistence.write_behind import transaction
from server.cli import main
from tests.drills.broken.poisoning import poison

_BEHIND = "SELECT room FROM dead_letters WHERE resolved_at IS NULL"

_store_log = transaction._store_log


async def store_healthy_log(connection: Connection, epoch: str, records: Sequence[Record]) -> None:
    behind = {row["room"] for row in await connection.fetch(_BEHIND)}
    await _store_log(connection, epoch, [record for record in records if record.room not in behind])


if __name__ in ("__main__", "__mp_main__"):
    # The process that stores imports this module too, under the second name.
    transaction._store_log = store_healthy_log  # the point of this file
if __name__ == "__main__":
    poison()
    sys.exit(main())
