"""That the parts of the quote cover one another, that its view fits, and that replay equals live."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decider import Decider
from domain.event_codec import decode, encode, tag_of
from domain.kinds import KINDS
from domain.kinds.quote import events as did
from domain.kinds.quote.commands import COMMANDS
from domain.kinds.quote.decider import QUOTE, RULES, QuoteDecider
from domain.kinds.quote.events import EVENTS
from domain.kinds.quote.evolution import STEPS
from domain.kinds.quote.fitting import VIEW_MAX_BYTES
from domain.kinds.quote.state import MESSAGES_MAX, OFFERS_MAX, QuoteRoom
from domain.parts.offers import total_of
from domain.record import Event, Record
from domain.redaction import free_fields, redacted
from domain.rejections import Rejection
from domain.roles import MAY
from tests.unit.domain.concept.stories import (
    DAY_MS,
    PRICING,
    SMITH,
    SOME_ID,
    STRANGER,
    SYSTEM,
    VISITOR,
    WEAVER,
    GiftStory,
    asked,
    codec,
    in_a_week,
)
from tests.unit.domain.story import ADA, BEN, BOT, Person

some = settings(max_examples=30, deadline=None)


def opened() -> GiftStory:
    return asked("Smith").quote_of("Smith")


def guests() -> GiftStory:
    """A request of a guest's."""
    story = GiftStory(QUOTE)
    owner = {"id": VISITOR.actor.id, "kind": "guest", "name": "Gus"}
    ids = {"request_id": SOME_ID, "seller_id": SOME_ID, "seller_user_id": SMITH.actor.id, "concept_id": SOME_ID}
    story.given(SYSTEM, "open", **ids, concept_name="Ring", owner=owner, expires_at=in_a_week(story))
    return story


def test_a_quote_is_a_decider_by_type() -> None:
    decider: Decider[QuoteRoom] = QUOTE

    assert KINDS[decider.kind] is decider
    assert set(RULES) == set(QuoteDecider()._may) == set(COMMANDS.values())


def test_every_event_class_is_listed_with_a_tag_and_a_step_of_its_own() -> None:
    defined = {value for value in vars(did).values() if isinstance(value, type) and issubclass(value, Event) and value is not Event}

    assert set(EVENTS) == set(STEPS) == defined
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)


def offer(story: GiftStory) -> dict[str, Any]:
    return {"pricing": PRICING, "estimated_days": 2, "expires_at": in_a_week(story), "notes": "in gold"}


def whole_life() -> GiftStory:
    """A story in which every event but the deletion happens."""
    story = guests()
    story.given(SYSTEM, "change_owner", guest_id=VISITOR.actor.id, owner={"id": ADA.actor.id, "name": "Ada"})
    story.given(SMITH, "submit_quote", **offer(story))
    story.given(SMITH, "withdraw_quote")
    story.given(SMITH, "submit_quote", **offer(story))
    story.given(ADA, "view_quote")
    story.given(ADA, "post", text="gold, please")
    story.given(SMITH, "revise_quote", estimated_days=3)
    story.given(SYSTEM, "settle", outcome="other_accepted")
    story.given(SYSTEM, "settle", outcome="undone")
    story.given(ADA, "reject_quote", reason="too dear")
    quote_id = story.given(SMITH, "submit_quote", **{**offer(story), "expires_at": story.at_ms + 5_000})
    story.at_ms += 5_000
    story.given(SYSTEM, "expire_quote", quote_id=quote_id)
    quote_id = story.given(SMITH, "submit_quote", **offer(story))
    story.given(SYSTEM, "settle", outcome="accepted", quote_id=quote_id, revision=1)
    return story


def test_every_event_but_the_deletion_happens_in_a_whole_life() -> None:
    assert {type(record.event) for record in whole_life().records} == set(EVENTS) - {did.QuoteDeleted}


def test_a_log_whose_texts_were_redacted_folds_all_the_same() -> None:
    story = whole_life()
    state = QUOTE.initial(story.room)
    for record in story.records:
        event = redacted(record.event)
        state = QUOTE.evolve(state, msgspec.structs.replace(record, event=event, body=encode(event)))

    shown = encode(QUOTE.view(state)).decode()
    assert QUOTE.view(state).quote.status == "ACCEPTED"  # type: ignore[union-attr]  # it is there
    assert "gold" in encode(story.view).decode()
    assert "gold" not in shown


@pytest.mark.parametrize("event_class", EVENTS)
def test_free_text_is_what_people_write(event_class: type[Event]) -> None:
    assert set(free_fields(event_class)) <= {"message", "customizations", "notes", "attachments", "reason", "text"}


def test_a_full_quote_fits_and_its_price_is_whole() -> None:
    story = opened()
    text = "\x01" * 15_000
    full = {
        "customizations": [{"a": text[:1_500]}] * 10,
        "attachments": ["https://x/" + "x" * 1_900] * 20,
        "notes": text,
    }
    story.given(SMITH, "submit_quote", **{**offer(story), **full})
    for _ in range(60):
        story.given(ADA, "post", text=text)

    view = QUOTE.view(story.state)
    assert len(encode(view)) <= VIEW_MAX_BYTES
    assert view.quote is not None
    assert (view.quote.total_price, view.quote.notes) == ("130.00", text)


# --- Whatever people do ---

PEOPLE = (ADA, SMITH, WEAVER, BEN, BOT, STRANGER, SYSTEM)
texts = st.sampled_from(["short", "€ and 😀", "x" * 9_000])


