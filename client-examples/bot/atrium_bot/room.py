"""A workspace as the bot sees it: the executions in it, and one way to give a command that survives cuts and restarts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from centrifuge import (
    CentrifugeError,
    Client,
    ClientEventHandler,
    ClientState,
    DisconnectedContext,
    PublicationContext,
    SubscribedContext,
    SubscriptionEventHandler,
    SubscriptionState,
    UnsubscribedContext,
)
from centrifuge.exceptions import ReplyError

PATIENCE_S = 240.0
"""How long a command is repeated while the server is away: a little less than the silence after which the room gives a run up."""

_TEMPORARY = frozenset({100, 111})


class Refused(Exception):
    """The room said no; the sentence is the room's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Gone(Exception):
    """The server ended the connection for good, or stayed away too long."""


@dataclass(frozen=True)
class Execution:
    """One run as the room tells it; ``started_at`` in Unix milliseconds, 0 while pending."""

    id: str
    status: str
    started_at: int = 0
    progress: int = 0
    error: str = ""


class Room:
    """Made by ``open_room``. ``executions`` follows the room: the latest, and all that are active, oldest first."""

    def __init__(self, client: Client, address: str) -> None:
        self.address = address
        self.status = ""
        self.executions: dict[str, Execution] = {}
        self._client = client
        self._changed = asyncio.Event()
        self._ended = ""

    @property
    def running(self) -> Execution | None:
        return next((run for run in self.executions.values() if run.status == "running"), None)

    @property
    def waiting(self) -> Execution | None:
        """The pending execution that waits longest."""
        return next((run for run in self.executions.values() if run.status == "pending"), None)

    async def give(self, verb: str, fields: dict[str, Any], command_id: str) -> dict[str, Any]:
        """Give ``workspace.{verb}`` and return its result. Without an answer it is repeated under the same id, so it happens once.

        Raises ``Refused`` or ``Gone``.
        """
        payload = {"room": self.address, "command_id": command_id, **fields}
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + PATIENCE_S
        pause_s = 0.1
        while True:
            try:
                result = await self._client.rpc(f"workspace.{verb}", payload)
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

    # What the subscription tells

    def look_at(self, view: dict[str, Any]) -> None:
        """A whole view: at the first subscribe, and where the missed events were too many."""
        self.status = view["workspace"]["status"]
        self.executions = {
            run["id"]: Execution(
                run["id"], run.get("status", "pending"), run.get("started_at") or 0, run.get("progress", 0), run.get("error", "")
            )
            for run in view.get("executions", [])
        }
        self._changed.set()

    def follow(self, message: dict[str, Any]) -> None:
        """One event of the room."""
        event = message["event"]
        match event["type"]:
            case "status_changed":
                self.status = event["new"]
                self._open(event.get("execution_id", ""))
            case "feedback_batch_sent":
                self._open(message["id"])
            case "claude_retry":
                self._set(event["execution_id"], status="retry")
                self._open(message["id"])
            case "claude_started":
                self._set(event["execution_id"], status="running", started_at=message["at"])
            case "claude_phase_update" | "claude_checkpoint":
                self._set(event["execution_id"], progress=event["progress"])
            case "claude_completed":
                self._set(event["execution_id"], status="completed")
            case "claude_failed":
                self._set(event["execution_id"], status="failed", error=event["error"])
        self._changed.set()

    def end(self, why: str) -> None:
        self._ended = why
        self._changed.set()

    def _open(self, execution_id: str) -> None:
        if execution_id:
            self.executions.setdefault(execution_id, Execution(execution_id, "pending"))

    def _set(self, execution_id: str, **changes: Any) -> None:
        known = self.executions.get(execution_id, Execution(execution_id, "pending"))
        self.executions[execution_id] = replace(known, **changes)


class _Connection(ClientEventHandler):  # type: ignore[misc]  # the SDK ships no types
    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        self._tell(f"the connection has ended: {ctx.reason} ({ctx.code})")


class _Subscription(SubscriptionEventHandler):  # type: ignore[misc]  # the SDK ships no types
    def __init__(self, room: Room) -> None:
        self._room = room

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        data = ctx.data or {}
        if "view" in data:
            self._room.look_at(data["view"])

    async def on_publication(self, ctx: PublicationContext) -> None:
        if "event" in ctx.pub.data:
            self._room.follow(ctx.pub.data)

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        self._room.end(f"put out of the room: {ctx.reason} ({ctx.code})")


@asynccontextmanager
async def open_room(server: str, address: str, get_token: Callable[[], Awaitable[str]]) -> AsyncIterator[Room]:
    """Connect to ``server`` (``ws://…/connection/websocket``), enter the room and stay in it. Raises ``Gone``."""
    client = Client(server, get_token=get_token, name="atrium-bot", max_reconnect_delay=5.0)
    room = Room(client, address)
    client.events = _Connection(room.end)
    subscription = client.new_subscription(address, events=_Subscription(room))
    try:
        await client.connect()
        await subscription.subscribe()
        await room.until(lambda: bool(room.status), timeout_s=60.0)
        yield room
    except TimeoutError:
        raise Gone(f"{server} did not let the bot into {address} within 60 s") from None
    finally:
        room.end("the bot has left")
        with contextlib.suppress(CentrifugeError):
            if subscription.state != SubscriptionState.UNSUBSCRIBED:
                await subscription.unsubscribe()
            await client.disconnect()
