"""Which commands a room has accepted lately: so that a repeat gets the first answer, and nothing runs twice.

Only accepted commands are remembered, by (actor, command id), with the digest of their content and the place of their events; the
answer to a repeat is computed from those. They are kept in generations: the youngest takes what comes in and is sealed when it is
full or has lasted three hours; sealed ones never change, so a snapshot copies their bytes.

What is forgotten is refused, never run again. A generation goes when its newest command is older than 24 hours, and the oldest one
goes when there are too many commands ("forget oldest, refuse what may be of it"). From then on ids that may have been in it are too
old: all that are dated up to its newest command's acceptance, and of an actor whose clock ran ahead all up to that actor's latest.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import msgspec
from immutables import Map

from domain.event_codec import decode, encode
from domain.ids import ActorId, CommandId, RoomAddress, time_ms_of
from domain.record import Actor, Record
from domain.rejections import CommandIdReused, CommandTooOld, Malformed

REMEMBERED_MS: Final = 24 * 60 * 60 * 1000
"""How long a repeat gets the first answer: a phone that was away for a night may still repeat what it never saw answered."""
AHEAD_MS: Final = 24 * 60 * 60 * 1000
"""How far ahead of ours a caller's clock may run."""
GENERATION_MAX: Final = 2_048
"""Commands of one generation. Small enough that encoding the youngest for a snapshot takes under half a millisecond."""
REMEMBERED_MAX: Final = 8 * GENERATION_MAX
"""Commands remembered in all: about 1.5 MB as JSON, and half a minute of a room that takes 500 commands a second."""
GENERATION_MS: Final = REMEMBERED_MS // 8
MARKS_MAX: Final = 2_048
"""Source rooms whose marks are kept together, 120 KB as JSON, beside as many older ones. A mark is needed until the outcome of its
reaction is stored, a second as a rule: by then nowhere near so many other rooms have made something here."""

Key: TypeAlias = tuple[ActorId, CommandId]


