"""What Postgres grants people: read in groups, remembered for a moment, and for longer while Postgres is away."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, NamedTuple

import anyio

from domain.ids import ActorId
from domain.log import StorageAway
from persistence.queries.people import Person
from server.auth.settings import AuthSettings

GROUP_MOST: Final = 1_000
"""People asked for in one query: a reconnect storm of thousands becomes a handful of queries."""


NOBODY: Final = Person(id="")
"""Somebody without a row is nobody in particular, and may come in."""

ReadPeople = Callable[[Collection[ActorId]], Awaitable[Mapping[ActorId, Person]]]
"""One query for many people; those without a row may be missing. Raises ``StorageAway``."""


class _Known(NamedTuple):
    person: Person
    read_at_s: float


class People:
    """The grants of everyone who is here or was a moment ago.

    Callers that ask at the same time share a query: while one is on its way the others gather for the next. While Postgres is away
    nobody waits for it more than once a second.
    """

    def __init__(self, read: ReadPeople, settings: AuthSettings, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._read_people = read
        self._settings = settings
        self._monotonic_s = monotonic_s
        self._known: OrderedDict[ActorId, _Known] = OrderedDict()
        self._asked: set[ActorId] = set()
        # Speed: anyio's names the task in every acquire, 4 % of a reconnect storm.
        self._one_at_a_time = asyncio.Lock()
        self._away_since_s = float("-inf")

    async def person(self, who: ActorId) -> Person:
        """Raises ``StorageAway`` where nothing is known of them, or only something that is too old."""
        if (known := self._at_most(who, self._settings.standing_cache_s)) is not None:
            return known
        self._asked.add(who)
        async with self._one_at_a_time:
            if (known := self._at_most(who, self._settings.standing_cache_s)) is not None:
                return known
            return await self._read_group(who)

    async def _read_group(self, who: ActorId) -> Person:
        others = [other for other in self._asked if other != who][: GROUP_MOST - 1]
        try:
            await self.read([who, *others])
        except StorageAway:
            if (known := self._at_most(who, self._settings.standing_stale_s)) is not None:
                return known
            raise
        return self._known[who].person

    async def read(self, ids: Collection[ActorId]) -> None:
        """Read these people anew, in one query. Raises ``StorageAway``."""
        now_s = self._monotonic_s()
        if now_s - self._away_since_s < self._settings.standing_timeout_s:
            raise StorageAway("Postgres did not answer a moment ago")
        try:
            with anyio.fail_after(self._settings.standing_timeout_s):
                found = await self._read_people(ids)
        except (StorageAway, TimeoutError) as error:
            self._away_since_s = self._monotonic_s()
            raise StorageAway(f"people cannot be read: {error}") from error
        for who in ids:
            self._known[who] = _Known(found.get(who, NOBODY), now_s)
            self._known.move_to_end(who)
        self._asked.difference_update(ids)
        while len(self._known) > self._settings.standing_people:
            self._known.popitem(last=False)

    def last_known(self, who: ActorId) -> Person | None:
        """What was read last, however old; costs nothing."""
        known = self._known.get(who)
        return known.person if known else None

    def _at_most(self, who: ActorId, age_s: float) -> Person | None:
        known = self._known.get(who)
        return known.person if known and self._monotonic_s() - known.read_at_s <= age_s else None
