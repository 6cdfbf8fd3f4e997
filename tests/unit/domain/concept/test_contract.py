"""That the parts of the concept cover one another: commands, rules, events, steps, and who may do what."""

import msgspec
import pytest

from domain.command_codec import CommandCodec
from domain.decider import Decider
from domain.event_codec import decode, encode, tag_of
from domain.kinds import KINDS
from domain.kinds.concept import events as did
from domain.kinds.concept import ticks
from domain.kinds.concept.commands import COMMANDS
from domain.kinds.concept.decider import CONCEPT, RULES, ConceptDecider
from domain.kinds.concept.events import EVENTS
from domain.kinds.concept.evolution import STEPS
from domain.kinds.concept.state import Concept
from domain.record import Event
from domain.redaction import free_fields, redacted
from domain.rejections import Malformed, NotAllowed, Rejection
from domain.roles import Claims
from tests.unit.domain.concept.stories import (
    ADMIN,
    PRICING,
    SELLER_OF,
    SOME_ID,
    STRANGER,
    SYSTEM,
    VISITOR,
    GiftStory,
    codec,
    concept,
    share_noted,
    suggested,
    video,
)
from tests.unit.domain.story import ADA, BOT, Person, command_id, person

VIEWER = person("Ada", claims=Claims(token_roles=frozenset({"viewer"})))
ELSEWHERE = person("Ada", claims=Claims(room_roles={"share:other": "guest"}))


def test_a_concept_is_a_decider_by_type() -> None:
    decider: Decider[Concept] = CONCEPT

    assert KINDS[decider.kind] is decider
    assert decider.creates in decider.commands


def test_every_command_has_a_rule_and_a_place_in_the_table() -> None:
    assert set(RULES) == set(ConceptDecider()._may) == set(COMMANDS.values())


def test_every_event_class_is_listed_with_a_tag_of_its_own() -> None:
    defined = {value for value in vars(did).values() if isinstance(value, type) and issubclass(value, Event) and value is not Event}

    assert set(EVENTS) == set(STEPS) == defined
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)


def test_every_tick_class_is_listed() -> None:
    assert CONCEPT.ticks == (ticks.VideoProgress, ticks.PreviewCounts)


def whole_life() -> GiftStory:
    """A story in which every event happens."""
    story = concept(VISITOR)
    story.given(SYSTEM, "claim", guest_id=VISITOR.actor.id, user_id=ADA.actor.id)
    story.given(ADA, "change_details", description="Three stones")
    share = share_noted(story)
    image_id = story.given(ADA, "add_image", url="https://x/1")
    story.given(BOT, "set_optimized_versions", image_id=image_id, versions={"mobile": "m"})
    story.given(ADA, "remove_image", image_id=image_id)
    story.given(BOT, "set_products", products=[{"name": "Box", "price": "1"}])
    story.given(BOT, "match_artisans", matches=[{"seller_id": SELLER_OF["Smith"], "score": 1}])
    story.given(ADA, "favour")
    story.given(ADA, "unfavour")
    preview_id = story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url="https://x/ar")
    story.given(ADA, "remove_ar_preview", preview_id=preview_id)
    story.given(ADA, "apply_refinement", refinement_id=suggested(story))
    story.given(ADA, "dismiss_refinement", refinement_id=suggested(story))
    video(story, "COMPLETED")
    video(story, "FAILED")
    story.given(BOT, "set_sustainability", score={"wood": 1})
    quote = {"seller_id": SELLER_OF["Smith"], "quote_id": SOME_ID}
    request_id = story.given(ADA, "request_quotes", message="by May", expires_at=story.at_ms + 60_000)
    story.given(SYSTEM, "note_quote", request_id=request_id, what="received", total_price="1.00", **quote)
    story.given(ADA, "accept_quote", quote_id=SOME_ID)
    story.given(SYSTEM, "undo_acceptance", request_id=request_id, quote_id=SOME_ID, reason="gone")
    story.given(ADA, "cancel_quotes")
    request_id = story.given(ADA, "request_quotes", expires_at=story.at_ms + 10_000)
    story.at_ms += 10_000
    story.given(SYSTEM, "expire_quotes", request_id=request_id)
    story.given(SYSTEM, "note_share", share=share, status="changed")
    return story


