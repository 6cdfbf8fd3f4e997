"""The deliverer of the outbox: an event of one room makes a command in another.

What it promises:

- *Exactly once.* A row is offered until its outcome is stored, so a command may be given twice; it runs once. The target takes
  nothing up to its mark of the source room (``Receipts.marks``, kept in its snapshot), and of what came after the snapshot it
  remembers the command ids, which follow from the reaction's. So nothing runs twice, whenever a node dies.
- *In order* inside each source room: what cannot be delivered now holds the later ones of its source, and no other room's.
- *Refusals come back.* That a target has refused for good is stored first (``refusing``); then the source room is given the command
  ``Reaction.refusal`` with the reason, by the same rules: exactly once, before later reactions of that room.
- What goes to a kind of room that is not there waits, without being in anybody's way, until a release that has the kind.

Many source rooms are served beside each other, and what they came to is stored in one statement per round.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from channels.attempt import Cause
from channels.ports import Reactions
from channels.seats import Accepted, Answer
from channels.settings import HubSettings
from domain.event_codec import encode
from domain.ids import RoomAddress, clock_command_id, kind_of
from domain.log import FinishedReaction, PendingReaction, StorageAway
from domain.rejections import Busy, NotAllowed, Unavailable

logger = logging.getLogger(__name__)

SOURCES_AT_ONCE = 32
"""Source rooms served beside each other: their rooms are opened, and their commands fsynced, together."""
PENDING_LIMIT = 16 * SOURCES_AT_ONCE

HELD_MOST_S = 30.0
"""How seldom a source room is tried whose target never takes what it is given (a fault of ours)."""


class _Held(NamedTuple):
    """A source room that is not tried again before ``until_s``."""

    until_s: float
    pause_s: float


NOT_HELD = _Held(0.0, 0.0)

GiveReaction = Callable[[str, bytes, Cause, Callable[[Answer], None]], None]
"""(wire name, payload, cause, answer): the system gives a command that another room's event made."""


class ReactionDelivery:
    """``kinds`` are the kinds of room that there are; ``give`` brings a command to its room."""

    def __init__(self, reactions: Reactions, kinds: frozenset[str], give: GiveReaction, settings: HubSettings) -> None:
        self._reactions = reactions
        self._kinds = kinds
        self._give = give
        self._settings = settings
        self._held: dict[RoomAddress, _Held] = {}

    async def run(self) -> None:
        while True:
            if not await self.deliver():
                await self._reactions.until_new(self._settings.reaction_interval_s)

    async def deliver(self) -> bool:
        """One look into the outbox; False when there was nothing to do, or nothing could be done now."""
        try:
            pending = await self._reactions.pending(PENDING_LIMIT)
            finished = await self._deliver_all(pending)
            await self._reactions.finish(finished)
        except StorageAway:
            return False
        except Exception:
            # Postgres refuses for another reason: that delays reactions, and is not worth everyone's connection.
            logger.exception("the outbox cannot be delivered now")
            return False
        return bool(finished)

    async def _deliver_all(self, pending: Sequence[PendingReaction]) -> list[FinishedReaction]:
        by_source: dict[RoomAddress, list[PendingReaction]] = {}
        now_s = asyncio.get_running_loop().time()
        for each in pending:
            if self._held.get(each.source, NOT_HELD).until_s <= now_s:
                by_source.setdefault(each.source, []).append(each)
        sources = list(by_source.values())
        finished: list[FinishedReaction] = []
        for start in range(0, len(sources), SOURCES_AT_ONCE):
            async with asyncio.TaskGroup() as group:
                for of_one_source in sources[start : start + SOURCES_AT_ONCE]:
                    group.create_task(self._deliver_in_order(of_one_source, finished))
        return finished

    async def _deliver_in_order(self, of_one_source: Sequence[PendingReaction], finished: list[FinishedReaction]) -> None:
        """Up to the first that has to be tried again, or whose refusal has to be stored before anything follows it."""
        for each in of_one_source:
            outcome = await (self._deliver(each) if each.state == "pending" else self._tell_refusal(each))
            if outcome is None:
                self._hold(each.source)
                return
            self._held.pop(each.source, None)
            finished.append(outcome)
            if outcome.outcome == "refusing":
                return

    def _hold(self, source: RoomAddress) -> None:
        """What is busy now is free in a moment; what fails again and again is asked less and less often."""
        interval_s = self._settings.reaction_interval_s
        pause_s = min(HELD_MOST_S, max(interval_s, 2 * self._held.get(source, NOT_HELD).pause_s))
        self._held[source] = _Held(asyncio.get_running_loop().time() + pause_s, pause_s)

    async def _deliver(self, pending: PendingReaction) -> FinishedReaction | None:
        """None where it has to be tried again."""
        reaction = pending.reaction
        if kind_of(reaction.target) not in self._kinds:
            return FinishedReaction(pending.id, "waiting")
        command_id = clock_command_id(pending.source, f"reaction {pending.number}", 0)
        payload = {**reaction.payload, "room": reaction.target, "command_id": command_id}
        answer = await self._given(reaction.name, payload, Cause(pending.source, pending.number))
        if isinstance(answer, Busy | Unavailable):
            return None
        if isinstance(answer, Accepted):
            return FinishedReaction(pending.id, "done")
        # A target that is not there (any more) is a refusal like others.
        level = logging.INFO if reaction.refusal or isinstance(answer, NotAllowed) else logging.WARNING
        logger.log(level, "%s refused %s of %s: %s", reaction.target, reaction.name, pending.source, answer)
        return FinishedReaction(pending.id, "refusing" if reaction.refusal else "refused", str(answer))

    async def _tell_refusal(self, pending: PendingReaction) -> FinishedReaction | None:
        """None where it has to be tried again."""
        reaction, source = pending.reaction, pending.source
        # Marks of their own: the target's numbers for what itself makes here are others.
        cause = Cause(RoomAddress(f"refusal:{reaction.target}"), pending.number)
        command_id = clock_command_id(source, f"refusal {pending.number}", 0)
        payload = {**reaction.refusal_payload, "reason": pending.message, "room": source, "command_id": command_id}
        answer = await self._given(reaction.refusal, payload, cause)
        if isinstance(answer, Busy | Unavailable):
            return None
        if not isinstance(answer, Accepted):
            logger.error("%s does not take %s, that %s refused: %s", source, reaction.refusal, reaction.target, answer)
        return FinishedReaction(pending.id, "refused", pending.message)

    async def _given(self, name: str, payload: Mapping[str, Any], cause: Cause) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._give(name, encode(payload), cause, answered.set_result)
        return await answered
