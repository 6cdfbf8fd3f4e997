"""Given, when, then for rooms: people give commands to a Decider, and the log that comes of it is at hand.

No mocks: the story decides, records and evolves as a room does, with its own clock.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from domain.decider import Command, Context, Decider, Decision, Tick
from domain.event_codec import digest_of, encode, version_of
from domain.ids import ActorId, CommandId, RoomAddress, ThingId, keyed_id, room_address
from domain.kinds.workspace.decider import WORKSPACE
from domain.record import SYSTEM, Actor, ActorKind, Event, Record
from domain.roles import NO_CLAIMS, Claims, Grant

START_MS = 1_760_000_000_000
"""When every story begins."""


class Person(NamedTuple):
    actor: Actor
    claims: Claims = NO_CLAIMS


def person(name: str, kind: ActorKind = "user", claims: Claims = NO_CLAIMS) -> Person:
    return Person(Actor(id=ActorId(keyed_id("person", name)), kind=kind, name=name), claims)


ADA = person("Ada")
BEN = person("Ben")
EVE = person("Eve", claims=Claims(grants=(Grant("admin"),)))
BOT = person("Claude", "bot")
GUEST = person("Guest", "guest")
CLOCK = Person(SYSTEM)


def command_id(number: int, at_ms: int = START_MS) -> CommandId:
    """The ``number``-th command id of a moment."""
    time = f"{at_ms:012x}"
    return CommandId(f"{time[:8]}-{time[8:]}-7{number >> 12 & 0xFFF:03x}-8{number & 0xFFF:03x}-000000000000")


class Story:
    """One room and its log. ``at_ms`` is the clock; ``ticked_at`` and ``last_ticks`` what the live side would know."""

    def __init__(self, decider: Decider[Any] = WORKSPACE, thing_id: str = "swings") -> None:
        self.decider = decider
        self.room: RoomAddress = room_address(decider.kind, keyed_id(decider.kind, thing_id))
        self.state: Any = decider.initial(self.room)
        self.records: list[Record] = []
        self.at_ms = START_MS
        self.ticked_at: dict[str, int] = {}
        self.last_ticks: dict[str, Tick] = {}
        self._given = 0

    def given(self, who: Person, verb: str, **fields: Any) -> ThingId:
        """Give a command that succeeds, a second later; the id of its first event."""
        self.at_ms += 1_000
        return self.give(who, self.command(verb, **fields))[0].id

    def when(self, who: Person, verb: str, **fields: Any) -> tuple[Event, ...]:
        """Give the command that a test is about; the events that follow."""
        return tuple(record.event for record in self.give(who, self.command(verb, **fields)))

    def results(self, who: Person, verb: str, **fields: Any) -> dict[str, Any]:
        """What the caller of a command is answered."""
        return self.decider.results(self.give(who, self.command(verb, **fields)))

    def command(self, verb: str, **fields: Any) -> Command:
        self._given += 1
        return self.decider.commands[verb](room=self.room, command_id=command_id(self._given, self.at_ms), **fields)

    def decide(self, who: Person, command: Command) -> Decision:
        context = Context(
            room=self.room,
            actor=who.actor,
            claims=who.claims,
            command_id=command.command_id,
            now_ms=self.at_ms,
            ticked_at=self.ticked_at,
            last_ticks=self.last_ticks,
        )
        return self.decider.decide(self.state, command, context)

    def give(self, who: Person, command: Command) -> list[Record]:
        decision = self.decide(who, command)
        records = [
            record_of(
                self.room, len(self.records) + 1 + ordinal, event, who.actor, command, self.at_ms, ordinal, len(decision.events)
            )
            for ordinal, event in enumerate(decision.events)
        ]
        for record in records:
            self.state = self.decider.evolve(self.state, record)
        self.records += records
        for tick in decision.ticks:
            self.ticked_at[tick.key], self.last_ticks[tick.key] = self.at_ms, tick
        return records

    def tick_of(self, who: Person, verb: str, **fields: Any) -> Tick:
        """Give a command that only ticks; its tick."""
        command = self.command(verb, **fields)
        (tick,) = self.decide(who, command).ticks
        self.give(who, command)
        return tick

    @property
    def view(self) -> Any:
        return self.decider.view(self.state)

    def due(self) -> Mapping[str, Any]:
        return {deadline.what: deadline for deadline in self.decider.due(self.state)}


def record_of(
    room: RoomAddress,
    offset: int,
    event: Event,
    actor: Actor = ADA.actor,
    command: Command | None = None,
    at_ms: int = START_MS,
    ordinal: int = 0,
    count: int = 1,
) -> Record:
    """A record as a room makes it; without a command, one with an id of its own."""
    return Record(
        room=room,
        offset=offset,
        time_ms=at_ms,
        actor=actor,
        command_id=command.command_id if command else command_id(offset, at_ms),
        ordinal=ordinal,
        last=ordinal == count - 1,
        digest=digest_of(command) if command else "0" * 16,
        event=event,
        version=version_of(type(event)),
        body=encode(event),
    )


def workspace(status: str = "soon") -> Story:
    """A workspace made by Ada that has come to ``status``."""
    story = Story()
    story.given(ADA, "create", pattern_type="swings", name="Swings", category="price_action")
    steps = ("implementing", "beta", "in_review", "verified")
    for step in steps[: steps.index(status) + 1] if status in steps else ():
        _STEPS[step](story)
    return story


def _implemented(story: Story) -> None:
    execution_id = started(story)
    story.given(BOT, "complete_execution", execution_id=execution_id)


_STEPS = {
    "implementing": lambda story: story.given(ADA, "request_implementation"),
    "beta": _implemented,
    "in_review": lambda story: story.given(ADA, "approve"),
    "verified": lambda story: story.given(EVE, "verify"),
}


def sent(story: Story, content: str = "the high is missing") -> ThingId:
    """Ada sends one item of feedback; the pending execution's id."""
    story.given(ADA, "add_feedback", content=content)
    return story.given(ADA, "send_feedback")


def started(story: Story) -> ThingId:
    """The bot starts what waits longest; the running execution's id."""
    story.given(BOT, "start_execution")
    return story.state.running.id


def running() -> tuple[Story, ThingId]:
    """A workspace whose first execution runs."""
    story = workspace("implementing")
    return story, started(story)


def deploying(status: str = "queued") -> tuple[Story, ThingId]:
    """A running execution whose first deploy has come to ``status``."""
    story, execution_id = running()
    story.given(BOT, "start_deploy", execution_id=execution_id)
    if status in ("building", "ready"):
        story.given(BOT, "report_building", execution_id=execution_id)
    if status == "ready":
        story.given(BOT, "succeed_deploy", execution_id=execution_id, url="https://swings.example/1")
    if status == "error":
        story.given(BOT, "fail_deploy", execution_id=execution_id, error="no disk")
    if status == "canceled":
        story.given(BOT, "cancel_deploy", execution_id=execution_id)
    return story, execution_id


def ended(how: str) -> tuple[Story, ThingId]:
    """An execution that has completed, failed or been tried again; or one that is still pending."""
    if how == "pending":
        story = workspace("implementing")
        return story, story.state.waiting.id
    story, execution_id = running()
    if how == "completed":
        story.given(BOT, "complete_execution", execution_id=execution_id)
    if how in ("failed", "retry"):
        story.given(BOT, "fail_execution", execution_id=execution_id, error="no")
    if how == "retry":
        story.given(ADA, "retry_execution", execution_id=execution_id)
    return story, execution_id
