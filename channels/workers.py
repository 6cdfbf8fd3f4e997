"""A fixed number of tasks for what has to wait for storage, so that nothing needs a task of its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from domain.rejections import Busy

logger = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]
"""Answers for its own failures; what it raises is a fault of ours and is logged."""


class Workers:
    def __init__(self, max_waiting: int) -> None:
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(max_waiting)

    @property
    def waiting(self) -> int:
        return self._jobs.qsize()

    def put(self, job: Job) -> None:
        """Raises ``Busy`` over the bound."""
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            raise Busy("this node has too many rooms to open; repeat it in a moment") from None

    async def run(self) -> None:
        """One worker; several may run. Ends when it is cancelled."""
        while True:
            job = await self._jobs.get()
            try:
                await job()
            except Exception:
                logger.exception("a job of the hub failed")
