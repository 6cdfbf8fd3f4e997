"""What the HTTP API reads of workspaces."""

import msgspec
import pytest

from domain.ids import ThingId
from domain.kinds.workspace.view import Checkpoint, PhaseSpan
from persistence.database import Database
from persistence.queries.workspace_executions import (
    by_status_query,
    deploy_log,
    execution_by_id,
    list_executions,
    list_executions_by_status,
)
from persistence.queries.workspace_stats import DayRate, workspace_stats
from persistence.queries.workspace_timeline import list_messages, messages_query
from persistence.queries.workspaces import (
    Filters,
    feedback_query,
    list_feedback,
    list_query,
    list_sessions,
    list_workspaces,
    workspace_by_id,
    workspace_by_pattern,
)
from tests.support.workspace_rows import at, execution, feedback, message, new_id, person, session, stored, workspace

ADA, BOB = new_id(), new_id()
W = new_id()


@pytest.fixture
async def filled(database: Database) -> Database:
    await stored(database, person(ADA, "Ada"), person(BOB, "Bob"), workspace(W, ADA, pattern_type="swings"))
    return database


# --- Lists ---


async def test_workspaces_come_newest_first_page_by_page(filled: Database) -> None:
    ids = [new_id() for _ in range(5)]
    await stored(filled, *(workspace(one, ADA, seconds) for seconds, one in enumerate(ids, 1)))

    first = await list_workspaces(filled, Filters(), limit=4)
    second = await list_workspaces(filled, Filters(), after=first.after, limit=4)

    assert [one.id for one in first.items] == ids[:0:-1]
    assert [one.id for one in second.items] == [ids[0], W]
    assert second.after is None


async def test_a_list_is_narrowed_by_each_of_its_filters(filled: Database) -> None:
    other = new_id()
    stamps = {"approved_by_id": ADA, "verified_by_id": ADA, "status": "verified", "category": "order_blocks"}
    await stored(filled, workspace(other, BOB, 1, **stamps))

    async def ids(filters: Filters) -> list[str]:
        return [one.id for one in (await list_workspaces(filled, filters)).items]

    assert await ids(Filters(status="verified")) == [other]
    assert await ids(Filters(category="order_blocks")) == [other]
    assert await ids(Filters(created_by=BOB)) == [other]
    assert await ids(Filters(approved_by=ADA)) == [other]
    assert await ids(Filters(verified_by=ADA)) == [other]
    assert await ids(Filters(created_by=ADA, status="verified")) == []


async def test_archived_workspaces_are_shown_on_request_alone(filled: Database) -> None:
    archived = new_id()
    await stored(filled, workspace(archived, ADA, 1, archived_at=at(2)))

    shown = await list_workspaces(filled, Filters())
    put_away = await list_workspaces(filled, Filters(is_archived=True))

    assert [one.id for one in shown.items] == [W]
    assert [(one.id, one.is_archived) for one in put_away.items] == [(archived, True)]


async def test_a_list_shows_the_execution_that_runs(filled: Database) -> None:
    running = new_id()
    await stored(
        filled,
        execution(new_id(), W, ADA, 2),
        execution(running, W, ADA, 1, status="running", phase="testing", progress=40),
    )

    (shown,) = (await list_workspaces(filled, Filters())).items

    assert (shown.execution_id, shown.phase, shown.progress) == (running, "testing", 40)


# --- One workspace ---


async def test_a_workspace_comes_with_its_5_newest_sessions_and_latest_execution(filled: Database) -> None:
    sessions = [new_id() for _ in range(6)]
    latest = new_id()
    spans = b'{"planning":{"started_at":5,"completed_at":7,"rounds":2}}'
    checkpoint = Checkpoint(id=ThingId(new_id()), at=6, title="Tests", progress=10, phase="planning")
    await stored(
        filled,
        *(session(one, W, ADA, seconds) for seconds, one in enumerate(sessions)),
        execution(new_id(), W, ADA, 1),
        execution(latest, W, BOB, 2, phases=spans, checkpoints=b"[" + msgspec.json.encode(checkpoint) + b"]", commit_hash="abc"),
        feedback(new_id(), W, ADA),
        feedback(new_id(), W, ADA, sent_to_claude_at=at(3)),
    )

    detail = await workspace_by_id(filled, W)

    assert detail is not None
    assert detail.workspace.unsent_feedback_count == 1
    assert [one.id for one in detail.sessions] == sessions[:0:-1]
    assert detail.execution is not None
    assert (detail.execution.id, detail.execution.triggered_by, detail.execution.commit_hash) == (latest, BOB, "abc")
    assert detail.execution.phases == {"planning": PhaseSpan(started_at=5, completed_at=7, rounds=2)}
    assert detail.execution.checkpoints == (checkpoint,)
    assert await workspace_by_pattern(filled, "swings") == detail


