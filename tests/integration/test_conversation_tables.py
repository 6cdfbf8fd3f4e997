"""The tables of conversations: as wide as the commands, with the rules' words, and what the database itself insists on."""

from typing import Any, get_args

import asyncpg
import pytest
from sqlalchemy import Column, String, Table, Text

from domain.decider import Command
from domain.kinds.conversation import commands
from domain.kinds.conversation.events import MessageRole, Status
from persistence.database import Database
from persistence.tables import conversation as tables
from tests.integration.test_tables import metas_of
from tests.support.conversation_rows import conversation, metric, said
from tests.support.postgres import Row
from tests.support.workspace_rows import new_id, person, stored

ADA, C = new_id(), new_id()
MESSAGES, METRICS = tables.conversation_messages, tables.ai_model_metrics

COLUMN_OF_FIELD: dict[tuple[type[Command], str], Column[Any]] = {
    (commands.Say, "text"): MESSAGES.c.content,
    (commands.Annotate, "intent"): MESSAGES.c.intent,
    (commands.CompleteTurn, "model"): MESSAGES.c.model_used,
    (commands.CompleteTurn, "model_version"): METRICS.c.model_version,
    (commands.Summarise, "summary"): tables.conversations.c.summary,
}

RANGE_OF_FIELD: dict[tuple[type[Command], str], tuple[Table, str, tuple[float, float]]] = {
    (commands.Annotate, "confidence"): (MESSAGES, "confidence", (0, 1)),
    (commands.CompleteTurn, "confidence"): (METRICS, "confidence_score", (0, 1)),
    (commands.RateTurn, "rating"): (METRICS, "user_rating", (1, 5)),
}


@pytest.mark.parametrize(("field", "column"), COLUMN_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_is_as_long_as_the_field_that_fills_it(field: tuple[type[Command], str], column: Column[Any]) -> None:
    limit = max(meta.max_length for meta in metas_of(*field) if meta.max_length is not None)

    if isinstance(column.type, Text):
        assert column.type.length is None
    else:
        assert isinstance(column.type, String)
        assert column.type.length == limit
    assert METRICS.c.model_name.type.length == MESSAGES.c.model_used.type.length  # type: ignore[attr-defined]  # both are text


@pytest.mark.parametrize(("field", "place"), RANGE_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_has_the_range_of_the_field_that_fills_it(
    field: tuple[type[Command], str], place: tuple[Table, str, tuple[float, float]]
) -> None:
    table, column, (low, high) = place
    checks = [str(getattr(constraint, "sqltext", "")) for constraint in table.constraints]

    assert f"{column} >= {low} AND {column} <= {high}" in checks
    assert [(meta.ge, meta.le) for meta in metas_of(*field) if meta.ge is not None] == [(low, high)]


def test_the_tables_words_are_the_rules_words() -> None:
    assert set(tables.CONVERSATION_STATUSES) == set(get_args(Status))
    assert set(tables.MESSAGE_ROLES) == set(get_args(MessageRole))


async def test_the_largest_cost_and_counts_that_a_command_may_have_fit(database: Database) -> None:
    largest = {"cost_usd": "999999.9999", "tokens_used": commands.COUNT_MAX, "latency_ms": commands.COUNT_MAX}
    row = new_id()
    await stored(database, metric(row, **{**largest, "cost_usd": None}))
    await database.fetch("UPDATE ai_model_metrics SET cost_usd = '999999.9999'::numeric WHERE id = $1::uuid", row)

    kept = await database.fetchrow("SELECT cost_usd, tokens_used FROM ai_model_metrics")
    assert kept is not None
    assert (str(kept["cost_usd"]), kept["tokens_used"]) == (largest["cost_usd"], commands.COUNT_MAX)


@pytest.mark.parametrize(
    "row",
    [
        conversation(C, None),
        conversation(C, ADA, status="lost"),
        said(C, 2, role="USER"),
        said(C, 2, confidence=1.5),
        said(C, 1),
        metric(new_id(), user_rating=6),
        metric(new_id(), latency_ms=-1),
    ],
    ids=["nobody's", "status", "role", "confidence", "offset twice", "rating", "latency"],
)
async def test_the_database_refuses_what_never_should_come(database: Database, row: Row) -> None:
    if row.table != "conversations":
        await stored(database, person(ADA), conversation(C, ADA), said(C, 1))
    else:
        await stored(database, person(ADA))

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await stored(database, row)


async def test_messages_go_with_their_conversation_and_metrics_stay(database: Database) -> None:
    kept = new_id()
    await stored(database, person(ADA), conversation(C, ADA), metric(kept), said(C, 1, metric_id=kept))

    await database.fetch("DELETE FROM conversations")

    assert await database.fetchval("SELECT count(*) FROM conversation_messages") == 0
    assert await database.fetchval("SELECT count(*) FROM ai_model_metrics") == 1
