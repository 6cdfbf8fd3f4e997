"""One batch of a room being decided on a scratch state: what the room would be, and what would leave, once it is durable."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec

from channels.publications import event_message
from channels.seats import Accepted, Answer, Identity, RoomMessage
from domain.decider import Command, Context, Decider, Decision, Piece, Ref, Tick
from domain.event_codec import digest_of, encode, version_of
from domain.ids import RoomAddress, ThingId
from domain.limits import REACTIONS_MAX
from domain.parts.streams import Fold
from domain.receipts import Receipt, Receipts, ReceiptsDraft
from domain.record import Event, Record
from domain.rejections import Rejection, Unavailable

logger = logging.getLogger(__name__)

_NOTHING_TOLD: Mapping[str, str] = {}

# Speed: asked once per event; the versions of a release do not change.
_version_of = cache(version_of)


class Asked(msgspec.Struct, kw_only=True, gc=False):
    """A command on its way through a room. ``size`` is its payload's, in bytes; ``refs`` is what was looked up for it.

    ``given_s`` is when it was given, on the clock ``time.perf_counter``.
    """

    identity: Identity
    command: Command
    answer: Callable[[Answer], None]
    size: int = 0
    given_s: float = 0.0
    refs: Mapping[Ref, Any] = {}
    cause: "Cause | None" = None


class Cause(NamedTuple):
    """The command is a reaction: the ``number``-th of the room ``source``. What is not above the room's mark was taken already."""

    source: RoomAddress
    number: int


class Passing(NamedTuple):
    """A tick or piece that leaves with its batch; ``after`` is the offset that it comes after."""

    after: int
    what: Tick | Piece


class Cut(NamedTuple):
    """With the event at ``offset`` somebody's standing may have changed: nothing behind it may reach who is out by ``state``."""

    offset: int
    state: Any


class Repeat(NamedTuple):
    """A command that was accepted before: its answer is computed from its records."""

    asked: Asked
    receipt: Receipt


class Adopted(msgspec.Struct, kw_only=True):
    """What leaves a room once its batch is durable: answers first, then the publications in order.

    ``ended`` are the keys that some event has ended, even where a later one has begun them anew: what waits for them is dropped
    before the events are published. ``redacted`` are the offsets of earlier events whose words were taken back.
    """

    answers: list[tuple[Asked, Answer]] = []
    repeats: list[Repeat] = []
    messages: list[RoomMessage] = []
    passing: list[Passing] = []
    ended: set[str] = set()
    cuts: list[Cut] = []
    redacted: set[int] = set()


class Place(NamedTuple):
    """Where a room stands: its state folded up to ``top``, the newest record's time, the remembered commands, the streams."""

    state: Any
    top: int
    last_ms: int
    receipts: Receipts
    folds: Mapping[str, Fold]


class Heard(NamedTuple):
    """What has passed in the room under its live keys: when each was heard last, and its last tick. Kept by whoever publishes."""

    ticked_at: Mapping[str, int]
    last_ticks: Mapping[str, Tick]


