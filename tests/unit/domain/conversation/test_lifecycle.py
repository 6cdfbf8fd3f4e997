"""The life of a conversation, rule by rule: started, talked in, understood, ended, claimed, removed."""

from typing import Any

import pytest

from domain.ids import ThingId, derived_id, room_address
from domain.kinds.conversation import events as did
from domain.kinds.conversation.commands import COMMANDS
from domain.kinds.conversation.decider import CONVERSATION
from domain.rejections import AlreadyExists, LimitReached, Malformed, NotAllowed, NotYet, NotYours, UnknownThing, WrongStatus
from domain.roles import Claims
from tests.unit.domain.conversation.samples import MAY_GIVE, SOME_ID, fields_of
from tests.unit.domain.conversation.talk import Talk, answered, answering, guest_talk, talk
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, EVE, GUEST, Person, Story

WEEK_MS = 7 * 24 * 60 * 60 * 1000


def test_a_conversation_is_its_starters() -> None:
    story = Talk()

    events = story.when(ADA, "start", project_id=SOME_ID, context={"title": "Office", "x": None})

    assert events == (did.ConversationStarted(project_id=ThingId(SOME_ID), context={"title": "Office"}),)
    face = story.view.conversation
    assert (face.owner, face.status, face.project_id, face.created_at) == (ADA.actor, "active", SOME_ID, story.at_ms)


def test_a_guests_conversation_keeps_the_hash_of_the_session() -> None:
    guest = Person(GUEST.actor, Claims(session_hash="ab" * 32))

    assert Talk().when(guest, "start") == (did.ConversationStarted(session_hash="ab" * 32),)


def test_a_person_has_no_session_to_keep() -> None:
    ada = Person(ADA.actor, Claims(session_hash="ab" * 32))

    assert Talk().when(ada, "start") == (did.ConversationStarted(),)


def test_its_address_follows_from_who_starts_it_and_when() -> None:
    story = Talk()
    command = story.command("start")

    address = CONVERSATION.address_of(command, ADA.actor)

    assert address == room_address("conversation", derived_id("conversation", ADA.actor.id, command.command_id, 0))
    assert address != CONVERSATION.address_of(command, BEN.actor)


def test_a_conversation_is_started_once() -> None:
    with pytest.raises(AlreadyExists, match="started already"):
        talk().when(ADA, "start")


def test_a_conversation_does_not_choose_its_address() -> None:
    story = Talk()
    command = CONVERSATION.commands["start"](
        room=room_address("conversation", SOME_ID), command_id=story.command("start").command_id
    )

    with pytest.raises(Malformed, match="gets its own address"):
        story.give(ADA, command)


@pytest.mark.parametrize("verb", sorted(set(COMMANDS) - {"start"}))
def test_before_it_is_started_nothing_is_there(verb: str) -> None:
    with pytest.raises(NotAllowed, match="does not exist"):
        Talk().when(MAY_GIVE[verb], verb, **fields_of(verb))


def test_what_people_say_is_theirs_and_what_the_server_says_is_the_systems() -> None:
    story = talk()

    assert story.when(ADA, "say", text="hi", metadata={"mood": "good"}) == (
        did.MessageAdded(role="user", text="hi", metadata={"mood": "good"}),
    )
    assert story.when(CLOCK, "say", text="The price list has changed") == (
        did.MessageAdded(role="system", text="The price list has changed"),
    )
    assert [message.by for message in story.view.messages] == [ADA.actor, CLOCK.actor]


def test_a_turn_does_not_answer_the_system() -> None:
    story = talk()
    said = story.say()
    story.given(CLOCK, "say", text="The price list has changed")

    assert story.when(BOT, "begin_turn") == (did.TurnStarted(reply_to=said, on_behalf_of=ADA.actor.id),)


def test_what_a_message_means_is_filled_in_bit_by_bit() -> None:
    story = talk()
    message_id = story.say()
    entities = ({"type": "number", "value": 120, "field": "desks"},)

    story.given(BOT, "annotate", message_id=message_id, intent="requirement", confidence=0.9)
    events = story.when(BOT, "annotate", message_id=message_id, entities=entities)

    assert events == (did.MessageAnnotated(message_id=message_id, intent="requirement", entities=entities, confidence=0.9),)
    message = story.view.messages[-1]
    assert (message.intent, message.entities, message.confidence) == ("requirement", entities, 0.9)


def test_an_annotation_says_something() -> None:
    story = talk()

    with pytest.raises(Malformed, match="nothing to annotate"):
        story.when(BOT, "annotate", message_id=story.say())


def test_a_message_that_is_not_among_the_newest_is_not_annotated() -> None:
    with pytest.raises(UnknownThing, match="none of the newest 0 messages has the id"):
        talk().when(BOT, "annotate", message_id=SOME_ID, intent="x")


@pytest.mark.parametrize("verb,field", [("set_requirements", "requirements"), ("set_context", "context")])
def test_objects_merge_by_key(verb: str, field: str) -> None:
    story = talk()
    story.given(ADA, verb, **{field: {"desks": 120, "rooms": {"small": 2, "large": 1}}})

    (event,) = story.when(ADA, verb, **{field: {"desks": None, "rooms": {"small": 3}}})

    assert getattr(event, field) == {"rooms": {"small": 3, "large": 1}}
    assert getattr(story.view.conversation, field) == {"rooms": {"small": 3, "large": 1}}


