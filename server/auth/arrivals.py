"""Whoever comes with a token gets a row in ``users``, brought up to date once a day: at leisure, never in the way."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import structlog

from domain.ids import ActorId
from domain.log import StorageAway
from domain.record import Actor

log = structlog.get_logger(__name__)

REMEMBERED: Final = 50_000
"""People noted today that are remembered; whoever falls out is noted once more."""
WAITING: Final = 5_000
"""Arrivals that wait for their row; above it the newest goes unnoted until its next use of a token."""
DAY_MS: Final = 86_400_000
PAUSE_S: Final = 0.5
"""Between two looks while nobody comes, and after Postgres was away."""

NotePerson = Callable[[Actor, int], Awaitable[None]]
"""Writes the row of an actor as of now (Unix milliseconds). Raises ``StorageAway``."""


class Arrivals:
    def __init__(self, note: NotePerson, now_ms: Callable[[], int]) -> None:
        self._note = note
        self._now_ms = now_ms
        self._noted: OrderedDict[ActorId, tuple[int, Actor]] = OrderedDict()
        self._waiting: OrderedDict[ActorId, Actor] = OrderedDict()

    def came(self, actor: Actor) -> None:
        """Somebody's token was used; costs nothing when they were noted today under this name and image."""
        if self._noted.get(actor.id) != (self._today(), actor) and len(self._waiting) < WAITING:
            self._waiting[actor.id] = actor

    async def keep_noting(self) -> None:
        while True:
            await anyio.sleep(PAUSE_S)
            await self.note_waiting()

    async def note_waiting(self) -> None:
        """One by one: a reconnect storm is no reason to keep Postgres from what is being written behind."""
        while self._waiting:
            who, actor = next(iter(self._waiting.items()))
            try:
                await self._note(actor, self._now_ms())
            except StorageAway:
                return
            except Exception:
                log.exception("a person could not be noted", actor=who)
            self._waiting.pop(who, None)
            self._noted[who] = (self._today(), actor)
            self._noted.move_to_end(who)
            if len(self._noted) > REMEMBERED:
                self._noted.popitem(last=False)

    def _today(self) -> int:
        return self._now_ms() // DAY_MS
