"""uvicorn's server with an end of life of our own.

As it stands, SIGTERM closes every socket at once with 1012 and is raised again before our clean-up has run. Here: the listeners
close, connections leave in slices with 3001, so that they come back elsewhere little by little, requests end, and then ``finish``
does the rest (the hub, the journal, the database). A second signal only shortens the grace.
"""

import asyncio
import logging
import math
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any, Final, NamedTuple

import uvicorn

from channels.lobby import Lobby
from channels.wire.codes import SHUTDOWN
from server.socket.entrance import Entrance
from server.socket.protocol import http_protocol
from server.socket.settings import SocketSettings

logger = logging.getLogger(__name__)

POLL_S: Final = 0.02
"""How often it is looked whether sockets and requests are gone: their ends have no event of their own."""

USED_OF_UVICORN: Final = ("startup", "shutdown", "handle_exit", "serve")
USED_OF_A_SERVER: Final = ("should_exit", "started", "server_state", "config")


def uvicorn_config(app: Any, entrance: Entrance, **more: Any) -> uvicorn.Config:
    """uvicorn with our way in, and without what would be in their way: its compression per connection (tens of KB each), its own
    pings, its limit of 16 MiB. ``more`` is passed on (host, port, log_config and so on)."""
    return uvicorn.Config(
        app,
        http=http_protocol(entrance),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_ping_timeout=None,
        ws_max_size=entrance.settings.message_bytes,
        **more,
    )


class Grace:
    """The time that a shutdown has; ``hurry`` leaves ``short_s`` of it, also to what is under way."""

    def __init__(self, seconds: float, short_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._short_s = short_s
        self._end_s = self._loop.time() + seconds
        self._limits: set[asyncio.Timeout] = set()
        self.is_short = False

    @property
    def left_s(self) -> float:
        return max(0.0, self._end_s - self._loop.time())

    def hurry(self) -> None:
        self.is_short = True
        self._end_s = min(self._end_s, self._loop.time() + self._short_s)
        for limit in self._limits:
            limit.reschedule(self._end_s)

    async def spend(self, work: Awaitable[object]) -> bool:
        """Let ``work`` use what is left; False when it was cut off."""
        try:
            async with asyncio.timeout_at(self._end_s) as limit:
                self._limits.add(limit)
                try:
                    await work
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            return False
        return True


class Ending(NamedTuple):
    """How a server ends: the time it has, and what follows when nobody is connected any more (it may use what is left)."""

    finish: Callable[[Grace], Awaitable[None]]
    grace_s: float = 10.0
    short_grace_s: float = 1.0


class AtriumServer(uvicorn.Server):
    """Serves until a signal, or ``should_exit``. ``serve`` returns normally after a signal, so the caller's blocks end in order.

    ``on_listening`` is called once with the addresses that are listened on.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        lobby: Lobby,
        settings: SocketSettings,
        ending: Ending,
        on_listening: Callable[[list[tuple[str, int]]], None] = lambda addresses: None,
    ) -> None:
        super().__init__(config)
        self._lobby = lobby
        self._settings = settings
        self._ending = ending
        self._on_listening = on_listening
        self._grace: Grace | None = None
        self._is_hurried = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_listening([one.getsockname()[:2] for server in self.servers for one in server.sockets])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end, any later one shortens it. uvicorn remembers them to raise them again; here none is."""
        if self.should_exit and not self._lobby.loop.is_closed():
            self._lobby.loop.call_soon_threadsafe(self.hurry)
        self.should_exit = True

    def hurry(self) -> None:
        """Leave only the short grace."""
        self._is_hurried = True
        if self._grace is not None:
            self._grace.hurry()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._grace = grace = Grace(self._ending.grace_s, self._ending.short_grace_s)
        if self._is_hurried:
            grace.hurry()
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        await grace.spend(self._drain(grace))
        for connection in list(self.server_state.connections):
            connection.shutdown()  # idle ones close now, busy ones behind their answer
        await grace.spend(_until(lambda: not self.server_state.connections and not self.server_state.tasks))
        for task in list(self.server_state.tasks):
            task.cancel()
        await self._ending.finish(grace)
        await self.lifespan.shutdown()

    async def _drain(self, grace: Grace) -> None:
        """Connections leave in slices, in at most half of what is left."""
        connections = self._lobby.connections
        slices = math.ceil(len(connections) / self._settings.drain_slice)
        logger.info("connections leave: %d", len(connections))
        pause_s = min(self._settings.drain_pause_s, grace.left_s / 2 / max(1, slices))
        while connections:
            for connection in list(connections)[: self._settings.drain_slice]:
                connection.disconnect(SHUTDOWN.code, SHUTDOWN.reason)
            await asyncio.sleep(0 if grace.is_short or not connections else pause_s)


async def _until(condition: Callable[[], bool]) -> None:
    while True:
        if condition():
            return
        await asyncio.sleep(POLL_S)
