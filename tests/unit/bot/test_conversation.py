"""A conversation as the bot follows it: what is asked and not answered yet."""

from pathlib import Path

from atrium_bot.memory import ChatMemory

from tests.unit.bot.talk_double import TalkDouble, asked
from tests.unit.domain.conversation.talk import HAL, Talk, answered, answering, interrupted, talk
from tests.unit.domain.story import ADA, CLOCK


def question_of(story: Talk) -> str:
    question = TalkDouble(story).question
    return question.text if question else ""


def test_the_last_thing_that_a_person_said_is_the_question() -> None:
    story = talk()
    assert question_of(story) == ""
    story.say("first")
    story.say("second")
    story.given(CLOCK, "say", text="The price list has changed")
    assert question_of(story) == "second"


def test_what_is_being_answered_or_was_is_no_question() -> None:
    assert question_of(answering()[0]) == ""
    assert question_of(interrupted()[0]) == ""
    assert question_of(answered()[0]) == ""


def test_what_is_said_during_an_answer_is_a_question_behind_it() -> None:
    story, turn_id = answering()
    room = TalkDouble(story)
    room.happens(ADA, "say", text="and chairs")
    room.happens(ADA, "stop_turn", turn_id=turn_id)

    assert room.question is not None
    assert room.question.text == "and chairs"
    assert turn_id in room.ended


def test_a_bot_that_remembers_what_it_answered_finds_the_question_behind_it() -> None:
    story, turn_id = answering()
    first = story.state.messages[0].id
    story.say("and chairs")
    story.given(ADA, "stop_turn", turn_id=turn_id)
    room = TalkDouble(story)
    assert room.question is None

    room.recall(first)

    assert room.question is not None
    assert room.question.text == "and chairs"


def test_a_fresh_view_tells_which_turns_have_ended_unseen() -> None:
    story, turn_id = answering()
    room = TalkDouble(story)
    story.given(ADA, "stop_turn", turn_id=turn_id)

    again = TalkDouble(story)
    room.seen({"conversation": {"status": "active"}, "messages": [], "turns": []})

    assert room.ended == {turn_id}
    assert again.ended == set()


def test_a_takeover_and_an_end_are_followed() -> None:
    story, turn_id = interrupted()
    room = TalkDouble(story)
    assert room.turns[turn_id].status == "interrupted"
    room.happens(HAL, "begin_turn", resume_turn=turn_id)
    assert (room.turns[turn_id].status, room.turns[turn_id].teller) == ("running", HAL.actor.id)
    room.happens(ADA, "abandon")
    assert (room.status, room.turns) == ("abandoned", {})


def test_the_history_of_a_turn_ends_with_its_question() -> None:
    room = asked("first")
    room.happens(ADA, "say", text="second")

    assert [message.text for message in room.up_to(room.messages[0].id)] == ["first"]
    assert [message.text for message in room.up_to("gone")] == ["first", "second"]


def test_what_was_answered_is_remembered_and_a_broken_memory_is_none(tmp_path: Path) -> None:
    memory = ChatMemory(tmp_path, "ws://x", "room")
    assert memory.answered() == ""
    memory.keep_answered("m")
    assert ChatMemory(tmp_path, "ws://x", "room").answered() == "m"
    next(tmp_path.iterdir()).write_text("[]")
    assert memory.answered() == ""
