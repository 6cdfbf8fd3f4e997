"""Which connections follow which rooms: coming, resuming, pausing, going."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec

from channels.arrivals import Arrivals
from channels.audience import Audience
from channels.directory import Directory
from channels.flush import Flush
from channels.node import Node
from channels.open_room import OpenRoom
from channels.publications import event_message, signal_message
from channels.resume import Ring, is_resumable, size_of
from channels.rooms import Rooms
from channels.seats import PUT_OUT_NOT_ALLOWED, RoomMessage, Seat, SubscribeAsked
from channels.timers import Alarm
from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.log import StorageAway
from domain.record import Record
from domain.rejections import AlreadyExists, LimitExceeded, Malformed, NotAllowed, NotRecoverable, Rejection, Unavailable

logger = logging.getLogger(__name__)

SIGNALS = frozenset({"typing", "cursor"})

_signal = msgspec.json.Decoder(dict[str, object])

Place = Audience | SubscribeAsked
"""Where a seat is in a room: a member of its audience, or still waiting for the answer to what it asked."""


class Seating:
    def __init__(
        self, node: Node, rooms: Rooms, directories: dict[RoomAddress, Directory], flush: Flush, arrivals: Arrivals
    ) -> None:
        self._node = node
        self._rooms = rooms
        self._directories = directories
        self._flush = flush
        self._arrivals = arrivals
        self._places: dict[Seat, dict[RoomAddress, Place]] = {}
        self._expiries: dict[Seat, Alarm] = {}
        """When the next of a seat's grants runs out; that may be in a year, and nobody who has gone is kept for it."""
        self.refusal: Rejection | None = None
        """What every subscribe is answered once the node takes no more."""

    def __len__(self) -> int:
        return len(self._places)

    def connected(self, seat: Seat) -> None:
        self._places.setdefault(seat, {})
        self._await_expiry(seat)

    def disconnected(self, seat: Seat, clean: bool) -> None:
        self._forget_expiry(seat)
        for place in self._places.pop(seat, {}).values():
            if isinstance(place, Audience):
                place.disconnected(seat, clean)

    def paused(self, seat: Seat) -> None:
        for audience in self._audiences(seat):
            audience.pause(seat)

    def writable(self, seat: Seat) -> None:
        for audience in self._audiences(seat):
            self._flush.catch_up(audience, seat)

    def recheck(self, seat: Seat) -> None:
        now_ms = self._node.now_ms()
        for audience in self._audiences(seat):
            member = audience.members.find(seat)
            if member is not None and not audience.source.may_see(seat.identity, now_ms):
                audience.put_out(member, PUT_OUT_NOT_ALLOWED, "this room is not open to you any more")
        self._await_expiry(seat)

    def forget(self, seat: Seat, address: RoomAddress) -> None:
        """The room has put the seat out."""
        self._places.get(seat, {}).pop(address, None)

    def unsubscribe(self, seat: Seat, address: RoomAddress) -> None:
        place = self._places.get(seat, {}).pop(address, None)
        if isinstance(place, Audience):
            place.leave(seat)
        elif place is not None:
            place.answer(Unavailable("unsubscribed before the room was open"))

    def signal(self, seat: Seat, address: RoomAddress, data: bytes) -> None:
        audience = self._places.get(seat, {}).get(address)
        if not isinstance(audience, Audience) or address in self._directories:
            raise NotAllowed
        if len(data) > self._node.settings.signal_bytes:
            raise LimitExceeded(f"a signal may have {self._node.settings.signal_bytes} bytes")
        try:
            signal = _signal.decode(data)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise Malformed("a signal is a JSON object - at `$`") from None
        kind = signal.get("type")
        if not isinstance(kind, str) or kind not in SIGNALS:
            raise Malformed("type has to be typing or cursor: what shall stay is a command - at `$.type`")
        # Encoded again: the client's own text may hold raw line ends, which part the messages of a JSON frame.
        message = signal_message(encode(signal), seat.identity.actor, seat.client_id)
        audience.live.put_signal(seat.client_id, kind, message)
        audience.touch()

    def _audiences(self, seat: Seat) -> list[Audience]:
        return [place for place in self._places.get(seat, {}).values() if isinstance(place, Audience)]

    def _await_expiry(self, seat: Seat) -> None:
        """A grant that runs out ends what it gave in the same second."""
        self._forget_expiry(seat)
        now_ms = self._node.now_ms()
        ends = [grant.expires_at_ms for grant in seat.identity.claims.grants if (grant.expires_at_ms or 0) > now_ms]
        if ends and seat in self._places:
            at_ms = min(end for end in ends if end is not None)
            self._expiries[seat] = self._node.around.alarms.set(at_ms, lambda _: self.recheck(seat))

    def _forget_expiry(self, seat: Seat) -> None:
        alarm = self._expiries.pop(seat, None)
        if alarm is not None:
            alarm.cancel()

    # Subscribing

    def subscribe(self, asked: SubscribeAsked) -> None:
        places = self._places.get(asked.seat)
        if places is None:
            return
        if asked.room in places:
            asked.answer(AlreadyExists("this connection follows that room already"))
            return
        places[asked.room] = asked
        with self._refusing(asked):
            if self.refusal is not None:
                raise self.refusal
            directory = self._directories.get(asked.room)
            if directory is None:
                self._node.decider_of(asked.room)
                self._rooms.when_open(asked.room, partial(self._opened, asked))
            elif directory.may_see(asked.seat.identity, self._node.now_ms()):
                self._join(asked, directory.audience, None)
            else:
                raise NotAllowed

    @contextmanager
    def _refusing(self, asked: SubscribeAsked) -> Iterator[None]:
        """What goes wrong inside is the answer, unless it was answered already."""
        try:
            yield
        except Rejection as rejection:
            self._refuse(asked, rejection)
        except Exception:
            logger.exception("subscribing to %s failed", asked.room)
            self._refuse(asked, Unavailable("the server failed to show this room"))

    def _refuse(self, asked: SubscribeAsked, rejection: Rejection) -> None:
        if self._is_waiting(asked):
            del self._places[asked.seat][asked.room]
            asked.answer(rejection)

    def _is_waiting(self, asked: SubscribeAsked) -> bool:
        """False when the seat has ended or unsubscribed meanwhile."""
        return self._places.get(asked.seat, {}).get(asked.room) is asked

    def _opened(self, asked: SubscribeAsked, result: OpenRoom | Rejection) -> None:
        if not self._is_waiting(asked):
            return
        with self._refusing(asked):
            if isinstance(result, Rejection):
                raise result
            self._admit(asked, result)

    def _admit(self, asked: SubscribeAsked, open_room: OpenRoom) -> None:
        """From the view, from the ring, or, further back, from the log (PROTOCOL.md "Resume")."""
        open_room.was_asked = True
        room, audience, since = open_room.room, open_room.audience, asked.since
        room.check_may_see(asked.seat.identity, self._node.now_ms())
        if since is None or not is_resumable(since, room.epoch, audience.ring.top, self._node.settings):
            self._join_room(asked, open_room, None)
        elif since.offset + 1 >= audience.ring.first:
            self._join_room(asked, open_room, self._missed(since.offset, [], audience.ring))
        else:
            self._node.workers.put(partial(self._resume_from_log, asked, open_room))

    async def _resume_from_log(self, asked: SubscribeAsked, open_room: OpenRoom) -> None:
        with self._refusing(asked):
            records = await self._older(asked, open_room)
            if not self._is_waiting(asked):
                return
            room, ring, since = open_room.room, open_room.audience.ring, asked.since
            if self._rooms.find(room.address) is not open_room or since is None:
                raise Unavailable("this room was closed meanwhile; subscribe again")
            room.check_may_see(asked.seat.identity, self._node.now_ms())
            # The log may be a batch ahead of what this node has published.
            older = [event_message(record, record.id) for record in records if record.offset <= ring.top]
            self._join_room(asked, open_room, self._missed(since.offset, older, ring))

    async def _older(self, asked: SubscribeAsked, open_room: OpenRoom) -> Sequence[Record]:
        """What lies behind the asked position in the log; nothing where storage is away: then a fresh view has to do."""
        after = asked.since.offset if asked.since is not None else 0
        try:
            return await self._node.ports.log.history(open_room.room.address, after, self._node.settings.resume_events)
        except StorageAway:
            return ()

    def _missed(self, after: int, older: list[RoomMessage], ring: Ring) -> Sequence[RoomMessage] | None:
        """Everything behind ``after``, or None where there is a hole or it is too much."""
        if older and older[0].offset != after + 1:
            return None
        newer = ring.since(older[-1].offset if older else after)
        if newer is None:
            return None
        missed = [*older, *newer]
        settings = self._node.settings
        if len(missed) > settings.resume_events or size_of(missed) > settings.resume_bytes:
            return None
        return missed

    def _join_room(self, asked: SubscribeAsked, open_room: OpenRoom, missed: Sequence[RoomMessage] | None) -> None:
        self._join(asked, open_room.audience, missed)
        self._arrivals.came(open_room, asked.seat.identity, self._node.now_ms())

    def _join(self, asked: SubscribeAsked, audience: Audience, missed: Sequence[RoomMessage] | None) -> None:
        if missed is None and asked.since is not None and asked.only_recovered:
            raise NotRecoverable
        self._places[asked.seat][asked.room] = audience
        audience.join(asked, missed)
