"""What each event makes of a person's room: one function per event, no rules. All of them take redacted text."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from domain.kinds.person import events as did
from domain.kinds.person import evolution_of_claims as claims
from domain.kinds.person.state import (
    NOTIFICATIONS_MAX,
    SEARCHES_MAX,
    AiPreferences,
    Comparison,
    Device,
    Folder,
    Noted,
    Person,
    Position,
    Search,
    device_digest,
)
from domain.kinds.person.view import Notification
from domain.record import Event, Record

replace = msgspec.structs.replace

Step: TypeAlias = Callable[[Person, Any, Record], Person]


def evolve(state: Person, record: Record) -> Person:
    """The state after one record."""
    return STEPS[type(record.event)](state, record.event, record)


def _folder_made(state: Person, event: did.FolderMade, record: Record) -> Person:
    folder = Folder(
        name=event.name,
        description=event.description,
        is_public=event.is_public,
        tags=event.tags,
        concept_ids=event.concept_ids,
        made=record.offset,
        made_at=record.time_ms,
    )
    return replace(state, folders=state.folders.set(record.id, folder), folder_ids=state.folder_ids + len(event.concept_ids))


def _folder_changed(state: Person, event: did.FolderChanged, record: Record) -> Person:
    folder = state.folders[event.folder_id]
    changed = replace(folder, name=event.name, description=event.description, is_public=event.is_public, tags=event.tags)
    return replace(state, folders=state.folders.set(event.folder_id, changed))


def _folder_filled(state: Person, event: did.FolderFilled, record: Record) -> Person:
    folder = state.folders[event.folder_id]
    taken = set(event.taken)
    concept_ids = (*(one for one in folder.concept_ids if one not in taken), *event.added)
    filled = replace(folder, concept_ids=concept_ids)
    count = state.folder_ids + len(concept_ids) - len(folder.concept_ids)
    return replace(state, folders=state.folders.set(event.folder_id, filled), folder_ids=count)


def _folder_removed(state: Person, event: did.FolderRemoved, record: Record) -> Person:
    folder = state.folders[event.folder_id]
    return replace(state, folders=state.folders.delete(event.folder_id), folder_ids=state.folder_ids - len(folder.concept_ids))


def _favourite_added(state: Person, event: did.FavouriteAdded, record: Record) -> Person:
    return replace(state, favourites=state.favourites.set(event.concept_id, record.time_ms))


def _favourite_removed(state: Person, event: did.FavouriteRemoved, record: Record) -> Person:
    return replace(state, favourites=state.favourites.delete(event.concept_id))


def _comparison_saved(state: Person, event: did.ComparisonSaved, record: Record) -> Person:
    comparison = Comparison(items=event.items, metadata=event.metadata, saved=record.offset, saved_at=record.time_ms)
    return replace(state, comparisons=state.comparisons.set(record.id, comparison))


def _comparison_changed(state: Person, event: did.ComparisonChanged, record: Record) -> Person:
    comparison = state.comparisons[event.comparison_id]
    changed = replace(comparison, items=event.items, metadata=event.metadata)
    return replace(state, comparisons=state.comparisons.set(event.comparison_id, changed))


def _comparison_removed(state: Person, event: did.ComparisonRemoved, record: Record) -> Person:
    return replace(state, comparisons=state.comparisons.delete(event.comparison_id))


def _style_profile_set(state: Person, event: did.StyleProfileSet, record: Record) -> Person:
    return replace(state, has_style_profile=True)


def _ai_preferences_set(state: Person, event: did.AiPreferencesSet, record: Record) -> Person:
    preferences = AiPreferences(
        preferred_models=event.preferred_models,
        default_generation_mode=event.default_generation_mode,
        enable_deep_thinking=event.enable_deep_thinking,
        auto_generate_on_create=event.auto_generate_on_create,
        model_weights=event.model_weights,
    )
    return replace(state, ai_preferences=preferences)


def _search_noted(state: Person, event: did.SearchNoted, record: Record) -> Person:
    search = Search(id=record.id, query=event.query, filters=event.filters, result_count=event.result_count, at=record.time_ms)
    return replace(state, searches=(*state.searches, search)[-SEARCHES_MAX:])


def _search_clicked(state: Person, event: did.SearchClicked, record: Record) -> Person:
    searches = tuple(
        replace(search, clicked=event.clicked) if search.id == event.search_id else search for search in state.searches
    )
    return replace(state, searches=searches)


def _notified(state: Person, event: did.Notified, record: Record) -> Person:
    notification = Notification(
        id=record.id,
        offset=record.offset,
        what=event.what,
        source=event.source,
        thing_id=event.thing_id,
        by=event.by,
        title=event.title,
        at=event.at,
    )
    return replace(state, notifications=(*state.notifications, notification)[-NOTIFICATIONS_MAX:])


def _notifications_settled(state: Person, event: did.NotificationsSettled, record: Record) -> Person:
    ids = set(event.notification_ids)
    notifications = tuple(replace(one, is_read=True) if one.id in ids else one for one in state.notifications)
    return replace(state, notifications=notifications)


def _device_added(state: Person, event: did.DeviceAdded, record: Record) -> Person:
    device = Device(kind=event.kind, name=event.name, digest=device_digest(event.endpoint, event.p256dh, event.auth))
    return replace(state, devices=state.devices.set(event.device_id, device))


def _device_removed(state: Person, event: did.DeviceRemoved, record: Record) -> Person:
    return replace(state, devices=state.devices.delete(event.device_id))


def _room_read(state: Person, event: did.RoomRead, record: Record) -> Person:
    positions = state.positions.delete(event.dropped) if event.dropped else state.positions
    return replace(state, positions=positions.set(event.read_room, Position(event.read_offset, record.offset)))


def _room_noted(state: Person, event: did.RoomNoted, record: Record) -> Person:
    rooms = state.rooms.delete(event.dropped) if event.dropped else state.rooms
    return replace(state, rooms=rooms.set(event.noted, Noted(record.time_ms, record.offset)))


def _room_forgotten(state: Person, event: did.RoomForgotten, record: Record) -> Person:
    return replace(state, rooms=state.rooms.delete(event.noted))


STEPS: Final[Mapping[type[Event], Step]] = {
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
    did.Claimed: claims.claimed,
    did.ClaimUndone: claims.claim_undone,
    did.HandedOver: claims.handed_over,
    did.ContentsHandedOver: claims.contents_handed_over,
    did.ContentsTakenOver: claims.contents_taken_over,
}
