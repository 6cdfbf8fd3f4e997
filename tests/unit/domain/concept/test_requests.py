"""Requests for quotes: one is open at a time, the owner accepts once, and what was gone by then comes back."""

import pytest

from domain.ids import keyed_id
from domain.kinds.concept import events as did
from domain.kinds.concept.decider import CONCEPT
from domain.kinds.concept.state import REQUESTS_MAX
from domain.parts.offers import OFFER_MAX_MS
from domain.rejections import LimitReached, Malformed, NotYet, OutOfOrder, UnknownThing, WrongStatus
from tests.unit.domain.concept.stories import (
    DAY_MS,
    PERSON_OF,
    PRICING,
    SELLER_OF,
    SMITH,
    SOME_ID,
    SYSTEM,
    VISITOR,
    WEAVER,
    GiftStory,
    World,
    asked,
    concept,
    events_of,
    in_a_week,
    offered,
)
from tests.unit.domain.story import ADA, BEN, BOT

SMITHS, WEAVERS = SELLER_OF["Smith"], SELLER_OF["Weaver"]


def ask(story: GiftStory, *sellers: str, **fields: object) -> str:
    return story.given(ADA, "request_quotes", **{"sellers": sellers, "expires_at": in_a_week(story), **fields})


def note(story: GiftStory, request_id: str, what: str, seller: str = SMITHS, quote_id: str = SOME_ID, **fields: object) -> None:
    news = {"request_id": request_id, "seller_id": seller, "quote_id": quote_id, "what": what, **fields}
    story.given(SYSTEM, "note_quote", **news)


def at(status: str) -> tuple[GiftStory, str]:
    """A concept whose request to Smith has come to ``status``."""
    story = concept()
    request_id = ask(story, SMITHS)
    if status in ("QUOTES_RECEIVED", "ACCEPTED"):
        note(story, request_id, "received", total_price="130.00", estimated_days=14, quote_expires_at=in_a_week(story))
    if status == "ACCEPTED":
        story.given(ADA, "accept_quote", quote_id=SOME_ID)
    if status == "CANCELLED":
        story.given(ADA, "cancel_quotes")
    if status == "EXPIRED":
        story.at_ms += 8 * DAY_MS
        story.given(SYSTEM, "expire_quotes", request_id=request_id)
    assert story.state.requests[-1].status == status
    return story, request_id


def test_a_request_opens_a_room_for_each_artisan_with_all_that_it_needs() -> None:
    story = concept()
    story.given(ADA, "add_image", url="https://x/1")
    offset = len(story.records)
    request_id = ask(story, SMITHS, WEAVERS, SMITHS, message="by May")

    smith, weaver = story.reactions(since=offset)

    assert smith.target == f"quote:{keyed_id('quote', request_id, SMITHS)}"
    assert weaver.target == f"quote:{keyed_id('quote', request_id, WEAVERS)}"
    assert smith.payload == {
        "request_id": request_id,
        "seller_id": SMITHS,
        "seller_user_id": SMITH.actor.id,
        "seller_name": "Smith",
        "concept_id": story.state.id,
        "concept_name": "Ring",
        "concept_image_url": "https://x/1",
        "owner": {"id": ADA.actor.id, "kind": "user", "name": "Ada", "image": ""},
        "message": "by May",
        "expires_at": story.at_ms - 1_000 + 7 * DAY_MS,
    }


def test_without_sellers_it_goes_to_those_who_were_matched_and_can_answer() -> None:
    story = concept()
    story.given(
        BOT,
        "match_artisans",
        matches=[{"seller_id": SELLER_OF[name], "score": 50} for name in ("Weaver", "Retired", "Ada", "Smith")],
    )
    ask(story)

    assert [offer.seller_name for offer in story.view.requests[-1].offers] == ["Weaver", "Smith"]


@pytest.mark.parametrize(
    ("sellers", "refused", "why"),
    [
        ((), WrongStatus, "name some"),
        ((SOME_ID,), UnknownThing, "no artisan"),
        ((SELLER_OF["Retired"],), WrongStatus, "Retired takes no requests"),
        ((SELLER_OF["Ada"],), Malformed, "yourself"),
        ((SELLER_OF["Ada"], SMITHS), Malformed, "yourself"),
    ],
)
def test_only_artisans_who_can_answer_are_asked(sellers: tuple[str, ...], refused: type[Exception], why: str) -> None:
    with pytest.raises(refused, match=why):
        ask(concept(), *sellers)


