"""Stories of a person's room: whose it is, what other rooms are known, and reactions that really arrive."""

from typing import Any

import msgspec

from domain.decider import Command, Context, Decision, Ref
from domain.ids import RoomAddress, ThingId, keyed_id
from domain.kinds.person import PERSON
from domain.kinds.person.decider import PersonReference
from domain.roles import Claims
from tests.unit.domain.story import CLOCK, Person, Story, person

HASH = "ab" * 32
GUEST = person("Guest", "guest", Claims(session_hash=HASH))
C1, C2, C3 = (keyed_id("concept", str(number)) for number in range(3))


class Home(Story):
    """The room of ``whose``. ``refs`` is what rules find outside; every concept is there unless a test says otherwise."""

    def __init__(self, whose: Person) -> None:
        super().__init__(PERSON, whose.actor.name)
        assert self.room == f"person:{whose.actor.id}"
        self.refs: dict[Ref, Any] = {Ref("concept", concept): object() for concept in (C1, C2, C3)}

    def decide(self, who: Person, command: Command) -> Decision:
        context = Context(
            room=self.room,
            actor=who.actor,
            claims=who.claims,
            command_id=command.command_id,
            now_ms=self.at_ms,
            refs={ref: self.refs[ref] for ref in PERSON.refs(command) if ref in self.refs},
        )
        return PERSON.decide(self.state, command, context)

    def notified(self, number: int = 1, **fields: Any) -> ThingId:
        """Somebody answered in a shared concept."""
        told = {"what": "reply", "source": f"share:{C1}", "at": self.at_ms, "title": f"Vase {number}", **fields}
        return self.given(CLOCK, "notify", **told)


def deliver(source: Home, *others: Home, since: int = 0) -> list[tuple[RoomAddress, str]]:
    """Give the commands that the events behind ``since`` make in the homes at hand, and what these make in turn; all others are
    told. Rooms refer to each other as they stand."""
    homes = {home.room: home for home in (source, *others)}
    waiting = [reaction for record in source.records[since:] for reaction in PERSON.reactions(record)]
    elsewhere = []
    while waiting:
        reaction = waiting.pop(0)
        home = homes.get(reaction.target)
        if home is None:
            elsewhere.append((reaction.target, reaction.name))
            continue
        before = len(home.records)
        payload = msgspec.json.decode(msgspec.json.encode(reaction.payload))
        verb = reaction.name.partition(".")[2]
        fields = msgspec.convert({**payload, "room": home.room, "command_id": C1}, PERSON.commands[verb])
        given = {name: getattr(fields, name) for name in fields.__struct_fields__ if name not in ("room", "command_id", "receipt")}
        home.given(CLOCK, verb, **given) if _has_events(home, verb, given) else None
        waiting += [again for record in home.records[before:] for again in PERSON.reactions(record)]
    return elsewhere


def _has_events(home: Home, verb: str, fields: dict[str, Any]) -> bool:
    return bool(home.decide(CLOCK, home.command(verb, **fields)).events)


def knows(home: Home, guest: Home) -> None:
    """The guest's room as the person's may refer to it."""
    home.refs[Ref("person", guest.state.id)] = PersonReference(handed_to=guest.state.handed_to)
