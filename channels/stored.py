"""Replies that wait for Postgres: ``receipt: "stored"``."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from channels.ports import EventLog
from channels.seats import Accepted, Answer
from channels.settings import HubSettings

STEP_S = 0.05
"""One wait for the oldest; then all are looked at, so that none waits for another room's batch longer than this."""


class _Waiting(NamedTuple):
    accepted: Accepted
    answer: Callable[[Answer], None]
    until_ms: int


class StoredWaits:
    """Answers within ``stored_wait_s``, with ``stored`` true or false. Over the bound: at once, false."""

    def __init__(self, log: EventLog, now_ms: Callable[[], int], settings: HubSettings) -> None:
        self._log = log
        self._now_ms = now_ms
        self._settings = settings
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, accepted: Accepted, answer: Callable[[Answer], None]) -> None:
        if self._log.is_stored(accepted.room, accepted.offset):
            answer(msgspec.structs.replace(accepted, stored=True))
        elif len(self._waiting) >= self._settings.stored_waiting:
            answer(msgspec.structs.replace(accepted, stored=False))
        else:
            until_ms = self._now_ms() + int(self._settings.stored_wait_s * 1_000)
            self._waiting.append(_Waiting(accepted, answer, until_ms))
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                oldest = self._waiting[0]
                left_s = (oldest.until_ms - self._now_ms()) / 1_000
                await self._log.stored(oldest.accepted.room, oldest.accepted.offset, max(0.0, min(STEP_S, left_s)))
                self._answer_all(self._now_ms())

    def answer_now(self) -> None:
        """The node ends: whoever still waits hears what is true now."""
        self._answer_all(self._now_ms() + int(self._settings.stored_wait_s * 1_000))

    def _answer_all(self, now_ms: int) -> None:
        waiting, self._waiting = self._waiting, deque()
        for each in waiting:
            is_stored = self._log.is_stored(each.accepted.room, each.accepted.offset)
            if is_stored or each.until_ms <= now_ms:
                each.answer(msgspec.structs.replace(each.accepted, stored=is_stored))
            else:
                self._waiting.append(each)
