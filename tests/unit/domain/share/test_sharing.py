"""The life of a share, rule by rule: made, changed, shown, visited, over."""

import msgspec
import pytest

from domain.decider import Deadline, Ref
from domain.ids import RoomAddress, keyed_id
from domain.kinds.share import events as did
from domain.kinds.share.decider import SHARE
from domain.kinds.share.state import SHOWN_MAX, SHOWN_MAX_BYTES
from domain.kinds.share.ticks import Views
from domain.limits import OBJECT_MAX_BYTES
from domain.refs import ConceptFace
from domain.rejections import AlreadyExists, LimitReached, Malformed, NotAllowed, NotYet, NotYours, ShareOver, UnknownThing
from tests.unit.domain.share.stories import (
    ADMIN,
    CLEO,
    CONCEPT,
    FRIEND,
    GUEST,
    MAIL_HASH,
    MAKER,
    SOME_ID,
    SYSTEM,
    TOKEN_HASH,
    ShareStory,
    shared,
    shared_by_a_guest,
)
from tests.unit.domain.story import ADA, BEN, START_MS, person


def test_sharing_shows_the_concepts_public_face_under_the_rules() -> None:
    story = ShareStory()

    assert story.when(ADA, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH, shared_with=(BEN.actor.id, MAIL_HASH)) == (
        did.ConceptShared(
            concept_id=CONCEPT,
            title="Lamp",
            image_url="https://x/lamp.webp",
            token_hash=TOKEN_HASH,
            allow_comments=True,
            allow_voting=False,
            is_public=True,
            shared_with=(BEN.actor.id, MAIL_HASH),
            names={BEN.actor.id: "Ben"},
        ),
    )
    face = story.view.share
    assert (face.concept.name, face.by.name, face.status, face.addressee_count) == ("Lamp", "Ada", "active", 2)


def test_the_rooms_address_follows_from_the_token() -> None:
    story = ShareStory()
    command = story.command("share", concept_id=CONCEPT, token_hash=TOKEN_HASH)

    assert SHARE.address_of(command, ADA.actor) == story.room
    assert SHARE.address_of(command, BEN.actor) == story.room


@pytest.mark.parametrize("owner,status", [(BEN, "ACTIVE"), (ADA, "DELETED"), (None, "")])
def test_only_a_concept_of_ones_own_that_is_there_can_be_shared(owner: object, status: str) -> None:
    story = ShareStory({})
    if owner is not None:
        face = ConceptFace(id=CONCEPT, owner_id=owner.actor.id, name="Lamp", status=status)  # type: ignore[attr-defined]  # a Person
        story.refs[Ref("concept", CONCEPT)] = face

    with pytest.raises(UnknownThing, match="none of your concepts"):
        story.when(ADA, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH)


def test_a_token_makes_one_share_and_never_another_one() -> None:
    story = shared()
    with pytest.raises(AlreadyExists, match="another share"):
        story.when(ADA, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH)
    story.given(ADA, "delete")
    with pytest.raises(AlreadyExists, match="another share"):
        story.when(ADA, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH)


def test_a_share_is_not_made_at_another_address() -> None:
    story = ShareStory()
    command = msgspec.structs.replace(
        story.command("share", concept_id=CONCEPT, token_hash=TOKEN_HASH), room=RoomAddress("share:x")
    )

    with pytest.raises(Malformed, match="own address"):
        story.decide(ADA, command)


def test_somebody_is_named_once_and_without_a_name_where_none_is_known() -> None:
    sam = person("Sam").actor.id
    story = shared(shared_with=(sam, BEN.actor.id, sam))

    assert story.state.shared_with == (sam, BEN.actor.id)
    assert dict(story.state.names) == {ADA.actor.id: "Ada", BEN.actor.id: "Ben", sam: ""}
    assert [known.name for known in story.view.people] == ["Ada", "Ben"]


def test_an_end_that_has_passed_is_none() -> None:
    with pytest.raises(Malformed, match=r"\$\.expires_at"):
        ShareStory().when(ADA, "share", concept_id=CONCEPT, token_hash=TOKEN_HASH, expires_at=START_MS)
    with pytest.raises(Malformed, match=r"\$\.expires_at"):
        shared().when(ADA, "change_share", expires_at=START_MS)


def test_changing_leaves_what_is_not_named_and_merges_metadata() -> None:
    story = shared(metadata={"title": "My lamp", "colour": {"shade": "red", "base": "oak"}}, expires_at=START_MS + 9_000_000)

    (event,) = story.when(ADA, "change_share", allow_comments=False, metadata={"colour": {"shade": None}})

    assert isinstance(event, did.ShareChanged)
    assert (event.allow_comments, event.allow_voting, event.is_public) == (False, True, True)
    assert event.metadata == {"title": "My lamp", "colour": {"base": "oak"}}
    assert (event.expires_at, event.added, event.shared_with) == (START_MS + 9_000_000, (), (BEN.actor.id, MAIL_HASH))


