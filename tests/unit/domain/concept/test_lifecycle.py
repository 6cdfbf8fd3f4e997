"""The life of a concept: whose it is, what it holds, who hears of it, and how it ends."""

import pytest

from domain.decider import Ref
from domain.ids import keyed_id
from domain.kinds.concept import events as did
from domain.kinds.concept.decider import CONCEPT
from domain.kinds.concept.state import IMAGES_MAX, PREVIEWS_MAX, SHARES_MAX
from domain.kinds.concept.ticks import PreviewCounts
from domain.rejections import AlreadyExists, LimitReached, Malformed, NotAllowed, NotYours, UnknownThing
from tests.unit.domain.concept.stories import (
    ADMIN,
    SELLER_OF,
    SOME_ID,
    SYSTEM,
    VISITOR,
    GiftStory,
    concept,
    share_noted,
    video,
)
from tests.unit.domain.story import ADA, BEN, BOT, person

VISIT = keyed_id("visit", "1")


def test_whoever_makes_a_concept_owns_it() -> None:
    story = GiftStory()

    (event,) = story.when(ADA, "create", name="Ring")

    assert event == did.ConceptCreated(owner_id=ADA.actor.id, owner_kind="user", name="Ring")
    assert story.view.concept.owner_id == ADA.actor.id


def test_a_guests_concept_hangs_on_their_session() -> None:
    story = GiftStory()

    (event,) = story.when(VISITOR, "create", name="Ring")

    assert event == did.ConceptCreated(owner_id=VISITOR.actor.id, owner_kind="guest", session_hash="5e" * 32, name="Ring")


def test_a_guest_without_a_session_cannot_make_one() -> None:
    with pytest.raises(Malformed, match="session"):
        GiftStory().when(person("Gus", "guest"), "create", name="Ring")


def test_a_visit_makes_one_concept_for_its_visitor() -> None:
    story = GiftStory()
    command = story.command("create", name="Ring", visit_id=VISIT, owner={"id": ADA.actor.id, "kind": "user"})
    first, second = (CONCEPT.address_of(command, who.actor) for who in (SYSTEM, ADA))

    (record,) = story.give(SYSTEM, command)

    assert first == second == f"concept:{keyed_id('concept', VISIT)}"
    assert record.event == did.ConceptCreated(owner_id=ADA.actor.id, owner_kind="user", name="Ring", visit_id=VISIT)


def test_the_server_says_for_whom_and_nobody_else_does() -> None:
    with pytest.raises(Malformed, match="owner"):
        GiftStory().when(SYSTEM, "create", name="Ring")
    with pytest.raises(Malformed, match="leave owner"):
        GiftStory().when(ADA, "create", name="Ring", owner={"id": BEN.actor.id, "kind": "user"})


def test_a_concept_is_made_once() -> None:
    with pytest.raises(AlreadyExists):
        concept().when(ADA, "create", name="Ring")


def test_details_change_one_by_one() -> None:
    story = concept()

    assert story.when(ADA, "change_details", name="Band") == (did.DetailsChanged(name="Band", description="Two stones"),)
    assert story.when(ADA, "change_details", description="") == (did.DetailsChanged(name="Band"),)
    with pytest.raises(Malformed, match="nothing to change"):
        story.when(ADA, "change_details")


def test_images_stand_in_the_order_of_their_positions_and_the_first_is_the_face() -> None:
    story = concept()
    story.given(ADA, "add_image", url="https://x/1")
    story.given(BOT, "add_image", url="https://x/2", format="webp")

    (event,) = story.when(ADA, "add_image", url="https://x/0", position=0)

    assert event == did.ImageAdded(url="https://x/0", format="jpeg", position=0, cover_url="https://x/1")
    assert [image.url for image in story.view.images] == ["https://x/1", "https://x/0", "https://x/2"]
    assert CONCEPT.referred(story.state).image_url == "https://x/1"  # type: ignore[union-attr]  # it is there


def test_a_removed_face_gives_way_to_the_next() -> None:
    story = concept()
    first = story.given(ADA, "add_image", url="https://x/1")
    story.given(ADA, "add_image", url="https://x/2")

    assert story.when(ADA, "remove_image", image_id=first) == (did.ImageRemoved(image_id=first, cover_url="https://x/2"),)
    with pytest.raises(UnknownThing):
        story.when(ADA, "remove_image", image_id=first)


