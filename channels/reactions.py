"""The deliverer of the outbox: an event of one room makes a command in another, exactly once, in the order of its causes."""

import asyncio
import logging
from collections.abc import Callable

from channels.attempt import Cause
from channels.ports import Reactions
from channels.seats import Accepted, Answer
from channels.settings import HubSettings
from domain.event_codec import encode
from domain.ids import clock_command_id, kind_of, time_ms_of
from domain.log import PendingReaction, StorageAway
from domain.rejections import Busy, NotAllowed, Unavailable

logger = logging.getLogger(__name__)

PENDING_LIMIT = 100

GiveReaction = Callable[[str, bytes, Cause, Callable[[Answer], None]], None]
"""(wire name, payload, cause, answer): the system gives a command that another room's event made."""


class ReactionDelivery:
    """Delivers one reaction after the other. The target's mark per source room makes a second delivery harmless.

    The mark is kept in the target's snapshot; of what came after it the target remembers the command ids, which follow from the
    reaction's. So nothing runs twice, whenever a node dies.
    """

    def __init__(self, reactions: Reactions, kinds: frozenset[str], give: GiveReaction, settings: HubSettings) -> None:
        self._reactions = reactions
        self._kinds = kinds
        self._give = give
        self._settings = settings

    async def run(self) -> None:
        while True:
            if not await self.deliver():
                await asyncio.sleep(self._settings.reaction_interval_s)

    async def deliver(self) -> bool:
        """One look into the outbox; False when there was nothing to do, or nothing could be done now."""
        try:
            pending = await self._reactions.pending(PENDING_LIMIT)
            held: set[str] = set()
            for each in pending:
                if each.source not in held and not await self._deliver(each):
                    held.add(each.source)
        except StorageAway:
            return False
        except Exception:
            # Postgres refuses for another reason: that delays reactions, and is not worth everyone's connection.
            logger.exception("the outbox cannot be delivered now")
            return False
        return len(pending) > len(held)

    async def _deliver(self, pending: PendingReaction) -> bool:
        """False where it has to be tried again: then the later ones of its source wait behind it."""
        reaction = pending.reaction
        if kind_of(reaction.target) not in self._kinds:
            await self._reactions.finish(pending.id, "waiting")
            return True
        command_id = clock_command_id(pending.source, f"reaction {pending.number}", time_ms_of(pending.id) or 0)
        payload = encode({**reaction.payload, "room": reaction.target, "command_id": command_id})
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._give(reaction.name, payload, Cause(pending.source, pending.number), answered.set_result)
        answer = await answered
        if isinstance(answer, Busy | Unavailable):
            return False
        if isinstance(answer, Accepted):
            await self._reactions.finish(pending.id, "done")
        else:
            # A target that is not there (any more) is a refusal like others: the source room is told.
            level = logging.INFO if isinstance(answer, NotAllowed) else logging.WARNING
            logger.log(level, "%s refused %s of %s: %s", reaction.target, reaction.name, pending.source, answer)
            await self._reactions.finish(pending.id, "refused", str(answer))
        return True
