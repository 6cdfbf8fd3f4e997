"""A room that is open on this node: its log's side (``Room``), its members' side (``Audience``), and what its events lead to."""

from collections import deque
from collections.abc import Callable, Sequence

from channels.attempt import Adopted, Asked, Cut, Heard, Passing
from channels.audience import Audience, Surroundings
from channels.ports import EventLog
from channels.publications import redacted_message
from channels.room import Room
from channels.seats import PUT_OUT_CLOSED, PUT_OUT_DELETED, PUT_OUT_NOT_ALLOWED, Identity, RoomMessage
from channels.timers import GiveByClock, RoomDeadlines
from domain.decider import Piece
from domain.event_codec import class_of, tick_of
from domain.log import StoredPassing
from domain.redaction import free_fields

TellLists = Callable[[Room, Audience], None]
"""The room has changed, or something in it has ticked: wherever it is listed may have to say so."""


class OpenRoom:
    __slots__ = ("_around", "_log", "_snapshot_offset", "_tell_lists", "audience", "deadlines", "lookups", "room", "was_asked")

    def __init__(self, room: Room, around: Surroundings, log: EventLog, give: GiveByClock, tell_lists: TellLists) -> None:
        self.room = room
        self.audience = Audience(room, around)
        self._around = around
        self._log = log
        self._tell_lists = tell_lists
        self._snapshot_offset = room.top
        self.was_asked = False
        """Something was asked of the room since the last look whether it is idle."""
        self.lookups: deque[Asked] | None = None
        """Commands whose references are being looked up; later ones wait behind them. Made when first needed, as in ``Room``."""
        live = self.audience.live
        room.heard = Heard(live.ticked_at, live.values)
        self.deadlines = RoomDeadlines(room.address, around.alarms, give, live.ticked_at, around.started_ms)
        self.deadlines.replace(tuple(room.decider.due(room.place.state)))
        tell_lists(room, self.audience)

    def restore(self, passing: Sequence[StoredPassing], now_ms: int) -> None:
        """What passed here before the room was opened, as far as it still lives."""
        room, live = self.room, self.audience.live
        live_keys = room.decider.live_keys(room.place.state)
        for each in passing:
            tick = tick_of(room.decider, each.tick) if each.tick and each.key in live_keys else None
            if tick is not None:
                live.restore(tick, each.after, each.at_ms)
        live.put_folds(room.place.folds, (), now_ms)
        live.ticked_at.update({each.key: each.at_ms for each in passing if each.key in room.place.folds})
        ended = [each.key for each in passing if each.key not in live_keys]
        if ended:
            self._log.end_passing(room.address, room.top, ended)

    @property
    def is_busy(self) -> bool:
        """Something waits or is in flight."""
        return bool(self.room.waiting or self.room.is_in_flight or self.lookups)

    @property
    def is_needed(self) -> bool:
        """Somebody is here, or something waits. What passes here is kept: it is there again when the room is."""
        audience = self.audience
        return self.is_busy or bool(len(audience.members)) or not audience.presence.is_empty

    @property
    def is_congested(self) -> bool:
        """The members are so far behind that nothing more is decided until they have caught up."""
        return self.audience.outbox_events > self._around.settings.outbox_events

    def publish(self, adopted: Adopted, now_ms: int) -> None:
        """What a durable batch shows: events in order, then its passing things. Answers were given before."""
        messages, audience = adopted.messages, self.audience
        if adopted.ended:
            audience.live.end(adopted.ended)
            self._log.end_passing(self.room.address, self.room.top, sorted(adopted.ended))
        cuts = {cut.offset: cut for cut in adopted.cuts} if adopted.cuts else {}
        for message in messages:
            audience.publish(message)
            if cuts and message.offset in cuts:
                self._put_out(cuts[message.offset], now_ms)
        if adopted.passing:
            self._pass_on(adopted.passing, now_ms)
        if messages:
            self._follow_up()
        if adopted.redacted:
            self._take_back(adopted.redacted)

    def keep_snapshot(self) -> None:
        """Hand the state over when it is newer than the last that was."""
        if self.room.top > self._snapshot_offset:
            self._snapshot_offset = self.room.top
            self._log.keep_snapshot(self.room.snapshot())

    def close(self) -> None:
        self.deadlines.cancel()
        self.keep_snapshot()

    def _put_out(self, cut: Cut, now_ms: int) -> None:
        """By the state right behind the event: what the room decided later does not reach who was out in between."""
        room = self.room
        if not room.decider.exists(cut.state):
            self.audience.put_out_unless(_nobody, PUT_OUT_DELETED, "this room was deleted")
            return
        closed = room.decider.closed_because(cut.state)

        def may_stay(identity: Identity) -> bool:
            return room.standing_in(cut.state, identity, now_ms) is not None

        code = PUT_OUT_CLOSED if closed else PUT_OUT_NOT_ALLOWED
        self.audience.put_out_unless(may_stay, code, closed or "this room is not open to you any more")

    def _take_back(self, offsets: set[int]) -> None:
        """Words that were taken back: in the ring and the log at once, and in the snapshot, which is made anew."""
        decider, address = self.room.decider, self.room.address

        def without_words(message: RoomMessage) -> RoomMessage:
            return redacted_message(message, lambda tag: free_fields(class_of(decider.events, tag)))

        self.audience.ring.rewrite(offsets, without_words)
        self._log.redact(address, sorted(offsets))
        self.keep_snapshot()

    def _pass_on(self, passing: list[Passing], now_ms: int) -> None:
        address, folds, live = self.room.address, self.room.place.folds, self.audience.live
        told: dict[str, int] = {}
        for after, what in passing:
            if isinstance(what, Piece):
                told[what.key] = after
            else:
                live.put_tick(what, after, now_ms)
                self._log.keep_tick(address, after, what)
        live.put_folds(folds, told, now_ms)
        for key, after in told.items():
            fold = folds[key]
            self._log.keep_tick(address, after, Piece(key=key, attempt=fold.attempt, position=fold.start, text=fold.text))
        self.audience.touch()
        self._tell_lists(self.room, self.audience)

    def _follow_up(self) -> None:
        room = self.room
        due = tuple(room.decider.due(room.place.state))
        if due != self.deadlines.current:
            self.deadlines.replace(due)
            self._log.keep_deadlines(room.address, room.top, due)
        if room.top - self._snapshot_offset >= self._around.settings.snapshot_events:
            self.keep_snapshot()
        self._tell_lists(room, self.audience)


def _nobody(identity: Identity) -> bool:
    return False
