"""Which rooms and connections live on this node; the one call for socket and HTTP: ``give``.

Everything that a connection calls is synchronous and returns at once; answers come through the callbacks of what was asked. Only what
may have to read the log is a coroutine. All of it belongs to one event loop.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from channels.ports import Ports
from channels.seats import (
    FormatName,
    Given,
    HistoryPage,
    Identity,
    PresenceCount,
    Present,
    Seat,
    Standing,
    SubscribeAsked,
    Subscribed,
)
from channels.settings import HubSettings
from channels.wire.codec import Codec
from domain.decider import Registry
from domain.ids import RoomAddress


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """The rooms of one node, opened when first asked for and closed when idle. Made by ``open_hub``."""

    failed: asyncio.Event
    """Set when the journal is broken: nothing in flight will be answered, the process has to end. ``failure`` says why."""
    failure: BaseException | None

    def give(self, given: Given) -> None:
        """A command on its way to its room, which is opened where it is closed.

        ``given.answer`` is called exactly once: at once for what is malformed or over a bound, else when the command is durable or
        refused. A command is never taken back when its connection ends.
        """
        raise NotImplementedError

    def subscribe(self, asked: SubscribeAsked) -> None:
        """Let a connected seat follow a room, ``directory:<kind>s`` included.

        ``asked.answer`` is called once, in the same instant in which the seat becomes a member: what it writes stands before any push
        of the room. Missing and forbidden rooms answer alike (``NotAllowed``). A seat that is a member already is refused as
        ``AlreadyExists`` (the session knows it first and answers 105). When the seat ends while its room is being opened, nothing is
        answered.
        """
        raise NotImplementedError

    def unsubscribe(self, seat: Seat, room: RoomAddress) -> None:
        """After this call the room writes nothing more to the seat; what it published before has been written."""
        raise NotImplementedError

    def connected(self, seat: Seat) -> None:
        raise NotImplementedError

    def disconnected(self, seat: Seat, clean: bool) -> None:
        """The connection's end; ``clean`` when the client closed it properly (its actor then leaves after 2 s instead of 10 s)."""
        raise NotImplementedError

    def seat_paused(self, seat: Seat) -> None:
        """The seat's transport has paused, or either side begins to close: its rooms write nothing to it until ``seat_writable``.

        May be called from within ``Seat.write``.
        """
        raise NotImplementedError

    def seat_writable(self, seat: Seat) -> None:
        """The seat's transport takes bytes again: it gets what it missed, in slices, and then follows as before."""
        raise NotImplementedError

    def recheck(self, seat: Seat) -> None:
        """The seat's identity has changed: it is put out of the rooms that it may no longer see."""
        raise NotImplementedError

    def signal(self, seat: Seat, room: RoomAddress, data: bytes) -> None:
        """Pass on something that nobody keeps: ``data`` is a JSON object with ``type`` ``typing`` or ``cursor``.

        Raises ``NotAllowed`` where the seat is not a member, ``Malformed`` for other data.
        """
        raise NotImplementedError

    async def presence(self, identity: Identity, room: RoomAddress) -> tuple[Present, ...]:
        """Who is in the room on this node. Raises ``NotAllowed``, ``Busy``, ``Unavailable``."""
        raise NotImplementedError

    async def presence_stats(self, identity: Identity, room: RoomAddress) -> PresenceCount:
        """How many are in the room. Raises as ``presence``."""
        raise NotImplementedError

    async def history(self, identity: Identity, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> HistoryPage:
        """Events behind ``after``, ascending; or, reversed, before it and descending (0 then means from the top).

        ``limit`` 0 asks for the position only. Raises ``NotAllowed``, ``Busy``, ``Unavailable``.
        """
        raise NotImplementedError

    async def standing(self, identity: Identity, room: RoomAddress) -> Standing:
        """What this actor is in the room. Raises as ``presence``."""
        raise NotImplementedError

    async def look(self, identity: Identity, room: RoomAddress) -> Subscribed:
        """What a joiner would be given now, without joining. Raises as ``presence``."""
        raise NotImplementedError

    def open_entries(self, kind: str) -> Mapping[RoomAddress, msgspec.Struct]:
        """What the rooms of a kind that are open here say for its directory: fresher than Postgres."""
        raise NotImplementedError

    async def drain(self) -> None:
        """Refuse new commands with ``Unavailable``, answer those that wait, and hand over the snapshots of the open rooms.

        Members stay until their connections end. May be cancelled; what was appended stays appended.
        """
        raise NotImplementedError

    def statistics(self) -> dict[str, Any]:
        """Counts for metrics and health: see ``channels.statistics``."""
        raise NotImplementedError


@asynccontextmanager
async def open_hub(
    kinds: Registry,
    ports: Ports,
    codecs: Mapping[FormatName, Codec],
    settings: HubSettings = HubSettings(),
    now_ms: Callable[[], int] = wall_clock_ms,
) -> AsyncIterator[Hub]:
    """The hub with its few tasks; they end with the block. Call ``Hub.drain`` before leaving it, or what waits is not answered."""
    raise NotImplementedError
    yield Hub()
