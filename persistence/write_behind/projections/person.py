"""What each event of a person's room does to rows.

Pure: everything stands in the record. Rows with a natural key (a favourite, a read position, a line of the own list) have their
ids from it; a guest's comparisons and searches belong to the session, a person's to the person.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeAlias

from domain.decider import Piece, Tick
from domain.ids import RoomAddress, ThingId, id_of
from domain.kinds.person import events as did
from domain.record import Event, Record
from persistence.write_behind.projections.person_claims import CLAIM_ROWS, favourite_id, own_room_id, position_id
from persistence.write_behind.row_operations import Change, Delete, Insert, Operation, Touch, Update, Values

TABLES: Final = (
    "concept_folders",
    "favourites",
    "comparison_sets",
    "user_style_profiles",
    "search_history",
    "user_ai_preferences",
    "notifications",
    "read_positions",
    "push_subscriptions",
    "own_rooms",
)

Rows: TypeAlias = Callable[[Record, Any], Sequence[Operation]]


class Filled(Change, frozen=True):
    """``concept_ids``: without what was taken, with what was added at the end."""

    reads: ClassVar = ("concept_ids",)
    added: tuple[ThingId, ...]
    taken: tuple[ThingId, ...]

    def apply(self, row: Mapping[str, Any]) -> Any:
        gone = {*self.taken, *self.added}
        return (*(one for one in map(str, row.get("concept_ids") or ()) if one not in gone), *self.added)


def operations(record: Record) -> Sequence[Operation]:
    """All rows of one record."""
    return ROWS[type(record.event)](record, record.event)


def touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    """The lines of the own list are kept beside the log; no row of ours follows them."""
    return ()


def _owner(record: Record, session_hash: str) -> Values:
    """Whose a row is: a session's, or the person's."""
    return {"session_token": session_hash} if session_hash else {"user_id": id_of(record.room)}


def _folder_made(record: Record, event: did.FolderMade) -> Sequence[Operation]:
    values: Values = {
        "user_id": id_of(record.room),
        "name": event.name,
        "description": event.description,
        "is_public": event.is_public,
        "tags": event.tags,
        "concept_ids": event.concept_ids,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return (Insert("concept_folders", record.id, values),)


def _folder_changed(record: Record, event: did.FolderChanged) -> Sequence[Operation]:
    values: Values = {
        "name": event.name,
        "description": event.description,
        "is_public": event.is_public,
        "tags": event.tags,
        "updated_at": record.time_ms,
    }
    return (Update("concept_folders", event.folder_id, values),)


def _folder_filled(record: Record, event: did.FolderFilled) -> Sequence[Operation]:
    values: Values = {"concept_ids": Filled(event.added, event.taken), "updated_at": record.time_ms}
    return (Update("concept_folders", event.folder_id, values),)


def _folder_removed(record: Record, event: did.FolderRemoved) -> Sequence[Operation]:
    return (Delete("concept_folders", event.folder_id),)


def _favourite_added(record: Record, event: did.FavouriteAdded) -> Sequence[Operation]:
    user = id_of(record.room)
    values: Values = {"user_id": user, "concept_id": event.concept_id, "created_at": record.time_ms}
    return (Insert("favourites", favourite_id(user, event.concept_id), values),)


def _favourite_removed(record: Record, event: did.FavouriteRemoved) -> Sequence[Operation]:
    return (Delete("favourites", favourite_id(id_of(record.room), event.concept_id)),)


def _comparison_saved(record: Record, event: did.ComparisonSaved) -> Sequence[Operation]:
    values: Values = {
        **_owner(record, event.session_hash),
        "items": event.items,
        "metadata": event.metadata,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return (Insert("comparison_sets", record.id, values),)


def _comparison_changed(record: Record, event: did.ComparisonChanged) -> Sequence[Operation]:
    values: Values = {"items": event.items, "metadata": event.metadata, "updated_at": record.time_ms}
    return (Update("comparison_sets", event.comparison_id, values),)


def _comparison_removed(record: Record, event: did.ComparisonRemoved) -> Sequence[Operation]:
    return (Delete("comparison_sets", event.comparison_id),)


def _style_profile_set(record: Record, event: did.StyleProfileSet) -> Sequence[Operation]:
    return (_once("user_style_profiles", record, {"profile_data": event.profile}, is_first=event.is_first),)


def _ai_preferences_set(record: Record, event: did.AiPreferencesSet) -> Sequence[Operation]:
    values: Values = {
        "preferred_models": event.preferred_models,
        "default_generation_mode": event.default_generation_mode,
        "enable_deep_thinking": event.enable_deep_thinking,
        "auto_generate_on_create": event.auto_generate_on_create,
        "model_weights": event.model_weights,
    }
    return (_once("user_ai_preferences", record, values, is_first=event.is_first),)


def _once(table: str, record: Record, values: Values, *, is_first: bool) -> Operation:
    """The one row that a person has in the table."""
    user = id_of(record.room)
    values = {**values, "updated_at": record.time_ms}
    return (
        Insert(table, user, {**values, "user_id": user, "created_at": record.time_ms}) if is_first else Update(table, user, values)
    )


def _search_noted(record: Record, event: did.SearchNoted) -> Sequence[Operation]:
    values: Values = {
        **_owner(record, event.session_hash),
        "query": event.query,
        "filters": event.filters,
        "result_count": event.result_count,
        "created_at": record.time_ms,
    }
    return (Insert("search_history", record.id, values),)


def _search_clicked(record: Record, event: did.SearchClicked) -> Sequence[Operation]:
    return (Update("search_history", event.search_id, {"clicked": event.clicked}),)


def _notified(record: Record, event: did.Notified) -> Sequence[Operation]:
    values: Values = {
        "user_id": id_of(record.room),
        "offset": record.offset,
        "what": event.what,
        "source": event.source,
        "thing_id": event.thing_id,
        "title": event.title,
        "at": event.at,
        "created_at": record.time_ms,
    }
    if event.by is not None:
        values |= {"by_id": event.by.id, "by_kind": event.by.kind, "by_name": event.by.name, "by_image": event.by.image}
    told = Insert("notifications", record.id, values)
    return (told, *_settled(record, event.settled)) if event.settled else (told,)


def _notifications_settled(record: Record, event: did.NotificationsSettled) -> Sequence[Operation]:
    return _settled(record, *event.notification_ids)


def _settled(record: Record, *notification_ids: ThingId) -> Sequence[Operation]:
    return tuple(Update("notifications", one, {"read_at": record.time_ms}) for one in notification_ids)


def _device_added(record: Record, event: did.DeviceAdded) -> Sequence[Operation]:
    values: Values = {
        "kind": event.kind,
        "endpoint": event.endpoint,
        "p256dh": event.p256dh,
        "auth": event.auth,
        "name": event.name,
        "updated_at": record.time_ms,
    }
    if not event.is_first:
        return (Update("push_subscriptions", event.device_id, values),)
    values |= {"user_id": id_of(record.room), "created_at": record.time_ms}
    return (Insert("push_subscriptions", event.device_id, values),)


def _device_removed(record: Record, event: did.DeviceRemoved) -> Sequence[Operation]:
    return (Delete("push_subscriptions", event.device_id),)


def _room_read(record: Record, event: did.RoomRead) -> Sequence[Operation]:
    user = id_of(record.room)
    key, values = position_id(user, event.read_room), {"offset": event.read_offset, "updated_at": record.time_ms}
    if not event.is_first:
        return (Update("read_positions", key, values),)
    made = Insert("read_positions", key, {"user_id": user, "room": event.read_room, **values})
    return (made, Delete("read_positions", position_id(user, event.dropped))) if event.dropped else (made,)


def _room_noted(record: Record, event: did.RoomNoted) -> Sequence[Operation]:
    user = id_of(record.room)
    values: Values = {"user_id": user, "room": event.noted, "created_at": record.time_ms}
    noted = Insert("own_rooms", own_room_id(user, event.noted), values)
    return (noted, Delete("own_rooms", own_room_id(user, event.dropped))) if event.dropped else (noted,)


def _room_forgotten(record: Record, event: did.RoomForgotten) -> Sequence[Operation]:
    return (Delete("own_rooms", own_room_id(id_of(record.room), event.noted)),)


ROWS: Final[Mapping[type[Event], Rows]] = {
    did.FolderMade: _folder_made,
    did.FolderChanged: _folder_changed,
    did.FolderFilled: _folder_filled,
    did.FolderRemoved: _folder_removed,
    did.FavouriteAdded: _favourite_added,
    did.FavouriteRemoved: _favourite_removed,
    did.ComparisonSaved: _comparison_saved,
    did.ComparisonChanged: _comparison_changed,
    did.ComparisonRemoved: _comparison_removed,
    did.StyleProfileSet: _style_profile_set,
    did.AiPreferencesSet: _ai_preferences_set,
    did.SearchNoted: _search_noted,
    did.SearchClicked: _search_clicked,
    did.Notified: _notified,
    did.NotificationsSettled: _notifications_settled,
    did.DeviceAdded: _device_added,
    did.DeviceRemoved: _device_removed,
    did.RoomRead: _room_read,
    did.RoomNoted: _room_noted,
    did.RoomForgotten: _room_forgotten,
    **CLAIM_ROWS,
}
"""What each event does. A test demands an entry for every event of the kind."""
