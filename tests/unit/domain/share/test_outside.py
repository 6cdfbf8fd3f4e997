"""What a share makes elsewhere: its concept hears of it, and everybody whom something concerns, once and never of themselves."""

from typing import Any

from domain.decider import Reaction
from domain.ids import keyed_id
from domain.kinds.share.decider import SHARE
from tests.unit.domain.share.stories import CLEO, CONCEPT, GUEST, MAIL_HASH, MAKER, SYSTEM, ShareStory, shared, shared_by_a_guest
from tests.unit.domain.story import ADA, BEN, START_MS, person


def made_by_last(story: ShareStory) -> list[Reaction]:
    return list(SHARE.reactions(story.records[-1]))


def told(story: ShareStory) -> dict[str, str]:
    """Who is notified of the last event, and of what."""
    names = {f"person:{who.actor.id}": who.actor.name for who in (ADA, BEN, CLEO, GUEST, person("Dora"))}
    return {names[each.target]: each.payload["what"] for each in made_by_last(story) if each.name == "person.notify"}


def noted(story: ShareStory) -> dict[str, Any]:
    (reaction,) = [each for each in made_by_last(story) if each.name == "concept.note_share"]
    assert reaction.target == f"concept:{CONCEPT}"
    return reaction.payload


def test_sharing_tells_the_concept_the_owners_list_and_those_who_are_named() -> None:
    story = shared()

    assert noted(story) == {
        "share": story.room,
        "status": "shared",
        "title": "Lamp",
        "is_public": True,
        "allow_comments": True,
        "allow_voting": True,
        "expires_at": None,
    }
    assert Reaction(target=f"person:{ADA.actor.id}", name="person.note_room", payload={"noted": story.room}) in made_by_last(story)
    assert told(story) == {"Ben": "share_received"}


def test_a_change_tells_the_concept_and_only_those_who_are_new() -> None:
    story = shared()
    dora = person("Dora").actor.id
    story.given(ADA, "change_share", shared_with=(BEN.actor.id, dora, MAIL_HASH), is_public=False)

    assert (noted(story)["status"], noted(story)["is_public"]) == ("changed", False)
    assert told(story) == {"Dora": "share_received"}


def test_the_end_is_told() -> None:
    story, other = shared(), shared(expires_at=START_MS + 60_000)
    story.given(ADA, "revoke_share")
    other.at_ms += 60_000
    other.given(SYSTEM, "expire_share")

    assert (noted(story), told(story)) == ({"share": story.room, "status": "revoked"}, {"Ben": "share_revoked"})
    assert (noted(other), told(other)) == ({"share": other.room, "status": "expired"}, {})


def test_a_deletion_is_told_to_the_owners_list_and_to_the_concept_where_it_is_the_end() -> None:
    story, over = shared(), shared()
    story.given(ADA, "delete")
    over.given(ADA, "revoke_share")
    over.given(ADA, "delete")

    forgotten = Reaction(target=f"person:{ADA.actor.id}", name="person.forget_room", payload={"noted": story.room})
    assert noted(story)["status"] == "revoked"
    assert forgotten in made_by_last(story)
    assert made_by_last(over) == [forgotten]


def test_a_comment_is_told_to_the_owner_without_its_words() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="a secret word")

    (reaction,) = made_by_last(story)
    assert reaction == Reaction(
        target=f"person:{ADA.actor.id}",
        name="person.notify",
        payload={
            "what": "comment",
            "source": story.room,
            "by": {"id": GUEST.actor.id, "kind": "guest", "name": "Gus", "image": ""},
            "title": "Lamp",
            "at": story.at_ms,
            "thing_id": comment_id,
        },
    )


def test_everybody_is_told_once_for_the_most_personal_reason() -> None:
    story = shared()
    first = story.given(GUEST, "add_comment", text="nice")
    story.given(BEN, "add_comment", text="yes @Ada", parent_id=first)
    assert told(story) == {"Ada": "mention", "Gus": "reply"}

    story.given(ADA, "add_comment", text="thanks @Gus", parent_id=first)
    assert told(story) == {"Gus": "mention"}
    story.given(ADA, "add_comment", text="thanks all")
    assert told(story) == {}


def test_whoever_was_put_out_is_not_told_of_answers() -> None:
    story = shared()
    said = story.given(BEN, "add_comment", text="nice")
    story.given(ADA, "change_share", shared_with=())
    story.given(GUEST, "add_comment", text="@Ben", parent_id=said)

    assert told(story) == {"Ada": "comment"}


def test_an_edit_is_told_to_those_whom_it_calls_anew() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")
    story.given(GUEST, "edit_comment", comment_id=comment_id, text="nice @Ben")

    assert told(story) == {"Ben": "mention"}


def test_votes_deletions_and_what_is_shown_are_told_to_nobody() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")
    for who, verb, fields in (
        (GUEST, "vote", {"vote": "UPVOTE"}),
        (GUEST, "withdraw_vote", {}),
        (GUEST, "delete_comment", {"comment_id": comment_id}),
        (SYSTEM, "show", {"what": "image", "thing_id": keyed_id("image", "1")}),
    ):
        story.given(who, verb, **fields)
        assert made_by_last(story) == []


def test_a_claimed_share_comes_into_the_persons_own_list() -> None:
    story = shared_by_a_guest()
    story.given(SYSTEM, "claim", guest_id=MAKER.actor.id, user_id=ADA.actor.id)

    (listed,) = made_by_last(story)
    assert (listed.target, listed.name, listed.payload) == (f"person:{ADA.actor.id}", "person.note_room", {"noted": story.room})


def test_whoever_shares_with_themselves_is_not_told() -> None:
    story = shared(shared_with=(ADA.actor.id,))

    assert told(story) == {}
