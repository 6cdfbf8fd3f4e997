"""Offers: at most one is open, prices add up, and every status meets every command."""

from typing import Any

import pytest

from domain.kinds.quote import events as did
from domain.kinds.quote.decider import QUOTE
from domain.kinds.quote.state import OFFERS_MAX
from domain.parts.offers import Pricing, total_of
from domain.rejections import AlreadyExists, LimitReached, Malformed, NotAllowed, NotYet, NotYours, UnknownThing, WrongStatus
from tests.unit.domain.concept.stories import (
    ADMIN,
    DAY_MS,
    PRICING,
    SMITH,
    SOME_ID,
    STRANGER,
    SYSTEM,
    WEAVER,
    GiftStory,
    asked,
    in_a_week,
)
from tests.unit.domain.story import ADA, BEN, BOT, Person


def opened() -> GiftStory:
    """Smith's room in a request that also went to Weaver."""
    return asked().quote_of("Smith")


def submit(story: GiftStory, **fields: Any) -> str:
    return story.given(SMITH, "submit_quote", **offer(story, **fields))


def offer(story: GiftStory, **fields: Any) -> dict[str, Any]:
    return {"pricing": PRICING, "estimated_days": 14, "expires_at": in_a_week(story), **fields}


def at(status: str) -> GiftStory:
    """A room whose offer has come to ``status``."""
    story = opened()
    if status == "none":
        return story
    quote_id = submit(story)
    match status:
        case "ACCEPTED":
            story.given(SYSTEM, "settle", outcome="accepted", quote_id=quote_id, revision=1)
        case "REJECTED":
            story.given(ADA, "reject_quote", reason="too dear")
        case "EXPIRED":
            story.at_ms += 8 * DAY_MS
            story.given(SYSTEM, "expire_quote", quote_id=quote_id)
        case "withdrawn":
            story.given(SMITH, "withdraw_quote")
    return story


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        (("100", "20.50", "9.5", "0"), "130.00"),
        (("0", "0", "0", "0"), "0.00"),
        (("0.10", "0.20", "0", "0"), "0.30"),
        (("999999999.99", "999999999.99", "999999999.99", "999999999.99"), "3999999999.96"),
    ],
)
def test_a_total_is_exact(parts: tuple[str, str, str, str], total: str) -> None:
    base, customization, materials, shipping = parts

    assert total_of(Pricing(base_price=base, customization=customization, materials=materials, shipping=shipping)) == total


def test_an_offer_reaches_the_concept_with_its_price() -> None:
    story = opened()
    offset = len(story.records)
    quote_id = submit(story, notes="in gold")

    news, _ = story.reactions(since=offset)

    assert (news.target, news.name) == (f"concept:{story.state.request.concept_id}", "concept.note_quote")
    assert news.payload == {
        "request_id": story.state.request.id,
        "seller_id": story.state.request.seller_id,
        "quote_id": quote_id,
        "what": "received",
        "revision": 1,
        "total_price": "130.00",
        "estimated_days": 14,
        "quote_expires_at": story.view.quote.expires_at,
    }


