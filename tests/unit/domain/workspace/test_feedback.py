"""Sessions and feedback, rule by rule."""

import pytest

from domain.kinds.workspace import events as did
from domain.kinds.workspace.state import OPEN_SESSIONS_MAX, UNSENT_MAX, UNSENT_MAX_BYTES
from domain.limits import OBJECT_MAX_BYTES
from domain.rejections import LimitReached, Malformed, NotYours, UnknownThing, WrongStatus
from tests.unit.domain.story import ADA, BEN, EVE, Person, Story, sent, workspace
from tests.unit.domain.workspace.samples import SOME_ID


def test_a_session_has_its_events_id_and_counts() -> None:
    story = workspace()
    record = story.give(ADA, story.command("create_session", name="EURUSD", data={"bars": 500}))[0]

    assert record.event == did.SessionCreated(name="EURUSD", data={"bars": 500}, session_count=1)
    (session,) = story.view.sessions
    assert (session.id, session.name, session.status, session.created_by) == (record.id, "EURUSD", "active", ADA.actor.id)
    assert story.view.workspace.session_count == 1


def test_completing_a_session_sets_result_rate_and_last_tested() -> None:
    story = workspace()
    session_id = story.given(ADA, "create_session", name="EURUSD")

    assert story.when(BEN, "complete_session", session_id=session_id, success_rate=0.5, result={"hits": 2}) == (
        did.SessionCompleted(
            session_id=session_id, success_rate=0.5, result={"hits": 2}, session_count=1, overall_success_rate=0.5
        ),
    )
    (session,) = story.view.sessions
    assert (session.status, session.completed_at, session.success_rate, session.result) == (
        "completed",
        story.at_ms,
        0.5,
        {"hits": 2},
    )
    assert (story.view.workspace.success_rate, story.view.workspace.last_tested_at) == (0.5, story.at_ms)


def test_the_overall_rate_is_the_mean_over_the_sessions_that_gave_one() -> None:
    story = workspace()
    for rate in (1.0, None, 0.5, 0.0):
        story.given(ADA, "complete_session", session_id=story.given(ADA, "create_session", name="S"), success_rate=rate)

    assert story.view.workspace.success_rate == 0.5


def test_a_completed_session_is_not_completed_again() -> None:
    story = workspace()
    session_id = story.given(ADA, "create_session", name="S")
    story.given(ADA, "complete_session", session_id=session_id)

    with pytest.raises(WrongStatus, match="completed already"):
        story.when(ADA, "complete_session", session_id=session_id)


def test_an_unknown_session_is_not_completed() -> None:
    with pytest.raises(UnknownThing, match=SOME_ID):
        workspace().when(ADA, "complete_session", session_id=SOME_ID)


def test_an_old_session_that_is_still_open_can_be_completed() -> None:
    story = workspace()
    first = story.given(ADA, "create_session", name="first")
    for number in range(6):
        story.given(ADA, "create_session", name=f"later {number}")

    assert first not in [session.id for session in story.view.sessions]
    story.given(ADA, "complete_session", session_id=first, success_rate=1.0)
    assert story.view.workspace.success_rate == 1.0


def test_the_view_has_the_five_newest_sessions_oldest_first_and_the_count_of_all() -> None:
    story = workspace()
    ids = [story.given(ADA, "create_session", name=f"{number}") for number in range(7)]

    assert [session.id for session in story.view.sessions] == ids[2:]
    assert story.view.workspace.session_count == 7


def test_open_sessions_are_bounded() -> None:
    story = workspace()
    for _ in range(OPEN_SESSIONS_MAX):
        story.given(ADA, "create_session", name="S")

    with pytest.raises(LimitReached, match="complete one of them"):
        story.when(ADA, "create_session", name="one more")


def test_feedback_has_its_events_id_and_counts() -> None:
    story = workspace()
    session_id = story.given(ADA, "create_session", name="S")

    assert story.when(
        ADA, "add_feedback", content="no", kind="missed", session_id=session_id, data={"bar": 7}, attachments=("https://x/1",)
    ) == (
        did.FeedbackAdded(
            content="no",
            kind="missed",
            session_id=session_id,
            data={"bar": 7},
            attachments=("https://x/1",),
            feedback_count=1,
            unsent_count=1,
        ),
    )
    assert (story.view.workspace.feedback_count, story.view.workspace.unsent_feedback_count) == (1, 1)


@pytest.mark.parametrize("verb", ["add_feedback", "send_feedback"])
def test_feedback_refers_to_a_session_of_this_workspace(verb: str) -> None:
    fields = {"content": "no"} if verb == "add_feedback" else {}
    with pytest.raises(UnknownThing, match="session"):
        workspace().when(ADA, verb, session_id=SOME_ID, **fields)


def test_feedback_may_refer_to_a_completed_session() -> None:
    story = workspace()
    session_id = story.given(ADA, "create_session", name="S")
    story.given(ADA, "complete_session", session_id=session_id)
    story.given(ADA, "add_feedback", content="no", session_id=session_id)


def test_unsent_feedback_is_changed_by_its_author_and_what_is_left_out_stays() -> None:
    story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="no", kind="missed", attachments=("https://x/1",))

    assert story.when(ADA, "change_feedback", feedback_id=feedback_id, content="yes") == (
        did.FeedbackChanged(feedback_id=feedback_id, content="yes", kind="missed", attachments=("https://x/1",)),
    )
    assert story.when(ADA, "change_feedback", feedback_id=feedback_id, kind="good", attachments=()) == (
        did.FeedbackChanged(feedback_id=feedback_id, content="yes", kind="good"),
    )


