"""Room: commands in, proposals out, and what leaves once they are durable. Sans-I/O: no clock, no journal, no members.

::

    give(asked) ──▶ waiting ── propose() ──▶ Proposal ──▶ journal ──▶ appended() ──▶ Adopted: answers, publications
                       ▲                        │
                       └──── conflicted(missed) ┘   another node was first: fold in what it wrote, decide again
                             refused(rejection)     nothing was written: everyone in the batch is told so

A batch is decided on a scratch state, which is adopted when the append succeeds. Everything that the batch causes waits for that,
rejections included: they may rest on what is not durable yet.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from channels.attempt import Adopted, Asked, Attempt, Cut, Heard, Place, without
from channels.publications import event_message
from channels.seats import Accepted, Answer, Identity
from domain.decider import Decider
from domain.event_codec import UnknownEvent, decode, encode
from domain.ids import RoomAddress
from domain.log import OpenedRoom, Proposal, Snapshot
from domain.parts.streams import Fold
from domain.receipts import Receipt, Receipts
from domain.record import Record
from domain.rejections import Busy, NotAllowed, Rejection
from domain.roles import Role

MAX_BYTES = 1 << 62
"""No limit."""


class Room:
    """One open room. ``place`` is durable, always; ``heard`` is what has passed in it, kept by whoever publishes the ticks."""

    __slots__ = (
        "_attempt",
        "_max_waiting",
        "_waiting",
        "address",
        "decider",
        "epoch",
        "heard",
        "place",
        "proposed_bytes",
        "view_of",
    )

    def __init__(self, decider: Decider[Any], address: RoomAddress, opened: OpenedRoom, max_waiting: int) -> None:
        """Raises ``UnknownEvent`` when the snapshot or a record is of another release."""
        self.address = address
        self.decider = decider
        self.epoch = opened.epoch
        self.place = _opened_place(decider, address, opened)
        self.heard = Heard({}, {})
        self.view_of: tuple[Any, bytes] = (None, b"")
        self.proposed_bytes = 0
        """Payload bytes of the commands that ``propose`` took last."""
        self._max_waiting = max_waiting
        # Made when it is first needed: an empty one has 760 bytes, and most rooms are somebody's own, where nothing is asked.
        self._waiting: deque[Asked] | None = None
        self._attempt: Attempt | None = None

    @property
    def top(self) -> int:
        return self.place.top

    @property
    def exists(self) -> bool:
        return self.decider.exists(self.place.state)

    @property
    def waiting(self) -> int:
        """Commands that are neither decided nor in flight."""
        return len(self._waiting) if self._waiting is not None else 0

    @property
    def is_in_flight(self) -> bool:
        return self._attempt is not None

    def give(self, asked: Asked) -> None:
        """Raises ``Busy`` over the bound."""
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= self._max_waiting:
            raise Busy("this room has too much to do; repeat the command in a moment")
        self._waiting.append(asked)

    def propose(self, now_ms: int, max_commands: int, max_bytes: int = MAX_BYTES) -> Proposal | None:
        """Decide what waits, oldest first, at least one and within the limits, and say what is to be appended.

        None when there is nothing to append: ``appended`` then gives at once what the decided commands caused.
        """
        if self._attempt is not None:
            raise RuntimeError(f"{self.address} is in flight already")
        attempt = self._attempt = Attempt(self.address, self.decider, self.epoch, self.place, self.heard)
        waiting, size = self._waiting or deque(), 0
        for _ in range(min(max_commands, len(waiting))):
            if size >= max_bytes:
                break
            asked = waiting.popleft()
            size += asked.size
            attempt.decide(asked, now_ms)
        self.proposed_bytes = size
        if not attempt.records:
            return None
        return Proposal(room=self.address, expected_top=self.place.top, records=tuple(attempt.records))

    def appended(self) -> Adopted:
        """The proposal is durable: adopt it, and let out what it caused."""
        attempt = self._take_attempt()
        self.place = attempt.place()
        return attempt.adopted

    def conflicted(self, missed: Sequence[Record]) -> Adopted:
        """Another node was first: adopt what it wrote, and decide the batch again with the next ``propose``.

        Raises ``ValueError`` when ``missed`` does not begin right behind the room's top.
        """
        self._waiting = deque([*self._take_attempt().asked, *(self._waiting or ())])
        return self.follow(missed)

    def refused(self, rejection: Rejection) -> Adopted:
        """Nothing of the proposal was written: everyone in it gets ``rejection``, and the room is where it was."""
        return Adopted(answers=[(asked, rejection) for asked in self._take_attempt().asked])

    def refuse_waiting(self, rejection: Rejection) -> Adopted:
        refused: list[tuple[Asked, Answer]] = [(asked, rejection) for asked in self._waiting or ()]
        self._waiting = None
        return Adopted(answers=refused)

    def follow(self, records: Sequence[Record]) -> Adopted:
        """Records that another node appended: fold them in; what is known already is skipped, a hole is an error."""
        adopted = Adopted()
        for record in records:
            if record.offset <= self.place.top:
                continue
            self._follow(record, adopted)
        return adopted

    def standing(self, identity: Identity, now_ms: int) -> Role | None:
        """What this actor is here; None where the room answers as if it did not exist."""
        return self.standing_in(self.place.state, identity, now_ms)

    def standing_in(self, state: Any, identity: Identity, now_ms: int) -> Role | None:
        if not self.decider.exists(state):
            return None
        return self.decider.standing(state, identity.actor, identity.claims, now_ms)

    def may_see(self, identity: Identity, now_ms: int) -> bool:
        return self.standing(identity, now_ms) is not None

    def check_may_see(self, identity: Identity, now_ms: int) -> None:
        """Raises ``NotAllowed``, for missing and forbidden rooms alike."""
        if not self.may_see(identity, now_ms):
            raise NotAllowed

    def view(self) -> bytes:
        """The view at ``top`` as JSON, encoded once per state."""
        state, view = self.view_of
        if state is not self.place.state:
            view = encode(self.decider.view(self.place.state))
            self.view_of = (self.place.state, view)
        return view

    def answer_of(self, receipt: Receipt, records: Sequence[Record]) -> Accepted:
        """The answer to a repeat: the first one again, computed from the command's ``records``."""
        return Accepted(
            room=self.address,
            offset=receipt.last_offset,
            epoch=self.epoch,
            event_ids=tuple(record.id for record in records),
            extra=self.decider.results(records),
        )

    def snapshot(self) -> Snapshot:
        place = self.place
        return Snapshot(
            room=self.address,
            offset=place.top,
            version=_state_version(self.decider),
            state=encode(place.state),
            receipts=place.receipts.dump(),
        )

    def _take_attempt(self) -> Attempt:
        attempt, self._attempt = self._attempt, None
        if attempt is None:
            raise RuntimeError(f"{self.address} has nothing in flight")
        return attempt

    def _follow(self, record: Record, adopted: Adopted) -> None:
        place = self.place
        if record.offset != place.top + 1:
            raise ValueError(f"{self.address}: a hole before {record.offset}, the top is {place.top}")
        state = self.decider.evolve(place.state, record)
        if self.decider.standing_basis(place.state) != self.decider.standing_basis(state):
            adopted.cuts.append(Cut(record.offset, state))
        adopted.messages.append(event_message(record, record.id))
        adopted.redacted.update(self.decider.redacts(record))
        ended = {*place.folds, *self.heard.ticked_at} - self.decider.live_keys(state)
        adopted.ended |= ended
        self.place = Place(
            state,
            record.offset,
            max(place.last_ms, record.time_ms),
            place.receipts.with_record(record),
            without(place.folds, ended),
        )


