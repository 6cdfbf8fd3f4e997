"""Rows of a person's room as its projection would leave them, for tests of queries and of the schema."""

from domain.event_codec import encode
from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id

HASH = "ab" * 32


def folder(folder_id: str, user_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": folder_id, "user_id": user_id, "name": "Vases", "created_at": at(seconds), "updated_at": at(seconds)}
    return Row("concept_folders", {**values, **others})


def favourite(user_id: str, concept_id: str, seconds: int = 0) -> Row:
    return Row("favourites", {"id": new_id(), "user_id": user_id, "concept_id": concept_id, "created_at": at(seconds)})


def comparison(comparison_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": comparison_id, "items": [{"type": "concept", "id": comparison_id}], "created_at": at(seconds)}
    return Row("comparison_sets", _with_json({**values, "updated_at": at(seconds), **others}))


def search(search_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": search_id, "query": "blue vase", "result_count": 3, "created_at": at(seconds)}
    return Row("search_history", _with_json({**values, **others}))


def notification(notification_id: str, user_id: str, offset: int, **others: object) -> Row:
    values = {"id": notification_id, "user_id": user_id, "offset": offset, "what": "reply", "source": "share:x", "title": "Vase"}
    return Row("notifications", {**values, "at": at(offset), "created_at": at(offset), **others})


def position(user_id: str, room: str, offset: int) -> Row:
    return Row("read_positions", {"id": new_id(), "user_id": user_id, "room": room, "offset": offset, "updated_at": at(0)})


def own_room(user_id: str, room: str, seconds: int = 0) -> Row:
    return Row("own_rooms", {"id": new_id(), "user_id": user_id, "room": room, "created_at": at(seconds)})


def device(user_id: str, endpoint: str = "https://push.example/secret", **others: object) -> Row:
    values = {"id": new_id(), "user_id": user_id, "endpoint": endpoint, "p256dh": "key", "auth": "secret", "name": "Phone"}
    return Row("push_subscriptions", {**values, "created_at": at(0), "updated_at": at(0), **others})


def logged(room: str, offset: int, type: str, actor_id: str, body: dict[str, object] | None = None) -> Row:
    """An event in the log of a room."""
    values = {
        "room": room,
        "offset": offset,
        "epoch": "e",
        "type": type,
        "version": 1,
        "body": encode(body or {}),
        "actor_id": actor_id,
        "actor_kind": "user",
        "at": at(offset),
        "command_id": new_id(),
        "ordinal": 0,
        "last": True,
        "digest": "0" * 16,
    }
    return Row("room_events", values)


def _with_json(values: dict[str, object]) -> dict[str, object]:
    return {
        name: encode(value) if isinstance(value, dict | list) and name != "clicked" else value for name, value in values.items()
    }
