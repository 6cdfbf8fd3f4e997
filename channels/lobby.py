"""What all connections of a node share: the hub, who checks tokens, the wheel, the clocks, and the bounds per user.

Made by ``open_lobby``; everything that connections have under way ends with its block.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from channels.hub import Hub, wall_clock_ms
from channels.ports import Authenticator
from channels.rates import Bucket
from channels.seats import FormatName, Seat
from channels.settings_of_connections import ConnectionSettings
from channels.stage import Now
from channels.wheel import Wheel, open_wheel
from channels.wire.codec import Codec
from domain.ids import ActorId

DEFAULTS = ConnectionSettings()


class Around(NamedTuple):
    """What a lobby is built from."""

    hub: Hub
    authenticator: Authenticator
    codecs: Mapping[FormatName, Codec]
    settings: ConnectionSettings
    now_ms: Callable[[], int]


class _User:
    """One user's connections on this node, and what they may send together."""

    __slots__ = ("bucket", "connections")

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.connections = 0


class Lobby:
    """``connections`` are those that have not begun to end."""

    def __init__(self, around: Around, wheel: Wheel, tasks: asyncio.TaskGroup) -> None:
        self.hub = around.hub
        self.authenticator = around.authenticator
        self.settings = around.settings
        self.codecs = around.codecs
        self.wheel = wheel
        self.loop = asyncio.get_running_loop()
        self._now_ms = around.now_ms
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._users: dict[ActorId, _User] = {}
        self._sweep_at = 1_024
        self._owing: list[Callable[[], None]] = []
        self.hub.write_replies_by(self.write_owed)
        self.connections: set[Seat] = set()

    def now(self) -> Now:
        return Now(self.loop.time(), self._now_ms(), random.random())

    # ---- replies

    def owe(self, flush: Callable[[], None]) -> None:
        """A connection has something to say: in this turn, before any room writes to it."""
        if not self._owing:
            self.loop.call_soon(self.write_owed)
        self._owing.append(flush)

    def write_owed(self) -> None:
        owing, self._owing = self._owing, []
        for flush in owing:
            flush()

    # ---- tasks

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Run something that has to wait, or say that too much is under way already. ``work`` catches what it can fail with."""
        if len(self._running) >= self.settings.tasks:
            return False
        task = self._tasks.create_task(work())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return True

    def close(self) -> None:
        for task in self._running:
            task.cancel()

    # ---- users

    def admit(self, actor: ActorId) -> Bucket | None:
        """One more connection of this user: the bucket of all of them, or None where the user has as many as allowed."""
        user = self._users.get(actor)
        if user is None:
            self._sweep()
            bucket = Bucket(self.settings.user_commands_per_s, self.settings.user_command_burst, self.loop.time())
            user = self._users[actor] = _User(bucket)
        if user.connections >= self.settings.user_connections:
            return None
        user.connections += 1
        return user.bucket

    def release(self, actor: ActorId) -> None:
        """The end of one that was admitted. Its bucket stays until it is full, or coming back would be a way to empty it."""
        user = self._users[actor]
        user.connections -= 1
        if not user.connections and user.bucket.is_full(self.loop.time()):
            del self._users[actor]

    def _sweep(self) -> None:
        """Now and then forget those who left with a bucket that has filled up since; twice as many may gather until then."""
        if len(self._users) < self._sweep_at:
            return
        now_s = self.loop.time()
        idle = [actor for actor, user in self._users.items() if not user.connections and user.bucket.is_full(now_s)]
        for actor in idle:
            del self._users[actor]
        self._sweep_at = max(1_024, 2 * len(self._users))


@asynccontextmanager
async def open_lobby(
    hub: Hub,
    authenticator: Authenticator,
    codecs: Mapping[FormatName, Codec],
    settings: ConnectionSettings = DEFAULTS,
    now_ms: Callable[[], int] = wall_clock_ms,
) -> AsyncIterator[Lobby]:
    """The lobby with its wheel and its tasks; what is still under way at the end of the block is cancelled."""
    with open_wheel() as wheel:
        async with asyncio.TaskGroup() as tasks:
            lobby = Lobby(Around(hub, authenticator, codecs, settings, now_ms), wheel, tasks)
            try:
                yield lobby
            finally:
                lobby.close()
