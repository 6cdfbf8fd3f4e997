"""Whatever people do: a plain dict would say the same, replay equals live, and a view with the events behind it the later view."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import encode
from domain.kinds.concept.commands import COMMANDS
from domain.kinds.concept.decider import CONCEPT
from domain.kinds.concept.fitting import VIEW_MAX_BYTES
from domain.kinds.concept.state import IMAGES_MAX, PREVIEWS_MAX, REFINEMENTS_MAX, SHARES_MAX, Concept
from domain.record import Record
from domain.rejections import Rejection
from domain.roles import MAY
from tests.unit.domain.concept.stories import (
    ADMIN,
    DAY_MS,
    SELLER_OF,
    SOME_ID,
    STRANGER,
    SYSTEM,
    GiftStory,
    concept,
    plain,
    share_noted,
    suggested,
    video,
)
from tests.unit.domain.story import ADA, BOT, Person

PEOPLE = (ADA, BOT, SYSTEM, STRANGER, ADMIN)
some = settings(max_examples=30, deadline=None)
"""A life is some twenty commands; a slow machine may take its time."""

texts = st.sampled_from(["short", "€ and 😀", "x" * 9_000])
objects = st.sampled_from([{}, {"a": {"b": None}, "c": 1}, {"a": "y" * 4_000}])
SELLERS = (SELLER_OF["Smith"], SELLER_OF["Weaver"], SELLER_OF["Turner"])
SHARES = tuple(f"share:{SELLER_OF[name]}" for name in ("Smith", "Weaver"))


def ids(*known: str | None) -> st.SearchStrategy[str]:
    return st.sampled_from([one for one in known if one] * 3 + [SOME_ID])


Fields = dict[str, dict[str, st.SearchStrategy[Any]]]


def fields_for(state: Concept, verb: str, now_ms: int) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that often fit what the concept holds, and sometimes do not."""
    by_verb = {**contents_for(state), **refinements_and_videos_for(state), **requests_for(state, now_ms)}
    return st.fixed_dictionaries(by_verb.get(verb, {}))


def contents_for(state: Concept) -> Fields:
    images = ids(*(image.id for image in state.images[-3:]))
    previews = ids(*(preview.id for preview in state.previews[-3:]))
    return {
        "create": {"name": st.just("Ring"), "description": texts},
        "change_details": {"name": st.sampled_from(["Band", None]), "description": st.none() | texts},
        "add_image": {"url": st.just("https://x/1"), "position": st.none() | st.integers(0, 4)},
        "set_optimized_versions": {"image_id": images, "versions": objects, "priority": st.none() | st.integers(0, 9)},
        "remove_image": {"image_id": images},
        "set_products": {"products": st.lists(st.fixed_dictionaries({"name": st.just("Box"), "data": objects}), max_size=3)},
        "match_artisans": {
            "matches": st.lists(st.sampled_from(SELLERS), unique=True).map(
                lambda sellers: [{"seller_id": seller, "score": 50} for seller in sellers]
            )
        },
        "add_ar_preview": {"scene_type": st.just("ROOM"), "image_url": st.just("https://x/ar"), "placement": objects},
        "remove_ar_preview": {"preview_id": previews},
        "count_ar_look": {"preview_id": previews},
        "count_ar_share": {"preview_id": previews},
        "set_sustainability": {"score": objects},
        "claim": {"guest_id": st.just(SOME_ID), "user_id": ids(ADA.actor.id)},
    }


def refinements_and_videos_for(state: Concept) -> Fields:
    refinements = ids(*(refinement.id for refinement in state.refinements[-3:]))
    videos = ids(*(one.id for one in state.videos[-4:]))
    return {
        "request_refinement": {"refinement_type": st.just("COLOR"), "feedback": texts},
        "suggest_refinement": {
            "refinement_id": refinements,
            "changes": objects,
            "explanation": texts,
            "confidence": st.floats(0, 1),
        },
        "apply_refinement": {"refinement_id": refinements, "changes": st.none() | objects},
        "dismiss_refinement": {"refinement_id": refinements},
        "queue_video": {"style": st.just("SPIN360"), "duration": st.just(10)},
        "start_video": {"video_id": st.none() | videos},
        "report_progress": {"video_id": videos, "progress": st.integers(0, 100)},
        "complete_video": {"video_id": videos, "video_url": st.just("https://x/v")},
        "fail_video": {"video_id": videos, "error": texts.map(lambda text: text[:8_000])},
    }