def test_an_end_can_be_taken_away() -> None:
    story = shared(expires_at=START_MS + 9_000_000)
    story.given(ADA, "change_share", expires_at=None)

    assert story.view.share.expires_at is None
    assert story.due() == {}


def test_changing_to_what_is_so_already_changes_nothing() -> None:
    assert shared().when(ADA, "change_share", allow_voting=True, shared_with=(BEN.actor.id, MAIL_HASH)) == ()


def test_a_change_names_something() -> None:
    with pytest.raises(Malformed, match="nothing to change"):
        shared().when(ADA, "change_share")


def test_metadata_does_not_grow_over_its_limit_by_merging() -> None:
    story = shared(metadata={"a": "x" * (OBJECT_MAX_BYTES - 100)})

    with pytest.raises(LimitReached, match=r"\$\.metadata"):
        story.when(ADA, "change_share", metadata={"b": "y" * 200})


def test_who_is_no_longer_named_is_out_at_that_event_and_is_not_called_any_more() -> None:
    story = shared()
    before = SHARE.standing_basis(story.state)
    story.given(ADA, "change_share", shared_with=(MAIL_HASH,))

    assert SHARE.standing_basis(story.state) != before
    assert SHARE.standing(story.state, BEN.actor, BEN.claims, story.at_ms) is None
    assert SHARE.standing(story.state, CLEO.actor, CLEO.claims, story.at_ms) == "friend"
    assert BEN.actor.id not in story.state.names


def test_revoking_ends_it_for_everybody_and_says_so() -> None:
    story = shared()

    assert story.when(ADA, "revoke_share", reason="too many") == (
        did.ShareRevoked(concept_id=CONCEPT, title="Lamp", reason="too many", friends=(BEN.actor.id,)),
    )
    assert "revoked" in SHARE.closed_because(story.state)
    for who in (ADA, FRIEND, GUEST):
        assert SHARE.standing(story.state, who.actor, who.claims, story.at_ms) is None
        with pytest.raises(ShareOver, match="revoked"):
            story.when(who, "vote", vote="UPVOTE")
    assert SHARE.standing(story.state, SYSTEM.actor, SYSTEM.claims, story.at_ms) == "system"


def test_what_is_over_is_not_revoked_but_the_deleted_concept_may_say_so_again() -> None:
    story = shared()
    story.given(ADA, "revoke_share")

    with pytest.raises(ShareOver):
        story.when(ADA, "revoke_share")
    assert story.when(SYSTEM, "revoke_share") == ()


def test_the_clock_ends_a_share_at_its_time_and_not_before() -> None:
    story = shared(expires_at=START_MS + 60_000)
    assert story.due() == {"expiry": Deadline(what="expiry", at_ms=START_MS + 60_000, name="share.expire_share", payload={})}
    with pytest.raises(NotYet) as early:
        story.when(SYSTEM, "expire_share")
    assert early.value.at_ms == START_MS + 60_000

    story.at_ms = START_MS + 60_000
    assert story.when(SYSTEM, "expire_share") == (did.ShareExpired(concept_id=CONCEPT),)
    assert (story.view.share.status, story.due()) == ("expired", {})
    assert "run out" in SHARE.closed_because(story.state)
    assert SHARE.live_keys(story.state) == frozenset()


def test_nobody_may_be_here_from_the_very_millisecond_of_the_end() -> None:
    story = shared(expires_at=START_MS + 60_000)

    assert SHARE.standing(story.state, GUEST.actor, GUEST.claims, START_MS + 59_999) == "guest"
    assert SHARE.standing(story.state, GUEST.actor, GUEST.claims, START_MS + 60_000) is None
    story.at_ms = START_MS + 60_000
    with pytest.raises(ShareOver, match="run out"):
        story.when(GUEST, "add_comment", text="late")


def test_an_end_that_was_moved_or_has_come_is_no_event() -> None:
    story = shared()
    assert story.when(SYSTEM, "expire_share") == ()
    story.given(ADA, "revoke_share")
    assert story.when(SYSTEM, "expire_share") == ()


def test_deleting_leaves_nothing_but_the_address() -> None:
    story = shared()
    story.given(GUEST, "add_comment", text="nice")

    assert story.when(ADA, "delete") == (did.ShareDeleted(concept_id=CONCEPT, owner_id=ADA.actor.id, was_open=True),)
    assert not SHARE.exists(story.state)
    assert SHARE.listed_for(story.state) == ()
    assert SHARE.closed_because(story.state) == ""
    with pytest.raises(NotAllowed):
        story.when(ADA, "delete")


def test_a_guest_who_signs_in_takes_their_shares_along() -> None:
    story = shared_by_a_guest()
    story.given(SYSTEM, "claim", guest_id=MAKER.actor.id, user_id=ADA.actor.id, user_name="Ada")

    assert (story.view.share.by.id, story.view.share.by.kind) == (ADA.actor.id, "user")
    assert [known.name for known in story.view.people] == ["Ada", "Ben"]
    assert SHARE.listed_for(story.state) == (ADA.actor.id,)
    assert SHARE.standing(story.state, MAKER.actor, MAKER.claims, story.at_ms) is None
    assert story.when(ADA, "revoke_share")


