"""Two tiny kinds of room for what only some kinds do: a notebook that is listed, asked, closed and taken back from, and homes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from domain.decider import Arrival, Asker, Command, Context, DeciderDefaults, Decision, Listing, Question, Ref, Tick
from domain.ids import ActorId, RoomAddress, id_of, keyed_id, room_address
from domain.parts.listing import Spoken, unread_count, with_spoken
from domain.record import Actor, Event, Record
from domain.redaction import Free
from domain.rejections import NotAllowed, UnknownThing
from domain.roles import Claims, Role

VISIT_MS = 1_000


class Begin(Command, frozen=True, kw_only=True):
    name: str


class Write(Command, frozen=True, kw_only=True):
    text: str


class Copy(Command, frozen=True, kw_only=True):
    """Write the name of another notebook."""

    other: str


class Erase(Command, frozen=True, kw_only=True):
    offset: int


class Close(Command, frozen=True, kw_only=True):
    pass


class CountVisit(Command, frozen=True, kw_only=True):
    pass


class Begun(Event, frozen=True, kw_only=True, tag="begun"):
    name: str


class Written(Event, frozen=True, kw_only=True, tag="written"):
    text: Free[str]


class Erased(Event, frozen=True, kw_only=True, tag="erased"):
    erased: int


class Closed(Event, frozen=True, kw_only=True, tag="closed"):
    pass


class Visits(Tick, frozen=True, kw_only=True, tag="visits"):
    count: int


class LineCount(Question, frozen=True, kw_only=True):
    pass


class Counted(msgspec.Struct, frozen=True):
    lines: int
    asked_by: str


class Named(msgspec.Struct, frozen=True):
    name: str


class Notebook(msgspec.Struct, frozen=True, kw_only=True):
    room: RoomAddress
    name: str = ""
    owner: ActorId = ActorId("")
    lines: int = 0
    is_closed: bool = False
    spoken: Spoken = ()
    last_ms: int = 0


class NotebookDecider(DeciderDefaults[Notebook]):
    kind: str = "notebook"
    commands: Mapping[str, type[Command]] = {
        "begin": Begin,
        "write": Write,
        "copy": Copy,
        "erase": Erase,
        "close": Close,
        "count_visit": CountVisit,
    }
    questions: Mapping[str, type[Question]] = {"line_count": LineCount}
    creates: str = "begin"
    events: Sequence[type[Event]] = (Begun, Written, Erased, Closed)
    ticks: Sequence[type[Tick]] = (Visits,)
    spoken: Sequence[type[Event]] = (Written,)
    state_type: type[Notebook] = Notebook

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        assert isinstance(command, Begin)
        return notebook_address(command.name)

    def initial(self, room: RoomAddress) -> Notebook:
        return Notebook(room=room)

    def exists(self, state: Notebook) -> bool:
        return bool(state.name)

    def standing(self, state: Notebook, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        if actor.kind == "system":
            return "system"
        return None if state.is_closed else "member"

    def standing_basis(self, state: Notebook) -> object:
        return (state.name, state.is_closed)

    def refs(self, command: Command) -> Iterable[Ref]:
        return (Ref("notebook", command.other),) if isinstance(command, Copy) else ()

    def decide(self, state: Notebook, command: Command, context: Context) -> Decision:
        if self.standing(state, context.actor, context.claims, context.now_ms) is None:
            raise NotAllowed
        match command:
            case Begin(name=name):
                return Decision((Begun(name=name),))
            case Write(text=text):
                return Decision((Written(text=text),))
            case Erase(offset=offset):
                return Decision((Erased(erased=offset),))
            case Close():
                return Decision((Closed(),))
            case CountVisit():
                last = context.last_ticks.get("visits")
                return Decision(ticks=(Visits(key="visits", count=(last.count if isinstance(last, Visits) else 0) + 1),))
            case Copy(other=other):
                found = context.refs.get(Ref("notebook", other))
                if found is None:
                    raise UnknownThing("there is no such notebook")
                return Decision((Written(text=found.name),))
        raise AssertionError(command)

    def evolve(self, state: Notebook, record: Record) -> Notebook:
        state = msgspec.structs.replace(state, last_ms=record.time_ms)
        match record.event:
            case Begun(name=name):
                return msgspec.structs.replace(state, name=name, owner=record.actor.id)
            case Written():
                return msgspec.structs.replace(state, lines=state.lines + 1, spoken=with_spoken(state.spoken, record))
            case Closed():
                return msgspec.structs.replace(state, is_closed=True)
        return state

    def live_keys(self, state: Notebook) -> frozenset[str]:
        return frozenset({"visits"})

    def view(self, state: Notebook) -> Counted:
        return Counted(state.lines, "")

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return {}

    def answer(self, state: Notebook, question: Question, asker: Asker) -> msgspec.Struct:
        return Counted(state.lines, asker.actor.name)

    def referred(self, state: Notebook) -> msgspec.Struct | None:
        return Named(state.name)

    def redacts(self, record: Record) -> Sequence[int]:
        return (record.event.erased,) if isinstance(record.event, Erased) else ()

    def closed_because(self, state: Notebook) -> str:
        return "this notebook was closed" if state.is_closed else ""

    def arrival(self, state: Notebook, actor: Actor, claims: Claims, now_ms: int) -> Arrival | None:
        return Arrival(name="notebook.count_visit", payload={}, interval_ms=VISIT_MS) if actor.id != state.owner else None

    def listed_for(self, state: Notebook) -> Collection[ActorId]:
        return (state.owner,)

    def listing(self, state: Notebook, ticks: Mapping[str, Tick] = {}) -> Listing:
        return Listing(name=state.name, at_ms=state.last_ms, spoken=state.spoken)


class MarkRead(Command, frozen=True, kw_only=True):
    read_room: str
    read_offset: int


class Read(Event, frozen=True, kw_only=True, tag="read"):
    read_room: str
    read_offset: int


class Line(Tick, frozen=True, kw_only=True, tag="line"):
    name: str
    unread: int


class Home(msgspec.Struct, frozen=True, kw_only=True):
    room: RoomAddress
    positions: dict[str, int] = {}


class HomeDecider(DeciderDefaults[Home]):
    """Everybody's own room; all rooms stand in its list."""

    kind: str = "home"
    commands: Mapping[str, type[Command]] = {"mark_read": MarkRead}
    creates: str = ""
    events: Sequence[type[Event]] = (Read,)
    ticks: Sequence[type[Tick]] = (Line,)
    state_type: type[Home] = Home
    is_home: bool = True

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        raise AssertionError("homes are simply there")

    def initial(self, room: RoomAddress) -> Home:
        return Home(room=room)

    def exists(self, state: Home) -> bool:
        return True

    def standing(self, state: Home, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return "owner" if id_of(state.room) == actor.id else None

    def standing_basis(self, state: Home) -> object:
        return ()

    def decide(self, state: Home, command: Command, context: Context) -> Decision:
        if self.standing(state, context.actor, context.claims, context.now_ms) is None:
            raise NotAllowed
        assert isinstance(command, MarkRead)
        return Decision((Read(read_room=command.read_room, read_offset=command.read_offset),))

    def evolve(self, state: Home, record: Record) -> Home:
        assert isinstance(record.event, Read)
        return msgspec.structs.replace(state, positions={**state.positions, record.event.read_room: record.event.read_offset})

    def live_keys(self, state: Home) -> frozenset[str]:
        return frozenset({f"room:{notebook_address('one')}"})

    def view(self, state: Home) -> Home:
        return state

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return {}

    def list_entry(self, state: Home, room: RoomAddress, listing: Listing) -> Tick | None:
        unread = unread_count(listing.spoken, state.positions.get(room, 0), ActorId(id_of(state.room)))
        return Line(key=f"room:{room}", name=listing.name, unread=unread)


NOTEBOOKS = {"notebook": NotebookDecider(), "home": HomeDecider()}


def notebook_address(name: str) -> RoomAddress:
    return room_address("notebook", keyed_id("notebook", name))
