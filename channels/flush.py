"""The flush: once per loop turn, what all rooms have published goes to their members, within a budget."""

from collections import deque
from collections.abc import Callable

from channels.audience import Audience
from channels.fan_out import FanOut
from channels.seats import Seat

CATCH_UPS_PER_TURN = 16
"""Slices for lagging members in one turn: up to 1 MiB encoded, about a millisecond."""


class Flush:
    """``schedule`` runs a call in the next loop turn (``loop.call_soon``)."""

    def __init__(self, fan_out: FanOut, schedule: Callable[[Callable[[], None]], object], now_ms: Callable[[], int]) -> None:
        self._fan_out = fan_out
        self._schedule = schedule
        self._now_ms = now_ms
        self._touched: dict[Audience, None] = {}
        self._catching_up: deque[tuple[Audience, Seat]] = deque()
        self._is_scheduled = False

    def touch(self, audience: Audience) -> None:
        self._touched[audience] = None
        self._wake()

    def catch_up(self, audience: Audience, seat: Seat) -> None:
        """A seat that lagged in this room takes bytes again."""
        self._catching_up.append((audience, seat))
        self._wake()

    def run(self) -> None:
        """One turn. May be called early, when answers have just been given and their events shall leave in the same write."""
        touched, self._touched = self._touched, {}
        now_ms = self._now_ms()
        for audience in touched:
            # What is published while slices of the last delivery are being written gathers, and then leaves as one.
            if audience.members.is_behind:
                self._touched[audience] = None
            else:
                audience.seal(now_ms)
        self._fan_out.run()
        for audience in touched:
            audience.announcements.write()
        self._catch_up()
        if self._touched or self._catching_up or self._fan_out.is_behind:
            self._wake()

    def _catch_up(self) -> None:
        for _ in range(min(CATCH_UPS_PER_TURN, len(self._catching_up))):
            audience, seat = self._catching_up.popleft()
            if audience.catch_up(seat):
                self._catching_up.append((audience, seat))

    def _wake(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self._schedule(self._scheduled_run)

    def _scheduled_run(self) -> None:
        self._is_scheduled = False
        self.run()