def test_optimized_versions_merge_by_key() -> None:
    story = concept()
    image_id = story.given(ADA, "add_image", url="https://x/1")
    story.given(BOT, "set_optimized_versions", image_id=image_id, versions={"mobile": "m", "tablet": "t"}, compression_ratio=3.5)

    (event,) = story.when(BOT, "set_optimized_versions", image_id=image_id, versions={"tablet": None}, format="avif", priority=2)

    assert event == did.ImageOptimized(
        image_id=image_id, versions={"mobile": "m"}, compression_ratio=3.5, format="avif", priority=2
    )
    with pytest.raises(Malformed, match="nothing to change"):
        story.when(BOT, "set_optimized_versions", image_id=image_id)


def test_new_products_take_the_place_of_the_old_ones() -> None:
    story = concept()
    story.given(BOT, "set_products", products=[{"name": "Ring", "price": "12.50"}, {"name": "Box"}])
    old = tuple(product.id for product in story.view.products)

    (event,) = story.when(BOT, "set_products", products=[{"name": "Chain", "data": {"a": 1}}])

    assert isinstance(event, did.ProductsGenerated)
    assert event.gone == old
    assert [(product.name, product.price) for product in story.view.products] == [("Chain", None)]


def test_a_match_keeps_its_id_while_its_artisan_is_matched() -> None:
    story = concept()
    smith, weaver = SELLER_OF["Smith"], SELLER_OF["Weaver"]
    story.given(BOT, "match_artisans", matches=[{"seller_id": smith, "score": 90.5}, {"seller_id": weaver, "score": 10}])
    before = {match.seller_id: match.id for match in story.view.matches}

    (event,) = story.when(BOT, "match_artisans", matches=[{"seller_id": smith, "score": 80, "reasons": ["gold"]}])

    assert isinstance(event, did.ArtisansMatched)
    assert (event.kept, event.gone) == ((before[smith],), (before[weaver],))
    assert [match.name for match in story.view.matches] == ["Smith"]


def test_only_artisans_who_are_known_can_be_matched_and_each_once() -> None:
    story = concept()
    twice = [{"seller_id": SELLER_OF["Smith"], "score": 1}] * 2

    with pytest.raises(UnknownThing, match="no artisan"):
        story.when(BOT, "match_artisans", matches=[{"seller_id": SOME_ID, "score": 1}])
    with pytest.raises(Malformed, match="once"):
        story.when(BOT, "match_artisans", matches=twice)
    command = story.command("match_artisans", matches=twice)
    assert tuple(CONCEPT.refs(command)) == (Ref("seller", SELLER_OF["Smith"]),)


def test_a_favourite_is_marked_once() -> None:
    story = concept()

    assert story.when(ADA, "favour") == (did.ConceptFavoured(),)
    assert story.when(ADA, "favour") == ()
    assert (story.view.concept.saved_at, story.view.concept.saved_by) == (story.at_ms, ADA.actor.id)
    assert story.when(ADA, "unfavour") == (did.ConceptUnfavoured(),)
    assert story.when(ADA, "unfavour") == ()
    assert story.view.concept.saved_by is None


def test_looks_at_a_preview_are_counted_on_from_the_last_tick() -> None:
    story = concept()
    preview_id = story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url="https://x/ar")

    first = story.tick_of(SYSTEM, "count_ar_look", preview_id=preview_id)
    second = story.tick_of(SYSTEM, "count_ar_share", preview_id=preview_id)
    third = story.tick_of(SYSTEM, "count_ar_look", preview_id=preview_id)

    assert first == PreviewCounts(key=f"ar:{preview_id}", preview_id=preview_id, view_count=1, share_count=0)
    assert (second.view_count, second.share_count) == (1, 1)  # type: ignore[attr-defined]  # a PreviewCounts
    assert (third.view_count, third.share_count) == (2, 1)  # type: ignore[attr-defined]  # a PreviewCounts
    assert CONCEPT.live_keys(story.state) == {f"ar:{preview_id}"}


def test_a_removed_preview_is_counted_no_more() -> None:
    story = concept()
    preview_id = story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url="https://x/ar")
    story.given(ADA, "remove_ar_preview", preview_id=preview_id)

    assert CONCEPT.live_keys(story.state) == frozenset()
    with pytest.raises(UnknownThing, match="no preview"):
        story.when(SYSTEM, "count_ar_look", preview_id=preview_id)