def test_every_event_but_the_deletion_happens_in_a_whole_life() -> None:
    assert {type(record.event) for record in whole_life().records} == set(EVENTS) - {did.ConceptDeleted}


def test_a_log_whose_texts_were_redacted_folds_all_the_same() -> None:
    story = whole_life()
    state = CONCEPT.initial(story.room)
    for record in story.records:
        event = redacted(record.event)
        state = CONCEPT.evolve(state, msgspec.structs.replace(record, event=event, body=encode(event)))

    shown = encode(CONCEPT.view(state)).decode()
    assert state.face.refinement_count == story.state.face.refinement_count
    assert "Three stones" in encode(story.view).decode()
    assert "Three stones" not in shown


@pytest.mark.parametrize("event_class", EVENTS)
def test_free_text_is_what_people_write(event_class: type[Event]) -> None:
    assert set(free_fields(event_class)) <= {"description", "feedback", "explanation", "message", "error"}


def test_a_state_comes_back_from_its_snapshot() -> None:
    story = whole_life()

    assert decode(encode(story.state), Concept) == story.state
    assert CONCEPT.state_type is Concept


def test_records_come_back_from_the_journals_bytes() -> None:
    records = tuple(whole_life().records)

    assert codec.decode_records(codec.encode_records(records)) == records


# --- Who ---

FIELDS: dict[str, dict[str, object]] = {
    "change_details": {"name": "Band"},
    "add_image": {"url": "https://x/1"},
    "set_optimized_versions": {"image_id": SOME_ID, "priority": 1},
    "remove_image": {"image_id": SOME_ID},
    "set_products": {"products": []},
    "match_artisans": {"matches": []},
    "add_ar_preview": {"scene_type": "ROOM", "image_url": "https://x/ar"},
    "request_refinement": {"refinement_type": "SIZE", "feedback": "larger"},
    "suggest_refinement": {"refinement_id": SOME_ID, "changes": {}, "explanation": "e", "confidence": 1},
    "request_quotes": {"expires_at": 1_760_000_100_000},
    "accept_quote": {"quote_id": SOME_ID},
    "expire_quotes": {"request_id": SOME_ID},
    "note_quote": {"request_id": SOME_ID, "seller_id": SOME_ID, "quote_id": SOME_ID, "what": "gone"},
    "undo_acceptance": {"request_id": SOME_ID, "quote_id": SOME_ID},
    "note_share": {"share": "share:x", "status": "shared"},
    "queue_video": {"style": "SHOWCASE", "duration": 10},
    "report_progress": {"video_id": SOME_ID, "progress": 1},
    "complete_video": {"video_id": SOME_ID, "video_url": "https://x/v"},
    "fail_video": {"video_id": SOME_ID, "error": "no"},
    "set_sustainability": {"score": {}},
    "claim": {"guest_id": SOME_ID, "user_id": SOME_ID},
    **{verb: {"preview_id": SOME_ID} for verb in ("remove_ar_preview", "count_ar_look", "count_ar_share")},
    **{verb: {"refinement_id": SOME_ID} for verb in ("apply_refinement", "dismiss_refinement")},
}
TABLE: dict[str, str] = {
    "change_details": "owner",
    "delete": "owner admin system",
    "add_image": "owner bot",
    "set_optimized_versions": "owner bot",
    "remove_image": "owner",
    "set_products": "owner bot",
    "match_artisans": "owner bot",
    "favour": "owner",
    "unfavour": "owner",
    "add_ar_preview": "owner bot",
    "remove_ar_preview": "owner",
    "count_ar_look": "system",
    "count_ar_share": "system",
    "request_refinement": "owner",
    "suggest_refinement": "bot",
    "apply_refinement": "owner",
    "dismiss_refinement": "owner",
    "request_quotes": "owner",
    "cancel_quotes": "owner",
    "accept_quote": "owner",
    "expire_quotes": "system",
    "note_quote": "system",
    "undo_acceptance": "system",
    "note_share": "system",
    "queue_video": "owner",
    "start_video": "bot",
    "report_progress": "bot",
    "complete_video": "bot",
    "fail_video": "owner bot",
    "set_sustainability": "bot",
    "claim": "system",
}
PEOPLE: dict[str, Person] = {
    "owner": ADA,
    "bot": BOT,
    "system": SYSTEM,
    "admin": ADMIN,
    "viewer": VIEWER,
    "stranger": STRANGER,
    "elsewhere": ELSEWHERE,
}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("verb", sorted(set(COMMANDS) - {"create"}))
def test_the_role_decides_who_may_give_a_command(verb: str, role: str) -> None:
    assert is_forbidden(verb, PEOPLE[role]) == (role not in TABLE[verb].split())