def _state_version(decider: Decider[Any]) -> int:
    """A state type of a later form states ``state_version`` as a class variable."""
    return int(getattr(decider.state_type, "state_version", 1))


def _opened_place(decider: Decider[Any], address: RoomAddress, opened: OpenedRoom) -> Place:
    snapshot = opened.snapshot
    if snapshot is None:
        place = Place(decider.initial(address), 0, 0, Receipts(), {})
    elif snapshot.version != _state_version(decider):
        raise UnknownEvent(f"the snapshot of {address} has version {snapshot.version}: it was written by another release")
    else:
        state = decode(snapshot.state, decider.state_type)
        receipts = Receipts.load(snapshot.receipts)
        # A snapshot has no record beside it: how late it was stands in its receipts, or times could run backwards.
        place = Place(state, snapshot.offset, receipts.newest_ms, receipts, {})
    state, receipts = place.state, place.receipts
    for record in opened.records:
        state = decider.evolve(state, record)
        receipts = receipts.with_record(record)
    folds = _kept_folds(decider, state, opened)
    if not opened.records:
        return place._replace(folds=folds)
    newest = opened.records[-1]
    return Place(state, newest.offset, newest.time_ms, receipts, folds)


def _kept_folds(decider: Decider[Any], state: Any, opened: OpenedRoom) -> dict[str, Fold]:
    """The streams that were being told when the room was here last; a crash takes back a second of them at most."""
    live_keys = decider.live_keys(state) if opened.passing else frozenset()
    return {
        piece.key: Fold(key=piece.key, attempt=piece.attempt, start=piece.position, text=piece.text)
        for piece in (each.piece for each in opened.passing)
        if piece is not None and piece.key in live_keys
    }
