"""Who somebody is in a person's room, and who may give which command."""

import pytest

from domain.ids import RoomAddress
from domain.kinds.person import PERSON
from domain.kinds.person.commands import COMMANDS
from domain.rejections import NotAllowed
from domain.roles import MAY, Claims
from tests.unit.domain.person.home import GUEST, Home
from tests.unit.domain.person.samples import FIELDS
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, EVE, Person

OWNER = set(COMMANDS) - {
    "note_search",
    "notify",
    "note_room",
    "forget_room",
    "claim",
    "undo_claim",
    "hand_over",
    "take_over",
}


def role(home: Home, who: Person, claims: Claims | None = None) -> str | None:
    return PERSON.standing(home.state, who.actor, claims or who.claims, home.at_ms)


def test_a_room_without_events_is_simply_there_and_its_persons() -> None:
    home = Home(ADA)

    assert PERSON.exists(home.state)
    assert role(home, ADA) == "owner"
    assert role(home, CLOCK) == "system"


@pytest.mark.parametrize("who", [BEN, EVE, BOT, GUEST], ids=lambda who: who.actor.name)
def test_everybody_else_is_nobody_administrators_too(who: Person) -> None:
    assert role(Home(ADA), who) is None


def test_a_guest_has_a_room_too_also_with_a_token_for_a_share() -> None:
    home = Home(GUEST)

    assert role(home, GUEST) == "owner"
    assert role(home, GUEST, Claims(room_roles={"share:x": "guest"})) == "owner"


def test_a_token_narrows_a_person_in_their_own_room_too() -> None:
    home = Home(ADA)

    assert role(home, ADA, Claims(token_roles=frozenset({"viewer"}))) == "viewer"
    assert role(home, ADA, Claims(token_roles=frozenset({"user"}))) == "owner"
    assert role(home, ADA, Claims(room_roles={"workspace:x": "member"})) is None


def test_a_bot_that_has_a_persons_id_is_nobody() -> None:
    bot = Person(BOT.actor.__class__(id=ADA.actor.id, kind="bot"))

    assert role(Home(ADA), bot) is None


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_the_table_says_who_may(verb: str) -> None:
    assert MAY[f"person.{verb}"] == ({"owner"} if verb in OWNER else {"system"})


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_a_command_of_the_other_is_refused_by_name(verb: str) -> None:
    home = Home(ADA)

    with pytest.raises(NotAllowed, match="you are here as"):
        home.when(CLOCK if verb in OWNER else ADA, verb, **FIELDS[verb])


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_a_stranger_hears_that_there_is_no_such_room(verb: str) -> None:
    with pytest.raises(NotAllowed, match="does not exist"):
        Home(ADA).when(BEN, verb, **FIELDS[verb])


def test_a_room_whose_id_is_no_ones_takes_nothing() -> None:
    home = Home(ADA)
    home.room = RoomAddress("person:nobody")
    home.state = PERSON.initial(home.room)

    with pytest.raises(NotAllowed, match="does not exist"):
        home.when(CLOCK, "notify", what="reply", source="share:x")


def test_standing_never_changes_by_an_event() -> None:
    home = Home(ADA)
    basis = PERSON.standing_basis(home.state)
    home.notified()

    assert PERSON.standing_basis(home.state) == basis
    assert PERSON.closed_because(home.state) == ""
    assert PERSON.referred(PERSON.initial(RoomAddress("person:x"))).handed_to == ""