def requests_for(state: Concept, now_ms: int) -> Fields:
    requests = ids(*(request.id for request in state.requests[-2:]))
    quotes = ids(*(offer.quote_id for request in state.requests[-2:] for offer in request.offers), *SELLERS)
    return {
        "request_quotes": {
            "sellers": st.lists(st.sampled_from(SELLERS), max_size=3).map(tuple),
            "message": texts,
            "expires_at": st.integers(now_ms - 1, now_ms + 2 * DAY_MS),
        },
        "cancel_quotes": {"request_id": st.none() | requests},
        "accept_quote": {"quote_id": quotes, "revision": st.none() | st.integers(1, 2)},
        "expire_quotes": {"request_id": requests},
        "note_quote": {
            "request_id": requests,
            "seller_id": ids(*SELLERS),
            "quote_id": st.sampled_from(SELLERS),
            "what": st.sampled_from(["received", "received", "revised", "gone"]),
            "total_price": st.none() | st.just("130.00"),
        },
        "undo_acceptance": {"request_id": requests, "quote_id": quotes, "reason": texts},
        "note_share": {
            "share": st.sampled_from(SHARES),
            "status": st.sampled_from(["shared", "shared", "changed", "revoked", "expired"]),
            "title": texts.map(lambda text: text[:500]),
        },
    }


RARE = {"delete", "claim", "create"}
OFTEN = sorted(set(COMMANDS) - RARE)


def somebody(verb: str) -> Person:
    roles = MAY[f"concept.{verb}"]
    return ADA if "owner" in roles else BOT if "bot" in roles else SYSTEM


def busy() -> GiftStory:
    story = concept()
    share_noted(story)
    suggested(story)
    video(story)
    story.given(ADA, "request_quotes", sellers=SELLERS[:2], expires_at=story.at_ms + DAY_MS)
    return story


@st.composite
def lives(draw: st.DrawFn) -> GiftStory:
    """A random story: many commands, most of them sensible, some refused."""
    story = draw(st.sampled_from([concept, GiftStory, busy]))()
    for _ in range(draw(st.integers(0, 40))):
        story.at_ms += draw(st.sampled_from([0, 1, 60_000, DAY_MS]))
        verb = draw(st.sampled_from(OFTEN) if draw(st.integers(0, 19)) else st.sampled_from(sorted(COMMANDS)))
        if not story.state.is_there:
            verb = "create"
        who = somebody(verb) if draw(st.integers(0, 9)) else draw(st.sampled_from(PEOPLE))
        give(story, who, verb, draw(fields_for(story.state, verb, story.at_ms)))
    return story


def give(story: GiftStory, who: Person, verb: str, fields: dict[str, Any]) -> None:
    before = story.state
    try:
        story.when(who, verb, **fields)
    except Rejection as rejection:
        assert str(rejection)
        assert story.state is before


def model_of(records: list[Record]) -> dict[str, Any]:
    """What a plain reader of the events would keep, in dicts."""
    model: dict[str, Any] = {}
    for record in records:
        read(model, record, plain(record.event))
    return model


def read(model: dict[str, Any], record: Record, event: dict[str, Any]) -> None:
    tag = event.pop("type")
    match tag:
        case "concept_created":
            kept = ("images", "refinements", "requests", "videos", "previews", "shares", "products", "matches")
            model |= {"name": event["name"], "score": {}, "favourite": False, **{name: {} for name in kept}}
        case "concept_deleted":
            model.clear()
        case "details_changed":
            model["name"] = event["name"]
        case "concept_favoured" | "concept_unfavoured":
            model["favourite"] = tag == "concept_favoured"
        case "sustainability_scored":
            model["score"] = event.get("score", {})
        case "share_noted":
            read_share(model.get("shares", {}), event)
        case _ if tag.startswith("video_"):
            read_video(model["videos"], record, tag, event)
        case _ if tag.startswith(("quote", "acceptance_")):
            read_request(model["requests"], record, tag, event)
        case _:
            read_contents(model, record, tag, event)


def read_share(shares: dict[str, str], event: dict[str, Any]) -> None:
    if event["status"] in ("shared", "changed") and "refused_because" not in event:
        shares[event["share"]] = event.get("title", "")
    else:
        shares.pop(event["share"], None)


