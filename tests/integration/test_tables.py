"""The tables: they take what the commands let through, and refuse what never should come."""

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import asyncpg
import msgspec
import pytest
from msgspec import Meta
from sqlalchemy import Column, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from domain.decider import Command
from domain.event_codec import tag_of
from domain.kinds.workspace import commands, view
from domain.kinds.workspace.commands import Phase
from domain.kinds.workspace.events import EVENTS, Status
from persistence.database import Database
from persistence.tables import METADATA, platform, workspace
from tests.support.postgres import Row
from tests.support.workspace_rows import execution, feedback, message, new_id, one_of_each, person, session, stored
from tests.support.workspace_rows import workspace as workspace_row

ADA, W = new_id(), new_id()

COLUMN_OF_FIELD: dict[tuple[type[Command], str], Column[Any]] = {
    (commands.Create, "pattern_type"): workspace.pattern_workspaces.c.pattern_type,
    (commands.Create, "name"): workspace.pattern_workspaces.c.name,
    (commands.Create, "category"): workspace.pattern_workspaces.c.category,
    (commands.ChangeDetails, "name"): workspace.pattern_workspaces.c.name,
    (commands.ChangeDetails, "category"): workspace.pattern_workspaces.c.category,
    (commands.SubmitDescription, "description"): workspace.pattern_workspaces.c.description,
    (commands.SubmitDescription, "reasoning"): workspace.pattern_workspaces.c.user_reasoning,
    (commands.Post, "text"): workspace.workspace_messages.c.content,
    (commands.CreateSession, "name"): workspace.pattern_sessions.c.name,
    (commands.AddFeedback, "content"): workspace.feedback_items.c.content,
    (commands.AddFeedback, "kind"): workspace.feedback_items.c.kind,
    (commands.ChangeFeedback, "content"): workspace.feedback_items.c.content,
    (commands.ChangeFeedback, "kind"): workspace.feedback_items.c.kind,
    (commands.StartExecution, "prompt_file"): workspace.claude_executions.c.prompt_file,
    (commands.CompleteExecution, "commit_hash"): workspace.claude_executions.c.commit_hash,
    (commands.CompleteExecution, "commit_message"): workspace.claude_executions.c.commit_message,
    (commands.FailExecution, "error"): workspace.claude_executions.c.error,
    (commands.RetryExecution, "reason"): workspace.claude_executions.c.retry_reason,
    (commands.SucceedDeploy, "url"): workspace.claude_executions.c.deploy_url,
    (commands.SetVersion, "version"): workspace.pattern_workspaces.c.version,
}
"""The text fields of commands that come to stand in a column of their own; all others stand in ``data``, which has no length."""

RANGE_OF_FIELD: dict[tuple[type[Command], str], tuple[Table, str, tuple[float, float]]] = {
    (commands.CompleteSession, "success_rate"): (workspace.pattern_sessions, "success_rate", (0, 1)),
    (commands.AdvancePhase, "progress"): (workspace.claude_executions, "progress", (0, 100)),
    (commands.ReportProgress, "progress"): (workspace.claude_executions, "progress", (0, 100)),
    (commands.AddCheckpoint, "progress"): (workspace.workspace_messages, "progress", (0, 100)),
}


def metas_of(command: type[Command], field: str) -> list[Meta]:
    """What limits a field, also behind ``| None``."""

    def of(hint: object) -> list[Meta]:
        found = [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta)]
        if get_origin(hint) in (Union, types.UnionType):
            found += [meta for part in get_args(hint) for meta in of(part)]
        return found

    return of(get_type_hints(command, include_extras=True)[field])