def test_a_score_merges_by_key() -> None:
    story = concept()

    assert story.when(BOT, "set_sustainability", score={"wood": 3, "glue": 1}) == (
        did.SustainabilityScored(score={"wood": 3, "glue": 1}, is_first=True),
    )
    assert story.when(BOT, "set_sustainability", score={"glue": None}) == (
        did.SustainabilityScored(score={"wood": 3}, is_first=False),
    )


def test_bounds_are_told_as_sentences() -> None:
    story = concept()
    for number in range(IMAGES_MAX):
        story.given(ADA, "add_image", url=f"https://x/{number}")
    for number in range(PREVIEWS_MAX):
        story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url=f"https://x/{number}")

    with pytest.raises(LimitReached, match="remove one first"):
        story.when(ADA, "add_image", url="https://x/more")
    with pytest.raises(LimitReached, match="remove one first"):
        story.when(ADA, "add_ar_preview", scene_type="ROOM", image_url="https://x/more")
    with pytest.raises(LimitReached, match="16 KiB"):
        story.when(BOT, "set_sustainability", score={"a": "x" * 16_384})


def test_a_guest_who_signs_in_takes_the_concept_along() -> None:
    story = concept(VISITOR)

    (event,) = story.when(SYSTEM, "claim", guest_id=VISITOR.actor.id, user_id=BEN.actor.id, user_name="Ben")

    assert event == did.ConceptClaimed(guest_id=VISITOR.actor.id, owner_id=BEN.actor.id, owner_name="Ben")
    assert (story.view.concept.owner_id, story.view.concept.owner_kind) == (BEN.actor.id, "user")
    assert CONCEPT.standing(story.state, VISITOR.actor, VISITOR.claims, story.at_ms) is None
    assert [(reaction.target, reaction.name) for reaction in story.reactions(since=1)] == [
        (f"person:{BEN.actor.id}", "person.note_room"),
        (f"person:{VISITOR.actor.id}", "person.forget_room"),
    ]


def test_a_claim_counts_once_and_only_for_that_guest() -> None:
    story = concept(VISITOR)
    with pytest.raises(NotYours):
        story.when(SYSTEM, "claim", guest_id=SOME_ID, user_id=BEN.actor.id)
    story.given(SYSTEM, "claim", guest_id=VISITOR.actor.id, user_id=BEN.actor.id)

    assert story.when(SYSTEM, "claim", guest_id=VISITOR.actor.id, user_id=BEN.actor.id) == ()
    with pytest.raises(NotYours):
        story.when(SYSTEM, "claim", guest_id=VISITOR.actor.id, user_id=ADA.actor.id)


# --- Shares ---


def test_shares_are_listed_while_they_are_open() -> None:
    story = concept()
    address = share_noted(story, allow_voting=True, expires_at=5)
    shared_at = story.at_ms
    story.given(SYSTEM, "note_share", share=address, status="changed", title="For Mum", is_public=False)

    (line,) = story.view.shares
    assert (line.room, line.title, line.is_public, line.allow_voting, line.shared_at) == (
        address,
        "For Mum",
        False,
        False,
        shared_at,
    )
    story.given(SYSTEM, "note_share", share=address, status="revoked")
    assert story.view.shares == ()
    with pytest.raises(UnknownThing):
        story.when(SYSTEM, "note_share", share=address, status="expired")


def test_open_shares_hear_what_friends_may_see_and_nothing_private() -> None:
    story = concept()
    address = share_noted(story)
    offset = len(story.records)
    image_id = story.given(ADA, "add_image", url="https://x/1")
    preview_id = story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url="https://x/ar", metadata={"secret": 1})
    story.given(BOT, "set_sustainability", score={"wood": 3})
    story.given(ADA, "change_details", name="Band")
    story.given(BOT, "set_products", products=[{"name": "Box", "price": "5"}])

    reactions = story.reactions(since=offset)

    assert {reaction.target for reaction in reactions} == {address}
    assert [reaction.payload for reaction in reactions if reaction.name == "share.show"] == [
        {"what": "image", "thing_id": image_id, "url": "https://x/1", "image_url": "https://x/1"},
        {"what": "ar", "thing_id": preview_id, "url": "https://x/ar", "data": {"scene_type": "ROOM"}},
        {"what": "sustainability", "data": {"wood": 3}},
        {"what": "details", "name": "Band"},
    ]


