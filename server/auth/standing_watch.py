"""Rights that are given, taken away or run out reach those who are connected within a second."""

from collections.abc import Callable, Iterable, Sequence

import anyio
import anyio.lowlevel
import structlog

from channels.seats import Seat
from channels.wire.codes import DENIED
from domain.ids import ActorId
from domain.log import StorageAway
from domain.record import ActorKind
from server.auth.authenticator import with_person
from server.auth.people import People
from server.auth.settings import AuthSettings

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""Connections looked at between two turns of the loop: under a millisecond."""
READ_AT_ONCE = 250
"""People of one query: their rows take 2 ms of the loop."""
WATCHED: frozenset[ActorKind] = frozenset({"user", "bot"})
"""Guests have no row and no grants."""


class StandingWatch:
    """Looks once a second at everyone connected, some hundred in a query.

    ``seats`` gives the connections whose identity is known, ``recheck`` tells the rooms that a seat's identity has changed.
    """

    def __init__(
        self,
        people: People,
        seats: Callable[[], Iterable[Seat]],
        recheck: Callable[[Seat], None],
        settings: AuthSettings,
        now_ms: Callable[[], int],
    ) -> None:
        self._people = people
        self._seats = seats
        self._recheck = recheck
        self._settings = settings
        self._now_ms = now_ms

    async def watch(self) -> None:
        while True:
            await anyio.sleep(self._settings.standing_watch_s)
            await self.look()

    async def look(self) -> None:
        """One look. While Postgres is away known grants go on to count, but still end at their own time."""
        seats = [seat for seat in self._seats() if seat.identity.actor.kind in WATCHED]
        try:
            await self._read(sorted({seat.identity.actor.id for seat in seats}))
        except StorageAway:
            log.debug("standing not looked at: Postgres is away", seats=len(seats))
        now_ms = self._now_ms()
        for number, seat in enumerate(seats):
            self._apply(seat, now_ms)
            if number % AT_ONCE == AT_ONCE - 1:
                await anyio.lowlevel.checkpoint()

    async def _read(self, ids: Sequence[ActorId]) -> None:
        for begin in range(0, len(ids), READ_AT_ONCE):
            await self._people.read(ids[begin : begin + READ_AT_ONCE])

    def _apply(self, seat: Seat, now_ms: int) -> None:
        person = self._people.last_known(seat.identity.actor.id)
        if person is None:
            return
        if not person.is_active:
            log.info("account ended, connection closed", actor=seat.identity.actor.id)
            seat.disconnect(DENIED.code, "this account is suspended")
            return
        claims = seat.identity.claims
        # Speed: nearly nobody's rights have changed, and everyone is looked at every second.
        if person.grants == claims.grants and not person.grants and person.mail_hash == claims.mail_hash:
            return
        identity = with_person(seat.identity, person, now_ms)
        if identity != seat.identity:
            seat.identity = identity
            self._recheck(seat)
