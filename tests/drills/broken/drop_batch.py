"""The server whose write-behind lets a batch go when the connection ends under it, as if it had been stored."""

import sys

from persistence.database import trouble_of
from persistence.write_behind.positions import WriteBehindStopped
from persistence.write_behind.storing import Load
from persistence.write_behind.transaction import Outcome
from persistence.write_behind.writer import WriteBehind
from server.cli import main


async def store_once(self: WriteBehind, load: Load) -> Outcome | WriteBehindStopped:
    try:
        return await self._storing.store(self._journal.epoch, load)
    except WriteBehindStopped as stop:
        return stop
    except Exception as error:
        assert trouble_of(error) == "away", error
        return Outcome(load.last)


def drop_batches() -> None:
    WriteBehind._store = store_once  # type: ignore[method-assign]  # the point of this file


if __name__ == "__main__":
    drop_batches()
    sys.exit(main())
