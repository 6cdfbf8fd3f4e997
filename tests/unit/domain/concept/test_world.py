"""A concept and its quote rooms together: whatever happens in between, once all is delivered they agree."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.rejections import Rejection
from tests.unit.domain.concept.stories import DAY_MS, PERSON_OF, PRICING, SELLER_OF, World, asked
from tests.unit.domain.story import ADA, Person

NAMES = ("Smith", "Weaver", "Turner")
ARTISANS = ("submit_quote", "submit_quote", "submit_quote", "revise_quote", "withdraw_quote")
some = settings(max_examples=30, deadline=None)


def fields_of(world: World, verb: str, draw: st.DrawFn) -> dict[str, Any]:
    ends = world.at_ms + draw(st.sampled_from([DAY_MS, 30 * DAY_MS]))
    match verb:
        case "submit_quote":
            return {"pricing": PRICING, "estimated_days": 3, "expires_at": ends}
        case "revise_quote":
            return {"pricing": {"basePrice": str(draw(st.integers(1, 900)))}}
        case _:
            return {}


def act(world: World, draw: st.DrawFn) -> None:
    """Somebody does something; what the rules refuse has not happened."""
    what = draw(
        st.sampled_from(["artisan", "artisan", "artisan", "reject", "accept", "accept", "cancel", "ask", "time", "deliver"])
    )
    name = draw(st.sampled_from(NAMES))
    try:
        match what:
            case "artisan":
                verb = draw(st.sampled_from(ARTISANS))
                give(world, name, PERSON_OF[SELLER_OF[name]], verb, fields_of(world, verb, draw))
            case "reject":
                give(world, name, ADA, "reject_quote", {})
            case "accept":
                accept(world, draw)
            case "cancel":
                world.give(world.concept.room, ADA, "cancel_quotes")
            case "ask":
                sellers = [SELLER_OF[one] for one in NAMES]
                world.give(world.concept.room, ADA, "request_quotes", sellers=sellers, expires_at=world.at_ms + 7 * DAY_MS)
            case "time":
                world.pass_time(draw(st.sampled_from([60_000, 2 * DAY_MS])))
                world.ring()
            case "deliver":
                world.deliver(draw(st.integers(1, 4)), lambda sources: draw(st.sampled_from(sources)))
    except Rejection:
        pass


def give(world: World, name: str, who: Person, verb: str, fields: dict[str, Any]) -> None:
    request = world.concept.state.requests[-1]
    room = next(offer.room for offer in request.offers if offer.seller_id == SELLER_OF[name])
    if room in world.rooms:
        world.give(room, who, verb, **fields)


def accept(world: World, draw: st.DrawFn) -> None:
    offers = [offer for request in world.concept.state.requests for offer in request.offers if offer.quote_id]
    if offers:
        quote_id = draw(st.sampled_from([offer.quote_id for offer in offers]))
        world.give(world.concept.room, ADA, "accept_quote", quote_id=quote_id)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = asked(*NAMES)
    for _ in range(draw(st.integers(0, 30))):
        act(world, draw)
    world.deliver(pick=lambda sources: draw(st.sampled_from(sources)))
    return world


@some
@given(worlds())
def test_a_request_and_its_quotes_agree_in_the_end(world: World) -> None:
    for request in world.concept.state.requests:
        rooms = [world.rooms[offer.room].state for offer in request.offers]
        statuses = [room.quote.status for room in rooms if room.quote]
        match request.status:
            case "ACCEPTED":
                (taken,) = [room for room in rooms if room.request.outcome == "accepted"]
                assert taken.quote.id == request.accepted_quote_id
                assert taken.quote.status == "ACCEPTED"
                assert "PENDING" not in statuses
                assert all(room.request.outcome for room in rooms)
            case "PENDING":
                assert "PENDING" not in statuses
            case "QUOTES_RECEIVED":
                assert "PENDING" in statuses
            case _:
                assert "PENDING" not in statuses
                assert all(room.request.outcome for room in rooms)
        if request.status in ("PENDING", "QUOTES_RECEIVED"):
            assert all(room.request.outcome is None for room in rooms)


@some
@given(worlds())
def test_the_owner_sees_each_offer_as_its_artisan_made_it(world: World) -> None:
    for request in world.concept.state.requests:
        if request.status not in ("PENDING", "QUOTES_RECEIVED"):
            continue
        for offer in request.offers:
            quote = world.rooms[offer.room].state.quote
            is_open = quote is not None and quote.status == "PENDING"
            assert (offer.status == "open") == is_open
            if is_open:
                assert (offer.quote_id, offer.revision, offer.total_price) == (quote.id, quote.revision, quote.total_price)


@some
@given(worlds())
def test_at_most_one_offer_of_an_artisan_is_open(world: World) -> None:
    for room in world.rooms.values():
        if room.decider.kind != "quote":
            continue
        open_ids: set[str] = set()
        for record in room.records:
            event: Any = record.event
            match event.__struct_config__.tag:
                case "quote_received":
                    assert not open_ids
                    open_ids.add(record.id)
                case "quote_restored":
                    assert not open_ids
                    open_ids.add(event.quote_id)
                case "quote_withdrawn" | "quote_rejected" | "quote_expired" | "quote_accepted":
                    open_ids.discard(event.quote_id)
