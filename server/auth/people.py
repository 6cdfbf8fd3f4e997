"""What Postgres grants people: read in groups, remembered for a moment, and for longer while Postgres is away."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, NamedTuple

import anyio

from domain.ids import ActorId
from domain.log import StorageAway
from persistence.gathering import Gathering
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
        self._gathering = Gathering(self.read, GROUP_MOST, at_once=1)
        self._away_since_s = float("-inf")

    async def person(self, who: ActorId) -> Person:
        """Raises ``StorageAway`` where nothing is known of them, or only something that is too old."""
        if (known := self._at_most(who, self._settings.standing_cache_s)) is not None:
            return known
        try:
            return await self._gathering.get(who)
        except StorageAway:
            if (known := self._at_most(who, self._settings.standing_stale_s)) is not None:
                return known
            raise

    async def read(self, ids: Collection[ActorId]) -> Mapping[ActorId, Person]:
        """These people anew, in one query. Raises ``StorageAway``."""
        now_s = self._monotonic_s()
        if now_s - self._away_since_s < self._settings.standing_timeout_s:
            raise StorageAway("Postgres did not answer a moment ago")
        try:
            with anyio.fail_after(self._settings.standing_timeout_s):
                rows = await self._read_people(ids)
        except (StorageAway, TimeoutError) as error:
            self._away_since_s = self._monotonic_s()
            raise StorageAway(f"people cannot be read: {error}") from error
        found = {who: rows.get(who, NOBODY) for who in ids}
        for who, person in found.items():
            self._known[who] = _Known(person, now_s)
            self._known.move_to_end(who)
        while len(self._known) > self._settings.standing_people:
            self._known.popitem(last=False)
        return found

    def last_known(self, who: ActorId) -> Person | None:
        """What was read last, however old; costs nothing."""
        known = self._known.get(who)
        return known.person if known else None

    def _at_most(self, who: ActorId, age_s: float) -> Person | None:
        known = self._known.get(who)
        return known.person if known and self._monotonic_s() - known.read_at_s <= age_s else None
