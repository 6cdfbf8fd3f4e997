"""What the clock asks of a conversation."""

import pytest

from domain.decider import Deadline
from domain.kinds.conversation.decider import CONVERSATION, ConversationDecider
from domain.kinds.conversation.ticks import turn_key
from domain.rejections import NotYet
from tests.unit.domain.conversation.talk import HAL, Talk, answering, interrupted, talk
from tests.unit.domain.story import ADA, CLOCK

WEEK_MS = 7 * 24 * 60 * 60 * 1000


def test_a_running_turn_may_be_silent_for_half_a_minute() -> None:
    story, turn_id = answering("")

    assert story.due()[f"turn:{turn_id}"] == Deadline(
        what=f"turn:{turn_id}",
        at_ms=story.at_ms + 30_000,
        name="conversation.interrupt_turn",
        payload={"turn_id": turn_id},
        quiet_key=turn_key(turn_id),
        quiet_ms=30_000,
    )


def test_an_open_conversation_may_be_idle_for_a_week() -> None:
    story = talk()
    story.say()

    assert story.due() == {"idle": Deadline(what="idle", at_ms=story.at_ms + WEEK_MS, name="conversation.abandon", payload={})}


def test_what_waits_for_a_takeover_is_not_due_and_stays_live() -> None:
    story, turn_id = interrupted()

    assert set(story.due()) == {"idle"}
    assert CONVERSATION.live_keys(story.state) == {turn_key(turn_id)}
    story.given(HAL, "begin_turn", resume_turn=turn_id)
    assert set(story.due()) == {"idle", f"turn:{turn_id}"}


@pytest.mark.parametrize("end", ["complete", "abandon", "delete"])
def test_after_the_end_nothing_is_due_or_live(end: str) -> None:
    story, _ = answering()
    story.given(ADA, end)

    assert story.due() == {}
    assert CONVERSATION.live_keys(story.state) == frozenset()


def test_a_piece_puts_the_interruption_off() -> None:
    story, turn_id = answering("")
    story.at_ms += 25_000
    story.tell(turn_id, "word")
    told_at = story.at_ms
    story.at_ms += 6_000

    with pytest.raises(NotYet) as early:
        story.when(CLOCK, "interrupt_turn", turn_id=turn_id)

    assert early.value.at_ms == told_at + 30_000


def test_how_long_silence_may_last_is_said_where_it_is_made() -> None:
    story = Talk(ConversationDecider(silent_ms=5, idle_ms=70))
    story.given(ADA, "start")
    turn_id = story.begin()

    assert story.due()["idle"].at_ms == story.at_ms + 70
    assert story.due()[f"turn:{turn_id}"].quiet_ms == 5
    story.at_ms += 5
    story.when(CLOCK, "interrupt_turn", turn_id=turn_id)
    story.at_ms += 70
    story.when(CLOCK, "abandon")
    assert story.view.conversation.status == "abandoned"
