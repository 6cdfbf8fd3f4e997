"""The view of a workspace: what a joiner gets, and that it fits."""

import msgspec

from domain.event_codec import encode
from domain.kinds.workspace.fitting import VIEW_MAX_BYTES
from domain.kinds.workspace.state import ACTIVE_MAX, MESSAGES_MAX, MESSAGES_MAX_BYTES
from domain.record import Actor
from tests.unit.domain.story import ADA, BEN, BOT, Person, Story, deploying, sent, started, workspace


def plain_view(story: Story) -> dict[str, object]:
    view: dict[str, object] = msgspec.json.decode(encode(story.view))
    return view


def test_messages_are_in_the_shape_of_publications() -> None:
    story = workspace()
    ada = Person(Actor(id=ADA.actor.id, name="Ada", image="https://x/ada.png"))
    story.given(ada, "post", text="hello")

    record = story.records[-1]
    assert plain_view(story)["messages"][-1] == {  # type: ignore[index]  # JSON
        "id": record.id,
        "offset": 2,
        "at": story.at_ms,
        "by": {"id": ADA.actor.id, "name": "Ada", "image": "https://x/ada.png"},
        "event": {"type": "message_posted", "text": "hello"},
    }


def test_every_event_is_a_message_of_the_timeline() -> None:
    story = workspace("verified")

    assert [message.offset for message in story.view.messages] == list(range(1, len(story.records) + 1))
    assert [message.event for message in story.view.messages] == [msgspec.Raw(record.body) for record in story.records]


def test_the_newest_fifty_messages_are_kept_oldest_first() -> None:
    story = workspace()
    for number in range(60):
        story.given(ADA, "post", text=f"{number}")

    assert [message.offset for message in story.view.messages] == list(range(12, 62))
    assert len(story.view.messages) == MESSAGES_MAX


def test_of_large_messages_fewer_are_kept_and_the_newest_always() -> None:
    story = workspace()
    for _ in range(20):
        story.given(ADA, "post", text="x" * 20_000)

    assert story.state.message_bytes <= MESSAGES_MAX_BYTES
    offsets = [message.offset for message in story.view.messages]
    assert offsets == list(range(offsets[0], 22))
    assert 1 < len(offsets) < 20


def test_the_view_has_the_latest_execution_and_all_that_are_active_or_deploying() -> None:
    story, deployed = deploying()
    story.given(BOT, "complete_execution", execution_id=deployed)
    sent(story)
    over = started(story)
    story.given(BOT, "fail_execution", execution_id=over, error="no")
    sent(story)
    now_running = started(story)
    waiting = sent(story)

    assert [execution.id for execution in story.view.executions] == [deployed, now_running, waiting]


def test_the_latest_execution_stays_in_the_view_when_it_has_ended() -> None:
    story = workspace("beta")

    (execution,) = story.view.executions
    assert execution.status == "completed"


def test_the_view_counts_unsent_feedback_and_holds_none_of_it() -> None:
    story = workspace()
    story.given(ADA, "add_feedback", content="between us")
    story.given(ADA, "delete")

    assert story.view.workspace.unsent_feedback_count == 1
    assert not hasattr(story.view, "unsent")


def test_the_largest_workspace_fits_into_a_view() -> None:
    story = workspace()
    nasty = "\x01" * 5_000
    story.given(
        ADA,
        "submit_description",
        description="\x01" * 7_000,
        reasoning="\x01" * 6_000,
        steps=("€" * 500,) * 10,
    )
    for _ in range(5):
        session_id = story.given(ADA, "create_session", name="\x01" * 200, data={"x": "y" * 16_000})
        story.given(ADA, "complete_session", session_id=session_id, result={"x": "y" * 16_000})
    for _ in range(ACTIVE_MAX):
        sent(story)
    execution_id = started(story)
    story.given(BOT, "fail_execution", execution_id=execution_id, error=nasty)
    story.given(BEN, "retry_execution", execution_id=execution_id, reason=nasty)
    execution_id = started(story)
    for _ in range(50):
        story.given(BOT, "add_checkpoint", execution_id=execution_id, title="half", note=nasty)
    story.given(BOT, "start_deploy", execution_id=execution_id)
    story.given(BOT, "complete_execution", execution_id=execution_id, files=("f" * 100,) * 900, commit_message="m" * 5_000)

    assert len(encode(story.view)) <= VIEW_MAX_BYTES
    assert story.view.workspace == story.state.face
    assert story.view.messages
    assert story.view.messages[-1].offset == len(story.records)


def test_what_is_shortened_goes_in_the_documented_order() -> None:
    story = workspace("implementing")
    for _ in range(5):
        story.given(ADA, "create_session", name="S", data={"x": "y" * 16_000})
    assert all(session.data for session in story.view.sessions)
    execution_id = started(story)
    for _ in range(3):
        story.given(BOT, "add_checkpoint", execution_id=execution_id, title="half", note="n" * 20_000)

    assert not any(session.data for session in story.view.sessions)
    assert story.view.executions[-1].checkpoints
    for _ in range(4):
        story.given(BOT, "add_checkpoint", execution_id=execution_id, title="half", note="n" * 20_000)
    assert not story.view.executions[-1].checkpoints


def test_beside_a_very_long_description_there_are_fewer_messages() -> None:
    story = workspace()
    story.given(ADA, "submit_description", description="\x01" * 18_000, reasoning="\x01" * 7_000)
    for _ in range(20):
        story.given(ADA, "post", text="x" * 20_000)

    offsets = [message.offset for message in story.view.messages]
    assert len(encode(story.view)) <= VIEW_MAX_BYTES
    assert offsets == list(range(offsets[0], 23))
    assert 0 < len(offsets) < len(story.state.messages)
