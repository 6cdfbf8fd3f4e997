"""Whoever comes with a token gets a row in ``users``, brought up to date once a day: at leisure, never in the way."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
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

TOGETHER: Final = 200
"""People whose rows are written in one statement: a few milliseconds of Postgres, which others want as well."""

NotePeople = Callable[[Sequence[Actor], int], Awaitable[None]]
"""Writes the rows of actors as of now (Unix milliseconds). Raises ``StorageAway``."""


class Arrivals:
    def __init__(self, note: NotePeople, now_ms: Callable[[], int]) -> None:
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
        """Until nobody waits, or Postgres is away."""
        while self._waiting:
            some = list(self._waiting.values())[:TOGETHER]
            try:
                await self._note_some(some)
            except StorageAway:
                return
            for actor in some:
                self._has_been_noted(actor)

    async def _note_some(self, actors: Sequence[Actor]) -> None:
        """One that Postgres will not have is told and passed over, and the others get their rows."""
        try:
            await self._note(actors, self._now_ms())
        except StorageAway:
            raise
        except Exception:
            if len(actors) == 1:
                log.exception("a person could not be noted", actor=actors[0].id)
                return
            for actor in actors:
                await self._note_some([actor])

    def _has_been_noted(self, actor: Actor) -> None:
        if self._waiting.get(actor.id) == actor:  # else they came again meanwhile, under another name
            del self._waiting[actor.id]
        self._noted[actor.id] = (self._today(), actor)
        self._noted.move_to_end(actor.id)
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)

    def _today(self) -> int:
        return self._now_ms() // DAY_MS
