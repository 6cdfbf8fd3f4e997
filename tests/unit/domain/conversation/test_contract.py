"""That the parts of the conversation cover one another: commands, rules, events, steps."""

import msgspec
import pytest

from domain.decider import Decider
from domain.event_codec import EventCodec, decode, encode, tag_of
from domain.kinds.conversation import events as did
from domain.kinds.conversation.commands import COMMANDS, QUESTIONS
from domain.kinds.conversation.decider import CONVERSATION, ConversationDecider
from domain.kinds.conversation.events import EVENTS
from domain.kinds.conversation.evolution import STEPS
from domain.kinds.conversation.state import Conversation
from domain.record import Event
from domain.redaction import free_fields, redacted
from tests.unit.domain.conversation.samples import SOME_ID
from tests.unit.domain.conversation.talk import HAL, Talk, guest_talk
from tests.unit.domain.story import ADA, BOT, CLOCK, GUEST


def test_a_conversation_is_a_decider_by_type() -> None:
    decider: Decider[Conversation] = CONVERSATION

    assert decider.creates in decider.commands
    assert not set(COMMANDS) & set(QUESTIONS)


def test_every_command_has_a_rule_and_a_place_in_the_table() -> None:
    assert set(ConversationDecider()._rules) == set(ConversationDecider()._may) == set(COMMANDS.values())


def test_every_event_class_is_listed_with_a_tag_of_its_own() -> None:
    defined = {value for value in vars(did).values() if isinstance(value, type) and issubclass(value, Event) and value is not Event}

    assert set(EVENTS) == defined
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)


def test_every_event_has_its_step_but_the_deletion_which_leaves_nothing() -> None:
    assert set(STEPS) == set(EVENTS) - {did.ConversationDeleted}


def whole_life() -> Talk:
    """A story in which every event happens, but the end that it does not take."""
    story = guest_talk()
    story.given(GUEST, "set_context", context={"title": "Words"})
    message_id = story.say("We need desks", GUEST)
    story.given(BOT, "annotate", message_id=message_id, intent="ask", entities=({"field": "Words"},), confidence=1.0)
    turn_id = story.begin()
    story.tell(turn_id, "Words that are told")
    story.interrupt(turn_id)
    story.given(HAL, "begin_turn", resume_turn=turn_id)
    actions = ({"type": "update_project", "updates": {"name": "Words"}},)
    story.given(HAL, "complete_turn", **story.whole(turn_id, actions=actions))
    story.given(GUEST, "rate_turn", turn_id=turn_id, rating=1)
    stopping, failing = story.begin(), story.begin(HAL)
    story.tell(stopping, "Words")
    story.given(GUEST, "stop_turn", turn_id=stopping)
    story.given(HAL, "fail_turn", turn_id=failing, attempt=1, error="Words")
    story.given(BOT, "set_requirements", requirements={"Words": 120})
    story.given(BOT, "summarise", summary="Words")
    story.given(CLOCK, "note_refusal", turn_id=SOME_ID, action="update_project", reason="no")
    story.given(CLOCK, "claim", guest_id=GUEST.actor.id, user_id=ADA.actor.id, user_name="Ada")
    story.given(ADA, "complete")
    return story


def test_every_event_happens_in_a_whole_life_but_other_ends() -> None:
    story = whole_life()

    assert {type(record.event) for record in story.records} == set(EVENTS) - {did.ConversationDeleted, did.ConversationAbandoned}


def test_a_log_whose_texts_were_redacted_folds_all_the_same() -> None:
    story = whole_life()
    state = CONVERSATION.initial(story.room)
    for record in story.records:
        event = redacted(record.event)
        state = CONVERSATION.evolve(state, msgspec.structs.replace(record, event=event, body=encode(event)))

    assert state.face.status == story.state.face.status
    assert [message.id for message in state.messages] == [message.id for message in story.state.messages]
    assert "Words" not in encode(CONVERSATION.view(state)).decode()
    assert "desks" not in encode(state).decode()
    assert state.message_bytes == sum(len(encode(message)) for message in state.messages)


@pytest.mark.parametrize("event_class", EVENTS)
def test_free_text_is_what_people_and_models_say(event_class: type[Event]) -> None:
    words = {"text", "metadata", "context", "requirements", "summary", "entities", "actions", "error"}

    assert set(free_fields(event_class)) == words & set(event_class.__struct_fields__)


def test_no_reaction_repeats_what_was_said() -> None:
    story = whole_life()
    told = [encode(reaction.payload).decode() for record in story.records for reaction in CONVERSATION.reactions(record)]

    assert told
    assert not any("Words" in each or "desks" in each for each in told)


def test_a_state_comes_back_from_its_snapshot() -> None:
    story = whole_life()

    assert decode(encode(story.state), Conversation) == story.state
    assert CONVERSATION.state_type is Conversation


def test_records_come_back_from_the_journals_bytes() -> None:
    records = tuple(whole_life().records)
    codec = EventCodec({CONVERSATION.kind: CONVERSATION})

    assert codec.decode_records(codec.encode_records(records)) == records
