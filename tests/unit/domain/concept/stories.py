"""Stories of concepts and quotes: Ada's ring, artisans who could make it, and a small world where their rooms tell each other."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from domain.decider import Command, Context, Decider, Decision, Reaction, Ref
from domain.event_codec import EventCodec, encode
from domain.ids import ThingId, keyed_id
from domain.kinds import KINDS
from domain.kinds.concept.decider import CONCEPT
from domain.kinds.quote.decider import QUOTE
from domain.record import Record
from domain.refs import SellerFace
from domain.rejections import Rejection
from domain.roles import Claims, Grant
from tests.unit.domain.story import ADA, BOT, CLOCK, Person, Story, person

SMITH = person("Smith")
WEAVER = person("Weaver")
TURNER = person("Turner")
STRANGER = person("Sam")
ADMIN = person("Eve", claims=Claims(grants=(Grant("admin"),)))
VISITOR = person("Gus", "guest", Claims(session_hash="5e" * 32))
SYSTEM = CLOCK
DAY_MS = 24 * 60 * 60 * 1000
SOME_ID = keyed_id("some", "thing")

SELLER_OF: Mapping[str, str] = {name: keyed_id("seller", name) for name in ("Smith", "Weaver", "Turner", "Retired", "Ada")}
PERSON_OF: Mapping[str, Person] = {SELLER_OF["Smith"]: SMITH, SELLER_OF["Weaver"]: WEAVER, SELLER_OF["Turner"]: TURNER}
REFS: Mapping[Ref, Any] = {
    **{
        Ref("seller", SELLER_OF[who.actor.name]): SellerFace(
            id=SELLER_OF[who.actor.name], user_id=who.actor.id, name=who.actor.name
        )
        for who in (SMITH, WEAVER, TURNER, ADA)
    },
    Ref("seller", SELLER_OF["Retired"]): SellerFace(id=SELLER_OF["Retired"], name="Retired", is_active=False),
}
PRICING = {"basePrice": "100", "customization": "20.50", "materials": "9.5", "shipping": "0"}


class GiftStory(Story):
    """``refs`` is what the server would look up. Commands may be given as the wire has them."""

    def __init__(self, decider: Decider[Any] = CONCEPT, thing_id: str = "ring") -> None:
        super().__init__(decider, thing_id)
        self.refs = dict(REFS)

    def command(self, verb: str, **fields: Any) -> Command:
        struct = self.decider.commands[verb]
        plain = super().command(verb, **fields)
        return msgspec.convert(msgspec.to_builtins(plain), struct)

    def decide(self, who: Person, command: Command) -> Decision:
        asked = tuple(self.decider.refs(command))
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
        return self.decider.decide(self.state, command, context)

    def reactions(self, *, since: int = 0) -> list[Reaction]:
        """What the events behind offset ``since`` make elsewhere."""
        return [reaction for record in self.records[since:] for reaction in self.decider.reactions(record)]


class World:
    """A concept and its quote rooms. Reactions wait in ``outbox`` until ``deliver``; those to other kinds gather in ``sent``."""

    def __init__(self) -> None:
        self.concept = concept()
        self.rooms: dict[str, GiftStory] = {self.concept.room: self.concept}
        self.outbox: list[tuple[str, Reaction]] = []
        self.sent: list[Reaction] = []
        self._seen: dict[str, int] = {}
        self.collect()

    @property
    def at_ms(self) -> int:
        return self.concept.at_ms

    def pass_time(self, ms: int) -> None:
        """The same clock in every room."""
        now = self.at_ms + ms
        for room in self.rooms.values():
            room.at_ms = now

    def give(self, room: str, who: Person, verb: str, **fields: Any) -> list[Record]:
        self.pass_time(1)
        story = self.rooms[room]
        records = story.give(who, story.command(verb, **fields))
        self.collect()
        return records

    def collect(self) -> None:
        for address, story in list(self.rooms.items()):
            for reaction in story.reactions(since=self._seen.get(address, 0)):
                if reaction.name.partition(".")[0] in ("concept", "quote"):
                    self.outbox.append((address, reaction))
                else:
                    self.sent.append(reaction)
            self._seen[address] = len(story.records)

    def deliver(self, most: int = 1_000, pick: Callable[[list[str]], str] | None = None) -> None:
        """In order per source, of which ``pick`` says the next (without it, in the order of all); a refusal goes back to it."""
        while self.outbox and most > 0:
            source = pick(sorted({address for address, _ in self.outbox})) if pick else self.outbox[0][0]
            place = next(place for place, (address, _) in enumerate(self.outbox) if address == source)
            most -= 1
            self._bring(*self.outbox.pop(place))

    def ring(self) -> None:
        """What is due by now."""
        for address, story in list(self.rooms.items()):
            for deadline in story.decider.due(story.state):
                if deadline.at_ms <= self.at_ms:
                    self.give(address, SYSTEM, deadline.name.partition(".")[2], **deadline.payload)

    def quote_of(self, seller: str) -> GiftStory:
        """The room of an artisan in the latest request."""
        request = self.concept.state.requests[-1]
        return self.rooms[next(offer.room for offer in request.offers if offer.seller_id == SELLER_OF[seller])]

    def _bring(self, source: str, reaction: Reaction) -> None:
        verb = reaction.name.partition(".")[2]
        if reaction.target not in self.rooms:
            story = self.rooms[reaction.target] = GiftStory(QUOTE)
            story.room, story.at_ms = reaction.target, self.at_ms
            story.state = QUOTE.initial(reaction.target)
        try:
            self.give(reaction.target, SYSTEM, verb, **reaction.payload)
        except Rejection as rejection:
            if reaction.refusal:
                back = {**reaction.refusal_payload, "reason": str(rejection)}
                self.give(source, SYSTEM, reaction.refusal.partition(".")[2], **back)


def concept(who: Person = ADA, **fields: Any) -> GiftStory:
    """Ada's ring."""
    story = GiftStory()
    story.given(who, "create", name="Ring", description="Two stones", **fields)
    return story


