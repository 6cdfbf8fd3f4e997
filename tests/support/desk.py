"""A tiny kind of room for tests of the live side: a desk at which people speak, work on keyed jobs, and are sent away."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from immutables import Map

from domain.decider import Command, Context, Deadline, DeciderDefaults, Decision, Piece, Ref, Tick
from domain.ids import RoomAddress, keyed_id, room_address
from domain.record import Actor, Event, Record
from domain.rejections import AlreadyExists, NotAllowed, NotYet, RuleBroken, UnknownThing
from domain.roles import Claims, Role

SPOKEN_KEPT = 1_000


class Make(Command, frozen=True, kw_only=True):
    name: str


class Say(Command, frozen=True, kw_only=True):
    text: str
    times: int = 1


class Begin(Command, frozen=True, kw_only=True):
    """Open a job, under which ticks and pieces may come; with ``quiet_ms`` silence closes it again."""

    key: str
    quiet_ms: int = 0


class End(Command, frozen=True, kw_only=True):
    key: str


class Report(Command, frozen=True, kw_only=True):
    key: str
    value: int


class Tell(Command, frozen=True, kw_only=True):
    key: str
    attempt: int = 1
    position: int = 0
    text: str = ""


class SendAway(Command, frozen=True, kw_only=True):
    actor_id: str


class TakeBack(Command, frozen=True, kw_only=True):
    actor_id: str


class Refer(Command, frozen=True, kw_only=True):
    """Needs to know ``thing`` from outside."""

    thing: str


class Remove(Command, frozen=True, kw_only=True):
    pass


class Break(Command, frozen=True, kw_only=True):
    """A rule with a fault."""


class Made(Event, frozen=True, kw_only=True, tag="made"):
    name: str


class Said(Event, frozen=True, kw_only=True, tag="said"):
    text: str


class Begun(Event, frozen=True, kw_only=True, tag="begun"):
    key: str
    quiet_ms: int = 0


class Ended(Event, frozen=True, kw_only=True, tag="ended"):
    key: str


class SentAway(Event, frozen=True, kw_only=True, tag="sent_away"):
    actor_id: str


class TakenBack(Event, frozen=True, kw_only=True, tag="taken_back"):
    actor_id: str


class Removed(Event, frozen=True, kw_only=True, tag="removed"):
    pass


class Worked(Tick, frozen=True, kw_only=True, tag="worked"):
    value: int


class Job(msgspec.Struct, frozen=True):
    begun_at: int
    quiet_ms: int


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    room: RoomAddress
    is_there: bool = False
    name: str = ""
    spoken: tuple[str, ...] = ()
    jobs: Map[str, Job] = Map()
    away: frozenset[str] = frozenset()


class DeskView(msgspec.Struct, frozen=True):
    name: str
    spoken: tuple[str, ...]
    jobs: list[str]


class DeskEntry(msgspec.Struct, frozen=True):
    name: str
    lines: int
    progress: int = 0


class DeskDecider(DeciderDefaults[Desk]):
    kind: str = "desk"
    commands: Mapping[str, type[Command]] = {
        "make": Make,
        "say": Say,
        "begin": Begin,
        "end": End,
        "report": Report,
        "tell": Tell,
        "send_away": SendAway,
        "take_back": TakeBack,
        "refer": Refer,
        "remove": Remove,
        "break": Break,
    }
    creates: str = "make"
    events: Sequence[type[Event]] = (Made, Said, Begun, Ended, SentAway, TakenBack, Removed)
    ticks: Sequence[type[Tick]] = (Worked,)
    state_type: type[Desk] = Desk
    has_directory: bool = True

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        assert isinstance(command, Make)
        return desk_address(command.name)

    def initial(self, room: RoomAddress) -> Desk:
        return Desk(room=room)

    def exists(self, state: Desk) -> bool:
        return state.is_there

    def standing(self, state: Desk, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        if any(grant.role == "viewer" and (grant.expires_at_ms or now_ms) < now_ms for grant in claims.grants):
            return None
        return None if actor.id in state.away or actor.kind == "guest" else "member"

    def standing_basis(self, state: Desk) -> object:
        return (state.is_there, state.away)

    def refs(self, command: Command) -> Iterable[Ref]:
        return (Ref("thing", command.thing),) if isinstance(command, Refer) else ()

    def decide(self, state: Desk, command: Command, context: Context) -> Decision:
        if isinstance(command, Make):
            if state.is_there:
                raise AlreadyExists("this desk is there already")
            return Decision((Made(name=command.name),))
        if not state.is_there or self.standing(state, context.actor, context.claims, context.now_ms) is None:
            raise NotAllowed
        return _decide(state, command, context)

    def evolve(self, state: Desk, record: Record) -> Desk:
        return _evolve(state, record)

    def due(self, state: Desk) -> Sequence[Deadline]:
        return tuple(
            Deadline(
                what=f"job:{key}",
                at_ms=job.begun_at + job.quiet_ms,
                name="desk.end",
                payload={"key": key},
                quiet_key=key,
                quiet_ms=job.quiet_ms,
            )
            for key, job in state.jobs.items()
            if job.quiet_ms
        )

    def live_keys(self, state: Desk) -> frozenset[str]:
        return frozenset(state.jobs)

    def view(self, state: Desk) -> DeskView:
        return DeskView(state.name, state.spoken, sorted(state.jobs))

    def directory_entry(self, state: Desk, ticks: Mapping[str, Tick] = {}) -> DeskEntry | None:
        if not state.is_there:
            return None
        progress = max((tick.value for tick in ticks.values() if isinstance(tick, Worked)), default=0)
        return DeskEntry(state.name, len(state.spoken), progress)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return {"lines": [record.event.text for record in records if isinstance(record.event, Said)]}


def desk_address(name: str) -> RoomAddress:
    return room_address("desk", keyed_id("desk", name))


def _decide(state: Desk, command: Command, context: Context) -> Decision:
    match command:
        case Say(text=text, times=times):
            return Decision(tuple(Said(text=text) for _ in range(times)))
        case Begin(key=key, quiet_ms=quiet_ms):
            if key in state.jobs:
                raise AlreadyExists(f"{key} is open")
            return Decision((Begun(key=key, quiet_ms=quiet_ms),))
        case SendAway(actor_id=actor_id):
            return Decision((SentAway(actor_id=actor_id),))
        case TakeBack(actor_id=actor_id):
            return Decision((TakenBack(actor_id=actor_id),))
        case Refer(thing=thing):
            if Ref("thing", thing) not in context.refs:
                raise UnknownThing(f"there is no {thing}")
            return Decision((Said(text=f"{thing}: {context.refs[Ref('thing', thing)]}"),))
        case Remove():
            return Decision((Removed(),))
        case Break():
            raise ZeroDivisionError("a fault in a rule")
        case _:
            return _decide_on_job(state, command, context)


def _decide_on_job(state: Desk, command: Command, context: Context) -> Decision:
    job = state.jobs.get(command.key)  # type: ignore[attr-defined]  # every command that is left has one
    if job is None:
        raise UnknownThing("this job is not open")
    match command:
        case End(key=key):
            silent_until = max(job.begun_at, context.ticked_at.get(key, 0)) + job.quiet_ms
            if context.actor.kind == "system" and context.now_ms < silent_until:
                raise NotYet("somebody was heard", silent_until)
            return Decision((Ended(key=key),))
        case Report(key=key, value=value):
            return Decision(ticks=(Worked(key=key, value=value),))
        case Tell(key=key, attempt=attempt, position=position, text=text):
            return Decision(pieces=(Piece(key=key, attempt=attempt, position=position, text=text),))
    raise RuleBroken("no such command")


def _evolve(state: Desk, record: Record) -> Desk:
    replace = msgspec.structs.replace
    match record.event:
        case Made(name=name):
            return replace(state, is_there=True, name=name)
        case Said(text=text):
            return replace(state, spoken=(*state.spoken, text)[-SPOKEN_KEPT:])
        case Begun(key=key, quiet_ms=quiet_ms):
            return replace(state, jobs=state.jobs.set(key, Job(record.time_ms, quiet_ms)))
        case Ended(key=key):
            return replace(state, jobs=state.jobs.delete(key))
        case SentAway(actor_id=actor_id):
            return replace(state, away=state.away | {actor_id})
        case TakenBack(actor_id=actor_id):
            return replace(state, away=state.away - {actor_id})
        case Removed():
            return replace(state, is_there=False)
    raise AssertionError(record.event)


DESK = DeskDecider()
DESKS = {DESK.kind: DESK}
