"""Rows of a conversation as its projection would leave them, for tests of queries and of the schema."""

from domain.event_codec import encode
from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id


def conversation(key: str, user_id: str | None, seconds: int = 0, **others: object) -> Row:
    values = {"id": key, "conversation_id": key, "user_id": user_id, "created_at": at(seconds)}
    return Row("conversations", _with_json({**values, "updated_at": at(seconds), **others}))


def said(conversation_id: str, offset: int, text: str = "hello", **others: object) -> Row:
    values = {"id": new_id(), "conversation_id": conversation_id, "offset": offset, "role": "user", "content": text}
    return Row("conversation_messages", _with_json({**values, "created_at": at(offset), **others}))


def metric(metric_id: str, **others: object) -> Row:
    values = {"id": metric_id, "model_name": "claude-sonnet", "model_version": "4.5", "task_type": "conversation"}
    return Row("ai_model_metrics", {**values, "timestamp": at(0), **others})


def _with_json(values: dict[str, object]) -> dict[str, object]:
    return {name: encode(value) if isinstance(value, dict | list) else value for name, value in values.items()}