@pytest.mark.parametrize(("field", "column"), COLUMN_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_is_as_long_as_the_field_that_fills_it(field: tuple[type[Command], str], column: Column[Any]) -> None:
    limit = max(meta.max_length for meta in metas_of(*field) if meta.max_length is not None)

    if isinstance(column.type, Text):
        assert column.type.length is None
    else:
        assert isinstance(column.type, String)
        assert column.type.length == limit


@pytest.mark.parametrize(("field", "place"), RANGE_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_has_the_range_of_the_field_that_fills_it(
    field: tuple[type[Command], str], place: tuple[Table, str, tuple[float, float]]
) -> None:
    table, column, (low, high) = place
    checks = [str(getattr(constraint, "sqltext", "")) for constraint in table.constraints]

    assert f"{column} >= {low} AND {column} <= {high}" in checks
    assert [(meta.ge, meta.le) for meta in metas_of(*field) if meta.ge is not None] == [(low, high)]


def test_every_event_has_its_message_type() -> None:
    assert set(workspace.MESSAGE_TYPES) == {tag_of(event) for event in EVENTS}


def words(struct: type[msgspec.Struct], field: str) -> set[str]:
    hint = get_type_hints(struct)[field]
    found = hint if get_origin(hint) is Literal else next(part for part in get_args(hint) if get_origin(part) is Literal)
    return set(get_args(found))


def test_the_tables_words_are_the_rules_words() -> None:
    assert set(workspace.WORKSPACE_STATUSES) == set(get_args(Status))
    assert set(workspace.EXECUTION_PHASES) == set(get_args(Phase))
    assert set(workspace.EXECUTION_STATUSES) == words(view.Execution, "status")
    assert set(workspace.DEPLOY_STATUSES) == words(view.Execution, "deploy_status")
    assert set(workspace.SESSION_STATUSES) == words(view.Session, "status")


def test_the_log_and_what_follows_it_have_no_foreign_keys() -> None:
    free = [platform.room_events, platform.room_snapshots, platform.room_positions, platform.positions, platform.dead_letters]
    free += [platform.deadlines, platform.reactions, platform.journal_generations, platform.room_passing]

    assert not [table.name for table in free if table.foreign_keys]


def leading_columns(table: Table) -> set[str]:
    """The first column of every index, the ones of keys and unique constraints included."""
    keys = [key for key in table.constraints if isinstance(key, PrimaryKeyConstraint | UniqueConstraint)]
    return {next(iter(one.columns)).name for one in (*table.indexes, *keys) if len(one.columns)}


def test_a_foreign_key_that_acts_on_a_deletion_has_an_index() -> None:
    for table in METADATA.tables.values():
        for key in table.foreign_key_constraints:
            if key.ondelete:
                assert key.column_keys[0] in leading_columns(table), f"{table.name}.{key.column_keys[0]}"


def test_no_index_is_built_twice() -> None:
    for table in METADATA.tables.values():
        shapes = [
            f"{[str(part) for part in index.expressions]} {index.dialect_kwargs['postgresql_where']}" for index in table.indexes
        ]
        assert len(shapes) == len(set(shapes)), table.name


# --- What the database itself insists on ---


async def test_a_workspace_with_sessions_or_feedback_cannot_go(database: Database) -> None:
    await stored(database, *one_of_each(W, ADA))

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await database.execute("DELETE FROM pattern_workspaces")


async def test_an_empty_workspace_takes_its_messages_and_executions_along(database: Database) -> None:
    e = new_id()
    await stored(database, person(ADA), workspace_row(W, ADA), execution(e, W, ADA), message(W, 1, execution_id=e))

    await database.execute("DELETE FROM pattern_workspaces")

    assert (
        await database.fetchval("SELECT (SELECT count(*) FROM workspace_messages) + (SELECT count(*) FROM claude_executions)") == 0
    )


async def test_a_removed_feedback_item_empties_the_pointers_to_it(database: Database) -> None:
    f = new_id()
    await stored(database, person(ADA), workspace_row(W, ADA), feedback(f, W, ADA), message(W, 1, "feedback_added", feedback_id=f))

    await database.execute("DELETE FROM feedback_items")

    assert await database.fetchval("SELECT feedback_id FROM workspace_messages") is None


@pytest.mark.parametrize(
    "row",
    [
        workspace_row(new_id(), ADA, status="finished"),
        workspace_row(new_id(), ADA, success_rate=1.5),
        session(new_id(), W, ADA, status="open"),
        execution(new_id(), W, ADA, progress=101),
        execution(new_id(), W, ADA, phase="thinking"),
        execution(new_id(), W, ADA, deploy_status="lost"),
        message(W, 1, "claude_dreamed"),
        message(W, 1, author_type="bot"),
        Row("users", {"id": new_id(), "kind": "person"}),
        Row("users", {"id": new_id(), "kind": "guest", "email": "Ada@Example.org"}),
        Row("users", {"id": new_id(), "kind": "guest", "user_type": "pilot"}),
        Row("user_roles", {"id": new_id(), "user_id": ADA, "role": "king"}),
        Row("user_roles", {"id": new_id(), "user_id": ADA, "role": "user", "resource_type": "project"}),
    ],
    ids=lambda row: f"{row.table}-{list(row.values)[-1]}",
)
async def test_words_and_ranges_that_no_document_knows_are_refused(database: Database, row: Row) -> None:
    await stored(database, person(ADA), workspace_row(W, ADA))

    with pytest.raises(asyncpg.CheckViolationError):
        await stored(database, row)


async def test_the_same_grant_everywhere_is_there_once(database: Database) -> None:
    await stored(database, person(ADA), Row("user_roles", {"id": new_id(), "user_id": ADA, "role": "admin"}))

    with pytest.raises(asyncpg.UniqueViolationError):
        await stored(database, Row("user_roles", {"id": new_id(), "user_id": ADA, "role": "admin"}))


async def test_a_guest_and_a_bot_need_no_mail_address(database: Database) -> None:
    await stored(database, *(Row("users", {"id": new_id(), "kind": kind}) for kind in ("guest", "bot", "system")))

    assert await database.fetchval("SELECT count(*) FROM users") == 3