STATUSES = ("none", "PENDING", "ACCEPTED", "REJECTED", "EXPIRED", "withdrawn")
STEPS: dict[str, tuple[Person, dict[str, Any], set[str]]] = {
    "revise_quote": (SMITH, {"estimated_days": 3}, {"PENDING"}),
    "withdraw_quote": (SMITH, {}, {"PENDING"}),
    "reject_quote": (ADA, {}, {"PENDING"}),
    "view_quote": (ADA, {}, {"PENDING", "ACCEPTED", "REJECTED", "EXPIRED", "withdrawn"}),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("verb", STEPS)
def test_an_offer_goes_its_way_and_no_other(verb: str, status: str) -> None:
    story = at(status)
    who, fields, allowed = STEPS[verb]

    if status in allowed:
        assert len(story.when(who, verb, **fields)) == 1
    else:
        with pytest.raises(WrongStatus):
            story.when(who, verb, **fields)


@pytest.mark.parametrize("status", STATUSES)
def test_another_offer_may_follow_the_end_of_the_last(status: str) -> None:
    story = at(status)
    if status == "EXPIRED":
        story.at_ms -= 8 * DAY_MS

    if status in ("PENDING", "ACCEPTED"):
        with pytest.raises(WrongStatus):
            submit(story)
    else:
        submit(story)
        assert story.view.quote.status == "PENDING"
        assert len(story.state.quote_ids) == (1 if status == "none" else 2)


def test_a_revision_is_whole_counted_and_unseen() -> None:
    story = at("PENDING")
    story.given(ADA, "view_quote")
    assert story.view.quote.is_viewed

    (event,) = story.when(SMITH, "revise_quote", pricing={"basePrice": "80"}, notes="in silver")

    assert isinstance(event, did.QuoteRevised)
    assert (event.revision, event.total_price, event.estimated_days, event.notes) == (2, "80.00", 14, "in silver")
    assert not story.view.quote.is_viewed
    with pytest.raises(Malformed, match="nothing to change"):
        story.when(SMITH, "revise_quote")


def test_an_offer_is_seen_once_and_the_artisan_is_told() -> None:
    story = at("PENDING")
    offset = len(story.records)

    assert len(story.when(ADA, "view_quote")) == 1
    assert story.when(ADA, "view_quote") == ()
    (told,) = story.reactions(since=offset)
    assert (told.target, told.payload["what"]) == (f"person:{SMITH.actor.id}", "quote_viewed")


def test_a_withdrawn_offer_ends_at_that_moment() -> None:
    story = at("withdrawn")

    quote = story.view.quote
    assert (quote.status, quote.expires_at, quote.is_withdrawn) == ("EXPIRED", story.at_ms, True)


def test_the_clock_ends_the_open_offer_and_both_hear_of_it() -> None:
    story = at("PENDING")
    (deadline,) = QUOTE.due(story.state)
    assert (deadline.at_ms, deadline.name) == (story.view.quote.expires_at, "quote.expire_quote")
    with pytest.raises(NotYet):
        story.when(SYSTEM, "expire_quote", **deadline.payload)
    with pytest.raises(UnknownThing):
        story.when(SYSTEM, "expire_quote", quote_id=SOME_ID)
    story.at_ms = deadline.at_ms
    offset = len(story.records)

    story.when(SYSTEM, "expire_quote", **deadline.payload)

    assert [(reaction.name, reaction.target.partition(":")[2]) for reaction in story.reactions(since=offset)] == [
        ("concept.note_quote", story.state.request.concept_id),
        ("person.notify", ADA.actor.id),
        ("person.notify", SMITH.actor.id),
    ]
    assert QUOTE.due(story.state) == ()


def test_an_offer_that_has_run_out_cannot_be_revised_even_before_the_clock_says_so() -> None:
    story = at("PENDING")
    story.at_ms = story.view.quote.expires_at

    with pytest.raises(WrongStatus, match="run out"):
        story.when(SMITH, "revise_quote", estimated_days=2)


def test_an_offer_ends_ahead_and_within_a_year() -> None:
    story = opened()

    with pytest.raises(Malformed, match="ahead"):
        submit(story, expires_at=story.at_ms)
    with pytest.raises(Malformed, match="within a year"):
        submit(story, expires_at=story.at_ms + 400 * DAY_MS)


def test_offers_are_bounded() -> None:
    story = opened()
    for _ in range(OFFERS_MAX):
        submit(story)
        story.given(SMITH, "withdraw_quote")

    with pytest.raises(LimitReached):
        submit(story)


# --- How the request ended ---


@pytest.mark.parametrize(("outcome", "status"), [("other_accepted", "REJECTED"), ("cancelled", "REJECTED"), ("expired", "EXPIRED")])
def test_the_end_of_the_request_ends_the_offer(outcome: str, status: str) -> None:
    story = at("PENDING")
    story.given(SYSTEM, "settle", outcome=outcome)

    assert (story.view.quote.status, story.view.request.outcome) == (status, outcome)
    assert story.when(SYSTEM, "settle", outcome="cancelled") == ()
    with pytest.raises(WrongStatus, match="has ended"):
        submit(story)


@pytest.mark.parametrize("outcome", ["other_accepted", "cancelled", "expired"])
def test_without_an_offer_the_request_ends_all_the_same(outcome: str) -> None:
    story = opened()

    assert story.when(SYSTEM, "settle", outcome=outcome) == (did.RequestClosed(outcome=outcome),)  # type: ignore[arg-type]  # the words are the type's


@pytest.mark.parametrize("status", ["none", "ACCEPTED", "REJECTED", "EXPIRED", "withdrawn"])
def test_what_is_not_open_cannot_be_accepted(status: str) -> None:
    story = at(status)
    quote_id = story.state.quote.id if story.state.quote else SOME_ID

    with pytest.raises(WrongStatus):
        story.when(SYSTEM, "settle", outcome="accepted", quote_id=quote_id)


def test_another_revision_than_the_accepted_one_is_refused() -> None:
    story = at("PENDING")
    story.given(SMITH, "revise_quote", estimated_days=1)

    with pytest.raises(WrongStatus, match="changed in the meantime"):
        story.when(SYSTEM, "settle", outcome="accepted", quote_id=story.view.quote.id, revision=1)


def test_undoing_counts_only_for_what_another_acceptance_has_ended() -> None:
    story = at("PENDING")
    assert story.when(SYSTEM, "settle", outcome="undone") == ()
    story.given(SYSTEM, "settle", outcome="other_accepted")

    events = story.when(SYSTEM, "settle", outcome="undone")

    assert [type(event) for event in events] == [did.RequestReopened, did.QuoteRestored]
    assert (story.view.quote.status, story.view.request.outcome) == ("PENDING", None)


def test_an_offer_that_its_owner_had_rejected_stays_rejected() -> None:
    story = at("REJECTED")
    story.given(SYSTEM, "settle", outcome="other_accepted")

    assert story.when(SYSTEM, "settle", outcome="undone") == (did.RequestReopened(),)


# --- The room ---


def test_a_room_is_opened_once() -> None:
    story = opened()
    parties = story.state.parties
    again = {
        "request_id": parties.request_id,
        "seller_id": parties.seller_id,
        "seller_user_id": SMITH.actor.id,
        "concept_id": parties.concept_id,
        "concept_name": "Ring",
        "owner": {"id": ADA.actor.id},
        "expires_at": in_a_week(story),
    }

    assert QUOTE.address_of(story.command("open", **again), SYSTEM.actor) == story.room
    with pytest.raises(AlreadyExists):
        story.when(SYSTEM, "open", **again)


def test_owner_and_artisan_talk_also_after_the_end() -> None:
    story = at("ACCEPTED")
    offset = len(story.records)
    story.given(ADA, "post", text="thank you")
    story.given(SMITH, "post", text="gladly")

    assert [message.by.name for message in story.view.messages] == ["Ada", "Smith"]
    assert [(reaction.target.partition(":")[2], reaction.payload["what"]) for reaction in story.reactions(since=offset)] == [
        (SMITH.actor.id, "quote_message"),
        (ADA.actor.id, "quote_message"),
    ]


@pytest.mark.parametrize("who", [BOT, WEAVER, BEN, STRANGER, ADMIN], ids=lambda who: who.actor.name)
def test_no_other_artisan_and_nobody_else_is_anybody_here(who: Person) -> None:
    story = at("PENDING")

    assert QUOTE.standing(story.state, who.actor, who.claims, story.at_ms) is None
    with pytest.raises(NotAllowed):
        story.when(who, "post", text="hello")


@pytest.mark.parametrize(
    ("verb", "fields"), [("submit_quote", None), ("revise_quote", {"estimated_days": 1}), ("withdraw_quote", {})]
)
def test_the_owner_does_not_do_the_artisans_part(verb: str, fields: dict[str, Any] | None) -> None:
    story = at("PENDING")

    with pytest.raises(NotAllowed, match="you are here as owner"):
        story.when(ADA, verb, **(offer(story) if fields is None else fields))


@pytest.mark.parametrize("verb", ["view_quote", "reject_quote"])
def test_the_artisan_does_not_do_the_owners_part(verb: str) -> None:
    with pytest.raises(NotAllowed, match="you are here as seller"):
        at("PENDING").when(SMITH, verb)


def test_a_quote_is_deleted_after_its_end_and_not_before() -> None:
    story = at("PENDING")
    with pytest.raises(WrongStatus, match="still open"):
        story.when(ADA, "delete")
    story.given(SYSTEM, "settle", outcome="cancelled")
    parties, quote_ids = story.state.parties, story.state.quote_ids

    assert story.when(ADMIN, "delete") == (did.QuoteDeleted(parties=parties, quote_ids=quote_ids),)
    assert not QUOTE.exists(story.state)
    assert QUOTE.listed_for(story.state) == ()
    with pytest.raises(NotAllowed):
        story.when(ADA, "post", text="hello")


def test_only_the_guest_who_asked_is_replaced() -> None:
    with pytest.raises(NotYours):
        opened().when(SYSTEM, "change_owner", guest_id=ADA.actor.id, owner={"id": BEN.actor.id})
    assert opened().when(SYSTEM, "change_owner", guest_id=SOME_ID, owner={"id": ADA.actor.id}) == ()


def test_a_quote_stands_in_the_lists_of_both() -> None:
    story = opened()
    assert QUOTE.listed_for(story.state) == (ADA.actor.id, SMITH.actor.id)
    assert QUOTE.listing(story.state).status == "REQUESTED"
    submit(story)

    line = QUOTE.listing(story.state)
    assert (line.name, line.status, len(line.spoken)) == ("Ring", "PENDING", 1)
