"""The contract of a kind of room, and the registry of kinds.

A kind of room is one Decider: pure, synchronous, without clock, randomness, logging or I/O. ``decide`` holds all rules, ``evolve``
none: replay is a fold, and the same ``evolve`` runs live, in replay and in tests.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec

from domain.ids import ActorId, CommandId, RoomAddress, ThingId, derived_id
from domain.record import Actor, Event, Record
from domain.roles import Claims, Role


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What an actor asks, in the imperative. The wire name ``<kind>.<verb>`` is its place in its kind's ``commands``.

    ``receipt`` is how far the reply should wait: ``durable`` (fsynced in the journal) or ``stored`` (committed in Postgres).
    """

    room: RoomAddress = RoomAddress("")
    command_id: CommandId
    receipt: Literal["durable", "stored"] = "durable"


class Tick(msgspec.Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """A passing value: the latest wins per ``key``. Not in the log; its last value follows into a row, at most once a second."""

    key: str


class Piece(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a stream: ``text`` begins at ``position`` (in characters) of the ``attempt``-th telling of ``key``."""

    key: str
    attempt: int
    position: int
    text: str


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What follows from a command: events (durable, ordered), ticks and pieces (passing)."""

    events: tuple[Event, ...] = ()
    ticks: tuple[Tick, ...] = ()
    pieces: tuple[Piece, ...] = ()


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """What the clock will ask for: at ``at_ms`` the system gives ``command`` (named ``name``) to the room.

    With ``quiet_key`` the deadline is on silence: every tick or piece of that key moves it ``quiet_ms`` behind itself.
    ``what`` names the matter inside the room and is unique there.
    """

    what: str
    at_ms: int
    name: str
    payload: dict[str, Any]
    quiet_key: str = ""
    quiet_ms: int = 0


class Ref(msgspec.Struct, frozen=True):
    """Something outside the room that a rule has to know before it decides: ``("seller", id)``.

    Where ``kind`` is a kind of room, the room ``kind:id`` is asked, and what it says is ``Decider.referred`` of its state.
    """

    kind: str
    id: str


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """An event here that makes a command there: delivered exactly once, in the order of its causes; the system gives it.

    Where the target refuses for good and ``refusal`` is named, the source room is given that command of its own, with
    ``refusal_payload`` and the sentence of the refusal as ``reason``.
    """

    target: RoomAddress
    name: str
    payload: dict[str, Any]
    refusal: str = ""
    refusal_payload: dict[str, Any] = {}


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody who may see a room asks of it; nothing changes. Its wire name is ``<kind>.<word>`` as a command's."""

    room: RoomAddress


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks a question, and what is passing in the room: ``told`` and ``last_ticks`` as in ``Context``."""

    actor: Actor
    claims: Claims
    now_ms: int
    told: Mapping[str, str] = {}
    last_ticks: Mapping[str, Tick] = {}


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What the server gives to a room because somebody has come: at most once per actor in ``interval_ms``."""

    name: str
    payload: dict[str, Any]
    interval_ms: int


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A room as it stands in people's own lists. ``at_ms`` is the time of its newest event.

    ``spoken`` are the newest events that somebody may not have read yet, as (offset, author), oldest first: at most 100.
    """

    name: str
    status: str = ""
    step: str = ""
    progress: int | None = None
    at_ms: int = 0
    spoken: tuple[tuple[int, ActorId], ...] = ()


class Context(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who asks, when, and what was looked up before.

    ``refs`` maps what ``Decider.refs`` asked for to what was found; a missing key was not found. ``ticked_at`` gives, per live key,
    the Unix milliseconds of its last tick or piece, ``last_ticks`` the tick itself: what is shown already must not run backwards.
    ``told`` has, per live key, the text of its stream as far as it is kept.
    """

    room: RoomAddress
    actor: Actor
    claims: Claims
    command_id: CommandId
    now_ms: int
    refs: Mapping[Ref, Any] = {}
    ticked_at: Mapping[str, int] = {}
    last_ticks: Mapping[str, Tick] = {}
    told: Mapping[str, str] = {}

    def id_of_event(self, ordinal: int = 0) -> ThingId:
        """The id that the ``ordinal``-th event of this decision will have, and what it makes."""
        return derived_id(self.room, self.actor.id, self.command_id, ordinal)


S = TypeVar("S")


class Decider(Protocol, Generic[S]):
    """One kind of room. Implementations are modules' functions gathered in a frozen struct, or a class without state."""

    kind: str
    commands: Mapping[str, type[Command]]
    """verb -> struct; the wire name is ``f"{kind}.{verb}"``."""
    questions: Mapping[str, type[Question]]
    """word -> struct; the wire name is ``f"{kind}.{word}"``. Verbs and words never collide."""
    creates: str
    """The verb that makes a room; its command may leave ``room`` empty. ``""`` where every room of the kind is simply there."""
    events: Sequence[type[Event]]
    """All events this kind has ever recorded, with their tags."""
    ticks: Sequence[type[Tick]]
    spoken: Sequence[type[Event]]
    """The events that count as unread until their offset was read: what somebody said, or did that others want to know."""
    state_type: type[S]
    """For snapshots: msgspec decodes a stored state into it (persistent maps by ``domain.event_codec``)."""
    has_directory: bool
    """Whether ``directory:<kind>s`` lists the rooms for everybody who may see one."""
    is_home: bool
    """Whether every person and guest has a room of this kind to themselves, ``<kind>:<actor id>``, which their connections follow
    from the start. There is one such kind at most."""

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        """The room that a creating command makes: from its natural key, else from actor and command id."""
        ...

    def initial(self, room: RoomAddress) -> S:
        """The state of a room that does not exist yet."""
        ...

    def exists(self, state: S) -> bool:
        """False before its first event; a room that does not exist cannot be subscribed to."""
        ...

    def standing(self, state: S, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        """What this actor is here, or None: then the room answers as if it did not exist."""
        ...

    def standing_basis(self, state: S) -> object:
        """All of the state that ``standing`` and ``exists`` go by: while it is equal, no event has changed anybody's standing."""
        ...

    def refs(self, command: Command) -> Iterable[Ref]:
        """What has to be looked up outside before ``decide``."""
        ...

    def decide(self, state: S, command: Command, context: Context) -> Decision:
        """All rules. Raises a ``Rejection``; then nothing has happened."""
        ...

    def evolve(self, state: S, record: Record) -> S:
        """The state after one record. No rules; cannot fail on what ``decide`` let through, nor on redacted text."""
        ...

    def due(self, state: S) -> Sequence[Deadline]:
        """What the clock will ask for, as things stand."""
        ...

    def live_keys(self, state: S) -> frozenset[str]:
        """The keys that may tick or stream now; a tick of any other key is dropped."""
        ...

    def view(self, state: S) -> msgspec.Struct:
        """What a joiner is given, at most 256 KiB as JSON."""
        ...

    def directory_entry(self, state: S, ticks: Mapping[str, Tick] = {}) -> msgspec.Struct | None:
        """What ``directory:<kind>s`` says of this room, or None for kinds (and rooms) without one.

        ``ticks`` are the last ones of the live keys, where they are known: what runs is further than its last event says.
        """
        ...

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        """What the caller of the command behind ``records`` cannot derive; computed from the records alone, for repeats too."""
        ...

    def reactions(self, record: Record) -> Sequence[Reaction]:
        """The commands that this record makes in other rooms."""
        ...

    def answer(self, state: S, question: Question, asker: Asker) -> msgspec.Struct:
        """The answer to one of ``questions``; the asker may see the room. Raises a ``Rejection``."""
        ...

    def referred(self, state: S) -> msgspec.Struct | None:
        """What other rooms' rules may know of this one (``Ref``); None where there is nothing to refer to."""
        ...

    def redacts(self, record: Record) -> Sequence[int]:
        """The offsets of earlier records whose free text this record takes back, everywhere: it follows from the record alone."""
        ...

    def closed_because(self, state: S) -> str:
        """Why nobody may be here any more, as a sentence for those who are put out; empty while the room is open."""
        ...

    def arrival(self, state: S, actor: Actor, claims: Claims, now_ms: int) -> Arrival | None:
        """What the server gives because this actor has come into the room, if anything."""
        ...

    def listed_for(self, state: S) -> Collection[ActorId]:
        """In whose own lists the room stands."""
        ...

    def listing(self, state: S, ticks: Mapping[str, Tick] = {}) -> Listing:
        """What these lists say of it. ``ticks`` are the last ones of the live keys, where they are known."""
        ...

    def list_entry(self, state: S, room: RoomAddress, listing: Listing) -> Tick | None:
        """Of a home: how its person's list shows ``room``, as a tick; None where the room does not stand in it."""
        ...


class DeciderDefaults(Generic[S]):
    """What most kinds say to the questions that only some have an answer to. Deciders may derive from it."""

    questions: Mapping[str, type[Question]] = {}
    spoken: Sequence[type[Event]] = ()
    ticks: Sequence[type[Tick]] = ()
    has_directory: bool = False
    is_home: bool = False

    def refs(self, command: Command) -> Iterable[Ref]:
        return ()

    def due(self, state: S) -> Sequence[Deadline]:
        return ()

    def live_keys(self, state: S) -> frozenset[str]:
        return frozenset()

    def directory_entry(self, state: S, ticks: Mapping[str, Tick] = {}) -> msgspec.Struct | None:
        return None

    def reactions(self, record: Record) -> Sequence[Reaction]:
        return ()

    def answer(self, state: S, question: Question, asker: Asker) -> msgspec.Struct:
        raise NotImplementedError(type(question).__name__)

    def referred(self, state: S) -> msgspec.Struct | None:
        return None

    def redacts(self, record: Record) -> Sequence[int]:
        return ()

    def closed_because(self, state: S) -> str:
        return ""

    def arrival(self, state: S, actor: Actor, claims: Claims, now_ms: int) -> Arrival | None:
        return None

    def listed_for(self, state: S) -> Collection[ActorId]:
        return ()

    def listing(self, state: S, ticks: Mapping[str, Tick] = {}) -> Listing:
        return Listing(name="")

    def list_entry(self, state: S, room: RoomAddress, listing: Listing) -> Tick | None:
        return None


Registry = Mapping[str, "Decider[Any]"]
"""kind -> Decider. ``domain.kinds.KINDS`` is the one of the product; tests make their own."""
