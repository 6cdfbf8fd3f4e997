"""The server with what makes reactions happen once taken away on purpose: only the drills start it.

A delivered reaction is known by its command id and by the target's mark; here every delivery has an id of its own, nobody marks
anything, and what was delivered is noted late, so that a kill at any moment falls in between.
"""

import asyncio
import sys
from collections.abc import Sequence

from channels import reactions
from domain.ids import CommandId, RoomAddress
from domain.log import FinishedReaction
from domain.receipts import Receipts
from persistence.write_behind.reactions import PostgresReactions
from server.cli import main
from tests.support.tokens import new_command_id

DELAY_S = 1.5

_finish = PostgresReactions.finish


def any_command_id(room: str, what: str, when_ms: int) -> CommandId:
    return CommandId(new_command_id())


def without_mark(self: Receipts, source: RoomAddress, number: int) -> Receipts:
    return self


async def finish_late(self: PostgresReactions, finished: Sequence[FinishedReaction]) -> None:
    await asyncio.sleep(DELAY_S if finished else 0.0)
    await _finish(self, finished)


if __name__ == "__main__":
    reactions.clock_command_id = any_command_id  # the point of this file
    Receipts.with_mark = without_mark  # type: ignore[method-assign]  # likewise
    PostgresReactions.finish = finish_late  # type: ignore[method-assign]  # likewise
    sys.exit(main())
