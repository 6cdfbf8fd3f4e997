"""Somebody who does nothing but post, and is answered: what an attack on others may not change."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.raw import RawClient, open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import new_command_id

PAUSE_S = 0.05
ANSWER_MOST_S = 5.0
"""An SDK gives up then. The machine is shared, so what is held is that everybody is served, not how fast."""


class Bystander:
    """``answers_s`` has how long each post took."""

    def __init__(self, client: RawClient, room: str) -> None:
        self.answers_s: list[float] = []
        self.room = room
        self._client = client
        self._one_at_a_time = asyncio.Lock()

    async def post(self) -> None:
        began_s = time.monotonic()
        async with self._one_at_a_time:
            reply = await self._client.rpc("workspace.post", {"room": self.room, "command_id": new_command_id(), "text": "here"})
        assert "rpc" in reply, reply
        self.answers_s.append(time.monotonic() - began_s)

    async def keep_posting(self) -> None:
        while True:
            await self.post()
            await asyncio.sleep(PAUSE_S)

    @asynccontextmanager
    async def is_served(self) -> AsyncIterator[None]:
        """In this block, and still at its end, posts are answered."""
        self.answers_s.clear()
        yield
        await self.post()
        slowest_s = max(self.answers_s)
        assert slowest_s <= ANSWER_MOST_S, f"the bystander waited {slowest_s:.2f} s"


@asynccontextmanager
async def open_bystander(server: ServerProcess, token: str, room: str) -> AsyncIterator[Bystander]:
    """Posts from here to the end of the block, on one connection that nobody may cost it."""
    async with open_raw(server.socket_address, token) as client:
        bystander = Bystander(client, room)
        posting = asyncio.create_task(bystander.keep_posting())
        try:
            yield bystander
        finally:
            posting.cancel()
            (result,) = await asyncio.gather(posting, return_exceptions=True)
        assert isinstance(result, asyncio.CancelledError), f"the bystander was not served: {result!r}"
    assert server.is_running
