"""The members of one open room, and everything that is published to them: joins, leaves, events, passing things, presence.

Synchronous and without a clock of its own. The order that holds it together (ARCHITECTURE.md "Invariants" 3 and 4): what was
published is sealed into a delivery, and a chunk is brought to the head, before a member is added to it or taken from it on purpose.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from channels.announcements import Announcements
from channels.fan_out import Chunk, Delivery, FanOut
from channels.live import Live
from channels.members import Member, Members
from channels.presence import Presence
from channels.publications import opening_data
from channels.resume import Ring
from channels.seats import (
    RESUBSCRIBE,
    FormatName,
    Identity,
    Present,
    RoomMessage,
    Seat,
    SubscribeAsked,
    Subscribed,
)
from channels.settings import HubSettings
from channels.source import Source
from channels.timers import Alarm, Alarms
from channels.wire.codec import Codec
from domain.ids import RoomAddress

COUNT_INTERVAL_MS = 1_000
"""Large rooms tell how many are here once a second: more often nobody can read it."""


class Surroundings(NamedTuple):
    """What all audiences of a node share. ``touch`` asks for a share of the next flush, ``forget`` ends a seat's membership."""

    settings: HubSettings
    codecs: Mapping[FormatName, Codec]
    fan_out: FanOut
    alarms: Alarms
    now_ms: Callable[[], int]
    touch: "Callable[[Audience], None]"
    forget: Callable[[Seat, RoomAddress], None]
    started_ms: int