async def test_what_is_not_there_is_none(filled: Database) -> None:
    assert await workspace_by_id(filled, new_id()) is None
    assert await workspace_by_pattern(filled, "nothing") is None
    assert await execution_by_id(filled, new_id()) is None
    assert await deploy_log(filled, new_id()) is None
    assert await workspace_stats(filled, new_id()) is None


async def test_times_are_unix_milliseconds_and_texts_that_are_missing_are_empty(filled: Database) -> None:
    detail = await workspace_by_id(filled, W)

    assert detail is not None
    assert detail.workspace.created_at == at(0)
    assert (detail.workspace.description, detail.workspace.steps, detail.workspace.approved_by) == ("", (), None)


# --- The timeline ---


async def test_a_message_comes_with_author_session_feedback_and_execution(filled: Database) -> None:
    s, f, e = new_id(), new_id(), new_id()
    await stored(
        filled,
        session(s, W, ADA, name="Monday", success_rate=0.5),
        execution(e, W, ADA, status="running", phase="planning", progress=3),
        feedback(f, W, BOB, content="Here", execution_id=e, attachments=["https://x/1.png"]),
        message(W, 1, "feedback_added", author_id=BOB, session_id=s, feedback_id=f, execution_id=e, data=b'{"kind":"correction"}'),
    )

    (shown,) = (await list_messages(filled, W)).items

    assert shown.author is not None
    assert (shown.author.name, shown.author.image) == ("Bob", "https://img/Bob")
    assert shown.session is not None
    assert (shown.session.name, shown.session.success_rate) == ("Monday", 0.5)
    assert shown.feedback is not None
    assert (shown.feedback.content, shown.feedback.attachments, shown.feedback.execution_id) == ("Here", ("https://x/1.png",), e)
    assert shown.execution is not None
    assert (shown.execution.phase, shown.execution.progress) == ("planning", 3)
    assert shown.data == {"kind": "correction"}


async def test_the_timeline_is_read_backwards_in_pages_that_run_forwards(filled: Database) -> None:
    await stored(filled, *(message(W, offset) for offset in range(1, 8)))

    newest = await list_messages(filled, W, limit=3)
    before = await list_messages(filled, W, before=newest.before, limit=3)
    first = await list_messages(filled, W, before=before.before, limit=3)

    assert [[one.offset for one in page.items] for page in (first, before, newest)] == [[1], [2, 3, 4], [5, 6, 7]]
    assert first.before is None


async def test_the_timeline_is_narrowed_by_type_and_session(filled: Database) -> None:
    s = new_id()
    await stored(
        filled, session(s, W, ADA), message(W, 1, "session_created", session_id=s), message(W, 2), message(W, 3, session_id=s)
    )

    by_type = await list_messages(filled, W, type="message_posted")
    by_session = await list_messages(filled, W, session_id=s)

    assert [one.offset for one in by_type.items] == [2, 3]
    assert [one.offset for one in by_session.items] == [1, 3]


# --- Executions, sessions, feedback ---


async def test_executions_that_wait_or_run_are_found_in_all_workspaces_oldest_first(filled: Database) -> None:
    other = new_id()
    waiting, running = new_id(), new_id()
    await stored(
        filled,
        workspace(other, BOB, pattern_type="bos"),
        execution(running, other, ADA, 1, status="running"),
        execution(waiting, W, ADA, 2),
        execution(new_id(), W, ADA, 3, status="completed"),
    )

    first = await list_executions_by_status(filled, ["pending", "running"], limit=1)
    second = await list_executions_by_status(filled, ["pending", "running"], after=first.after, limit=1)

    assert [(one.id, one.pattern_type) for one in first.items] == [(running, "bos")]
    assert [(one.id, one.pattern_type) for one in second.items] == [(waiting, "swings")]
    assert second.after is None


async def test_an_execution_shows_the_whole_chain_of_its_tries(filled: Database) -> None:
    first, second, third = new_id(), new_id(), new_id()
    await stored(
        filled,
        execution(first, W, ADA, 1, status="retry", error="no tests"),
        execution(second, W, ADA, 2, status="retry", parent_execution_id=first, retry_count=1, retry_reason="again"),
        execution(third, W, ADA, 3, parent_execution_id=second, retry_count=2),
        execution(new_id(), W, ADA, 4),
    )

    detail = await execution_by_id(filled, second)

    assert detail is not None
    assert [(one.id, one.status, one.retry_reason) for one in detail.tries] == [
        (first, "retry", ""),
        (second, "retry", "again"),
        (third, "pending", ""),
    ]