def test_only_the_guests_own_share_is_claimed_and_once_also_when_it_is_over() -> None:
    story = shared_by_a_guest()
    story.given(MAKER, "revoke_share")
    with pytest.raises(NotYours):
        story.when(SYSTEM, "claim", guest_id=GUEST.actor.id, user_id=ADA.actor.id)
    story.given(SYSTEM, "claim", guest_id=MAKER.actor.id, user_id=ADA.actor.id)
    with pytest.raises(NotYours):
        story.when(SYSTEM, "claim", guest_id=MAKER.actor.id, user_id=BEN.actor.id)


def test_the_owner_can_be_called_also_once_they_no_longer_name_themselves() -> None:
    story = shared(shared_with=(ADA.actor.id,))
    story.given(ADA, "change_share", shared_with=())

    assert [known.name for known in story.view.people] == ["Ada"]


@pytest.mark.parametrize("who", [ADA, ADMIN, SYSTEM])
def test_a_share_that_is_over_can_still_be_taken_away(who: object) -> None:
    story = shared()
    story.given(ADA, "revoke_share")

    assert story.when(who, "delete")  # type: ignore[arg-type]  # parametrised


def test_what_is_new_in_the_concept_is_shown_and_the_newest_of_a_thing_counts() -> None:
    story = shared()
    first, second = keyed_id("image", "1"), keyed_id("image", "2")
    story.given(SYSTEM, "show", what="image", thing_id=first, title="front", url="https://x/1.webp")
    story.given(SYSTEM, "show", what="image", thing_id=second, url="https://x/2.webp")
    story.given(
        SYSTEM, "show", what="image", thing_id=first, url="https://x/1b.webp", name="Oak lamp", image_url="https://x/1b.webp"
    )

    assert [(thing.thing_id, thing.url) for thing in story.view.shown] == [
        (second, "https://x/2.webp"),
        (first, "https://x/1b.webp"),
    ]
    assert (story.view.share.concept.name, story.view.share.concept.image_url) == ("Oak lamp", "https://x/1b.webp")
    story.given(SYSTEM, "show", what="sustainability", data={"overall": 60})
    story.given(SYSTEM, "show", what="sustainability", data={"overall": 70})
    assert [thing.data for thing in story.view.shown if thing.what == "sustainability"] == [{"overall": 70}]
    story.given(SYSTEM, "show", what="image", thing_id=second, is_gone=True)
    story.given(SYSTEM, "show", what="details", name="Lamp of oak")
    assert [thing.thing_id for thing in story.view.shown] == [first, None]
    assert story.view.share.concept.name == "Lamp of oak"


def test_what_is_shown_is_bounded_in_number_and_bytes() -> None:
    story = shared()
    for number in range(SHOWN_MAX + 5):
        story.given(SYSTEM, "show", what="ar", thing_id=keyed_id("ar", str(number)))
    assert len(story.view.shown) == SHOWN_MAX
    for number in range(10):
        story.given(SYSTEM, "show", what="video", thing_id=keyed_id("video", str(number)), data={"x": "y" * 16_000})
    assert story.state.shown_bytes <= SHOWN_MAX_BYTES
    assert story.view.shown[-1].what == "video"


def test_nothing_is_shown_where_it_is_over() -> None:
    story = shared()
    story.given(ADA, "revoke_share")

    with pytest.raises(ShareOver):
        story.when(SYSTEM, "show", what="image", thing_id=SOME_ID)


def test_a_visit_goes_on_from_the_count_that_was_shown() -> None:
    story = shared()

    assert story.tick_of(SYSTEM, "count_visit") == Views(key="views", count=1, last_viewed_at=story.at_ms)
    story.at_ms += 1_000
    assert story.tick_of(SYSTEM, "count_visit") == Views(key="views", count=2, last_viewed_at=story.at_ms)


def test_whoever_comes_counts_once_in_half_an_hour_but_the_owner_never() -> None:
    story = shared()
    arrival = SHARE.arrival(story.state, GUEST.actor, GUEST.claims, story.at_ms)

    assert arrival is not None
    assert (arrival.name, arrival.payload, arrival.interval_ms) == ("share.count_visit", {}, 1_800_000)
    assert SHARE.arrival(story.state, ADA.actor, ADA.claims, story.at_ms) is None
    assert SHARE.arrival(story.state, SYSTEM.actor, SYSTEM.claims, story.at_ms) is None


def test_the_owner_has_it_in_their_list() -> None:
    story = shared()
    story.given(GUEST, "add_comment", text="nice")
    offset = len(story.records)

    listing = SHARE.listing(story.state)
    assert SHARE.listed_for(story.state) == (ADA.actor.id,)
    assert (listing.name, listing.status, listing.at_ms) == ("Lamp", "active", story.at_ms)
    assert listing.spoken == ((offset, GUEST.actor.id),)
