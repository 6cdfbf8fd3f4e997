"""Rooms of every kind with somebody for every role in them, and what each answers to each command of each."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from domain.ids import RoomAddress, keyed_id
from domain.record import Actor
from domain.rejections import NotAllowed, Rejection
from domain.roles import Claims, Grant
from tests.hostile.forms import example
from tests.unit.domain.concept.stories import SMITH, WEAVER, asked, concept
from tests.unit.domain.conversation.talk import Talk
from tests.unit.domain.person.home import Home
from tests.unit.domain.share import stories as share
from tests.unit.domain.story import ADA, BOT, CLOCK, Person, Story, person, workspace

ADMIN = person("Eve", claims=Claims(grants=(Grant("admin"),)))
STRANGER = person("Sam")
GUEST = person("Gus", "guest", Claims(session_hash="5e" * 32))
LOOKING_BOT = person("Claude", "bot", Claims(token_roles=frozenset({"viewer"})))
BOT_OF_ANOTHER = person("Claude", "bot", Claims(room_roles={"workspace:another": "bot"}))
ADMIN_OF_ANOTHER = person("Eve", claims=Claims(grants=(Grant("admin"),), room_roles={"workspace:another": "admin"}))
ADMIN_WHO_LOOKS = person("Eve", claims=Claims(grants=(Grant("admin"),), token_roles=frozenset({"viewer"})))
CLAIMS_TO_BE_ADMIN = person("Sam", claims=Claims(token_roles=frozenset({"admin", "owner", "system"})))
OWNER_WHO_LOOKS = Person(ADA.actor, Claims(token_roles=frozenset({"viewer"})))
OWNER_ELSEWHERE = Person(ADA.actor, Claims(room_roles={"workspace:another": "member"}))
SAYS_SYSTEM = Person(Actor(id=STRANGER.actor.id, kind="user", name="system"), Claims(token_roles=frozenset({"system"})))

OUTSIDERS: Mapping[str, Person] = {
    "stranger": STRANGER,
    "guest": GUEST,
    "looking bot": LOOKING_BOT,
    "bot of another room": BOT_OF_ANOTHER,
    "admin of another room": ADMIN_OF_ANOTHER,
    "admin who looks": ADMIN_WHO_LOOKS,
    "claims to be admin": CLAIMS_TO_BE_ADMIN,
    "says system": SAYS_SYSTEM,
}


class Cast(NamedTuple):
    """A room as it was before anybody gave it anything, and who comes."""

    made: Callable[[], Story]
    people: Mapping[str, Person]


_TALK = RoomAddress(f"conversation:{keyed_id('conversation', 'talk')}")


def _talk() -> Story:
    talk = Talk()
    talk.given(ADA, "start")
    return talk


def _quote() -> Story:
    return asked().quote_of("Smith")


CASTS: Mapping[str, Cast] = {
    "workspace": Cast(
        lambda: workspace("implementing"),
        {"member": ADA, "admin": ADMIN, "bot": BOT, "system": CLOCK, "looking member": OWNER_WHO_LOOKS, **OUTSIDERS},
    ),
    "share": Cast(
        share.shared,
        {
            "owner": ADA,
            "friend": share.FRIEND,
            "friend by mail": share.CLEO,
            "guest by link": share.GUEST,
            "person by link": share.LINKED,
            "looking owner": OWNER_WHO_LOOKS,
            "owner elsewhere": OWNER_ELSEWHERE,
            "guest of another": share.ELSEWHERE,
            "admin": ADMIN,
            "bot": BOT,
            "system": CLOCK,
            **OUTSIDERS,
        },
    ),
    "concept": Cast(
        concept,
        {
            "owner": ADA,
            "looking owner": OWNER_WHO_LOOKS,
            "owner elsewhere": OWNER_ELSEWHERE,
            "admin": ADMIN,
            "bot": BOT,
            "system": CLOCK,
            **OUTSIDERS,
        },
    ),
    "quote": Cast(
        _quote,
        {
            "owner": ADA,
            "seller": SMITH,
            "another seller": WEAVER,
            "looking owner": OWNER_WHO_LOOKS,
            "owner elsewhere": OWNER_ELSEWHERE,
            "admin": ADMIN,
            "bot": BOT,
            "system": CLOCK,
            **OUTSIDERS,
        },
    ),
    "conversation": Cast(
        _talk,
        {
            "owner": ADA,
            "editor": person("Edi", claims=Claims(room_roles={_TALK: "editor"}, trust_token=True)),
            "commenter": person("Com", claims=Claims(room_roles={_TALK: "commenter"}, trust_token=True)),
            "looking owner": OWNER_WHO_LOOKS,
            "owner elsewhere": OWNER_ELSEWHERE,
            "admin": ADMIN,
            "bot": BOT,
            "system": CLOCK,
            **OUTSIDERS,
        },
    ),
    "person": Cast(
        lambda: Home(ADA),
        {
            "owner": ADA,
            "looking owner": OWNER_WHO_LOOKS,
            "owner elsewhere": OWNER_ELSEWHERE,
            "admin": ADMIN,
            "bot": BOT,
            "system": CLOCK,
            **OUTSIDERS,
        },
    ),
}


def refusal_of(story: Story, who: Person, verb: str) -> Rejection | None:
    """What the room says to a well-formed command; nothing of it is kept."""
    struct = story.decider.commands[verb]
    payload = {**example(struct), "room": story.room, "command_id": "019abb2e-0000-7000-8000-000000000000"}
    command = msgspec.convert(payload, struct)
    try:
        story.decide(who, command)
    except Rejection as refusal:
        return refusal
    return None


def allowed(kind: str, verb: str) -> set[str]:
    """Everybody to whom the room does not say that it is not for them."""
    cast = CASTS[kind]
    creates = verb == cast.made().decider.creates
    found = set()
    for name, who in cast.people.items():
        story = _before(kind) if creates else cast.made()
        if not isinstance(refusal_of(story, who, verb), NotAllowed):
            found.add(name)
    return found


def _before(kind: str) -> Story:
    """The room before it was made."""
    story: Any = CASTS[kind].made()
    story.state = story.decider.initial(story.room)
    return story