async def test_a_deploys_log_says_where_it_begins(filled: Database) -> None:
    e = new_id()
    await stored(filled, execution(e, W, ADA, deploy_status="building", deploy_attempt=2, deploy_logs="tail", deploy_logs_start=9))

    log = await deploy_log(filled, e)

    assert log is not None
    assert (log.attempt, log.status, log.start, log.text) == (2, "building", 9, "tail")


async def test_sessions_executions_and_feedback_are_paged(filled: Database) -> None:
    sessions, executions, items = ([new_id() for _ in range(3)] for _ in range(3))
    for seconds in range(3):
        await stored(
            filled,
            session(sessions[seconds], W, ADA, seconds),
            execution(executions[seconds], W, ADA, seconds),
            feedback(items[seconds], W, BOB, seconds),
        )

    page = await list_sessions(filled, W, limit=2)
    assert [one.id for one in (*page.items, *(await list_sessions(filled, W, after=page.after)).items)] == sessions[::-1]
    runs = await list_executions(filled, W, limit=2)
    assert [one.id for one in (*runs.items, *(await list_executions(filled, W, after=runs.after)).items)] == executions[::-1]
    given = await list_feedback(filled, W, limit=2)
    assert [one.id for one in (*given.items, *(await list_feedback(filled, W, after=given.after)).items)] == items
    assert given.items[0].author.name == "Bob"


async def test_feedback_is_told_apart_by_whether_it_was_sent(filled: Database) -> None:
    sent, unsent = new_id(), new_id()
    await stored(filled, feedback(sent, W, ADA, sent_to_claude_at=at(9)), feedback(unsent, W, ADA, 1))

    assert [one.id for one in (await list_feedback(filled, W, "sent")).items] == [sent]
    assert [one.id for one in (await list_feedback(filled, W, "unsent")).items] == [unsent]
    assert [one.sent_at for one in (await list_feedback(filled, W)).items] == [at(9), None]


async def test_stats_count_sessions_feedback_executions_and_retries(filled: Database) -> None:
    now_ms = await filled.fetchval("SELECT date_trunc('day', now(), 'UTC')")
    day = await filled.fetchval("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    first = new_id()
    await stored(
        filled,
        session(new_id(), W, ADA, status="completed", completed_at=now_ms, success_rate=0.5),
        session(new_id(), W, ADA, status="completed", completed_at=now_ms, success_rate=1.0),
        session(new_id(), W, ADA),
        feedback(new_id(), W, ADA),
        execution(first, W, ADA, status="retry"),
        execution(
            new_id(),
            W,
            ADA,
            status="completed",
            parent_execution_id=first,
            started_at=at(0),
            completed_at=at(90),
            deploy_status="ready",
        ),
        message(W, 1),
    )

    stats = await workspace_stats(filled, W)

    assert stats is not None
    assert (stats.sessions, stats.sessions_completed, stats.feedback, stats.feedback_unsent, stats.messages) == (3, 2, 1, 1, 1)
    assert stats.days == (DayRate(day=day, sessions=2, success_rate=0.75),)
    assert stats.executions == {"retry": 1, "completed": 1}
    assert (stats.retries, stats.deploys_ready, stats.mean_run_s) == (1, 1, 90.0)


# --- Indexes ---


async def indexes_of(database: Database, query: str, values: list[object]) -> set[str]:
    """The indexes that the planner takes when scanning a table counts as expensive, as it does with many rows."""
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_bitmapscan = off")
        lines = await connection.fetch(f"EXPLAIN {query}", *values)
    return {line[0].split(" using ")[1].split()[0] for line in lines if " using " in line[0]}


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(), "ix_pattern_workspaces_newest"),
        (Filters(status="beta"), "ix_pattern_workspaces_status"),
        (Filters(created_by=ADA), "ix_pattern_workspaces_created_by_id"),
        (Filters(approved_by=ADA), "ix_pattern_workspaces_approved_by_id"),
        (Filters(verified_by=ADA), "ix_pattern_workspaces_verified_by_id"),
    ],
)
@pytest.mark.parametrize("after", [None, W])
async def test_a_list_of_workspaces_is_read_in_its_indexes_order(
    database: Database, filters: Filters, index: str, after: str | None
) -> None:
    query, values = list_query(filters, after, 50)

    assert index in await indexes_of(database, query, values)


async def test_timeline_feedback_and_waiting_executions_use_their_indexes(database: Database) -> None:
    timeline = await indexes_of(database, *messages_query(W, None, None, 100, 50))
    unsent = await indexes_of(database, *feedback_query(W, "unsent", None, 50))
    waiting = await indexes_of(database, *by_status_query(["pending", "running"], None, 50))

    assert "uq_workspace_messages_workspace_id_offset" in timeline
    assert unsent & {"ix_feedback_items_unsent", "ix_feedback_items_workspace_id_created_at"}
    assert "ix_claude_executions_status" in waiting
