"""The server that lets the journal go of records as soon as they are on their way to Postgres, before it has confirmed them."""

import sys
from typing import Final

from domain.log import Position
from persistence.write_behind.storing import Load
from persistence.write_behind.writer import WriteBehind
from server.cli import main

MANY: Final = 20
"""Of smaller loads it waits for the end: no room is opened while less is stored than was confirmed, so no drill would begin."""

_gather = WriteBehind._gather


async def gather_and_trim(self: WriteBehind, after: Position) -> Load:
    load = await _gather(self, after)
    if len(load.records) >= MANY:
        await self._journal.trim(load.position)
    return load


if __name__ == "__main__":
    WriteBehind._gather = gather_and_trim  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