def is_forbidden(verb: str, who: Person) -> bool:
    story = concept()
    try:
        story.decide(who, story.command(verb, **FIELDS.get(verb, {})))
    except NotAllowed:
        return True
    except Rejection:
        return False
    return False


@pytest.mark.parametrize(("who", "may"), [(ADA, True), (VISITOR, True), (BOT, False), (VIEWER, False), (ELSEWHERE, False)])
def test_whoever_may_have_things_of_their_own_may_make_a_concept(who: Person, may: bool) -> None:
    story = GiftStory()
    if may:
        assert len(story.when(who, "create", name="Ring")) == 1
    else:
        with pytest.raises(NotAllowed):
            story.when(who, "create", name="Ring")


@pytest.mark.parametrize(
    ("who", "role"),
    [(ADA, "owner"), (BOT, "bot"), (SYSTEM, "system"), (VIEWER, "viewer"), (ADMIN, None), (STRANGER, None), (ELSEWHERE, None)],
)
def test_standing_is_the_owners_and_the_bots(who: Person, role: str | None) -> None:
    story = concept()

    assert CONCEPT.standing(story.state, who.actor, who.claims, story.at_ms) == role


def test_a_guest_is_known_by_their_session_whatever_id_they_have() -> None:
    story = concept(VISITOR)
    same = person("Gus on the phone", "guest", VISITOR.claims)
    other = person("Gil", "guest", Claims(session_hash="aa" * 32))

    assert CONCEPT.standing(story.state, same.actor, same.claims, story.at_ms) == "owner"
    assert CONCEPT.standing(story.state, other.actor, other.claims, story.at_ms) is None


# --- The wire's form ---

commands = CommandCodec(KINDS)


def wire(**fields: object) -> bytes:
    return msgspec.json.encode({"room": "concept:x", "command_id": command_id(1), **fields})


@pytest.mark.parametrize(
    ("name", "fields", "path"),
    [
        ("concept.create", {"name": ""}, "$.name"),
        ("concept.set_products", {"products": [{"name": "Box", "price": 12.5}]}, "$.products[0].price"),
        ("concept.set_products", {"products": [{"name": "Box", "price": "12.505"}]}, "$.products[0].price"),
        ("concept.set_products", {"products": [{"name": "Box", "colour": "red"}]}, "$.products[0]"),
        ("concept.match_artisans", {"matches": [{"seller_id": SOME_ID, "score": 101}]}, "$.matches[0].score"),
        ("concept.request_refinement", {"refinement_type": "color", "feedback": "x"}, "$.refinement_type"),
        ("concept.queue_video", {"style": "SHOWCASE", "duration": 601}, "$.duration"),
        ("quote.submit_quote", {"pricing": {"basePrice": "1e3"}, "estimated_days": 1, "expires_at": 1}, "$.pricing.basePrice"),
        ("quote.submit_quote", {"pricing": {**PRICING, "tip": "1"}, "estimated_days": 1, "expires_at": 1}, "$.pricing"),
        ("quote.submit_quote", {"pricing": PRICING, "estimated_days": -1, "expires_at": 1}, "$.estimated_days"),
    ],
)
def test_a_wrong_form_is_refused_with_its_path(name: str, fields: dict[str, object], path: str) -> None:
    with pytest.raises(Malformed) as refused:
        commands.decode(name, wire(**fields))

    assert f"`{path}`" in str(refused.value)