def in_a_week(story: Story) -> int:
    return story.at_ms + 7 * DAY_MS


def asked(*sellers: str) -> World:
    """A world in which Ada has asked artisans, and their rooms are open."""
    world = World()
    names = sellers or ("Smith", "Weaver")
    ids = tuple(SELLER_OF[name] for name in names)
    world.give(world.concept.room, ADA, "request_quotes", sellers=ids, message="by May", expires_at=in_a_week(world.concept))
    world.deliver()
    return world


def offered(world: World, seller: str, **fields: Any) -> ThingId:
    """An artisan makes an offer; its id."""
    story = world.quote_of(seller)
    offer = {"pricing": PRICING, "estimated_days": 14, "expires_at": in_a_week(story), **fields}
    return world.give(story.room, PERSON_OF[SELLER_OF[seller]], "submit_quote", **offer)[0].id


def suggested(story: GiftStory) -> ThingId:
    """A refinement with its suggestion; its id."""
    refinement_id = story.given(ADA, "request_refinement", refinement_type="COLOR", feedback="bluer")
    story.given(
        BOT,
        "suggest_refinement",
        refinement_id=refinement_id,
        changes={"color": "blue", "shade": "deep"},
        explanation="it is the sea's",
        confidence=0.75,
    )
    return refinement_id


def video(story: GiftStory, status: str = "PROCESSING") -> ThingId:
    """A video that has come to ``status``; its id."""
    video_id = story.given(ADA, "queue_video", style="SHOWCASE", duration=30)
    if status != "QUEUED":
        story.given(BOT, "start_video", video_id=video_id)
    if status == "COMPLETED":
        story.given(BOT, "complete_video", video_id=video_id, video_url="https://x/v.mp4")
    if status == "FAILED":
        story.given(BOT, "fail_video", video_id=video_id, error="no light")
    return video_id


def share_noted(story: GiftStory, number: int = 1, **fields: Any) -> str:
    """A share of the concept has told it; its address."""
    address = f"share:{keyed_id('share', str(number))}"
    story.given(SYSTEM, "note_share", share=address, **{"status": "shared", "title": "Ring", **fields})
    return address


def events_of(world: World, reaction_name: str) -> list[dict[str, Any]]:
    """The payloads of what went to other kinds under a name."""
    return [reaction.payload for reaction in world.sent if reaction.name == reaction_name]


codec = EventCodec(KINDS)


def plain(value: object) -> Any:
    """As a client reads it."""
    return msgspec.json.decode(encode(value))
