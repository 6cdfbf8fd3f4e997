"""Who may do what in a conversation: the table of the roles, command by command."""

import pytest

from domain.kinds.conversation.commands import COMMANDS
from domain.kinds.conversation.decider import CONVERSATION
from domain.rejections import NotAllowed, Rejection
from domain.roles import Claims, Grant, Role
from tests.unit.domain.conversation.samples import fields_of
from tests.unit.domain.conversation.talk import Talk, guest_talk, talk
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, EVE, GUEST, Person

ROOM = Talk().room
PEOPLE: dict[str, Person] = {
    "owner": ADA,
    "bot": BOT,
    "system": CLOCK,
    **{role: Person(BEN.actor, Claims(room_roles={ROOM: role}, trust_token=True)) for role in ("editor", "commenter", "viewer")},
}
OTHERS = {"nobody": BEN, "admin": EVE, "guest": GUEST}

TABLE: dict[str, str] = {
    "start": "owner editor commenter viewer",
    "say": "owner editor commenter system",
    "begin_turn": "bot",
    "append_turn": "bot",
    "annotate": "bot",
    "complete_turn": "bot",
    "stop_turn": "owner editor commenter",
    "fail_turn": "bot",
    "interrupt_turn": "system",
    "rate_turn": "owner editor commenter",
    "set_requirements": "owner bot",
    "set_context": "owner",
    "summarise": "owner bot",
    "complete": "owner",
    "abandon": "owner system",
    "claim": "system",
    "note_refusal": "system",
    "delete": "owner system",
}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("verb", sorted(set(COMMANDS) - {"start"}))
def test_the_role_decides_who_may_give_a_command(verb: str, role: str) -> None:
    assert refusal_of(verb, PEOPLE[role]) == ("" if role in TABLE[verb].split() else "this is for")


@pytest.mark.parametrize("verb", sorted(set(COMMANDS) - {"start", "delete"}))
@pytest.mark.parametrize("who", OTHERS)
def test_for_others_the_room_is_not_there(who: str, verb: str) -> None:
    assert refusal_of(verb, OTHERS[who]) == "this room does not exist"


def refusal_of(verb: str, who: Person) -> str:
    """How a command is kept from somebody; empty where it is not."""
    try:
        talk().when(who, verb, **fields_of(verb))
    except NotAllowed as refusal:
        return next(words for words in ("this is for", "this room does not exist") if words in str(refusal))
    except Rejection:
        return ""
    return ""


@pytest.mark.parametrize("who", [ADA, GUEST])
def test_anybody_may_start_one(who: Person) -> None:
    assert len(Talk().when(who, "start")) == 1


@pytest.mark.parametrize(
    "who",
    [BOT, CLOCK, Person(ADA.actor, Claims(token_roles=frozenset({"viewer"})))],
    ids=["bot", "system", "viewer by token"],
)
def test_who_only_looks_on_or_reports_starts_none(who: Person) -> None:
    with pytest.raises(NotAllowed, match="this is for owner"):
        Talk().when(who, "start")


@pytest.mark.parametrize(
    "claims,standing",
    [
        (Claims(), "owner"),
        (Claims(token_roles=frozenset({"user"})), "owner"),
        (Claims(token_roles=frozenset({"viewer"})), "viewer"),
        (Claims(room_roles={ROOM: "commenter"}), "commenter"),
        (Claims(room_roles={ROOM: "owner"}), "owner"),
        (Claims(room_roles={ROOM: "nonsense"}), "viewer"),
        (Claims(room_roles={"conversation:other": "owner"}), None),
        (Claims(room_roles={"conversation:other": "owner"}, token_roles=frozenset({"user"})), "owner"),
    ],
)
def test_a_token_narrows_what_its_owner_is(claims: Claims, standing: Role | None) -> None:
    assert CONVERSATION.standing(talk().state, ADA.actor, claims, 0) == standing


@pytest.mark.parametrize(
    "claims,standing",
    [
        (Claims(room_roles={ROOM: "commenter"}, trust_token=True), "commenter"),
        (Claims(room_roles={ROOM: "commenter"}), None),
        (Claims(token_roles=frozenset({"user"}), trust_token=True), None),
        (Claims(grants=(Grant("admin"),)), None),
    ],
)
def test_somebody_else_is_let_in_by_a_trusted_token_alone(claims: Claims, standing: Role | None) -> None:
    assert CONVERSATION.standing(talk().state, BEN.actor, claims, 0) == standing


def test_a_bot_is_one_by_its_token() -> None:
    state = talk().state

    assert CONVERSATION.standing(state, BOT.actor, Claims(), 0) == "bot"
    assert CONVERSATION.standing(state, BOT.actor, Claims(token_roles=frozenset({"viewer"})), 0) == "viewer"


def test_an_administrator_removes_what_they_may_not_read() -> None:
    story = talk()

    assert CONVERSATION.standing(story.state, EVE.actor, EVE.claims, story.at_ms) is None
    assert len(story.when(EVE, "delete")) == 1


def test_somebody_else_does_not_remove_it() -> None:
    with pytest.raises(NotAllowed, match="does not exist"):
        talk().when(BEN, "delete")


def test_standing_goes_by_whose_it_is_and_whether_it_is_there() -> None:
    story = guest_talk()
    before = CONVERSATION.standing_basis(story.state)
    story.say(who=GUEST)
    assert CONVERSATION.standing_basis(story.state) == before
    story.given(CLOCK, "claim", guest_id=GUEST.actor.id, user_id=ADA.actor.id)
    claimed = CONVERSATION.standing_basis(story.state)
    assert claimed != before
    story.given(ADA, "delete")
    assert CONVERSATION.standing_basis(story.state) != claimed


@pytest.mark.parametrize("verb", ["start", "say", "set_context", "delete"])
@pytest.mark.parametrize("words", [{"viewer"}, {"offline_access"}, {"system"}, set()])
def test_a_token_with_no_word_that_counts_only_lets_look(words: set[str], verb: str) -> None:
    looking = Claims(grants=(Grant("admin"),), token_roles=frozenset(words))
    story = Talk() if verb == "start" else talk()
    with pytest.raises(NotAllowed):
        story.when(Person(ADA.actor, looking), verb, **fields_of(verb))


def test_a_word_for_the_room_does_not_widen_a_token_that_only_lets_look_unless_tokens_are_trusted() -> None:
    def standing(trust: bool) -> Role | None:
        claims = Claims(token_roles=frozenset({"viewer"}), room_roles={ROOM: "editor"}, trust_token=trust)
        return CONVERSATION.standing(talk().state, ADA.actor, claims, 0)

    assert standing(trust=False) == "viewer"
    assert standing(trust=True) == "editor"