def test_a_request_ends_ahead_and_within_a_year() -> None:
    story = concept()

    with pytest.raises(Malformed, match="ahead"):
        ask(story, SMITHS, expires_at=story.at_ms)
    with pytest.raises(Malformed, match="within a year"):
        ask(story, SMITHS, expires_at=story.at_ms + OFFER_MAX_MS + 10_000)


STATUSES = ("PENDING", "QUOTES_RECEIVED", "ACCEPTED", "EXPIRED", "CANCELLED")
OPEN = {"PENDING", "QUOTES_RECEIVED"}


@pytest.mark.parametrize("status", STATUSES)
def test_another_request_follows_when_the_last_has_ended(status: str) -> None:
    story, _ = at(status)

    if status in OPEN:
        with pytest.raises(WrongStatus, match="open already"):
            ask(story, WEAVERS)
    else:
        ask(story, WEAVERS)
        assert [request.status for request in story.state.requests] == [status, "PENDING"]


@pytest.mark.parametrize("status", STATUSES)
def test_an_open_request_can_be_cancelled(status: str) -> None:
    story, request_id = at(status)

    if status in OPEN:
        (event,) = story.when(ADA, "cancel_quotes", request_id=request_id)
        assert isinstance(event, did.QuotesCancelled)
    else:
        with pytest.raises(WrongStatus):
            story.when(ADA, "cancel_quotes", request_id=request_id)
        with pytest.raises(WrongStatus, match="no request is open"):
            story.when(ADA, "cancel_quotes")


@pytest.mark.parametrize("status", STATUSES)
def test_an_open_request_runs_out_when_its_time_has_come(status: str) -> None:
    story, request_id = at(status)
    if status in OPEN:
        with pytest.raises(NotYet):
            story.when(SYSTEM, "expire_quotes", request_id=request_id)
        story.at_ms += 8 * DAY_MS
        assert isinstance(story.when(SYSTEM, "expire_quotes", request_id=request_id)[0], did.QuotesExpired)
    else:
        with pytest.raises(WrongStatus):
            story.when(SYSTEM, "expire_quotes", request_id=request_id)
    assert CONCEPT.due(story.state) == ()


def test_the_clock_asks_at_the_end_of_an_open_request() -> None:
    story, request_id = at("PENDING")

    (deadline,) = CONCEPT.due(story.state)

    assert (deadline.what, deadline.name) == (f"request:{request_id}", "concept.expire_quotes")
    assert (deadline.at_ms, deadline.payload) == (story.state.requests[0].expires_at, {"request_id": request_id})


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_open_offer_of_an_open_request_is_accepted(status: str) -> None:
    story, _ = at(status)

    if status == "QUOTES_RECEIVED":
        (event,) = story.when(ADA, "accept_quote", quote_id=SOME_ID, revision=1)
        assert isinstance(event, did.QuoteAccepted)
    else:
        with pytest.raises(WrongStatus if status == "ACCEPTED" else UnknownThing):
            story.when(ADA, "accept_quote", quote_id=SOME_ID)


def test_of_two_devices_that_accept_one_is_refused() -> None:
    story, request_id = at("QUOTES_RECEIVED")
    story.given(ADA, "accept_quote", quote_id=SOME_ID)

    with pytest.raises(WrongStatus, match="accepted"):
        story.when(ADA, "accept_quote", quote_id=SOME_ID)
    assert [request.status for request in story.state.requests] == ["ACCEPTED"]
    assert story.state.requests[0].id == request_id


def test_a_price_that_was_changed_is_not_accepted_by_mistake() -> None:
    story, request_id = at("QUOTES_RECEIVED")
    note(story, request_id, "revised", revision=2, total_price="200.00")

    with pytest.raises(OutOfOrder, match="revision 2"):
        story.when(ADA, "accept_quote", quote_id=SOME_ID, revision=1)
    assert isinstance(story.when(ADA, "accept_quote", quote_id=SOME_ID, revision=2)[0], did.QuoteAccepted)


