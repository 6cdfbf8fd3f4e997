"""What the clock moves: the node's alarms, driven by the loop, and the sweep of stored deadlines."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from channels.ports import Deadlines
from channels.rooms import Rooms
from channels.settings import HubSettings
from channels.timers import Alarms
from domain.log import StorageAway
from domain.rejections import Rejection

logger = logging.getLogger(__name__)

LONGEST_SLEEP_MS = 1_000
"""The wall clock may be set forward while the loop sleeps: alarms are late by this much at most."""


class Timer(Protocol):
    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]


class Clockwork:
    """Rings the alarms when they are due. ``call_later`` (seconds, call) is the loop's."""

    def __init__(self, now_ms: Callable[[], int], call_later: CallLater) -> None:
        self._now_ms = now_ms
        self._call_later = call_later
        self.alarms = Alarms(self._sleep)
        self._timer = call_later(LONGEST_SLEEP_MS / 1_000, self._wake)

    def cancel(self) -> None:
        self._timer.cancel()

    def _wake(self) -> None:
        self._timer.cancel()
        self.alarms.ring(self._now_ms())
        self._sleep(self.alarms.next_ms)

    def _sleep(self, until_ms: int | None) -> None:
        left_ms = LONGEST_SLEEP_MS if until_ms is None else until_ms - self._now_ms()
        self._timer.cancel()
        self._timer = self._call_later(max(0, min(left_ms, LONGEST_SLEEP_MS)) / 1_000, self._wake)


async def sweep(deadlines: Deadlines, rooms: Rooms, now_ms: Callable[[], int], settings: HubSettings) -> None:
    """Open the closed rooms whose stored deadlines are due; once open, a room's deadlines fire from its own state."""
    while True:
        await asyncio.sleep(settings.sweep_interval_s)
        try:
            # Ticks move the deadlines of open rooms in memory alone: by their rows these stay due, and shall not hide the others.
            due = await deadlines.due(now_ms(), settings.sweep_rooms + len(rooms))
        except StorageAway:
            continue
        except Exception:
            # Postgres refuses for another reason: that delays deadlines, and is not worth everyone's connection.
            logger.exception("stored deadlines cannot be looked at now")
            continue
        for address in {each.room for each in due}:
            try:
                rooms.when_open(address, lambda _: None)
            except Rejection:
                break
