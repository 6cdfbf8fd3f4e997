"""Who may do what in a share: command by command."""

import pytest

from domain.kinds.share.commands import COMMANDS
from domain.kinds.share.decider import SHARE
from domain.rejections import NotAllowed, Rejection
from domain.roles import Claims, Grant
from tests.unit.domain.share.stories import (
    ADMIN,
    CLEO,
    ELSEWHERE,
    FRIEND,
    GUEST,
    LINKED,
    ROOM,
    STRANGER,
    SYSTEM,
    ShareStory,
    fields_of,
    shared,
)
from tests.unit.domain.story import ADA, BEN, BOT, Person

PEOPLE: dict[str, Person] = {"owner": ADA, "friend": FRIEND, "guest": GUEST, "admin": ADMIN, "system": SYSTEM}
TABLE: dict[str, str] = {
    "share": "owner friend admin",  # whoever has concepts of their own; a token of a link does not reach that far
    "change_share": "owner",
    "revoke_share": "owner admin system",
    "expire_share": "system",
    "delete": "owner admin system",
    "add_comment": "owner friend guest",
    "edit_comment": "owner friend guest",
    "delete_comment": "owner friend guest admin",
    "vote": "owner friend guest",
    "withdraw_vote": "owner friend guest",
    "claim": "system",
    "show": "system",
    "count_visit": "system",
}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("verb", COMMANDS)
def test_the_role_decides_who_may_give_a_command(verb: str, role: str) -> None:
    assert is_forbidden(shared(), verb, PEOPLE[role]) != (role in TABLE[verb].split())


@pytest.mark.parametrize("who", [STRANGER, BOT, ELSEWHERE], ids=lambda who: who.actor.name)
@pytest.mark.parametrize("verb", sorted(set(COMMANDS) - {"share"}))
def test_whom_the_share_does_not_concern_learns_not_even_that_it_is_there(verb: str, who: Person) -> None:
    story = shared()
    assert SHARE.standing(story.state, who.actor, who.claims, story.at_ms) is None
    with pytest.raises(NotAllowed, match="does not exist, or it is not open to you"):
        story.when(who, verb, **fields_of(verb))


def is_forbidden(story: ShareStory, verb: str, who: Person) -> bool:
    try:
        story.when(who, verb, **fields_of(verb))
    except NotAllowed:
        return True
    except Rejection:
        return False
    return False


@pytest.mark.parametrize("who", [BOT, ELSEWHERE, SYSTEM], ids=lambda who: who.actor.name)
def test_who_has_no_concepts_here_shares_none(who: Person) -> None:
    with pytest.raises(NotAllowed, match="sharing is for"):
        ShareStory().when(who, "share", **fields_of("share"))


@pytest.mark.parametrize(
    "who,standing",
    [
        (ADA, "owner"),
        (BEN, "friend"),
        (CLEO, "friend"),
        (GUEST, "guest"),
        (LINKED, "guest"),
        (SYSTEM, "system"),
        (STRANGER, None),
        (ADMIN, None),
        (BOT, None),
        (ELSEWHERE, None),
        (Person(CLEO.actor), None),
        (Person(ADA.actor, Claims(room_roles={ROOM: "guest"})), "guest"),
        (Person(ADA.actor, Claims(room_roles={"share:other": "guest"})), None),
        (Person(BEN.actor, Claims(token_roles=frozenset({"viewer"}))), "viewer"),
        (Person(BEN.actor, Claims(token_roles=frozenset({"user"}))), "friend"),
        (Person(STRANGER.actor, Claims(token_roles=frozenset({"admin"}), trust_token=True)), None),
        (Person(STRANGER.actor, Claims(room_roles={ROOM: "owner"}, trust_token=True)), None),
        (Person(GUEST.actor), None),
    ],
)
def test_standing_is_who_somebody_is(who: Person, standing: str | None) -> None:
    story = shared()

    assert SHARE.standing(story.state, who.actor, who.claims, story.at_ms) == standing


def test_the_link_opens_nothing_while_the_share_is_not_public() -> None:
    story = shared()
    before = SHARE.standing_basis(story.state)
    story.given(ADA, "change_share", is_public=False)

    assert SHARE.standing_basis(story.state) != before
    for who in (GUEST, LINKED):
        assert SHARE.standing(story.state, who.actor, who.claims, story.at_ms) is None
    assert SHARE.standing(story.state, BEN.actor, BEN.claims, story.at_ms) == "friend"


def test_talking_changes_nobodys_standing() -> None:
    story = shared()
    before = SHARE.standing_basis(story.state)
    story.given(GUEST, "add_comment", text="nice")
    story.given(GUEST, "vote", vote="UPVOTE")

    assert SHARE.standing_basis(story.state) == before


def test_a_viewer_looks_on() -> None:
    viewer = Person(BEN.actor, Claims(token_roles=frozenset({"viewer"})))

    with pytest.raises(NotAllowed, match="you are here as viewer"):
        shared().when(viewer, "vote", vote="UPVOTE")


def test_an_administrator_takes_a_share_away_without_being_in_it() -> None:
    trusted = Person(STRANGER.actor, Claims(token_roles=frozenset({"admin"}), trust_token=True))
    expired = Person(STRANGER.actor, Claims(grants=(Grant("admin", expires_at_ms=1),)))

    assert shared().when(trusted, "revoke_share")
    assert shared().when(ADMIN, "delete")
    with pytest.raises(NotAllowed):
        shared().when(expired, "delete")
