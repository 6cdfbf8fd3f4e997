"""Stories of shared concepts: a concept of Ada's, a link, and friends who talk about it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from domain.decider import Command, Context, Decision, Ref
from domain.ids import ActorId, keyed_id
from domain.kinds.share.decider import SHARE
from domain.record import Actor
from domain.refs import ConceptFace, UserFace
from domain.roles import Claims, Grant
from tests.unit.domain.story import ADA, BEN, CLOCK, Person, Story, person

TOKEN_HASH = hashlib.sha256(b"a token that nobody guesses").hexdigest()
CONCEPT = keyed_id("concept", "lamp")
SOME_ID = keyed_id("some", "thing")
ROOM = f"share:{keyed_id('share', TOKEN_HASH)}"
MAIL_HASH = hashlib.sha256(b"cleo@example.org").hexdigest()

FRIEND = BEN
CLEO = person("Cleo", claims=Claims(mail_hash=MAIL_HASH))
STRANGER = person("Sam")
ADMIN = person("Eve", claims=Claims(grants=(Grant("admin"),)))
GUEST = person("Gus", "guest", Claims(room_roles={ROOM: "guest"}))
LINKED = person("Lin", claims=Claims(room_roles={ROOM: "guest"}))
ELSEWHERE = person("Else", "guest", Claims(room_roles={"share:other": "guest"}))
MAKER = person("Mia", "guest")
SYSTEM = CLOCK

REFS: Mapping[Ref, Any] = {
    Ref("concept", CONCEPT): ConceptFace(id=CONCEPT, owner_id=ADA.actor.id, name="Lamp", image_url="https://x/lamp.webp"),
    Ref("user", BEN.actor.id): UserFace(id=BEN.actor.id, name="Ben"),
}


class ShareStory(Story):
    """``refs`` is what the server would look up."""

    def __init__(self, refs: Mapping[Ref, Any] = REFS) -> None:
        super().__init__(SHARE, TOKEN_HASH)
        self.refs = dict(refs)

    def decide(self, who: Person, command: Command) -> Decision:
        asked = tuple(SHARE.refs(command))
        context = Context(
            room=self.room,
            actor=who.actor,
            claims=who.claims,
            command_id=command.command_id,
            now_ms=self.at_ms,
            refs={ref: self.refs[ref] for ref in asked if ref in self.refs},
            ticked_at=self.ticked_at,
            last_ticks=self.last_ticks,
        )
        return SHARE.decide(self.state, command, context)


def shared(**fields: Any) -> ShareStory:
    """Ada's lamp, shared by link and with Ben and Cleo, who may vote."""
    story = ShareStory()
    rules = {"allow_voting": True, "shared_with": (BEN.actor.id, MAIL_HASH), **fields}
    story.given(ADA, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH, **rules)
    return story


def shared_by_a_guest(**fields: Any) -> ShareStory:
    """A concept of somebody's who has not signed in yet, shared by link and with Ben."""
    story = ShareStory({**REFS, Ref("concept", CONCEPT): ConceptFace(id=CONCEPT, owner_id=MAKER.actor.id, name="Lamp")})
    story.given(MAKER, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH, shared_with=(BEN.actor.id,), **fields)
    return story


def voter(number: int) -> Person:
    """One of many guests who came with the link."""
    return Person(Actor(id=ActorId(keyed_id("voter", str(number))), kind="guest"), GUEST.claims)


_FIELDS: dict[str, dict[str, Any]] = {
    "share": {"concept_id": CONCEPT, "token_hash": TOKEN_HASH},
    "change_share": {"allow_comments": False},
    "claim": {"guest_id": MAKER.actor.id, "user_id": ADA.actor.id},
    "add_comment": {"text": "nice"},
    "edit_comment": {"comment_id": SOME_ID, "text": "nicer"},
    "delete_comment": {"comment_id": SOME_ID},
    "vote": {"vote": "UPVOTE"},
    "show": {"what": "image", "thing_id": SOME_ID, "url": "https://x/1.webp"},
}


def fields_of(verb: str) -> dict[str, Any]:
    """A valid form of every command."""
    return _FIELDS.get(verb, {})
