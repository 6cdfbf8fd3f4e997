"""What happens in a workspace, as rows: coalesced or one by one the same, and the same as the rules' own state."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import decode, encode
from domain.ids import id_of
from domain.kinds.workspace import events as did
from domain.kinds.workspace.view import Checkpoint, Execution, PhaseSpan
from domain.record import Record
from domain.redaction import redacted
from persistence.tables.workspace import MESSAGE_TYPES
from persistence.write_behind.projections.workspace import ROWS, operations
from persistence.write_behind.projections.workspace_messages import SAID, message
from persistence.write_behind.row_operations import Plan, coalesce
from tests.support.rows import Tables, apply
from tests.unit.domain.story import ADA, BOT, EVE, Story, record_of, workspace
from tests.unit.domain.workspace.test_replay import lives

some = settings(max_examples=60, deadline=None)


def plan_of(records: Sequence[Record]) -> Plan:
    return coalesce((record.room, operations(record)) for record in records)


def one_by_one(story: Story) -> Tables:
    return apply({}, [plan_of([record]) for record in story.records])


def test_every_event_has_its_rows_and_its_message() -> None:
    assert set(ROWS) == set(did.EVENTS)
    assert set(SAID) == set(did.EVENTS) - {did.WorkspaceDeleted}
    assert {event.__struct_config__.tag for event in did.EVENTS} == set(MESSAGE_TYPES)


@some
@given(lives(), st.data())
def test_coalesced_in_batches_equals_one_by_one(story: Story, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(story.records)), max_size=4)))
    edges = [0, *cuts, len(story.records)]
    batches = [story.records[start:end] for start, end in pairwise(edges)]

    assert apply({}, [plan_of(batch) for batch in batches]) == one_by_one(story)


@some
@given(lives())
def test_rows_say_what_the_rules_state_says(story: Story) -> None:
    tables = one_by_one(story)
    if not story.state.is_there:
        assert not any(tables.get(table) for table in ("pattern_workspaces", "workspace_messages", "claude_executions"))
        return

    face, row = story.state.face, tables["pattern_workspaces"][story.state.id]
    for column, value in _as_row(face).items():
        assert row[column] == value, column
    for execution in story.state.executions:
        _same_execution(execution, tables["claude_executions"][execution.id])
    assert {key for key, item in tables.get("feedback_items", {}).items() if item.get("sent_to_claude_at") is None} == set(
        story.state.unsent
    )
    sessions = tables.get("pattern_sessions", {})
    for session in story.state.sessions:
        assert (sessions[session.id]["status"], sessions[session.id]["success_rate"]) == (session.status, session.success_rate)
        assert sessions[session.id]["result"] == session.result


def _as_row(face: Any) -> dict[str, Any]:
    return {
        "pattern_type": face.pattern_type,
        "name": face.name,
        "category": face.category,
        "status": face.status,
        "version": face.version,
        "created_at": face.created_at,
        "updated_at": face.updated_at,
        "implemented_at": face.implemented_at,
        "approved_at": face.approved_at,
        "verified_at": face.verified_at,
        "created_by_id": face.created_by,
        "approved_by_id": face.approved_by,
        "verified_by_id": face.verified_by,
        "session_count": face.session_count,
        "feedback_count": face.feedback_count,
        "success_rate": face.success_rate,
        "last_tested_at": face.last_tested_at,
    }


def _same_execution(execution: Execution, row: dict[str, Any]) -> None:
    for column in ("status", "phase", "progress", "triggered_at", "completed_at", "retry_count", "max_retries", "deploy_status"):
        assert row[column] == getattr(execution, column), column
    for column in ("started_at", "errored_at", "deploy_attempt", "parent_execution_id", "deploy_started_at", "deploy_completed_at"):
        assert row[column] == getattr(execution, column), column
    for column in ("prompt_file", "commit_hash", "commit_message", "error", "deploy_url", "retry_reason"):
        assert (row[column] or "") == getattr(execution, column), column
    assert tuple(row["files_changed"]) == execution.files
    assert tuple(row["feedback_ids"]) == execution.feedback_ids
    assert decode(encode(row["phases"]), dict[str, PhaseSpan]) == execution.phases
    checkpoints = decode(encode(row["checkpoints"]), tuple[Checkpoint, ...])
    assert checkpoints[len(checkpoints) - len(execution.checkpoints) :] == execution.checkpoints


@some
@given(lives())
def test_every_event_is_one_message_in_order(story: Story) -> None:
    messages = one_by_one(story).get("workspace_messages", {})
    deleted = max((record.offset for record in story.records if type(record.event) is did.WorkspaceDeleted), default=0)

    offsets = [row["offset"] for row in messages.values()]
    assert offsets == [record.offset for record in story.records if record.offset > deleted]


@some
@given(lives())
def test_redacted_events_still_make_rows(story: Story) -> None:
    records = [
        record_of(record.room, record.offset, redacted(record.event), record.actor, at_ms=record.time_ms)
        for record in story.records
    ]
    for record in records:
        assert operations(record)


def test_status_and_progress_of_messages_use_the_documents_words() -> None:
    story = workspace("soon")
    story.given(ADA, "request_implementation")
    execution_id = story.given(BOT, "start_execution") and story.state.running.id
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="testing", progress=40, note="now")
    story.given(BOT, "start_deploy", execution_id=execution_id)
    story.given(BOT, "report_building", execution_id=execution_id)
    story.given(BOT, "succeed_deploy", execution_id=execution_id, url="https://x.example")
    story.given(BOT, "complete_execution", execution_id=execution_id, commit_message="Done")
    story.given(ADA, "add_feedback", content="no")
    story.given(ADA, "send_feedback")

    said = [message(record).values for record in story.records]
    words = {row["type"]: (row["status"], row["progress"]) for row in said}
    assert words["claude_started"] == ("in_progress", None)
    assert words["claude_phase_update"] == ("in_progress", 40)
    assert words["deploy_started"] == ("pending", None)
    assert words["deploy_building"] == ("in_progress", None)
    assert words["deploy_success"] == ("completed", None)
    assert words["claude_completed"] == ("completed", 100)
    assert words["feedback_batch_sent"] == ("pending", None)
    assert [row["author_type"] for row in said][2:4] == ["claude", "claude"]


def test_a_message_holds_its_events_fields_without_the_type() -> None:
    story = workspace("beta")
    story.given(EVE, "set_version", version="1.0.0")
    story.given(ADA, "approve")

    data = [bytes(message(record).values["data"]) for record in story.records[-3:]]
    assert data[0] == b'{"old":"0.0.0","new":"1.0.0"}'
    assert data[1] == b"{}"
    assert message(story.records[0]).values["workspace_id"] == id_of(story.room)
