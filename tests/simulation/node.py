"""One life of the node, from its start to its death or its orderly end: the parts as ``server.wiring`` puts them together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from channels.connection import Connection
from channels.hub import Hub, open_hub
from channels.lobby import Lobby, open_lobby
from channels.ports import InvalidToken, Ports
from channels.seats import FormatName, Identity
from channels.settings import HubSettings
from channels.settings_of_connections import ConnectionSettings
from channels.transport import Transport
from channels.wire.codec import Codec
from channels.wire.json_codec import JsonCodec
from domain.ids import ActorId
from domain.kinds import KINDS
from domain.log import JournalBroken, JournalFull, StorageAway
from domain.record import Actor
from domain.rejections import SignInNeeded
from domain.roles import NO_CLAIMS
from persistence.journal.committer import Writing
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.postgres_generations import PostgresGenerations
from persistence.journal.settings import JournalSettings
from persistence.journal.sqlite import SqliteJournal
from persistence.log import PostgresDeadlines, PostgresLog
from persistence.restart import open_restart
from persistence.write_behind.reactions import PostgresReactions
from persistence.write_behind.settings import WriteBehindSettings
from persistence.write_behind.writer import WriteBehind, open_write_behind
from tests.simulation.broken import SOUND, Variant
from tests.simulation.database import Postgres, SimDatabase
from tests.simulation.disk import ElsewhereCommitter, Host, SimDisk
from tests.simulation.loop import OWNER
from tests.simulation.world import World

CODECS: Final[Mapping[FormatName, Codec]] = {"json": JsonCodec()}
DRAIN_S: Final = 5.0
CONNECTIONS: Final = ConnectionSettings(ping_interval_s=2.0, pong_timeout_s=1.0, expiry_grace_s=0.5, stall_timeout_s=3.0)


class SimConnection(Connection):
    """Sets of connections have the same order in every process."""

    __slots__ = ("number",)

    def __init__(self, number: int, lobby: Lobby, transport: Transport, format: FormatName) -> None:
        self.number = number
        super().__init__(lobby, transport, format)

    def __hash__(self) -> int:
        return self.number


class SimAuthenticator:
    """A token is its actor's kind, id and end, in words."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.draw("tokens")

    async def identify(self, token: str) -> Identity:
        await asyncio.sleep(self._rng.uniform(0.0, 0.004))
        kind, _, rest = token.partition(" ")
        actor_id, _, end_ms = rest.partition(" ")
        if kind not in ("user", "bot"):
            raise InvalidToken("not ours")
        if int(end_ms) and int(end_ms) < self._world.wall_ms():
            raise SignInNeeded("this token has run out")
        actor = Actor(id=ActorId(actor_id), kind=kind, name=f"name of {actor_id[:8]}")  # type: ignore[arg-type]  # looked at above
        return Identity(actor=actor, claims=NO_CLAIMS, expires_at_ms=int(end_ms) or None)


class Parts:
    """What runs of a node, for those who look into it."""

    def __init__(self, journal: SqliteJournal, writing: WriteBehind, hub: Hub, lobby: Lobby) -> None:
        self.journal = journal
        self.writing = writing
        self.hub = hub
        self.lobby = lobby