class Audience:
    __slots__ = (
        "_are_ticks_in_view",
        "_around",
        "_count_alarm",
        "_outbox",
        "_tick_alarm",
        "announcements",
        "live",
        "members",
        "presence",
        "ring",
        "source",
    )

    def __init__(self, source: Source, around: Surroundings, are_ticks_in_view: bool = False) -> None:
        settings = around.settings
        self._are_ticks_in_view = are_ticks_in_view
        self.source = source
        self._around = around
        self.members = Members(around.codecs, settings.slice_members)
        self.live = Live(settings)
        self.presence = Presence()
        self.announcements = Announcements(source.address, around.codecs)
        self.ring = Ring(settings.ring_events, settings.ring_bytes, source.top)
        self._outbox: list[RoomMessage] = []
        self._tick_alarm: Alarm | None = None
        self._count_alarm: Alarm | None = None

    # Publishing

    @property
    def outbox_events(self) -> int:
        """Messages published and not yet sealed: they gather while slices of the last delivery are still being written."""
        return len(self._outbox)

    def publish(self, message: RoomMessage) -> None:
        """An event, in the order of the log; it leaves with the next flush. What waits in the outbox has touched it already."""
        self.ring.push(message)
        if self.members.fast_count:
            if not self._outbox:
                self.touch()
            self._outbox.append(message)

    def touch(self) -> None:
        self._around.touch(self)

    def seal(self, now_ms: int, *, is_membership_change: bool = False) -> None:
        """Everything published so far becomes one delivery, which every chunk is then behind with."""
        messages = self._outbox + self.live.take(now_ms, is_membership_change=is_membership_change)
        self._outbox = []
        self._await_due_ticks()
        if messages and self.members.fast_count:
            delivery = Delivery(self.source.address, messages, self.ring.top, self.live.heads)
            self._around.fan_out.put(self.members.chunks, delivery)

    def _await_due_ticks(self) -> None:
        """Pieces wait less long than ticks: an alarm that is too late for them is set anew."""
        due_ms, alarm = self.live.next_due_ms(), self._tick_alarm
        if due_ms is None or (alarm is not None and alarm.at_ms <= due_ms):
            return
        if alarm is not None:
            alarm.cancel()
        self._tick_alarm = self._around.alarms.set(due_ms, self._ticks_are_due)

    def _ticks_are_due(self, now_ms: int) -> None:
        self._tick_alarm = None
        self.touch()

    # Coming

    def join(self, asked: SubscribeAsked, missed: Sequence[RoomMessage] | None) -> None:
        """Let a seat in at the head; whether it may see the room was asked before. ``missed`` makes it a resume.

        The answer is called in this instant, so what the seat gets from here on follows it without a hole. A session may go on from
        within the answer, and even leave again.
        """
        seat = asked.seat
        self.seal(self._around.now_ms(), is_membership_change=True)
        opening = self._opening(asked, missed)
        member = Member(seat, self.ring.top + 1, self.live.heads)
        self.members.admit(member)
        asked.answer(opening)
        if self.members.find(seat) is not member:
            return
        if seat.is_writable:
            self.members.to_fast(member, self._chunk_at_head(seat.format))
        joined = self.presence.join(seat)
        if joined is not None:
            self._announce(self.announcements.joined, joined)
        if asked.wants_join_leave:
            self.announcements.add_asker(member)

    def look(self) -> Subscribed:
        """What a joiner would be given now."""
        ticks = [] if self._are_ticks_in_view else self.live.last_ticks()
        view = opening_data(self.source.view(), ticks, self.live.told())
        return Subscribed(epoch=self.source.epoch, offset=self.ring.top, view=view)

    def _opening(self, asked: SubscribeAsked, missed: Sequence[RoomMessage] | None) -> Subscribed:
        since = asked.since
        if since is None:
            return self.look()
        if missed is None:
            return msgspec.structs.replace(self.look(), was_recovering=True)
        return Subscribed(
            epoch=self.source.epoch,
            offset=since.offset,
            view=opening_data(None, self.live.last_ticks(), self.live.told()),
            missed=tuple(missed),
            was_recovering=True,
            recovered=True,
        )

    def _chunk_at_head(self, format_name: FormatName) -> Chunk:
        """Writing may pause members and so dissolve the chunk: look again until one is at the head already."""
        while True:
            chunk = self.members.chunk_for(format_name, self.ring.top + 1, self.live.heads)
            if not chunk.behind:
                return chunk
            self._around.fan_out.write(chunk)

    # Going

    def leave(self, seat: Seat) -> bool:
        """The seat goes on purpose: what was published before is written to it, nothing after. False when it was no member."""
        member = self.members.find(seat)
        if member is None:
            return False
        self._flush_to(member)
        self._remove(member, self._around.settings.leave_after_close_ms)
        return True

    def disconnected(self, seat: Seat, clean: bool) -> None:
        """The seat's connection has ended: there is nobody to write to any more."""
        member = self.members.find(seat)
        if member is not None:
            settings = self._around.settings
            self._remove(member, settings.leave_after_close_ms if clean else settings.leave_after_cut_ms)

    def put_out(self, member: Member, code: int, reason: str) -> None:
        """The room ends the membership: the member gets what was published before, then the push that says why."""
        self._flush_to(member)
        self._remove(member, self._around.settings.leave_after_close_ms)
        self._around.forget(member.seat, self.source.address)
        member.seat.push_unsubscribed(self.source.address, code, reason)

    def put_out_unless(self, may_stay: Callable[[Identity], bool], code: int, reason: str) -> None:
        """Put out everybody who may not see the room any more; nothing that is published from now on reaches them."""
        for member in [member for member in self.members if not may_stay(member.seat.identity)]:
            self.put_out(member, code, reason)

    def put_out_all(self, code: int, reason: str) -> None:
        """The room is given up as it is: nothing more is published."""
        for member in list(self.members):
            self._remove(member, self._around.settings.leave_after_close_ms)
            self._around.forget(member.seat, self.source.address)
            member.seat.push_unsubscribed(self.source.address, code, reason)

    def _flush_to(self, member: Member) -> None:
        self.seal(self._around.now_ms(), is_membership_change=True)
        if member.chunk is not None:
            self._around.fan_out.write(member.chunk)

    def _remove(self, member: Member, lingers_ms: int) -> None:
        self.members.off_fast(member)
        self.members.discard(member.seat)
        self.announcements.remove_asker(member.seat)
        leaves_ms = self.presence.leave(member.seat, self._around.now_ms() + lingers_ms)
        if leaves_ms is not None:
            self._around.alarms.set(leaves_ms, self._leaves_are_due)

    # Lagging

    def pause(self, seat: Seat) -> None:
        """The seat takes no bytes: it leaves the fast list with its place, and costs nothing from here on."""
        member = self.members.find(seat)
        if member is not None:
            self.members.off_fast(member)

    def catch_up(self, seat: Seat) -> bool:
        """Write one slice of what a lagging member missed; at the head it follows again. True while there is more to be written."""
        member = self.members.find(seat)
        if member is None or not member.is_lagging or not seat.is_writable:
            return False
        missed = self.ring.since(member.next_offset - 1, max_bytes=self._around.settings.catch_up_bytes)
        if missed is None:
            self.put_out(member, RESUBSCRIBE, "you are too far behind; subscribe again with your position")
            return False
        if not missed:
            self._rejoin(member)
            return False
        member.next_offset = missed[-1].offset + 1
        self._write_to(seat, missed)
        return True

    def _rejoin(self, member: Member) -> None:
        """At the head of the events: the rest of the streams and the last ticks, then the fast list."""
        self.seal(self._around.now_ms(), is_membership_change=True)
        seat = member.seat
        passing = self.live.since(member.heads)
        member.heads = self.live.heads
        if passing:
            self._write_to(seat, passing)
        if seat.is_writable and self.members.find(seat) is member:
            self.members.to_fast(member, self._chunk_at_head(seat.format))

    def _write_to(self, seat: Seat, messages: Sequence[RoomMessage]) -> None:
        codec = self._around.codecs[seat.format]
        seat.write(codec.frame([codec.encode_room_message(self.source.address, message) for message in messages]))

    # Presence

    def _announce(self, say: Callable[[Present], None], present: Present) -> None:
        """One by one in small rooms; in large ones a count, once a second."""
        if not self.announcements.has_askers:
            return
        if len(self.members) <= self._around.settings.presence_members:
            say(present)
            self.touch()
        elif self._count_alarm is None:
            self._count_alarm = self._around.alarms.set(self._around.now_ms() + COUNT_INTERVAL_MS, self._count_is_due)

    def _leaves_are_due(self, now_ms: int) -> None:
        for present in self.presence.take_left(now_ms):
            self._announce(self.announcements.left, present)

    def _count_is_due(self, now_ms: int) -> None:
        self._count_alarm = None
        self.announcements.counted(self.presence.count())
        self.touch()
