"""Which rooms and connections live on this node; the one call for socket and HTTP: ``give``.

Everything that a connection calls is synchronous and returns at once; answers come through the callbacks of what was asked. Only
what may have to read the log is a coroutine. All of it belongs to one event loop.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import msgspec

from channels.arrivals import Arrivals
from channels.attempt import Adopted
from channels.audience import Surroundings
from channels.clockwork import Clockwork, sweep
from channels.directory import Directory
from channels.fan_out import FanOut
from channels.flush import Flush
from channels.giving import Giving
from channels.homes import Homes
from channels.lists import Lists
from channels.node import Node
from channels.nodes import OtherNodes
from channels.open_room import OpenRoom
from channels.ports import Ports
from channels.pump import Outlet, Pump
from channels.reactions import ReactionDelivery
from channels.reading import Reading
from channels.room import Room
from channels.rooms import Rooms
from channels.seating import Seating
from channels.seats import (
    RESUBSCRIBE,
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
    Told,
)
from channels.settings import HubSettings
from channels.tally import Tally
from channels.wire.codec import Codec
from channels.workers import Workers
from domain.decider import Registry
from domain.ids import RoomAddress
from domain.log import OpenedRoom
from domain.record import Actor
from domain.rejections import Unavailable

logger = logging.getLogger(__name__)

DEFAULTS = HubSettings()

Clock: TypeAlias = Callable[[], int]
"""Unix milliseconds."""


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """The rooms of one node, opened when first asked for and closed when idle. Made by ``open_hub``."""

    def __init__(
        self, kinds: Registry, ports: Ports, codecs: Mapping[FormatName, Codec], settings: HubSettings, now_ms: Clock
    ) -> None:
        loop = asyncio.get_running_loop()
        self.failed = asyncio.Event()
        """Set when the journal is broken: nothing in flight will be answered, the process has to end. ``failure`` says why."""
        self.failure: BaseException | None = None
        self._clock = Clockwork(now_ms, loop.call_later)
        self._fan_out = FanOut(settings.writes_per_turn)
        self._flush = Flush(self._fan_out, loop.call_soon, now_ms)
        around = Surroundings(
            settings, codecs, self._fan_out, self._clock.alarms, now_ms, self._flush.touch, self._forget, started_ms=now_ms()
        )
        workers, lookups = Workers(settings.openings_waiting), Workers(settings.openings_waiting)
        self._node = Node(kinds, ports, around, workers, lookups, Homes(kinds))
        self._openers = Workers(settings.openings_waiting)
        self._rooms = Rooms(ports.log, self._build, self._openers, around)
        self._pump = Pump(ports, Outlet(self._settle, self._write_out, self._fail), now_ms, settings)
        self._giving = Giving(self._node, self._rooms, self._pump.dirty)
        directories = [Directory(decider, ports.journal.epoch, around) for decider in kinds.values() if decider.has_directory]
        self._directories = {directory.address: directory for directory in directories}
        self._lists = Lists(self._node, self._rooms, self._directories)
        arrivals = Arrivals(self._giving.give_by_clock)
        self._seating = Seating(self._node, self._rooms, self._directories, self._flush, arrivals)
        self._reading = Reading(self._node, self._rooms, self._directories)
        self._others = OtherNodes(self._node, self._rooms, ports.broker, self._settle) if ports.broker is not None else None

    # Commands

    def give(self, given: Given) -> None:
        """A command on its way to its room, which is opened where it is closed.

        ``given.answer`` is called exactly once: at once for what is malformed or over a bound, else when the command is durable or
        refused. A command is never taken back when its connection ends.
        """
        self._giving.give(given)

    # Connections

    def connected(self, seat: Seat) -> None:
        """The seat may subscribe from now on; its ``identity`` is known."""
        self._seating.connected(seat)

    def write_replies_by(self, write_owed: Callable[[], None]) -> None:
        """What lets out the replies that connections have waiting: called before a room writes past them."""
        self._fan_out.write_owed = write_owed

    def disconnected(self, seat: Seat, clean: bool) -> None:
        """The connection's end; ``clean`` when the client closed it properly (its actor then leaves after 2 s instead of 10 s)."""
        self._seating.disconnected(seat, clean)

    def seat_paused(self, seat: Seat) -> None:
        """The seat's transport has paused, or either side begins to close: its rooms write nothing to it until ``seat_writable``.

        May be called from within ``Seat.write``.
        """
        self._seating.paused(seat)

    def seat_writable(self, seat: Seat) -> None:
        """The seat's transport takes bytes again: it gets what it missed, in slices, and then follows as before."""
        self._seating.writable(seat)

    def recheck(self, seat: Seat) -> None:
        """The seat's identity has changed: it is put out of the rooms that it may no longer see."""
        self._seating.recheck(seat)

    def subscribe(self, asked: SubscribeAsked) -> None:
        """Let a connected seat follow a room, ``directory:<kind>s`` included.

        ``asked.answer`` is called once, in the same instant in which the seat becomes a member: what it writes stands before any
        push of the room. Missing and forbidden rooms answer alike (``NotAllowed``). A seat that follows the room already, or has
        asked to, is refused as ``AlreadyExists``. When the seat ends while its room is being opened, nothing is answered.
        """
        self._seating.subscribe(asked)

    def unsubscribe(self, seat: Seat, room: RoomAddress) -> None:
        """After this call the room writes nothing more to the seat; what it published before has been written."""
        self._seating.unsubscribe(seat, room)

    def signal(self, seat: Seat, room: RoomAddress, data: bytes) -> None:
        """Pass on something that nobody keeps: ``data`` is a JSON object with ``type`` ``typing`` or ``cursor``.

        Raises ``NotAllowed`` where the seat is not a member, ``Malformed`` or ``LimitExceeded`` for other data.
        """
        self._seating.signal(seat, room, data)

    # Reading

    async def presence(self, identity: Identity, room: RoomAddress) -> tuple[Present, ...]:
        """Who is in the room on this node. Raises ``NotAllowed``, ``Busy``, ``Unavailable``."""
        return await self._reading.presence(identity, room)

    async def presence_stats(self, identity: Identity, room: RoomAddress) -> PresenceCount:
        """How many are in the room. Raises as ``presence``."""
        return await self._reading.presence_stats(identity, room)

    async def history(self, identity: Identity, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> HistoryPage:
        """Events behind ``after``, ascending; or, reversed, before it and descending (0 then means from the top).

        ``limit`` 0 asks for the position only; at most 1,000 events and 256 KiB are given. Raises as ``presence``.
        """
        return await self._reading.history(identity, room, after, limit, reverse)

    async def standing(self, identity: Identity, room: RoomAddress) -> Standing:
        """What this actor is in the room. Raises as ``presence``."""
        return await self._reading.standing(identity, room)

    async def ask(self, identity: Identity, name: str, payload: bytes) -> Told:
        """The answer to a kind's own question, ``<kind>.<word>`` with its payload as JSON.

        Raises ``UnknownCommand`` and ``Malformed`` too, beside what ``presence`` and the question's own rules raise.
        """
        return await self._reading.ask(identity, name, payload)

    async def look(self, identity: Identity, room: RoomAddress) -> Subscribed:
        """What a joiner would be given now, without joining. Raises as ``presence``."""
        return await self._reading.look(identity, room)

    def open_entries(self, kind: str) -> Mapping[RoomAddress, msgspec.Struct]:
        """What the rooms of a kind that are open here say for its directory: fresher than Postgres."""
        return self._reading.open_entries(kind)

    # The end, and numbers

    async def drain(self) -> None:
        """Refuse what is new with ``Unavailable``, answer what waits, and hand over the snapshots of the open rooms.

        Members stay until their connections end. May be cancelled; what was appended stays appended. After a failure nothing is
        answered any more, and this returns at once.
        """
        self._giving.refusal = self._seating.refusal = Unavailable("this server is going down; repeat it in a moment")
        emptied = asyncio.Event()
        self._giving.on_empty = emptied.set
        if self._giving.waiting and self.failure is None:
            await _first_of(emptied, self.failed)
        self._giving.stored.answer_now()
        if self.failure is None:
            for open_room in self._rooms:
                open_room.keep_snapshot()

    def statistics(self) -> dict[str, Any]:
        """Counts for metrics and health. Those ending in ``_total`` only rise."""
        audiences = [open_room.audience for open_room in self._rooms]
        return {
            "rooms_open": len(self._rooms),
            "rooms_opening": self._rooms.opening,
            "connections": len(self._seating),
            "members": sum(len(audience.members) for audience in audiences),
            "members_lagging": sum(len(audience.members) - audience.members.fast_count for audience in audiences),
            "commands_waiting": self._giving.waiting,
            "commands_waiting_bytes": self._giving.waiting_bytes,
            "commands_waiting_for_stored": len(self._giving.stored),
            "appends_total": self._pump.appends,
            "records_total": self._pump.appended_records,
            "writes_total": self._fan_out.writes,
            "jobs_waiting": self._node.workers.waiting + self._openers.waiting,
            "alarms": len(self._clock.alarms),
            "journal_fill": self._giving.throttle.fill,
        }

    @property
    def questions(self) -> frozenset[str]:
        """The wire names that ``ask`` answers."""
        return self._reading.questions

    def home_of(self, actor: Actor) -> RoomAddress | None:
        """The room that belongs to this actor alone, which its connections follow from the start."""
        return self._node.homes.of(actor)

    @property
    def tally(self) -> Tally:
        """How commands were answered so far."""
        return self._giving.tally

    def ring_alarms(self) -> None:
        """Ring what is due now: the loop's timer does it by itself; tests whose clock stands still do it here."""
        self._clock.alarms.ring(self._node.now_ms())

    # Inside

    def _build(self, address: RoomAddress, opened: OpenedRoom) -> OpenRoom:
        decider = self._node.decider_of(address)
        room = Room(decider, address, opened, self._node.settings.room_waiting_commands)
        open_room = OpenRoom(room, self._node.around, self._node.ports.log, self._giving.give_by_clock, self._lists.touch)
        open_room.restore(opened.passing, self._node.now_ms())
        return open_room

    def _settle(self, open_room: OpenRoom, adopted: Adopted) -> None:
        """What is durable goes out: answers first, so that a reply stands before the own event; the flush comes behind."""
        self._giving.settle(adopted, open_room)
        if not adopted.messages and not adopted.passing:
            return
        try:
            open_room.publish(adopted, self._node.now_ms())
        except Exception:
            logger.exception("%s could not publish what it adopted", open_room.room.address)
            self._drop(open_room)
        if adopted.messages and self._others is not None:
            self._others.moved_on(open_room.room.address, open_room.room.top)

    def _write_out(self) -> None:
        """Behind all rooms of a batch."""
        self._giving.throttle.note()
        self._flush.run()

    def _drop(self, open_room: OpenRoom) -> None:
        """A fault of ours in one room shall not end the node: its members subscribe again, with their positions."""
        self._rooms.drop(open_room)
        refused = open_room.room.refuse_waiting(Unavailable("this room failed and is opened again; repeat the command"))
        self._giving.settle(refused, open_room)
        open_room.audience.put_out_all(RESUBSCRIBE, "this room is opened again; subscribe with your position")

    def _forget(self, seat: Seat, room: RoomAddress) -> None:
        self._seating.forget(seat, room)

    def _fail(self, error: BaseException) -> None:
        logger.critical("nothing more can be acknowledged, the process has to end: %s", error, exc_info=error)
        self.failure = error
        self._giving.refusal = self._seating.refusal = Unavailable("this server has failed; repeat it in a moment")
        self.failed.set()

    def _duties(self) -> Iterator[Coroutine[Any, Any, None]]:
        """The few tasks of a node beside the pump."""
        ports, settings = self._node.ports, self._node.settings
        for _ in range(settings.opening_rooms):
            yield self._openers.run()
        for _ in range(settings.reading_logs):
            yield self._node.workers.run()
            yield self._node.lookups.run()
        yield self._giving.stored.run()
        if ports.deadlines is not None:
            yield sweep(ports.deadlines, self._rooms, self._node.now_ms, settings)
        if ports.reactions is not None:
            yield ReactionDelivery(ports.reactions, frozenset(self._node.kinds), self._giving.give_reaction, settings).run()
        if self._others is not None:
            yield self._others.run()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The hub's tasks, for ``open_hub``. One that fails ends the node. The append in flight is given its time at the end."""
        pump = asyncio.create_task(self._pump.run(), name="atrium pump")
        duties = [asyncio.create_task(duty, name="atrium hub") for duty in self._duties()]
        for task in (pump, *duties):
            task.add_done_callback(self._ended)
        try:
            yield
        finally:
            self._clock.cancel()
            self._pump.stop()
            try:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(self._node.settings.last_append_s):
                        await pump
            finally:  # also when leaving is cancelled
                for duty in duties:
                    duty.cancel()
                await asyncio.gather(*duties, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


@asynccontextmanager
async def open_hub(
    kinds: Registry,
    ports: Ports,
    codecs: Mapping[FormatName, Codec],
    settings: HubSettings = DEFAULTS,
    now_ms: Clock = wall_clock_ms,
) -> AsyncIterator[Hub]:
    """The hub with its few tasks; they end with the block. Call ``Hub.drain`` before leaving it, or what waits is not answered."""
    hub = Hub(kinds, ports, codecs, settings, now_ms)
    async with hub.running():
        yield hub
