"""The server with its most important promise broken on purpose: it acknowledges before it appends. Only the drills start it.

Nothing of the product can be set to do this: the journal's ``append`` is replaced in this process before the server is wired.
"""

import asyncio
import sys
from collections.abc import Sequence

from domain.log import Appended, AppendResult, Proposal
from persistence.journal.sqlite import SqliteJournal
from server.cli import main

DELAY_S = 0.2
"""How far the disk is behind the lie: long enough that a kill at any moment falls into it."""

_append = SqliteJournal.append
_late: set[asyncio.Task[None]] = set()
_turn = asyncio.Lock()


async def acknowledge_first(self: SqliteJournal, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
    """Say that it is durable, and make it so a little later, in the same order."""
    task = asyncio.create_task(_append_later(self, proposals))
    _late.add(task)
    task.add_done_callback(_late.discard)
    return [Appended(proposal.room, proposal.expected_top + len(proposal.records)) for proposal in proposals]


async def _append_later(journal: SqliteJournal, proposals: Sequence[Proposal]) -> None:
    async with _turn:
        await asyncio.sleep(DELAY_S)
        await _append(journal, proposals)


if __name__ == "__main__":
    SqliteJournal.append = acknowledge_first  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
