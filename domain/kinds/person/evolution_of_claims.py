"""What the claim of a guest's things makes of the two rooms."""

import msgspec
from immutables import Map

from domain.ids import ThingId
from domain.kinds.person import events as did
from domain.kinds.person.state import CLAIMED_MAX, SEARCHES_MAX, Comparison, Folder, Noted, Person, Position, Search
from domain.kinds.person.things import MovedComparison, MovedFolder, MovedSearch
from domain.record import Record

replace = msgspec.structs.replace


def claimed(state: Person, event: did.Claimed, record: Record) -> Person:
    return replace(state, claimed=(*state.claimed, event.guest_id)[-CLAIMED_MAX:])


def claim_undone(state: Person, event: did.ClaimUndone, record: Record) -> Person:
    return replace(state, claimed=tuple(guest for guest in state.claimed if guest != event.guest_id))


def handed_over(state: Person, event: did.HandedOver, record: Record) -> Person:
    """Everything goes at once; the next events say what went."""
    return replace(
        state,
        handed_to=event.user_id,
        handed_to_name=event.user_name,
        folders=Map(),
        folder_ids=0,
        favourites=Map(),
        comparisons=Map(),
        searches=(),
        positions=Map(),
        rooms=Map(),
    )


def contents_handed_over(state: Person, event: did.ContentsHandedOver, record: Record) -> Person:
    return state


def contents_taken_over(state: Person, event: did.ContentsTakenOver, record: Record) -> Person:
    favourites, positions, rooms = state.favourites.mutate(), state.positions.mutate(), state.rooms.mutate()
    favourites.update(dict.fromkeys(event.favourites, record.time_ms))
    positions.update({room: Position(offset, record.offset) for room, offset in event.positions})
    rooms.update({room: Noted(record.time_ms, record.offset) for room in event.rooms})
    searches = sorted((*state.searches, *map(_search_of, event.searches)), key=lambda search: search.at)
    return replace(
        state,
        folders=state.folders.update({ThingId(one.id): _folder_of(one, record) for one in event.folders}),
        folder_ids=state.folder_ids + sum(len(folder.concept_ids) for folder in event.folders),
        comparisons=state.comparisons.update({ThingId(one.id): _comparison_of(one, record) for one in event.comparisons}),
        searches=tuple(searches[-SEARCHES_MAX:]),
        favourites=favourites.finish(),
        positions=positions.finish(),
        rooms=rooms.finish(),
    )


def _folder_of(moved: MovedFolder, record: Record) -> Folder:
    return Folder(
        name=moved.name,
        description=moved.description,
        is_public=moved.is_public,
        tags=moved.tags,
        concept_ids=tuple(map(ThingId, moved.concept_ids)),
        made=record.offset,
        made_at=moved.made_at,
    )


def _comparison_of(moved: MovedComparison, record: Record) -> Comparison:
    return Comparison(items=moved.items, metadata=moved.metadata, saved=record.offset, saved_at=moved.saved_at)


def _search_of(moved: MovedSearch) -> Search:
    return Search(
        id=ThingId(moved.id),
        query=moved.query,
        filters=moved.filters,
        result_count=moved.result_count,
        clicked=tuple(map(ThingId, moved.clicked)),
        at=moved.at,
    )