@pytest.mark.parametrize("verb,field", [("set_requirements", "requirements"), ("set_context", "context")])
def test_a_change_names_a_key(verb: str, field: str) -> None:
    with pytest.raises(Malformed, match=rf"\$\.{field}"):
        talk().when(ADA, verb, **{field: {}})


@pytest.mark.parametrize("verb,field", [("set_requirements", "requirements"), ("set_context", "context")])
def test_objects_do_not_grow_for_ever(verb: str, field: str) -> None:
    story = talk()
    story.given(ADA, verb, **{field: {"a": "x" * 9_000}})

    with pytest.raises(LimitReached, match="16 KiB: remove a key first"):
        story.when(ADA, verb, **{field: {"b": "x" * 9_000}})


def test_a_summary_replaces_the_one_before() -> None:
    story = talk()
    story.given(BOT, "summarise", summary="An office")
    story.given(BOT, "summarise", summary="A small office")

    assert story.view.conversation.summary == "A small office"


@pytest.mark.parametrize("verb,status", [("complete", "completed"), ("abandon", "abandoned")])
def test_what_is_being_told_when_it_ends_is_stopped(verb: str, status: str) -> None:
    story, first = answering("How many ")
    silent = story.begin()

    events = story.when(ADA, verb)

    added = did.MessageAdded(
        role="assistant", text="How many ", metadata={"ended": "stopped"}, turn_id=first, attempt=1, author_id=BOT.actor.id
    )
    message_id = story.state.messages[-1].id
    assert events[:3] == (added, did.TurnStopped(turn_id=first, message_id=message_id), did.TurnStopped(turn_id=silent))
    assert story.view.turns == ()
    assert (story.view.conversation.status, story.view.conversation.ended_at) == (status, story.at_ms)


@pytest.mark.parametrize("verb", ["say", "begin_turn", "set_context", "set_requirements", "complete", "abandon"])
@pytest.mark.parametrize("end", ["complete", "abandon"])
def test_after_the_end_nothing_is_said(end: str, verb: str) -> None:
    story = talk()
    story.given(ADA, end)

    with pytest.raises(WrongStatus, match=r"start a new one \(conversation.start\)"):
        story.when(MAY_GIVE[verb], verb, **fields_of(verb))


def test_after_the_end_a_conversation_is_still_understood_rated_and_removed() -> None:
    story, turn_id = answered()
    story.given(ADA, "complete")

    story.given(ADA, "rate_turn", turn_id=turn_id, rating=5)
    story.given(BOT, "annotate", message_id=story.view.messages[0].id, intent="requirement")
    story.given(BOT, "summarise", summary="An office")
    story.given(CLOCK, "note_refusal", turn_id=turn_id, action="update_project")
    assert story.when(ADA, "delete") == (did.ConversationDeleted(owner_id=ADA.actor.id),)


def test_the_clock_abandons_what_is_idle_and_nothing_else() -> None:
    story = talk()
    story.say()
    said_at = story.at_ms
    story.at_ms += WEEK_MS - 1
    with pytest.raises(NotYet) as early:
        story.when(CLOCK, "abandon")
    assert early.value.at_ms == said_at + WEEK_MS

    story.at_ms += 1
    assert story.when(CLOCK, "abandon") == (did.ConversationAbandoned(),)


def test_its_owner_abandons_it_at_any_time() -> None:
    assert talk().when(ADA, "abandon") == (did.ConversationAbandoned(),)


def claimed(story: Story, **fields: Any) -> tuple[Any, ...]:
    given = {"guest_id": GUEST.actor.id, "user_id": EVE.actor.id, "user_name": "Eve", **fields}
    return story.when(CLOCK, "claim", **given)


def test_a_guests_conversation_becomes_the_persons() -> None:
    story = guest_talk()

    assert claimed(story) == (did.ConversationClaimed(guest_id=GUEST.actor.id, user_id=EVE.actor.id, user_name="Eve"),)
    owner = story.view.conversation.owner
    assert (owner.id, owner.kind, owner.name) == (EVE.actor.id, "user", "Eve")
    story.say(who=EVE)
    with pytest.raises(NotAllowed, match="does not exist"):
        story.say(who=GUEST)


@pytest.mark.parametrize("story", [talk(), talk(Person(BEN.actor))], ids=["a person's", "another's"])
def test_a_claim_is_for_that_guests_conversation(story: Talk) -> None:
    with pytest.raises(NotYours, match="does not belong to that guest"):
        claimed(story)


def test_a_conversation_is_claimed_once() -> None:
    story = guest_talk()
    claimed(story)

    with pytest.raises(NotYours, match="does not belong to that guest"):
        claimed(story)


def test_a_deleted_conversation_is_gone_with_all_that_was_said() -> None:
    story, _ = answered()
    story.given(ADA, "delete")

    assert not CONVERSATION.exists(story.state)
    assert list(CONVERSATION.redacts(story.records[-1])) == [record.offset for record in story.records[:-1]]
    assert CONVERSATION.redacts(story.records[0]) == ()