def read_contents(model: dict[str, Any], record: Record, tag: str, event: dict[str, Any]) -> None:
    match tag:
        case "image_added":
            model["images"][record.id] = {"position": event["position"], "priority": 0, "versions": {}}
        case "image_optimized":
            image = model["images"][event["image_id"]]
            image |= {"priority": event.get("priority", 0), "versions": event.get("versions", {})}
        case "image_removed":
            del model["images"][event["image_id"]]
        case "products_generated":
            model["products"] = {product["id"]: product["name"] for product in event.get("products", [])}
        case "artisans_matched":
            model["matches"] = {match["id"]: match["seller_id"] for match in event.get("matches", [])}
        case "ar_preview_added":
            model["previews"][record.id] = event.get("placement", {})
        case "ar_preview_removed":
            del model["previews"][event["preview_id"]]
        case "refinement_requested":
            model["refinements"][record.id] = "requested"
        case "refinement_suggested":
            model["refinements"][event["refinement_id"]] = "suggested"
        case "refinement_applied" | "refinement_dismissed":
            del model["refinements"][event["refinement_id"]]
        case _:
            raise AssertionError(tag)


def read_video(videos: dict[str, str], record: Record, tag: str, event: dict[str, Any]) -> None:
    words = {"video_started": "PROCESSING", "video_completed": "COMPLETED", "video_failed": "FAILED"}
    videos[event.get("video_id", record.id)] = words.get(tag, "QUEUED")


def read_request(requests: dict[str, Any], record: Record, tag: str, event: dict[str, Any]) -> None:
    ends = {"quotes_cancelled": "CANCELLED", "quotes_expired": "EXPIRED", "quote_accepted": "ACCEPTED"}
    if tag == "quotes_requested":
        requests[record.id] = {"status": "PENDING", "open": {}}
        return
    request = requests[event["request_id"]]
    if tag == "quote_noted":
        request["open"][event["seller_id"]] = event["what"] != "gone"
    if tag in ends:
        request["status"] = ends[tag]
    elif tag == "acceptance_undone" or request["status"] in ("PENDING", "QUOTES_RECEIVED"):
        request["status"] = "QUOTES_RECEIVED" if any(request["open"].values()) else "PENDING"


@some
@given(lives())
def test_a_concept_is_what_a_plain_reader_would_keep(story: GiftStory) -> None:
    model, state = model_of(story.records), story.state
    if not model:
        assert not state.is_there
        return

    assert (state.face.name, state.face.is_favorite, state.score) == (model["name"], model["favourite"], model["score"])
    images = {
        image.id: {"position": image.position, "priority": image.priority, "versions": image.versions} for image in state.images
    }
    assert images == model["images"]
    assert [image.position for image in state.images] == sorted(image["position"] for image in model["images"].values())
    assert {product.id: product.name for product in state.products} == model["products"]
    assert {match.id: match.seller_id for match in state.matches} == model["matches"]
    assert {preview.id: preview.placement for preview in state.previews} == model["previews"]
    assert {one.id: one.status for one in state.refinements} == model["refinements"]
    assert {share.room: share.title for share in state.shares} == model["shares"]
    assert {request.id: request.status for request in state.requests} == {
        request_id: request["status"] for request_id, request in model["requests"].items()
    }
    assert model["videos"].items() >= {one.id: one.status for one in state.videos}.items()


@some
@given(lives())
def test_at_most_one_offer_of_a_request_is_accepted_and_it_was_open(story: GiftStory) -> None:
    accepted: dict[str, str] = {}
    for record in story.records:
        event: Any = record.event
        match event.__struct_config__.tag:
            case "quote_accepted":
                assert event.request_id not in accepted
                accepted[event.request_id] = event.quote_id
            case "acceptance_undone":
                assert accepted.pop(event.request_id) == event.quote_id


@some
@given(lives())
def test_everything_stays_within_its_bounds(story: GiftStory) -> None:
    state = story.state

    assert len(encode(CONCEPT.view(state))) <= VIEW_MAX_BYTES
    assert len(state.images) <= IMAGES_MAX
    assert len(state.previews) <= PREVIEWS_MAX
    assert len(state.refinements) <= REFINEMENTS_MAX
    assert len(state.shares) <= SHARES_MAX


@some
@given(lives())
def test_shares_and_inboxes_hear_nothing_private(story: GiftStory) -> None:
    for record in story.records:
        for reaction in CONCEPT.reactions(record):
            if reaction.name == "person.notify":
                assert reaction.target != f"person:{record.actor.id}"
                assert set(reaction.payload) <= {"what", "source", "thing_id", "by", "title", "at"}
            if reaction.name == "share.show":
                assert set(reaction.payload) <= {"what", "thing_id", "url", "data", "is_gone", "name", "image_url"}


@some
@given(lives())
def test_what_may_tick_is_there(story: GiftStory) -> None:
    state = story.state
    made = {f"video:{one.id}" for one in state.videos if one.status == "PROCESSING"}

    assert CONCEPT.live_keys(state) == made | {f"ar:{preview.id}" for preview in state.previews}
