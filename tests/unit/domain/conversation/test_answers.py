"""What a conversation answers when it is asked for the text of a turn."""

import pytest

from domain.kinds.conversation.view import TurnText
from domain.rejections import UnknownThing
from tests.unit.domain.conversation.samples import SOME_ID
from tests.unit.domain.conversation.talk import HAL, answered, answering, interrupted, stopped, talk
from tests.unit.domain.story import ADA


@pytest.mark.parametrize("position,text", [(0, "How many "), (4, "many "), (9, "")])
def test_a_running_turn_is_read_from_where_the_reader_is(position: int, text: str) -> None:
    story, turn_id = answering()

    assert story.read(turn_id, position) == TurnText(turn_id=turn_id, attempt=1, position=position, text=text, is_running=True)


def test_who_asks_for_more_than_there_is_hears_where_the_end_is() -> None:
    story, turn_id = answering()

    assert story.read(turn_id, 4_000) == TurnText(turn_id=turn_id, attempt=1, position=9, text="", is_running=True)


def test_what_waits_for_a_takeover_is_read_and_does_not_run() -> None:
    story, turn_id = interrupted()

    assert story.read(turn_id) == TurnText(turn_id=turn_id, attempt=1, position=0, text="How many ", is_running=False)
    story.given(HAL, "begin_turn", resume_turn=turn_id)
    assert story.read(turn_id, 4) == TurnText(turn_id=turn_id, attempt=2, position=4, text="many ", is_running=True)


def test_a_turn_that_has_ended_is_read_from_its_message() -> None:
    story, turn_id = answered()

    assert story.read(turn_id, 4) == TurnText(
        turn_id=turn_id, attempt=1, position=4, text="many people are there?", is_running=False
    )
    story, turn_id = stopped()
    assert story.read(turn_id).text == "How many "


def test_of_an_old_turn_the_answer_says_where_to_find_it() -> None:
    story, turn_id = answered()
    for number in range(50):
        story.given(ADA, "say", text=f"{number}")

    with pytest.raises(UnknownThing, match=f"GET /conversations/{story.room.partition(':')[2]}/messages"):
        story.read(turn_id)


def test_a_turn_that_never_was_is_not_known() -> None:
    with pytest.raises(UnknownThing, match="no open turn"):
        talk().read(SOME_ID)