class Node:
    """``parts`` is there while it serves. ``is_dead`` from the instant of a power cut: nothing of it is seen from then on."""

    def __init__(self, world: World, host: Host, postgres: Postgres, number: int, variant: Variant = SOUND) -> None:
        self.world = world
        self.name = f"node {number}"
        self.is_dead = False
        self.died = asyncio.Event()
        self.parts: Parts | None = None
        self._variant = variant
        self._host = host
        self._folder: Path = host.folder
        self._database = SimDatabase(postgres)
        self._disk = SimDisk(host, self._folder, self._died)
        self._disk.syncs_every = variant.syncs_every
        self._over = asyncio.Event()
        self._connections = 0

    # From outside

    def cut_power(self) -> None:
        self._disk.cut_power()

    def end(self) -> None:
        """SIGTERM."""
        self._over.set()

    def connect(self, transport: Transport) -> Connection:
        assert self.parts is not None
        self._connections += 1
        return SimConnection(self._connections, self.parts.lobby, transport, "json")

    def _died(self) -> None:
        self.world.note(f"{self.name} died")
        self.is_dead = True
        self.died.set()
        self.parts = None
        self._database.is_cut = True
        self._over.set()

    # Its life

    async def live(self) -> None:
        """Returns at its end, whichever; complains where it refuses to start. How a dead one ends is nobody's business."""
        OWNER.set(self.name)
        self.world.note(f"{self.name} starts")
        try:
            async with self._running() as parts:
                await self._serve(parts)
        except (StorageAway, JournalBroken, JournalFull, OSError) as error:
            self.world.note(f"{self.name} could not start, or end: {type(error).__name__}")
        except Exception as error:
            if not self.is_dead:
                self.world.complain(f"the node failed: {type(error).__name__}: {error}")
        self.parts = None
        self._disk.leave()

    async def _serve(self, parts: Parts) -> None:
        self.parts = None if self.is_dead else parts
        self.world.note(f"{self.name} serves")
        broken = asyncio.create_task(parts.hub.failed.wait())
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait([broken, over], return_when=asyncio.FIRST_COMPLETED)
        for task in (broken, over):
            task.cancel()
        self.parts = None
        if parts.writing.lag().stopped and not self.is_dead:
            self.world.complain(f"write-behind stopped: {parts.writing.lag().stopped}")
        if self.is_dead:
            return
        for connection in list(parts.lobby.connections):
            connection.disconnect(3001, "shutdown")
        if parts.hub.failure is None:
            await parts.hub.drain()
            await parts.writing.flush(DRAIN_S)

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Parts]:
        weather, now_ms = self.world.weather, self.world.wall_ms
        database, variant = self._database, self._variant
        async with AsyncExitStack() as stack:
            generations = PostgresGenerations(database)
            with mock.patch("persistence.journal.opening.open_thread_committer", _open_elsewhere):
                opening = open_sqlite_journal(generations, self._journal_settings(), KINDS, disk=self._disk)
                journal = await stack.enter_async_context(opening)
            settings = WriteBehindSettings(
                where="loop", batch_records=weather.batch_records, retry_most_s=1.0, tick_interval_s=0.3, drain_s=0.2
            )
            followed: Any = variant.followed(journal)
            writing = await stack.enter_async_context(open_write_behind(database, followed, settings, KINDS))
            await stack.enter_async_context(open_restart(database, journal, writing, KINDS))
            ports = Ports(
                journal=variant.journal(journal),
                log=variant.log(PostgresLog(database, journal, writing, KINDS)),
                deadlines=PostgresDeadlines(database),
                reactions=PostgresReactions(database, KINDS, writing.outbox_grew),
            )
            hub = await stack.enter_async_context(open_hub(KINDS, ports, CODECS, self._hub_settings(), now_ms))
            authenticator = SimAuthenticator(self.world)
            lobby = await stack.enter_async_context(open_lobby(hub, authenticator, CODECS, CONNECTIONS, now_ms))
            yield Parts(journal, writing, hub, lobby)

    def _journal_settings(self) -> JournalSettings:
        weather = self.world.weather
        return JournalSettings(
            folder=self._folder,
            commit="thread" if weather.commits_elsewhere else "loop",
            segment_bytes=weather.segment_bytes,
            memory_bytes=2 * weather.segment_bytes,
            ballast_bytes=4_096,
            keep_s=1.0,
            keep_bytes=weather.segment_bytes,
            lock_wait_s=0.0,
        )

    def _hub_settings(self) -> HubSettings:
        ring = self.world.weather.ring_events
        return HubSettings(
            ring_events=ring, resume_events=max(30, ring), catch_up_bytes=600, snapshot_events=15, idle_close_s=1.5, opening_rooms=3
        )


@asynccontextmanager
async def _open_elsewhere(writing: Writing, switch_interval_s: float) -> AsyncIterator[ElsewhereCommitter]:
    committer = ElsewhereCommitter(writing, asyncio.to_thread)
    try:
        yield committer
    finally:
        await committer.close()
