"""What the claim of a guest's things does to rows: they go from the guest's room, and come into the person's under new ids."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain.ids import id_of, keyed_id
from domain.kinds.person import events as did
from domain.kinds.person.things import Words
from domain.record import Event, Record
from persistence.write_behind.row_operations import Delete, Insert, Operation, Update

_NO_WORDS: Final = Words(id="")
"""Of things whose words were redacted."""


def favourite_id(person_id: str, concept_id: str) -> str:
    return keyed_id("favourite", person_id, concept_id)


def position_id(person_id: str, room: str) -> str:
    return keyed_id("read_position", person_id, room)


def own_room_id(person_id: str, room: str) -> str:
    return keyed_id("own_room", person_id, room)


def _nothing(record: Record, event: Event) -> Sequence[Operation]:
    return ()


def _handed_over(record: Record, event: did.ContentsHandedOver) -> Sequence[Operation]:
    """Searches that are older than what the room remembers stay with the session."""
    guest = id_of(record.room)
    return (
        *(Delete("concept_folders", folder.id) for folder in event.folders),
        *(Delete("comparison_sets", comparison.id) for comparison in event.comparisons),
        *(Delete("search_history", search.id) for search in event.searches),
        *(Delete("favourites", favourite_id(guest, concept_id)) for concept_id in event.favourites),
        *(Delete("read_positions", position_id(guest, room)) for room, _ in event.positions),
        *(Delete("own_rooms", own_room_id(guest, room)) for room in event.rooms),
    )


def _taken_over(record: Record, event: did.ContentsTakenOver) -> Sequence[Operation]:
    return (*_things_taken_over(record, event), *_marks_taken_over(record, event))


def _things_taken_over(record: Record, event: did.ContentsTakenOver) -> Sequence[Operation]:
    """Folders, comparisons and searches, with the times that they had at the guest's."""
    user, now = id_of(record.room), record.time_ms
    words = {one.id: one for one in event.words}
    rows: list[Operation] = []
    for folder in event.folders:
        said = words.get(folder.id, _NO_WORDS)
        values = {
            "user_id": user,
            "name": said.text,
            "description": said.description,
            "is_public": folder.is_public,
            "tags": said.tags,
            "concept_ids": folder.concept_ids,
            "created_at": folder.made_at,
            "updated_at": now,
        }
        rows.append(Insert("concept_folders", folder.id, values))
    for comparison in event.comparisons:
        values = {"user_id": user, "items": comparison.items, "metadata": words.get(comparison.id, _NO_WORDS).details}
        rows.append(Insert("comparison_sets", comparison.id, {**values, "created_at": comparison.saved_at, "updated_at": now}))
    for search in event.searches:
        said = words.get(search.id, _NO_WORDS)
        values = {"user_id": user, "query": said.text, "filters": said.details, "result_count": search.result_count}
        rows.append(Insert("search_history", search.id, {**values, "clicked": search.clicked, "created_at": search.at}))
    return rows


def _marks_taken_over(record: Record, event: did.ContentsTakenOver) -> Sequence[Operation]:
    user, now, known = id_of(record.room), record.time_ms, set(event.known_positions)
    rows: list[Operation] = []
    for concept_id in event.favourites:
        favourite = {"user_id": user, "concept_id": concept_id, "created_at": now}
        rows.append(Insert("favourites", favourite_id(user, concept_id), favourite))
    for room, offset in event.positions:
        moved = {"offset": offset, "updated_at": now}
        key = position_id(user, room)
        rows.append(
            Update("read_positions", key, moved)
            if room in known
            else Insert("read_positions", key, {"user_id": user, "room": room, **moved})
        )
    noted = ({"user_id": user, "room": room, "created_at": now} for room in event.rooms)
    return (*rows, *(Insert("own_rooms", own_room_id(user, str(values["room"])), values) for values in noted))


CLAIM_ROWS: Final[Mapping[type[Event], Callable[[Record, Any], Sequence[Operation]]]] = {
    did.Claimed: _nothing,
    did.ClaimUndone: _nothing,
    did.HandedOver: _nothing,
    did.ContentsHandedOver: _handed_over,
    did.ContentsTakenOver: _taken_over,
}