class Receipt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of an accepted command: its ``count`` events begin at ``first_offset``."""

    digest: str
    first_offset: int
    count: int

    @property
    def last_offset(self) -> int:
        return self.first_offset + self.count - 1


class Generation(msgspec.Struct, frozen=True):
    """Commands accepted from ``since_ms`` to ``newest_ms``.

    ``ahead`` has, per actor, the latest date of an id that was ahead of its acceptance. ``body``: ``entries`` as JSON, once sealed.
    """

    entries: Map[Key, Receipt] = Map()
    since_ms: int = 0
    newest_ms: int = 0
    ahead: Map[ActorId, int] = Map()
    body: msgspec.Raw | None = None

    def stored(self) -> "_StoredGeneration":
        body = self.body or msgspec.Raw(encode(list(self.entries.items())))
        return _StoredGeneration(body, self.since_ms, self.newest_ms, self.ahead)

    def sealed(self) -> "Generation":
        return msgspec.structs.replace(self, body=self.stored().entries)


class Receipts(msgspec.Struct, frozen=True):
    """The accepted commands of one room; immutable, so a batch that is decided again starts from what it was.

    Commands that are dated up to ``floor_ms``, or of one actor up to its own floor, may have been forgotten. ``marks`` has, per
    source room, the highest reaction that was taken; once there are too many, they are the ``older_marks``, which go the next time.
    """

    young: Generation = Generation()
    sealed: tuple[Generation, ...] = ()
    floor_ms: int = 0
    floors: Map[ActorId, int] = Map()
    marks: Map[RoomAddress, int] = Map()
    older_marks: Map[RoomAddress, int] = Map()

    def __len__(self) -> int:
        return sum(len(generation.entries) for generation in self._newest_first())

    @property
    def newest_ms(self) -> int:
        """The time of the newest record here; 0 before the first."""
        return max((generation.newest_ms for generation in self._newest_first()), default=0)

    def find(self, actor_id: ActorId, command_id: CommandId, digest: str) -> Receipt | None:
        """The receipt of the same command, given before; None for one that is not remembered.

        Raises ``CommandIdReused`` when the id was accepted with other content.
        """
        key = (actor_id, command_id)
        receipt = self.young.entries.get(key)
        if receipt is None:
            for older in reversed(self.sealed):
                receipt = receipt or older.entries.get(key)
        return receipt if receipt is None else _checked(receipt, digest)

    def check_age(self, actor: Actor, command_id: CommandId, now_ms: int) -> None:
        """For a command that ``find`` does not know: whether it is surely new.

        Raises ``CommandTooOld`` when it may have been accepted and forgotten, ``Malformed`` when it is dated far ahead. Commands of
        the system may be of any age: their rules check the clock, and reactions have their marks.
        """
        if actor.kind == "system":
            return
        dated_ms = time_ms_of(command_id) or 0
        if dated_ms > now_ms + AHEAD_MS:
            raise Malformed("command_id is dated more than 24 hours ahead: set this device's clock right - at `$.command_id`")
        if dated_ms <= max(self.floor_ms, self.floors.get(actor.id, 0), now_ms - REMEMBERED_MS):
            raise CommandTooOld(
                "command_id is dated before what this room remembers: look into its history whether the command ran; "
                "if it is new, set this device's clock right"
            )

    def with_record(self, record: Record) -> "Receipts":
        """Remember the command behind a record; call it for each of its records, in order."""
        receipts = self
        if record.ordinal == 0 and self._is_young_full(record.time_ms):
            receipts = self._with_young_sealed(record.time_ms)
        return receipts._with_young(_with(receipts.young, record))

    def with_records(self, records: Sequence[Record]) -> "Receipts":
        """The same for the records of one batch, in one go; the youngest generation may grow over its bound by them."""
        # Speed: one change of the map for the batch (bench "durable commands").
        if not records:
            return self
        receipts = self
        if self._is_young_full(records[0].time_ms):
            receipts = self._with_young_sealed(records[0].time_ms)
        return receipts._with_young(_with_all(receipts.young, records))

    def pruned(self, now_ms: int) -> "Receipts":
        """Without the generations that are older than 24 hours, and within the bound."""
        receipts = self
        while receipts.sealed and (
            receipts.sealed[0].newest_ms <= now_ms - REMEMBERED_MS or len(receipts) > REMEMBERED_MAX - GENERATION_MAX
        ):
            receipts = receipts._without_oldest()
        return receipts

    def mark(self, source: RoomAddress) -> int:
        """The number of the newest reaction taken from ``source``; what is not above it was taken already."""
        return max(self.marks.get(source, 0), self.older_marks.get(source, 0))

    def with_mark(self, source: RoomAddress, number: int) -> "Receipts":
        marks, older = self.marks, self.older_marks
        if len(marks) >= MARKS_MAX and source not in marks:
            marks, older = Map(), marks
        return msgspec.structs.replace(self, marks=marks.set(source, max(number, self.mark(source))), older_marks=older)

    def dump(self) -> bytes:
        """As JSON, for snapshots."""
        generations = [generation.stored() for generation in (*self.sealed, self.young)]
        return encode(_Stored(generations, self.floor_ms, self.floors, self.marks, self.older_marks))

    @classmethod
    def load(cls, body: bytes) -> "Receipts":
        stored = decode(body, _Stored)
        *sealed, young = [generation.loaded() for generation in stored.generations]
        young = msgspec.structs.replace(young, body=None)
        return cls(young, tuple(sealed), stored.floor_ms, stored.floors, stored.marks, stored.older_marks)

    def _with_young(self, young: Generation) -> "Receipts":
        return Receipts(young, self.sealed, self.floor_ms, self.floors, self.marks, self.older_marks)

    def _newest_first(self) -> Iterator[Generation]:
        yield self.young
        yield from reversed(self.sealed)

    def _is_young_full(self, now_ms: int) -> bool:
        entries = self.young.entries
        return len(entries) >= GENERATION_MAX or (len(entries) > 0 and now_ms - self.young.since_ms >= GENERATION_MS)

    def _with_young_sealed(self, now_ms: int) -> "Receipts":
        receipts = msgspec.structs.replace(self, young=Generation(), sealed=(*self.sealed, self.young.sealed()))
        return receipts.pruned(now_ms)

    def _without_oldest(self) -> "Receipts":
        oldest, *rest = self.sealed
        floor_ms = max(self.floor_ms, oldest.newest_ms)
        floors = {actor_id: at for actor_id, at in self.floors.items() if at > floor_ms}
        for actor_id, at in oldest.ahead.items():
            if at > floor_ms:
                floors[actor_id] = max(at, floors.get(actor_id, 0))
        return msgspec.structs.replace(self, sealed=tuple(rest), floor_ms=floor_ms, floors=Map(floors))


class ReceiptsDraft:
    """The receipts while a batch is decided: what its commands add is found by the later ones, and ``done`` gives the whole."""

    __slots__ = ("_base", "_marks", "_own", "_records")

    def __init__(self, base: Receipts) -> None:
        self._base = base
        self._own: dict[Key, Receipt] = {}
        self._records: list[Record] = []
        self._marks: dict[RoomAddress, int] = {}

    def find(self, actor_id: ActorId, command_id: CommandId, digest: str) -> Receipt | None:
        """As ``Receipts.find``."""
        receipt = self._own.get((actor_id, command_id)) if self._own else None
        if receipt is None:
            return self._base.find(actor_id, command_id, digest)
        return _checked(receipt, digest)

    def check_age(self, actor: Actor, command_id: CommandId, now_ms: int) -> None:
        """As ``Receipts.check_age``."""
        self._base.check_age(actor, command_id, now_ms)

    def add(self, records: Sequence[Record]) -> None:
        """The records of one accepted command."""
        last = records[-1]
        self._own[last.actor.id, last.command_id] = _receipt_of(last)
        self._records += records

    def mark(self, source: RoomAddress) -> int:
        return self._marks.get(source) or self._base.mark(source)

    def set_mark(self, source: RoomAddress, number: int) -> None:
        self._marks[source] = max(number, self.mark(source))

    def done(self) -> Receipts:
        receipts = self._base.with_records(self._records)
        for source, number in self._marks.items():
            receipts = receipts.with_mark(source, number)
        return receipts


class _StoredGeneration(msgspec.Struct, array_like=True):
    """Fields are only ever added at the end. ``entries``: [[[actor, command id], [digest, first offset, count]], …]."""

    entries: msgspec.Raw
    since_ms: int
    newest_ms: int
    ahead: Map[ActorId, int]

    def loaded(self) -> Generation:
        entries: Map[Key, Receipt] = Map(decode(self.entries, list[tuple[Key, Receipt]]))
        return Generation(entries, self.since_ms, self.newest_ms, self.ahead, self.entries)


class _Stored(msgspec.Struct):
    generations: list[_StoredGeneration]
    floor_ms: int
    floors: Map[ActorId, int]
    marks: Map[RoomAddress, int]
    older_marks: Map[RoomAddress, int] = Map()


def _with(young: Generation, record: Record) -> Generation:
    actor_id, command_id, at = record.actor.id, record.command_id, record.time_ms
    ahead = _ahead_of(young.ahead, record)
    return Generation(young.entries.set((actor_id, command_id), _receipt_of(record)), young.since_ms or at, at, ahead)


def _with_all(young: Generation, records: Sequence[Record]) -> Generation:
    ahead, entries = young.ahead, young.entries.mutate()
    for record in records:
        entries[record.actor.id, record.command_id] = _receipt_of(record)
        ahead = _ahead_of(ahead, record)
    return Generation(entries.finish(), young.since_ms or records[0].time_ms, records[-1].time_ms, ahead)


def _receipt_of(record: Record) -> Receipt:
    """As far as the command's records have come: the last one's is the whole."""
    return Receipt(record.digest, record.offset - record.ordinal, record.ordinal + 1)


def _ahead_of(ahead: Map[ActorId, int], record: Record) -> Map[ActorId, int]:
    dated_ms = time_ms_of(record.command_id) or 0
    if dated_ms <= record.time_ms:
        return ahead
    return ahead.set(record.actor.id, max(dated_ms, ahead.get(record.actor.id, 0)))


def _checked(receipt: Receipt, digest: str) -> Receipt:
    if receipt.digest != digest:
        raise CommandIdReused("this command_id was accepted before with other content: take a new one for a new command")
    return receipt