def test_what_has_run_out_is_not_accepted_even_before_the_clock_says_so() -> None:
    story, request_id = at("QUOTES_RECEIVED")
    note(story, request_id, "revised", quote_expires_at=story.at_ms + 5_000)
    story.at_ms += 5_000

    with pytest.raises(WrongStatus, match="offer has run out"):
        story.when(ADA, "accept_quote", quote_id=SOME_ID)
    story.at_ms += 8 * DAY_MS
    with pytest.raises(WrongStatus, match="request has run out"):
        story.when(ADA, "accept_quote", quote_id=SOME_ID)


def test_the_status_follows_the_open_offers() -> None:
    story = concept()
    request_id = ask(story, SMITHS, WEAVERS)
    other = keyed_id("other", "quote")
    seen = []
    for what, seller, quote_id in [
        ("received", SMITHS, SOME_ID),
        ("received", WEAVERS, other),
        ("gone", SMITHS, SOME_ID),
        ("gone", WEAVERS, other),
        ("received", SMITHS, other),
    ]:
        note(story, request_id, what, seller, quote_id)
        seen.append(story.state.requests[0].status)

    assert seen == ["QUOTES_RECEIVED", "QUOTES_RECEIVED", "QUOTES_RECEIVED", "PENDING", "QUOTES_RECEIVED"]


def test_news_of_an_offer_that_another_has_replaced_changes_nothing() -> None:
    story, request_id = at("QUOTES_RECEIVED")

    stale = {"request_id": request_id, "seller_id": SMITHS, "quote_id": keyed_id("old", "quote"), "what": "gone"}

    assert story.when(SYSTEM, "note_quote", **stale) == ()
    with pytest.raises(UnknownThing, match="did not go to"):
        story.when(SYSTEM, "note_quote", **{**stale, "seller_id": WEAVERS})
    with pytest.raises(UnknownThing, match="no request"):
        story.when(SYSTEM, "note_quote", **{**stale, "request_id": SOME_ID})


@pytest.mark.parametrize("status", STATUSES)
def test_only_the_accepted_offer_is_taken_back(status: str) -> None:
    story, request_id = at(status)

    if status == "ACCEPTED":
        (event,) = story.when(SYSTEM, "undo_acceptance", request_id=request_id, quote_id=SOME_ID, reason="gone")
        assert event == did.AcceptanceUndone(
            request_id=request_id, quote_id=SOME_ID, reason="gone", status="QUOTES_RECEIVED", others=()
        )
        assert story.view.requests[0].undone_because == "gone"
    else:
        with pytest.raises(WrongStatus):
            story.when(SYSTEM, "undo_acceptance", request_id=request_id, quote_id=SOME_ID)


def test_requests_of_a_concept_are_bounded() -> None:
    story = concept()
    for _ in range(REQUESTS_MAX):
        ask(story, SMITHS)
        story.given(ADA, "cancel_quotes")

    with pytest.raises(LimitReached):
        ask(story, SMITHS)


def test_the_view_has_the_latest_request_and_those_that_are_open() -> None:
    story, first = at("ACCEPTED")
    second = ask(story, WEAVERS)
    assert [request.id for request in story.view.requests] == [second]
    story.given(SYSTEM, "undo_acceptance", request_id=first, quote_id=SOME_ID)

    assert [request.id for request in story.view.requests] == [first, second]


# --- With the quote rooms ---


def test_an_acceptance_settles_every_room() -> None:
    world = asked("Smith", "Weaver", "Turner")
    smiths = offered(world, "Smith")
    offered(world, "Weaver")
    world.deliver()
    world.give(world.concept.room, ADA, "accept_quote", quote_id=smiths)
    world.deliver()

    assert world.concept.state.requests[0].status == "ACCEPTED"
    assert [world.quote_of(name).state.request.outcome for name in ("Smith", "Weaver", "Turner")] == [
        "accepted",
        "other_accepted",
        "other_accepted",
    ]
    assert world.quote_of("Smith").view.quote.status == "ACCEPTED"
    assert world.quote_of("Weaver").view.quote.status == "REJECTED"
    told = [(payload["what"], payload["by"]["name"]) for payload in events_of(world, "person.notify")]
    assert told[-2:] == [("quote_accepted", "Ada"), ("quote_rejected", "Ada")]


