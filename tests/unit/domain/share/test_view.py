"""The view of a share: what a joiner gets, and that it fits."""

import msgspec

from domain.event_codec import encode
from domain.ids import ActorId, keyed_id
from domain.kinds.share.fitting import PEOPLE_MAX, VIEW_MAX_BYTES
from domain.record import Actor
from tests.unit.domain.share.stories import CONCEPT, GUEST, SYSTEM, ShareStory, shared
from tests.unit.domain.story import ADA, BEN, START_MS, Person


def plain_view(story: ShareStory) -> dict[str, object]:
    view: dict[str, object] = msgspec.json.decode(encode(story.view))
    return view


def test_a_joiner_gets_the_concept_its_rules_and_the_tally() -> None:
    story = shared(metadata={"title": "My lamp"})
    story.given(GUEST, "vote", vote="UPVOTE")

    view = plain_view(story)
    assert view["share"] == {
        "id": story.state.id,
        "concept": {"id": CONCEPT, "name": "Lamp", "image_url": "https://x/lamp.webp"},
        "by": {"id": ADA.actor.id, "name": "Ada"},
        "status": "active",
        "allow_comments": True,
        "allow_voting": True,
        "is_public": True,
        "addressee_count": 2,
        "metadata": {"title": "My lamp"},
        "expires_at": None,
        "created_at": START_MS + 1_000,
        "updated_at": START_MS + 1_000,
        "comment_count": 0,
    }
    assert (view["tally"], view["comments"], view["shown"]) == ({"up": 1, "down": 0}, [], [])


def test_a_joiner_gets_what_was_said_and_who_may_be_called() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")

    view = plain_view(story)
    assert view["comments"] == [
        {
            "id": comment_id,
            "offset": 2,
            "at": START_MS + 2_000,
            "by": {"id": GUEST.actor.id, "kind": "guest", "name": "Gus"},
            "text": "nice",
            "parent_id": None,
            "depth": 0,
            "mentions": [],
            "edited_at": None,
            "is_deleted": False,
        }
    ]
    assert view["people"] == [{"id": who.actor.id, "name": who.actor.name} for who in (GUEST, ADA, BEN)]


def test_the_largest_share_fits_into_a_view() -> None:
    story = shared(metadata={"x": "\x01" * 2_500})
    for number in range(150):
        loud = Actor(id=ActorId(keyed_id("loud", str(number))), kind="guest", name="\x01" * 200, image="\x01" * 2_000)
        story.given(Person(loud, GUEST.claims), "add_comment", text="\x01" * 5_000)
    for number in range(30):
        thing_id = keyed_id("image", str(number))
        story.given(SYSTEM, "show", what="image", thing_id=thing_id, url="u" * 2_000, data={"x": "y" * 15_000})

    view = story.view
    assert len(encode(view)) <= VIEW_MAX_BYTES
    assert view.share == story.state.face
    assert view.comments[-1].offset == 151
    assert view.shown


def test_what_is_shortened_goes_in_the_documented_order() -> None:
    story = shared(metadata={"x": "y" * 16_000})
    for number in range(PEOPLE_MAX + 10):
        guest = Actor(id=ActorId(keyed_id("loud", str(number))), kind="guest", name=f"{number}" + "\x01" * 90)
        story.given(Person(guest, GUEST.claims), "add_comment", text="hi")
    assert len(story.view.people) == PEOPLE_MAX
    for number in range(4):
        story.given(SYSTEM, "show", what="image", thing_id=keyed_id("image", str(number)), data={"x": "y" * 15_000})

    assert story.view.people == ()
    assert all(thing.data for thing in story.view.shown)
