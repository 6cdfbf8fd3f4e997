"""The view of a conversation: what a joiner gets, and that it fits."""

import msgspec

from domain.event_codec import encode
from domain.kinds.conversation.decider import CONVERSATION
from domain.kinds.conversation.fitting import VIEW_MAX_BYTES
from domain.kinds.conversation.state import MESSAGES_MAX, MESSAGES_MAX_BYTES, TURNS_MAX
from domain.limits import PIECE_MAX
from tests.unit.domain.conversation.talk import HAL, answering, talk
from tests.unit.domain.story import ADA, BOT


def test_a_joiner_sees_row_messages_and_open_turns() -> None:
    story, turn_id = answering()
    view = msgspec.json.decode(encode(story.view))

    assert view["conversation"] == {
        "id": story.room.partition(":")[2],
        "project_id": None,
        "owner": {"id": ADA.actor.id, "name": "Ada"},
        "status": "active",
        "context": {},
        "requirements": {},
        "summary": "",
        "message_count": 1,
        "created_at": story.records[0].time_ms,
        "updated_at": story.records[-1].time_ms,
        "ended_at": None,
    }
    assert [message["text"] for message in view["messages"]] == ["We need 120 desks"]
    assert [(turn["id"], turn["status"], turn["attempt"]) for turn in view["turns"]] == [(turn_id, "running", 1)]
    assert "How many" not in encode(story.view).decode()


def test_the_newest_fifty_messages_are_kept_oldest_first() -> None:
    story = talk()
    for number in range(60):
        story.say(f"{number}")

    assert [message.text for message in story.view.messages] == [f"{number}" for number in range(10, 60)]
    assert len(story.view.messages) == MESSAGES_MAX
    assert story.view.conversation.message_count == 60


def test_of_large_messages_fewer_are_kept_and_the_newest_always() -> None:
    story = talk()
    for _ in range(20):
        story.say("x" * 20_000)
    assert story.state.message_bytes <= MESSAGES_MAX_BYTES
    assert 1 < len(story.view.messages) < 20

    turn_id = story.begin()
    for _ in range(7):
        story.tell(turn_id, "\n" * (PIECE_MAX // 2))
    story.given(BOT, "complete_turn", **story.whole(turn_id))
    assert story.view.messages[-1].turn_id == turn_id


def test_what_is_learned_of_a_message_counts_for_its_size() -> None:
    story = talk()
    for _ in range(12):
        story.say("x" * 10_000)
    kept = len(story.state.messages)
    story.given(BOT, "annotate", message_id=story.state.messages[-1].id, entities=({"value": "y" * 14_000},))

    assert len(story.state.messages) < kept
    assert story.state.message_bytes == sum(len(encode(message)) for message in story.state.messages)


def test_the_largest_conversation_fits_into_a_view() -> None:
    story = talk(context={"a": "x" * 16_000})
    story.given(BOT, "set_requirements", requirements={"a": "x" * 16_000})
    story.given(BOT, "summarise", summary="\x01" * 5_000)
    for _ in range(20):
        story.say("x" * 20_000)
    turn_id = story.begin()
    for _ in range(7):
        story.tell(turn_id, "\x01\n\n\n" * 1_500)
    story.given(BOT, "complete_turn", **story.whole(turn_id, actions=({"type": "note", "x": "y" * 16_000},)))
    story.given(BOT, "annotate", message_id=story.view.messages[-1].id, entities=({"value": "y" * 16_000},))
    for _ in range(TURNS_MAX):
        story.begin(HAL)

    assert len(encode(story.view)) <= VIEW_MAX_BYTES
    assert story.view.messages[-1].turn_id == turn_id
    assert len(story.view.turns) == TURNS_MAX


def test_beside_a_large_row_there_are_fewer_messages() -> None:
    story = talk(context={"a": "x" * 16_000})
    for _ in range(6):
        story.say("x" * 20_000)
    kept = story.state
    faces = msgspec.structs.replace(kept.face, summary="x" * 200_000)
    view = CONVERSATION.view(msgspec.structs.replace(kept, face=faces))

    assert len(encode(view)) <= VIEW_MAX_BYTES
    assert 0 < len(view.messages) < len(kept.messages)
    assert view.messages == kept.messages[-len(view.messages) :]
