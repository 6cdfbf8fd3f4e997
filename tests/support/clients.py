"""Clients over the official Python SDK, in either format, that remember everything they are told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from centrifuge import (
    Client,
    ClientEventHandler,
    ClientInfo,
    ConnectedContext,
    ConnectingContext,
    DisconnectedContext,
    JoinContext,
    LeaveContext,
    PublicationContext,
    SubscribedContext,
    Subscription,
    SubscriptionErrorContext,
    SubscriptionEventHandler,
    UnsubscribedContext,
)

from tests.drills.history import Acked, ClientLog, Entered, Received, Sent
from tests.support.tokens import new_command_id

WAIT_S = 15.0


class Watched(SubscriptionEventHandler):  # type: ignore[misc]  # the SDK ships no types
    """What came of one room: ``view`` is the newest one, ``events`` all that were delivered since, in order."""

    def __init__(self, room: str, decode: Callable[[Any], Any], log: ClientLog) -> None:
        self.room = room
        self.view: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.publications: list[Any] = []
        self.ticks: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.pieces: list[dict[str, Any]] = []
        self.joined: list[ClientInfo] = []
        self.left: list[ClientInfo] = []
        self.entries: list[SubscribedContext] = []
        self.unsubscribed: list[tuple[int, str]] = []
        self.errors: list[SubscriptionErrorContext] = []
        self.offset = 0
        self.epoch = ""
        self.subscription: Subscription = None
        self._decode = decode
        self._log = log
        self._moved = asyncio.Event()

    async def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Wait until what came fulfils the condition; raises ``TimeoutError``."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._moved.clear()
                await self._moved.wait()

    @property
    def last_piece(self) -> dict[str, Any] | None:
        return self.pieces[-1] if self.pieces else None

    def texts(self) -> list[str]:
        """The texts of posted messages, from view and events, in order."""
        messages = [*self.view.get("messages", []), *self.events]
        return [message["event"]["text"] for message in messages if message["event"]["type"] == "message_posted"]

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        data = self._decode(ctx.data) or {}
        self.entries.append(ctx)
        self.epoch = ctx.stream_position.epoch
        if not ctx.recovered:
            self.view, self.events = data.get("view", {}), []
            self.offset = ctx.stream_position.offset
        shown = tuple((message["offset"], message["id"]) for message in data.get("view", {}).get("messages", []))
        self._log.entries.append(Entered(self.room, self.epoch, ctx.stream_position.offset, ctx.recovered, shown))
        self.ticks += data.get("ticks", [])
        self.pieces += data.get("streams", [])
        self._moved.set()

    async def on_publication(self, ctx: PublicationContext) -> None:
        data = self._decode(ctx.pub.data)
        self.publications.append(ctx.pub)
        if "event" in data:
            self.events.append(data)
            self.offset = ctx.pub.offset
            self._log.entries.append(Received(self.room, ctx.pub.offset, data["id"]))
        elif "tick" in data:
            self.ticks.append(data)
        elif "stream" in data:
            self.pieces.append(data["stream"])
        elif "signal" in data:
            self.signals.append(data)
        self._moved.set()

    async def on_join(self, ctx: JoinContext) -> None:
        self.joined.append(ctx.info)
        self._moved.set()

    async def on_leave(self, ctx: LeaveContext) -> None:
        self.left.append(ctx.info)
        self._moved.set()

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        self.unsubscribed.append((ctx.code, ctx.reason))
        self._moved.set()

    async def on_error(self, ctx: SubscriptionErrorContext) -> None:
        self.errors.append(ctx)
        self._moved.set()


class Person(ClientEventHandler):  # type: ignore[misc]  # the SDK ships no types
    """One connection of one user. Made by ``open_person``."""

    def __init__(self, user: str, log: ClientLog) -> None:
        self.user = user
        self.log = log
        self.connected: list[ConnectedContext] = []
        self.connecting: list[ConnectingContext] = []
        self.disconnected: list[DisconnectedContext] = []
        self.client: Client = None
        self._is_protobuf = False
        self._moved = asyncio.Event()

    async def watch(self, room: str, join_leave: bool = False) -> Watched:
        """Enter a room and stay; returns with the view."""
        watched = Watched(room, self.decode, self.log)
        subscription = self.client.new_subscription(room, events=watched, join_leave=join_leave)
        watched.subscription = subscription
        await subscription.subscribe()
        await watched.until(lambda: bool(watched.entries) or bool(watched.unsubscribed))
        return watched

    async def give(self, command: str, room: str = "", /, *, command_id: str = "", **fields: Any) -> dict[str, Any]:
        """Give a command; raises the SDK's ``ReplyError`` where it is refused."""
        command_id = command_id or new_command_id()
        payload = {"command_id": command_id, **({"room": room} if room else {}), **fields}
        self.log.entries.append(Sent(room, command_id, time.monotonic_ns()))
        result = self.decode((await self.client.rpc(command, self.encode(payload))).data)
        acked = Acked(
            result["room"], command_id, result["offset"], result["epoch"], tuple(result["event_ids"]), time.monotonic_ns()
        )
        self.log.entries.append(acked)
        return dict(result)

    async def ask(self, method: str, /, **fields: Any) -> Any:
        """An rpc that is no command."""
        return self.decode((await self.client.rpc(method, self.encode(fields))).data)

    def encode(self, payload: Any) -> Any:
        return json.dumps(payload).encode() if self._is_protobuf else payload

    def decode(self, data: Any) -> Any:
        return json.loads(data) if self._is_protobuf and data else data

    async def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._moved.clear()
                await self._moved.wait()

    async def on_connected(self, ctx: ConnectedContext) -> None:
        self.connected.append(ctx)
        self._moved.set()

    async def on_connecting(self, ctx: ConnectingContext) -> None:
        self.connecting.append(ctx)
        self._moved.set()

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        self.disconnected.append(ctx)
        self._moved.set()


GetToken = Callable[[], Awaitable[str]]


@asynccontextmanager
async def open_person(
    address: str, user: str, token: str, *, protobuf: bool = False, get_token: GetToken | None = None, actor: str = ""
) -> AsyncIterator[Person]:
    """A connected client; ``get_token`` gives the SDK what it asks for when ``token`` runs out."""
    person = Person(user, ClientLog(user, actor))
    person._is_protobuf = protobuf
    person.client = Client(
        address, events=person, token=token, get_token=get_token, use_protobuf=protobuf, max_reconnect_delay=1.0, name="test"
    )
    try:
        await person.client.connect()
        await person.until(lambda: bool(person.connected) or bool(person.disconnected))
        yield person
    finally:
        for subscription in person.client.subscriptions().values():
            await subscription.unsubscribe()
        await person.client.disconnect()
