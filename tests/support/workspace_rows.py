"""Rows of a workspace as its projection would leave them, for tests of queries and of the schema."""

import uuid
from itertools import count

from persistence.database import Database
from tests.support.postgres import Row, insert

START_MS = 1_763_600_000_000
_numbers = count(1)


def new_id() -> str:
    return str(uuid.UUID(int=next(_numbers), version=4))


def at(seconds: int) -> int:
    return START_MS + seconds * 1_000


def person(user_id: str, name: str = "Ada") -> Row:
    return Row("users", {"id": user_id, "kind": "person", "token_subject": user_id, "name": name, "image": f"https://img/{name}"})


def workspace(workspace_id: str, created_by: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": workspace_id, "pattern_type": f"type-{workspace_id}", "name": "Swings", "category": "price_action"}
    return Row("pattern_workspaces", {**values, "created_by_id": created_by, "created_at": at(seconds), **others})


def message(workspace_id: str, offset: int, type: str = "message_posted", **others: object) -> Row:
    values = {"id": new_id(), "workspace_id": workspace_id, "offset": offset, "type": type, "created_at": at(offset)}
    return Row("workspace_messages", {**values, **others})


def session(session_id: str, workspace_id: str, user_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": session_id, "workspace_id": workspace_id, "user_id": user_id, "name": "Session", "created_at": at(seconds)}
    return Row("pattern_sessions", {**values, **others})


def execution(execution_id: str, workspace_id: str, triggered_by: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": execution_id, "workspace_id": workspace_id, "triggered_by": triggered_by, "triggered_at": at(seconds)}
    return Row("claude_executions", {**values, **others})


def feedback(feedback_id: str, workspace_id: str, author_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": feedback_id, "workspace_id": workspace_id, "author_id": author_id, "content": "Wrong here"}
    return Row("feedback_items", {**values, "created_at": at(seconds), "updated_at": at(seconds), **others})


def one_of_each(workspace_id: str, user_id: str) -> list[Row]:
    """A row in every table of a workspace, each pointing at the others."""
    session_id, execution_id, feedback_id = new_id(), new_id(), new_id()
    return [
        person(user_id),
        workspace(workspace_id, user_id),
        session(session_id, workspace_id, user_id),
        execution(execution_id, workspace_id, user_id, feedback_ids=[feedback_id]),
        feedback(feedback_id, workspace_id, user_id, session_id=session_id, execution_id=execution_id),
        message(
            workspace_id,
            1,
            "feedback_added",
            author_id=user_id,
            session_id=session_id,
            feedback_id=feedback_id,
            execution_id=execution_id,
        ),
    ]


async def stored(database: Database, *rows: Row) -> None:
    async with database.transaction() as connection:
        await insert(connection, *rows)
