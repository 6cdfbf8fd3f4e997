"""What the claim of a guest's things makes of the two rooms."""

from collections.abc import Mapping
from typing import Final

import msgspec
from immutables import Map

from domain.ids import ThingId
from domain.kinds.person import events as did
from domain.kinds.person.state import CLAIMED_MAX, SEARCHES_MAX, Comparison, Folder, Noted, Person, Position, Search
from domain.kinds.person.things import MovedComparison, MovedFolder, MovedSearch, Words
from domain.record import Record

replace = msgspec.structs.replace

_NO_WORDS: Final = Words(id="")
"""Of things whose words were redacted."""


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
    rooms.update({room: Noted(record.time_ms, record.offset, place) for place, room in enumerate(event.rooms)})
    words = {one.id: one for one in event.words}
    searches = sorted((*state.searches, *(_search_of(one, words) for one in event.searches)), key=lambda search: search.at)
    folders = {ThingId(one.id): _folder_of(one, words, record) for one in event.folders}
    comparisons = {ThingId(one.id): _comparison_of(one, words, record) for one in event.comparisons}
    return replace(
        state,
        folders=state.folders.update(folders),
        folder_ids=state.folder_ids + sum(len(folder.concept_ids) for folder in event.folders),
        comparisons=state.comparisons.update(comparisons),
        searches=tuple(searches[-SEARCHES_MAX:]),
        favourites=favourites.finish(),
        positions=positions.finish(),
        rooms=rooms.finish(),
    )


def _folder_of(moved: MovedFolder, words: Mapping[str, Words], record: Record) -> Folder:
    said = words.get(moved.id, _NO_WORDS)
    return Folder(
        name=said.text,
        description=said.description,
        is_public=moved.is_public,
        tags=said.tags,
        concept_ids=tuple(map(ThingId, moved.concept_ids)),
        made=record.offset,
        made_at=moved.made_at,
    )


def _comparison_of(moved: MovedComparison, words: Mapping[str, Words], record: Record) -> Comparison:
    metadata = words.get(moved.id, _NO_WORDS).details
    return Comparison(items=moved.items, metadata=metadata, saved=record.offset, saved_at=moved.saved_at)


def _search_of(moved: MovedSearch, words: Mapping[str, Words]) -> Search:
    said = words.get(moved.id, _NO_WORDS)
    return Search(
        id=ThingId(moved.id),
        query=said.text,
        filters=said.details,
        result_count=moved.result_count,
        clicked=tuple(map(ThingId, moved.clicked)),
        at=moved.at,
    )