def test_what_is_gone_is_gone_for_friends_too() -> None:
    story = concept()
    share_noted(story)
    image_id = story.given(ADA, "add_image", url="https://x/1")
    preview_id = story.given(ADA, "add_ar_preview", scene_type="ROOM", image_url="https://x/ar")
    offset = len(story.records)
    story.given(ADA, "remove_image", image_id=image_id)
    story.given(ADA, "remove_ar_preview", preview_id=preview_id)

    assert [reaction.payload for reaction in story.reactions(since=offset)] == [
        {"what": "image", "thing_id": image_id, "is_gone": True, "image_url": ""},
        {"what": "ar", "thing_id": preview_id, "is_gone": True},
    ]


def test_a_share_too_many_is_revoked() -> None:
    story = concept()
    for number in range(SHARES_MAX):
        share_noted(story, number)
    offset = len(story.records)

    address = share_noted(story, SHARES_MAX)

    assert len(story.view.shares) == SHARES_MAX
    (reaction,) = story.reactions(since=offset)
    assert (reaction.target, reaction.name) == (address, "share.revoke_share")
    assert "100 shares" in reaction.payload["reason"]


# --- The end ---


def test_a_deleted_concept_ends_all_that_hangs_on_it() -> None:
    story = concept()
    address = share_noted(story)
    video_id = video(story, "QUEUED")
    request_id = story.given(ADA, "request_quotes", sellers=[SELLER_OF["Smith"]], expires_at=story.at_ms + 10_000)
    offset = len(story.records)

    events = story.when(ADA, "delete")

    assert [type(event) for event in events] == [did.VideoFailed, did.QuotesCancelled, did.ConceptDeleted]
    assert events[0].video_id == video_id  # type: ignore[attr-defined]  # a VideoFailed
    assert events[1].request_id == request_id  # type: ignore[attr-defined]  # a QuotesCancelled
    assert [(reaction.target.partition(":")[0], reaction.name) for reaction in story.reactions(since=offset)] == [
        ("quote", "quote.settle"),
        ("share", "share.revoke_share"),
        ("person", "person.forget_room"),
    ]
    assert not CONCEPT.exists(story.state)
    assert CONCEPT.due(story.state) == ()
    assert CONCEPT.referred(story.state) is None
    assert address not in {share.room for share in story.state.shares}


def test_a_deleted_concept_answers_as_if_it_had_never_been() -> None:
    story = concept()
    story.given(ADA, "delete")

    with pytest.raises(NotAllowed):
        story.when(ADA, "favour")
    with pytest.raises(AlreadyExists):
        story.when(ADA, "create", name="Ring")


def test_a_share_that_comes_after_the_end_is_revoked() -> None:
    story = concept()
    story.given(ADA, "delete")
    offset = len(story.records)

    address = share_noted(story)

    (reaction,) = story.reactions(since=offset)
    assert (reaction.target, reaction.payload) == (address, {"reason": "the concept was deleted"})
    assert story.when(SYSTEM, "note_share", share=address, status="revoked") == ()


def test_an_admin_may_take_a_concept_away_without_seeing_it() -> None:
    story = concept()

    assert CONCEPT.standing(story.state, ADMIN.actor, ADMIN.claims, story.at_ms) is None
    with pytest.raises(NotAllowed, match="you are here as admin"):
        story.when(ADMIN, "favour")
    assert story.when(ADMIN, "delete") == (did.ConceptDeleted(owner_id=ADA.actor.id),)


def test_the_owners_list_has_the_concept_until_it_is_deleted() -> None:
    story = concept()
    assert CONCEPT.listed_for(story.state) == (ADA.actor.id,)
    assert [(reaction.target, reaction.name, reaction.payload) for reaction in story.reactions()] == [
        (f"person:{ADA.actor.id}", "person.note_room", {"noted": story.room})
    ]
    story.given(ADA, "delete")

    assert CONCEPT.listed_for(story.state) == ()


def test_a_line_of_the_list_tells_of_the_video_and_the_request() -> None:
    story = concept()
    video_id = video(story)
    story.tick_of(BOT, "report_progress", video_id=video_id, progress=40)
    story.given(ADA, "request_quotes", sellers=[SELLER_OF["Smith"]], expires_at=story.at_ms + 10_000)

    line = CONCEPT.listing(story.state, story.last_ticks)

    assert (line.name, line.status, line.step, line.progress, line.at_ms) == ("Ring", "PENDING", "video", 40, story.at_ms)