class Attempt:
    """Decides commands one after the other, each on what the ones before it made. Nothing of it is visible before the gate."""

    __slots__ = (
        "_basis",
        "_decider",
        "_epoch",
        "_folds",
        "_last_ms",
        "_last_ticks",
        "_receipts",
        "_room",
        "_state",
        "_ticked_at",
        "_top",
        "adopted",
        "asked",
        "records",
    )

    def __init__(self, room: RoomAddress, decider: Decider[Any], epoch: str, place: Place, heard: Heard) -> None:
        self._room = room
        self._decider = decider
        self._epoch = epoch
        self._state, self._top, self._last_ms = place.state, place.top, place.last_ms
        self._receipts = ReceiptsDraft(place.receipts)
        self._folds = place.folds
        self._basis = decider.standing_basis(place.state)
        self._ticked_at, self._last_ticks = heard
        self.asked: list[Asked] = []
        self.records: list[Record] = []
        self.adopted = Adopted()

    def place(self) -> Place:
        """Where the room stands once the batch is durable."""
        return Place(self._state, self._top, self._last_ms, self._receipts.done(), self._folds)

    def decide(self, asked: Asked, now_ms: int) -> None:
        """Decide one command. A refused one leaves no trace, whatever it fails of."""
        self.asked.append(asked)
        try:
            self._decide(asked, now_ms)
        except Rejection as rejection:
            self.adopted.answers.append((asked, rejection))
        except Exception:
            logger.exception("deciding %s in %s failed", type(asked.command).__qualname__, self._room)
            self.adopted.answers.append((asked, Unavailable("the server failed at this command")))

    def _decide(self, asked: Asked, now_ms: int) -> None:
        command, identity, receipts = asked.command, asked.identity, self._receipts
        actor, command_id = identity.actor, command.command_id
        digest = digest_of(command)
        receipt = receipts.find(actor.id, command_id, digest)
        if receipt is not None:
            self.adopted.repeats.append(Repeat(asked, receipt))
            return
        if asked.cause is not None and asked.cause.number <= receipts.mark(asked.cause.source):
            self.adopted.answers.append((asked, self._accepted(self._top, [], [])))
            return
        time_ms = max(now_ms, self._last_ms)
        receipts.check_age(actor, command_id, time_ms)
        context = Context(
            room=self._room,
            actor=actor,
            claims=identity.claims,
            command_id=command_id,
            now_ms=time_ms,
            refs=asked.refs,
            ticked_at=self._ticked_at,
            last_ticks=self._last_ticks,
            told={key: fold.text for key, fold in self._folds.items()} if self._folds else _NOTHING_TOLD,
        )
        decision = self._decider.decide(self._state, command, context)
        self._take(asked, decision, self._records_of(asked, decision.events, digest, time_ms))

    def _take(self, asked: Asked, decision: Decision, records: list[Record]) -> None:
        """Everything that may fail comes first, so a failing command leaves the scratch as it was."""
        decider = self._decider
        folds = _folded(self._folds, decision.pieces)
        state, basis, top = self._state, self._basis, self._top + len(records)
        ids: list[ThingId] = []
        messages: list[RoomMessage] = []
        cuts: list[Cut] = []
        taken_back: list[int] = []
        for record in records:
            state = decider.evolve(state, record)
            event_id = record.id
            ids.append(event_id)
            messages.append(event_message(record, event_id))
            taken_back += decider.redacts(record)
            self._check_reactions(record)
            before, basis = basis, decider.standing_basis(state)
            if basis != before:
                cuts.append(Cut(record.offset, state))
        passing = self._passing(state, decision, top)
        ended = self._ended_by(state, folds) if records else ()
        answer = self._accepted(top, records, ids)
        self._state, self._basis, self._top, self._folds = state, basis, top, folds
        adopted = self.adopted
        if asked.cause is not None:
            self._receipts.set_mark(*asked.cause)
        if records:
            self._last_ms = records[-1].time_ms
            self._receipts.add(records)
            self.records += records
            adopted.messages += messages
            adopted.cuts += cuts
        if taken_back:
            adopted.redacted.update(taken_back)
        if ended:
            self._end(ended)
        adopted.answers.append((asked, answer))
        if passing:
            self._pass(passing)

    def _check_reactions(self, record: Record) -> None:
        """They are written where the record is stored. By then the command is accepted, and nobody could be refused any more."""
        if len(self._decider.reactions(record)) > REACTIONS_MAX:
            raise ValueError(f"{type(record.event).__qualname__} makes more than {REACTIONS_MAX} commands in other rooms")

    def _pass(self, passing: Sequence[Passing]) -> None:
        """The commands behind this one in the batch are decided by what will have been shown before them."""
        self.adopted.passing += passing
        ticks = {each.what.key: each.what for each in passing if isinstance(each.what, Tick)}
        if ticks:
            self._last_ticks = {**self._last_ticks, **ticks}

    def _passing(self, state: Any, decision: Decision, top: int) -> Sequence[Passing]:
        """What passes with a decision, as far as its keys are live."""
        if not decision.ticks and not decision.pieces:
            return ()
        live_keys = self._decider.live_keys(state)
        return [Passing(top, what) for whats in (decision.ticks, decision.pieces) for what in whats if what.key in live_keys]

    def _ended_by(self, state: Any, folds: Mapping[str, Fold]) -> Collection[str]:
        """The keys under which something passes and that are not live any more."""
        passing = self.adopted.passing
        if not folds and not passing and not self._ticked_at:
            return ()
        return {*folds, *self._ticked_at, *(each.what.key for each in passing)} - self._decider.live_keys(state)

    def _end(self, keys: Collection[str]) -> None:
        """What passed under them does not leave: an ended stream's text stands in its event."""
        adopted = self.adopted
        adopted.ended.update(keys)
        adopted.passing = [passing for passing in adopted.passing if passing.what.key not in keys]
        self._folds = without(self._folds, keys)
        self._last_ticks = {key: tick for key, tick in self._last_ticks.items() if key not in keys}

    def _accepted(self, top: int, records: list[Record], ids: list[ThingId]) -> Accepted:
        return Accepted(
            room=self._room,
            offset=top,
            epoch=self._epoch,
            event_ids=tuple(ids),
            extra=self._decider.results(records) if records else {},
        )

    def _records_of(self, asked: Asked, events: tuple[Event, ...], digest: str, time_ms: int) -> list[Record]:
        return [
            Record(
                room=self._room,
                offset=self._top + 1 + ordinal,
                time_ms=time_ms,
                actor=asked.identity.actor,
                command_id=asked.command.command_id,
                ordinal=ordinal,
                last=ordinal == len(events) - 1,
                digest=digest,
                event=event,
                version=_version_of(type(event)),
                body=encode(event),
            )
            for ordinal, event in enumerate(events)
        ]


def without(folds: Mapping[str, Fold], keys: Collection[str]) -> Mapping[str, Fold]:
    return {key: fold for key, fold in folds.items() if key not in keys}


def _folded(folds: Mapping[str, Fold], pieces: tuple[Piece, ...]) -> Mapping[str, Fold]:
    """The streams with ``pieces`` told. Raises ``OutOfOrder`` with what is expected."""
    if not pieces:
        return folds
    told = dict(folds)
    for piece in pieces:
        fold = told.get(piece.key) or Fold(key=piece.key, attempt=piece.attempt)
        told[piece.key] = fold.accept(piece)
    return told