def fields_for(state: QuoteRoom, verb: str, now_ms: int) -> st.SearchStrategy[dict[str, Any]]:
    quotes = st.sampled_from([*state.quote_ids[-2:], SOME_ID])
    ends = st.sampled_from([now_ms - 1, now_ms + 60_000, now_ms + DAY_MS])
    prices = st.fixed_dictionaries({"basePrice": st.integers(0, 999).map(str), "shipping": st.sampled_from(["0", "4.99", "0.1"])})
    by_verb: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "submit_quote": {"pricing": prices, "estimated_days": st.integers(0, 9), "expires_at": ends, "notes": texts},
        "revise_quote": {"pricing": st.none() | prices, "notes": st.none() | texts, "expires_at": st.none() | ends},
        "settle": {
            "outcome": st.sampled_from(["accepted", "other_accepted", "undone", "undone", "cancelled", "expired"]),
            "quote_id": quotes,
            "revision": st.none() | st.integers(1, 3),
        },
        "expire_quote": {"quote_id": quotes},
        "post": {"text": texts},
        "change_owner": {"guest_id": st.just(VISITOR.actor.id), "owner": st.just({"id": ADA.actor.id})},
        "open": {
            "request_id": st.just(SOME_ID),
            "seller_id": st.just(SOME_ID),
            "seller_user_id": st.just(SMITH.actor.id),
            "concept_id": st.just(SOME_ID),
            "concept_name": st.just("Ring"),
            "owner": st.just({"id": ADA.actor.id}),
            "expires_at": ends,
        },
    }
    return st.fixed_dictionaries(by_verb.get(verb, {}))


OFTEN = ("submit_quote", "submit_quote", "revise_quote", "withdraw_quote", "view_quote", "reject_quote", "settle", "post")


def somebody(verb: str) -> Person:
    roles = MAY[f"quote.{verb}"]
    return SMITH if "seller" in roles else ADA if "owner" in roles else SYSTEM


@st.composite
def lives(draw: st.DrawFn) -> GiftStory:
    story = draw(st.sampled_from([opened, guests, whole_life]))()
    for _ in range(draw(st.integers(0, 40))):
        story.at_ms += draw(st.sampled_from([0, 1, 60_000]))
        verb = draw(st.sampled_from(OFTEN) if draw(st.integers(0, 9)) else st.sampled_from(sorted(COMMANDS)))
        who = somebody(verb) if draw(st.integers(0, 9)) else draw(st.sampled_from(PEOPLE))
        before = story.state
        try:
            story.when(who, verb, **draw(fields_for(story.state, verb, story.at_ms)))
        except Rejection as rejection:
            assert str(rejection)
            assert story.state is before
    return story


def fold(state: QuoteRoom, records: list[Record]) -> QuoteRoom:
    for record in records:
        state = QUOTE.evolve(state, record)
    return state


ENDS = {"quote_withdrawn": "EXPIRED", "quote_rejected": "REJECTED", "quote_expired": "EXPIRED", "quote_accepted": "ACCEPTED"}


@some
@given(lives())
def test_offers_are_what_a_plain_reader_would_keep(story: GiftStory) -> None:
    offers: dict[str, dict[str, Any]] = {}
    said = 0
    for record in story.records:
        event: Any = record.event
        tag = tag_of(type(event))
        if tag == "quote_received":
            offers[record.id] = {"status": "PENDING", "revision": 1, "total": event.total_price, "is_viewed": False}
        elif tag == "quote_revised":
            offers[event.quote_id] |= {"revision": event.revision, "total": event.total_price, "is_viewed": False}
        elif tag == "quote_viewed":
            offers[event.quote_id]["is_viewed"] = True
        elif tag == "quote_restored":
            offers[event.quote_id]["status"] = "PENDING"
        elif tag in ENDS:
            offers[event.quote_id]["status"] = ENDS[tag]
        elif tag == "message_posted":
            said += 1
    state = story.state
    if not state.is_there:
        return

    assert list(offers) == list(state.quote_ids)
    assert sum(offer["status"] == "PENDING" for offer in offers.values()) <= 1
    assert sum(offer["status"] == "ACCEPTED" for offer in offers.values()) <= 1
    assert len(state.messages) == min(said, len(state.messages))
    if state.quote is not None:
        quote = state.quote
        assert offers[quote.id] == {
            "status": quote.status,
            "revision": quote.revision,
            "total": total_of(quote.pricing),
            "is_viewed": quote.is_viewed,
        }


@some
@given(lives(), st.data())
def test_replay_and_snapshots_equal_live(story: GiftStory, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(story.records)))
    records = list(codec.decode_records(codec.encode_records(story.records)))
    early = decode(encode(fold(QUOTE.initial(story.room), records[:at])), QuoteRoom)

    assert fold(early, records[at:]) == fold(QUOTE.initial(story.room), records) == story.state
    assert encode(QUOTE.view(fold(early, records[at:]))) == encode(QUOTE.view(story.state))


@some
@given(lives())
def test_everything_stays_within_its_bounds(story: GiftStory) -> None:
    assert len(encode(QUOTE.view(story.state))) <= VIEW_MAX_BYTES
    assert len(story.state.messages) <= MESSAGES_MAX
    assert len(story.state.quote_ids) <= OFFERS_MAX


@some
@given(lives())
def test_nobody_is_told_of_their_own_doing_and_nothing_of_what_was_said(story: GiftStory) -> None:
    for reaction in story.reactions():
        if reaction.name == "person.notify":
            assert reaction.target != f"person:{reaction.payload['by']['id']}"
            assert set(reaction.payload) <= {"what", "source", "thing_id", "by", "title", "at"}
        if reaction.name == "concept.note_quote":
            assert "notes" not in reaction.payload
