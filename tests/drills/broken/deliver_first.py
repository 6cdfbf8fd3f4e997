"""The server with its output gate left open on purpose: rooms show their events before the journal has them. Only drills start it.

Answers still wait for the journal; it is readers who see what a crash takes back.
"""

import asyncio
import sys
from collections.abc import Sequence

from channels.attempt import Adopted
from channels.open_room import OpenRoom
from channels.pump import Pump
from domain.log import AppendResult, Proposal
from persistence.journal.sqlite import SqliteJournal
from server.cli import main

DELAY_S = 0.2
"""How long the disk takes: a kill at any moment falls into it."""

_gather = Pump._gather
_append = SqliteJournal.append


def gather_and_show(self: Pump) -> list[tuple[OpenRoom, Proposal]]:
    proposing = _gather(self)
    for open_room, _ in proposing:
        attempt = open_room.room._attempt
        if attempt is not None:
            shown, attempt.adopted.messages = attempt.adopted.messages, []
            open_room.publish(Adopted(messages=shown), self._now_ms())
    return proposing


async def append_slowly(self: SqliteJournal, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
    await asyncio.sleep(DELAY_S)
    return await _append(self, proposals)


if __name__ == "__main__":
    Pump._gather = gather_and_show  # type: ignore[method-assign]  # the point of this file
    SqliteJournal.append = append_slowly  # type: ignore[method-assign]  # likewise
    sys.exit(main())