def test_an_offer_that_was_withdrawn_in_the_meantime_reopens_the_request_everywhere() -> None:
    world = asked("Smith", "Weaver")
    smiths, weavers = offered(world, "Smith"), offered(world, "Weaver")
    world.deliver()
    world.give(world.quote_of("Smith").room, SMITH, "withdraw_quote")
    world.give(world.concept.room, ADA, "accept_quote", quote_id=smiths)
    world.deliver()

    request = world.concept.state.requests[0]
    assert (request.status, request.accepted_quote_id) == ("QUOTES_RECEIVED", None)
    assert "the offer is gone" in request.undone_because
    assert world.quote_of("Weaver").view.quote.status == "PENDING"
    world.give(world.concept.room, ADA, "accept_quote", quote_id=weavers)
    world.deliver()
    assert world.concept.state.requests[0].status == "ACCEPTED"
    assert world.quote_of("Weaver").view.quote.status == "ACCEPTED"


def test_an_offer_whose_price_was_changed_in_the_meantime_comes_back() -> None:
    world = asked("Smith")
    smiths = offered(world, "Smith")
    world.deliver()
    world.give(world.quote_of("Smith").room, SMITH, "revise_quote", pricing={**PRICING, "basePrice": "999"})
    world.give(world.concept.room, ADA, "accept_quote", quote_id=smiths)
    world.deliver()

    request = world.concept.state.requests[0]
    assert request.status == "QUOTES_RECEIVED"
    assert "changed in the meantime" in request.undone_because
    assert request.offers[0].total_price == "1029.00"


def test_what_another_acceptance_rejected_and_has_run_out_since_does_not_come_back() -> None:
    world = asked("Smith", "Weaver")
    smiths = offered(world, "Smith")
    offered(world, "Weaver", expires_at=world.at_ms + 60_000)
    world.deliver()
    world.give(world.quote_of("Smith").room, SMITH, "withdraw_quote")
    world.give(world.concept.room, ADA, "accept_quote", quote_id=smiths)
    world.deliver(3)
    assert world.quote_of("Weaver").view.quote.status == "REJECTED"
    world.pass_time(60_000)
    world.deliver()

    assert world.quote_of("Weaver").view.quote.status == "EXPIRED"
    assert world.concept.state.requests[0].status == "PENDING"


@pytest.mark.parametrize("how", ["cancelled", "expired", "deleted"])
def test_the_end_of_a_request_ends_its_offers(how: str) -> None:
    world = asked("Smith")
    offered(world, "Smith", expires_at=in_a_week(world.concept) + 30 * DAY_MS)
    world.deliver()
    if how == "expired":
        world.pass_time(8 * DAY_MS)
        world.ring()
    else:
        world.give(world.concept.room, ADA, "cancel_quotes" if how == "cancelled" else "delete")
    room = next(address for address in world.rooms if address.startswith("quote:"))
    world.deliver()

    quote = world.rooms[room].state
    assert quote.request.outcome == ("expired" if how == "expired" else "cancelled")
    assert quote.quote.status == ("EXPIRED" if how == "expired" else "REJECTED")
    told = {payload["what"] for payload in events_of(world, "person.notify")}
    assert ("request_expired" in told) == (how == "expired")


def test_a_claim_reaches_every_quote_room() -> None:
    world = World()
    world.rooms.pop(world.concept.room)
    world.concept = concept(VISITOR)
    world.rooms[world.concept.room] = world.concept
    world.collect()
    world.give(world.concept.room, VISITOR, "request_quotes", sellers=[SMITHS], expires_at=in_a_week(world.concept))
    world.deliver()
    world.give(world.concept.room, SYSTEM, "claim", guest_id=VISITOR.actor.id, user_id=BEN.actor.id, user_name="Ben")
    world.deliver()

    assert world.quote_of("Smith").view.request.owner.id == BEN.actor.id
    assert world.quote_of("Smith").view.request.owner.name == "Ben"


def test_artisans_are_told_who_asks_and_owners_what_came() -> None:
    world = asked("Smith")
    offered(world, "Smith")

    requested, received = events_of(world, "person.notify")
    assert (requested["what"], requested["by"]["name"], requested["title"]) == ("quote_requested", "Ada", "Ring")
    assert (received["what"], received["by"]["name"], received["title"]) == ("quote_received", "Smith", "Ring")
    assert "by May" not in str((requested, received))
    assert PERSON_OF[SMITHS] is SMITH
    assert WEAVER.actor.id not in {reaction.target.partition(":")[2] for reaction in world.sent}