def test_changing_the_data_of_feedback_merges_by_key_and_null_removes() -> None:
    story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="no", data={"bar": 7, "at": {"x": 1, "y": 2}})

    (event,) = story.when(ADA, "change_feedback", feedback_id=feedback_id, data={"bar": None, "at": {"y": 3}, "new": True})
    assert isinstance(event, did.FeedbackChanged)
    assert event.data == {"at": {"x": 1, "y": 3}, "new": True}


def test_data_does_not_grow_over_its_limit_by_merging() -> None:
    story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="no", data={"a": "x" * (OBJECT_MAX_BYTES - 100)})

    with pytest.raises(LimitReached, match=r"\$\.data"):
        story.when(ADA, "change_feedback", feedback_id=feedback_id, data={"b": "x" * 200})


def test_changing_nothing_of_feedback_is_refused() -> None:
    story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="no")

    with pytest.raises(Malformed, match="nothing to change"):
        story.when(ADA, "change_feedback", feedback_id=feedback_id)


def test_unsent_feedback_is_removed_by_its_author() -> None:
    story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="no")
    story.given(BEN, "add_feedback", content="me too")

    assert story.when(ADA, "remove_feedback", feedback_id=feedback_id) == (
        did.FeedbackRemoved(feedback_id=feedback_id, feedback_count=1, unsent_count=1),
    )
    assert (story.view.workspace.feedback_count, story.view.workspace.unsent_feedback_count) == (1, 1)


@pytest.mark.parametrize("who", [BEN, EVE])
@pytest.mark.parametrize("verb,fields", [("change_feedback", {"content": "mine"}), ("remove_feedback", {})])
def test_nobody_but_its_author_touches_feedback(who: Person, verb: str, fields: dict[str, str]) -> None:
    story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="no")

    with pytest.raises(NotYours, match="author"):
        story.when(who, verb, feedback_id=feedback_id, **fields)


@pytest.mark.parametrize("verb,fields", [("change_feedback", {"content": "mine"}), ("remove_feedback", {})])
def test_sent_feedback_is_not_touched_any_more(verb: str, fields: dict[str, str]) -> None:
    story = workspace("implementing")
    sent(story)
    (feedback_id,) = story.view.executions[-1].feedback_ids

    with pytest.raises(WrongStatus, match="was sent"):
        story.when(ADA, verb, feedback_id=feedback_id, **fields)


def test_unknown_feedback_is_not_touched() -> None:
    with pytest.raises(UnknownThing, match=SOME_ID):
        workspace().when(ADA, "remove_feedback", feedback_id=SOME_ID)


def test_sending_opens_a_pending_execution_that_holds_the_items_in_their_order() -> None:
    story = workspace("beta")
    ids = tuple(story.given(who, "add_feedback", content="no") for who in (ADA, BEN, ADA))
    record = story.give(BEN, story.command("send_feedback"))[0]

    assert record.event == did.FeedbackBatchSent(feedback_ids=ids, unsent_count=0)
    execution = story.view.executions[-1]
    assert (execution.id, execution.status, execution.feedback_ids) == (record.id, "pending", ids)
    assert (execution.triggered_by, story.view.workspace.unsent_feedback_count) == (BEN.actor.id, 0)
    assert story.view.workspace.feedback_count == 3


def test_sending_takes_the_named_items_each_once() -> None:
    story = workspace("beta")
    first, second, third = (story.given(ADA, "add_feedback", content="no") for _ in range(3))

    assert story.when(ADA, "send_feedback", feedback_ids=(third, first, third)) == (
        did.FeedbackBatchSent(feedback_ids=(third, first), unsent_count=1),
    )
    assert list(story.state.unsent) == [second]


def test_an_item_is_sent_once() -> None:
    story = workspace("beta")
    feedback_id = story.given(ADA, "add_feedback", content="no")
    story.given(ADA, "send_feedback")

    with pytest.raises(WrongStatus, match="was sent"):
        story.when(ADA, "send_feedback", feedback_ids=(feedback_id,))


def test_sending_an_unknown_item_is_refused() -> None:
    with pytest.raises(UnknownThing, match=SOME_ID):
        workspace().when(ADA, "send_feedback", feedback_ids=(SOME_ID,))


def test_sending_nothing_is_refused() -> None:
    with pytest.raises(WrongStatus, match="no feedback waits"):
        workspace().when(ADA, "send_feedback")


def test_unsent_feedback_is_bounded_in_number() -> None:
    story = workspace()
    for _ in range(UNSENT_MAX):
        story.given(ADA, "add_feedback", content="no")

    with pytest.raises(LimitReached, match="send them first"):
        story.when(ADA, "add_feedback", content="one more")


def test_unsent_feedback_is_bounded_in_bytes_and_sending_makes_room() -> None:
    story = workspace()
    while story.state.unsent_bytes <= UNSENT_MAX_BYTES:
        story.given(ADA, "add_feedback", content="x" * 20_000, data={"y": "y" * 15_000})

    with pytest.raises(LimitReached, match="1 MiB"):
        story.when(ADA, "add_feedback", content="one more")
    story.given(ADA, "send_feedback")
    assert story.state.unsent_bytes == 0
    story.given(ADA, "add_feedback", content="now")


def test_bytes_of_unsent_feedback_follow_changes_and_removals() -> None:
    story: Story = workspace()
    feedback_id = story.given(ADA, "add_feedback", content="short")
    before = story.state.unsent_bytes
    story.given(ADA, "change_feedback", feedback_id=feedback_id, content="x" * 1_000)
    assert story.state.unsent_bytes > before
    story.given(ADA, "remove_feedback", feedback_id=feedback_id)
    assert story.state.unsent_bytes == 0
