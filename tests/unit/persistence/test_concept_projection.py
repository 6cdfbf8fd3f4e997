"""What happens in concepts and quotes, as rows: coalesced or one by one the same, and the same as the rules' own state."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import keyed_id
from domain.kinds.concept import events as concept_events
from domain.kinds.concept.ticks import PreviewCounts, VideoProgress
from domain.kinds.quote import events as quote_events
from domain.record import Record
from domain.redaction import redacted
from persistence.write_behind.projections import PROJECTIONS, TABLE_ORDER, concept, concept_jobs, quote
from persistence.write_behind.row_operations import Operation, Plan, Touch, coalesce
from tests.support.rows import Tables, apply
from tests.unit.domain.concept import test_replay as concepts
from tests.unit.domain.concept.stories import SOME_ID, GiftStory
from tests.unit.domain.quote import test_contract as quotes
from tests.unit.domain.story import record_of

some = settings(max_examples=30, deadline=None)
Operations = Callable[[Record], Sequence[Operation]]


def plan_of(operations: Operations, records: Sequence[Record]) -> Plan:
    return coalesce((record.room, operations(record)) for record in records)


def one_by_one(operations: Operations, story: GiftStory) -> Tables:
    return apply({}, [plan_of(operations, [record]) for record in story.records])


def test_every_event_has_its_rows() -> None:
    assert set(concept.ROWS) == set(concept_events.EVENTS)
    assert set(quote.ROWS) == set(quote_events.EVENTS)


def test_parents_come_before_their_children() -> None:
    assert PROJECTIONS["concept"].tables == concept.TABLES
    places = [TABLE_ORDER.index(table) for table in ("concepts", "quote_requests", "artisan_quotes")]
    assert places == sorted(places)
    if "shared_concepts" in TABLE_ORDER:
        assert TABLE_ORDER.index("concepts") < TABLE_ORDER.index("shared_concepts")


@some
@given(concepts.lives(), st.data())
def test_a_concept_coalesced_in_batches_equals_one_by_one(story: GiftStory, data: st.DataObject) -> None:
    check_batches(concept.operations, story, data)


@some
@given(quotes.lives(), st.data())
def test_a_quote_coalesced_in_batches_equals_one_by_one(story: GiftStory, data: st.DataObject) -> None:
    check_batches(quote.operations, story, data)


def check_batches(operations: Operations, story: GiftStory, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(story.records)), max_size=4)))
    edges = [0, *cuts, len(story.records)]
    batches = [story.records[start:end] for start, end in pairwise(edges)]

    assert apply({}, [plan_of(operations, batch) for batch in batches]) == one_by_one(operations, story)


def columns(rows: dict[str, dict[str, Any]], *names: str) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(row.get(name) for name in names) for key, row in rows.items()}


@some
@given(concepts.lives())
def test_a_concepts_rows_say_what_the_rules_state_says(story: GiftStory) -> None:
    tables, state = one_by_one(concept.operations, story), story.state
    if not state.is_there:
        assert all(row["status"] == "DELETED" for row in tables.get("concepts", {}).values())
        return

    face, row = state.face, tables["concepts"][state.id]
    names = ("name", "description", "status", "refinement_count", "is_favorite", "saved_at", "saved_by", "created_at")
    assert {name: row[name] for name in names} == {name: getattr(face, name) for name in names}
    assert (row["user_id"], row["session_token"]) == (face.owner_id, None)
    assert columns(tables.get("concept_images", {}), "url", "position", "lazy_load_priority") == {
        image.id: (image.url, image.position, image.priority) for image in state.images
    }
    assert columns(tables.get("generated_products", {}), "name", "price", "data") == {
        product.id: (product.name, product.price, product.data) for product in state.products
    }
    assert columns(tables.get("artisan_matches", {}), "seller_id", "score") == {
        match.id: (match.seller_id, match.score) for match in state.matches
    }
    assert columns(tables.get("ar_previews", {}), "scene_type", "placement") == {
        preview.id: (preview.scene_type, preview.placement) for preview in state.previews
    }
    check_jobs(tables, story)


def check_jobs(tables: Tables, story: GiftStory) -> None:
    state = story.state
    refinements = tables.get("concept_refinements", {})
    still_open = {key for key, row in refinements.items() if row["applied_at"] is None and row["dismissed_at"] is None}
    assert still_open == {one.id for one in state.refinements if one.status == "suggested"}
    assert columns(tables.get("quote_requests", {}), "status", "accepted_quote_id", "message", "expires_at") == {
        one.id: (one.status, one.accepted_quote_id, one.message or None, one.expires_at) for one in state.requests
    }
    videos = tables.get("video_generation_jobs", {})
    for one in state.videos:
        row = videos[one.id]
        assert (row["status"], row["progress"], row["video_url"] or "") == (one.status, one.progress, one.video_url)
    if state.has_score:
        assert tables["sustainability_scores"][keyed_id("sustainability_score", state.id)]["score_data"] == state.score


@some
@given(quotes.lives())
def test_a_quotes_rows_say_what_the_rules_state_says(story: GiftStory) -> None:
    tables, state = one_by_one(quote.operations, story), story.state
    offers = tables.get("artisan_quotes", {})
    if not state.is_there:
        assert all(row["deleted_at"] for row in offers.values())
        return

    assert set(offers) == set(state.quote_ids)
    if state.quote is not None:
        row, offer = offers[state.quote.id], state.quote
        names = ("status", "revision", "total_price", "estimated_days", "created_at", "updated_at", "expires_at", "viewed_at")
        assert {name: row[name] for name in names} == {name: getattr(offer, name) for name in names}
        assert row["pricing"] == msgspec.to_builtins(offer.pricing)
        assert set(row["pricing"]) == {"basePrice", "customization", "materials", "shipping"}
        assert row["viewed_by_buyer"] == offer.is_viewed
    newest = [message.offset for message in state.messages]
    said = sorted(row["offset"] for row in tables.get("quote_messages", {}).values())
    assert said[len(said) - len(newest) :] == newest


@some
@given(concepts.lives(), quotes.lives())
def test_redacted_events_still_make_rows(first: GiftStory, second: GiftStory) -> None:
    for operations, story in ((concept.operations, first), (quote.operations, second)):
        for record in story.records:
            event = redacted(record.event)
            again = record_of(record.room, record.offset, event, record.actor, at_ms=record.time_ms)
            assert len(operations(again)) == len(operations(record))


@pytest.mark.parametrize(
    ("tick", "touch"),
    [
        (
            VideoProgress(key=f"video:{SOME_ID}", video_id=SOME_ID, progress=40),
            Touch("video_generation_jobs", SOME_ID, {"progress": concept_jobs.AtLeast(40)}, {"status": "PROCESSING"}),
        ),
        (
            PreviewCounts(key=f"ar:{SOME_ID}", preview_id=SOME_ID, view_count=3, share_count=1),
            Touch("ar_previews", SOME_ID, {"view_count": 3, "share_count": 1}, {}),
        ),
    ],
)
def test_what_passes_leaves_its_last_value_in_the_row(tick: Any, touch: Touch) -> None:
    assert concept_jobs.touches(f"concept:{SOME_ID}", tick) == (touch,)
    assert quote.touches(f"quote:{SOME_ID}", tick) == ()


def test_progress_of_a_row_never_falls() -> None:
    assert concept_jobs.AtLeast(20).apply({"progress": 60}) == 60
    assert concept_jobs.AtLeast(20).apply({}) == 20
