"""Redaction nulls what people wrote and nothing else."""

import msgspec

from domain.event_codec import encode
from domain.ids import ThingId
from domain.kinds.workspace.events import FeedbackChanged, MessagePosted, SessionCompleted, WorkspaceArchived
from domain.redaction import free_fields, redacted, redacted_record
from tests.support.records import record, workspace

ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")


def test_text_lists_and_objects_are_emptied_and_the_rest_stays() -> None:
    event = FeedbackChanged(feedback_id=ONE, content="secret", kind="missed", data={"a": 1}, attachments=("https://x",))

    assert redacted(event) == FeedbackChanged(feedback_id=ONE, content="", kind="missed")


def test_numbers_stay() -> None:
    event = SessionCompleted(session_id=ONE, success_rate=0.5, result={"a": 1}, session_count=2, overall_success_rate=0.5)

    assert redacted(event) == SessionCompleted(session_id=ONE, success_rate=0.5, session_count=2, overall_success_rate=0.5)


def test_an_event_without_words_stays_as_it_is() -> None:
    assert free_fields(WorkspaceArchived) == ()
    assert redacted(WorkspaceArchived()) == WorkspaceArchived()


def test_a_record_keeps_everything_but_its_words() -> None:
    said = record(workspace("one"), 2, MessagePosted(text="secret"))

    left = redacted_record(said)

    assert left == msgspec.structs.replace(said, event=MessagePosted(text=""), body=encode(MessagePosted(text="")))
    assert redacted_record(left) == left
