"""A room of any kind as the bot sees it: one way to give a command that survives cuts and restarts, and what the room tells."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from centrifuge import (
    CentrifugeError,
    Client,
    ClientEventHandler,
    ClientState,
    ConnectedContext,
    DisconnectedContext,
    PublicationContext,
    SubscribedContext,
    SubscriptionEventHandler,
    SubscriptionState,
    UnsubscribedContext,
)
from centrifuge.exceptions import ReplyError

PATIENCE_S = 240.0
"""How long a command is repeated while the server is away: a little less than the silence after which a run is given up."""

ENTRY_S = 60.0
"""How long the server may take to let the bot in."""

_TEMPORARY = frozenset({100, 111})


class Refused(Exception):
    """The room said no; the sentence is the room's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Gone(Exception):
    """The server ended the connection for good, or stayed away too long; or the bot was put out of the room."""


class Place:
    """A room that the bot is in. Kinds of room say in ``look_at`` and ``follow`` what they keep of it."""

    def __init__(self, client: Client, address: str) -> None:
        self.address = address
        self._client = client
        self._changed = asyncio.Event()
        self._ended = ""
        self._is_seen = False

    @property
    def kind(self) -> str:
        return self.address.partition(":")[0]

    async def give(self, verb: str, fields: dict[str, Any], command_id: str) -> dict[str, Any]:
        """Give ``<kind>.{verb}`` and return its result. Without an answer it is repeated under the same id, so it happens once.

        Raises ``Refused`` or ``Gone``.
        """
        return await self._call(verb, {"room": self.address, "command_id": command_id, **fields})

    async def ask(self, word: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Ask ``<kind>.{word}``; nothing changes by it. Raises ``Refused`` or ``Gone``."""
        return await self._call(word, {"room": self.address, **fields})

    async def _call(self, word: str, payload: dict[str, Any]) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + PATIENCE_S
        pause_s = 0.1
        while True:
            try:
                result = await self._client.rpc(f"{self.kind}.{word}", payload)
                return result.data if isinstance(result.data, dict) else {}
            except ReplyError as refusal:
                if not refusal.temporary and refusal.code not in _TEMPORARY:
                    raise Refused(refusal.code, refusal.message) from refusal
                why: Exception = refusal
            except CentrifugeError as unanswered:
                why = unanswered
            if self._client.state == ClientState.DISCONNECTED or loop.time() > give_up_at:
                raise Gone(self._ended or f"no answer from the server: {why}") from why
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 5.0)

    async def until(self, condition: Callable[[], bool], timeout_s: float | None = None) -> None:
        """Wait until the room is so. Raises ``TimeoutError`` or ``Gone``."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                if self._ended:
                    raise Gone(self._ended)
                self._changed.clear()
                await self._changed.wait()

    async def entered(self) -> None:
        """Wait until the first view is here. Raises ``Gone``."""
        try:
            await self.until(lambda: self._is_seen, ENTRY_S)
        except TimeoutError:
            raise Gone(f"the bot was not let into {self.address} within {ENTRY_S:g} s") from None

    # What the subscription tells

    def look_at(self, view: dict[str, Any]) -> None:
        """A whole view: at the first subscribe, and where the missed events were too many."""
        raise NotImplementedError

    def follow(self, message: dict[str, Any]) -> None:
        """One event of the room."""
        raise NotImplementedError

    def seen(self, view: dict[str, Any]) -> None:
        self.look_at(view)
        self._is_seen = True
        self._changed.set()

    def happened(self, message: dict[str, Any]) -> None:
        self.follow(message)
        self._changed.set()

    def end(self, why: str) -> None:
        self._ended = why
        self._changed.set()


P = TypeVar("P", bound=Place)


class Line:
    """A connection, and the rooms that the bot is in by it. ``actor_id`` is who the server takes the bot for."""

    def __init__(self, server: str, get_token: Callable[[], Awaitable[str]]) -> None:
        self.actor_id = ""
        self.client = Client(server, events=_Connection(self), get_token=get_token, name="atrium-bot", max_reconnect_delay=5.0)
        self._places: list[Place] = []

    @asynccontextmanager
    async def enter(self, kind: type[P], address: str) -> AsyncIterator[P]:
        """Enter a room and stay in it. Raises ``Gone``."""
        place = kind(self.client, address)
        self._places.append(place)
        subscription = self.client.new_subscription(address, events=_Subscription(place))
        try:
            await subscription.subscribe()
            await place.entered()
            yield place
        finally:
            place.end("the bot has left")
            with contextlib.suppress(CentrifugeError):
                if subscription.state != SubscriptionState.UNSUBSCRIBED:
                    await subscription.unsubscribe()

    def end(self, why: str) -> None:
        for place in self._places:
            place.end(why)


@asynccontextmanager
async def open_line(server: str, get_token: Callable[[], Awaitable[str]]) -> AsyncIterator[Line]:
    """Connect to ``server`` (``ws://…/connection/websocket``)."""
    line = Line(server, get_token)
    try:
        await line.client.connect()
        yield line
    finally:
        with contextlib.suppress(CentrifugeError):
            await line.client.disconnect()


class _Connection(ClientEventHandler):  # type: ignore[misc]  # the SDK ships no types
    def __init__(self, line: Line) -> None:
        self._line = line

    async def on_connected(self, ctx: ConnectedContext) -> None:
        actor = (ctx.data or {}).get("actor", {})
        self._line.actor_id = actor.get("id", "")

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        self._line.end(f"the connection has ended: {ctx.reason} ({ctx.code})")


class _Subscription(SubscriptionEventHandler):  # type: ignore[misc]  # the SDK ships no types
    def __init__(self, place: Place) -> None:
        self._place = place

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        data = ctx.data or {}
        if "view" in data:
            self._place.seen(data["view"])

    async def on_publication(self, ctx: PublicationContext) -> None:
        if "event" in ctx.pub.data:
            self._place.happened(ctx.pub.data)

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        self._place.end(f"put out of the room: {ctx.reason} ({ctx.code})")
