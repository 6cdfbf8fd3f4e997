"""A guest signs in: what the guest has becomes the person's, exactly once.

::

  person's room                       guest's room                          other rooms
  claim ─▶ claimed ──────────────────▶ hand_over ─▶ handed_over
                                                    contents_handed_over ──▶ concept.claim, share.claim, conversation.claim, …
  take_over ◀────────────────────────────────────── (part by part)
  contents_taken_over
  undo_claim ◀─ where the guest's room refuses: somebody else was first
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from domain.decider import Context, Decision, Ref
from domain.event_codec import encode
from domain.ids import ActorId, RoomAddress, ThingId, keyed_id, kind_of
from domain.kinds.person import commands as ask
from domain.kinds.person import events as did
from domain.kinds.person.state import (
    COMPARISONS_MAX,
    FAVOURITES_MAX,
    FOLDER_IDS_TOTAL_MAX,
    FOLDERS_MAX,
    OWN_ROOMS_MAX,
    POSITIONS_MAX,
    Comparison,
    Folder,
    Person,
    Search,
    folders_in_order,
    own_rooms,
)
from domain.kinds.person.things import MovedComparison, MovedFolder, MovedSearch, Words
from domain.record import Event
from domain.rejections import AlreadyExists, Malformed

PART_MAX_BYTES: Final = 48 * 1024
"""Contents that move in one event: as a command it has to stay below 96 KiB, and the largest single thing has about 40."""
PART_ROOMS_MAX: Final = 400
"""Rooms that move in one event: each is told by a reaction, of which an event may make a thousand."""
_Moved = TypeVar("_Moved", MovedFolder, MovedComparison, MovedSearch, Words)

CLAIMABLE: Final = frozenset({"concept", "share", "conversation", "visit"})
"""Kinds of room that change their owner with the guest. Others stay the guest's, and leave the list."""


def guest_of(command: ask.Claim) -> Ref:
    return Ref("person", command.guest_id)


def claim(state: Person, command: ask.Claim, context: Context) -> Decision:
    """The guest's room says whose it is already, so that the second of two persons hears it at once; it decides by itself again."""
    guest_id = ActorId(command.guest_id)
    if guest_id == state.id:
        raise Malformed("nobody claims their own room: give the token of the guest you were - at `$.guest_id`")
    if guest_id in state.claimed:
        return Decision()
    guest = context.refs.get(guest_of(command))
    if guest is not None and guest.handed_to not in ("", state.id):
        raise AlreadyExists("what this guest had belongs to somebody else already")
    return Decision((did.Claimed(guest_id=guest_id, user_name=command.user_name),))


def undo_claim(state: Person, command: ask.UndoClaim, context: Context) -> Decision:
    if command.guest_id not in state.claimed:
        return Decision()
    return Decision((did.ClaimUndone(guest_id=ActorId(command.guest_id), reason=command.reason),))


def hand_over(state: Person, command: ask.HandOver, context: Context) -> Decision:
    user_id = ActorId(command.user_id)
    if state.handed_to == user_id:
        return Decision()
    if state.handed_to or user_id == state.id:
        raise AlreadyExists("what this guest had belongs to somebody else already")
    parts: list[Event] = [
        did.ContentsHandedOver(user_id=user_id, user_name=command.user_name, **contents) for contents in _parts(state)
    ]
    return Decision((did.HandedOver(user_id=user_id, user_name=command.user_name), *parts))


class _Piece(NamedTuple):
    """One thing that moves, the field of the event that holds it, and what the guest wrote of it."""

    field: str
    thing: Any
    words: Words | None = None


def _parts(state: Person) -> Iterator[dict[str, tuple[Any, ...]]]:
    """The contents, cut into parts that a command can carry. Things of a kind stay in their order."""
    part: dict[str, tuple[Any, ...]] = {}
    size = 0
    for piece in _pieces(state):
        bytes_more = len(encode((piece.thing, piece.words)))
        if part and (size + bytes_more > PART_MAX_BYTES or len(part.get("rooms", ())) >= PART_ROOMS_MAX):
            yield part
            part, size = {}, 0
        part[piece.field] = (*part.get(piece.field, ()), piece.thing)
        if piece.words is not None:
            part["words"] = (*part.get("words", ()), piece.words)
        size += bytes_more
    if part:
        yield part


def _pieces(state: Person) -> Iterator[_Piece]:
    yield from (_folder_piece(*item) for item in folders_in_order(state))
    yield from (_comparison_piece(*item) for item in sorted(state.comparisons.items(), key=_order_of_saving))
    yield from (_search_piece(search) for search in state.searches)
    yield from (_Piece("favourites", concept_id) for concept_id in sorted(state.favourites))
    yield from (_Piece("positions", (room, position.offset)) for room, position in sorted(state.positions.items()))
    yield from (_Piece("rooms", room) for room in own_rooms(state))


def _order_of_saving(item: tuple[ThingId, Comparison]) -> tuple[int, int, str]:
    return item[1].saved, item[1].saved_at, item[0]


def _folder_piece(folder_id: ThingId, folder: Folder) -> _Piece:
    moved = MovedFolder(id=folder_id, is_public=folder.is_public, concept_ids=folder.concept_ids, made_at=folder.made_at)
    return _Piece("folders", moved, Words(id=folder_id, text=folder.name, description=folder.description, tags=folder.tags))


def _comparison_piece(comparison_id: ThingId, comparison: Comparison) -> _Piece:
    moved = MovedComparison(id=comparison_id, items=comparison.items, saved_at=comparison.saved_at)
    return _Piece("comparisons", moved, Words(id=comparison_id, details=comparison.metadata))


def _search_piece(search: Search) -> _Piece:
    moved = MovedSearch(id=search.id, result_count=search.result_count, clicked=search.clicked, at=search.at)
    return _Piece("searches", moved, Words(id=search.id, text=search.query, details=search.filters))


def take_over(state: Person, command: ask.TakeOver, context: Context) -> Decision:
    """The person's own things stay as they are; what finds no room is counted and left out. Things get ids of this room."""
    folders = _folders_with_room(state, _each_once(command.folders))
    comparisons = _each_once(command.comparisons)[: max(0, COMPARISONS_MAX - len(state.comparisons))]
    new = tuple(dict.fromkeys(ThingId(one) for one in command.favourites if ThingId(one) not in state.favourites))
    favourites = new[: max(0, FAVOURITES_MAX - len(state.favourites))]
    positions, known = _higher_positions(state, command.positions)
    new_rooms = tuple(dict.fromkeys(RoomAddress(room) for room in command.rooms if _moves(state, room)))
    rooms = new_rooms[: max(0, OWN_ROOMS_MAX - len(state.rooms))]
    left_out = len(command.folders) + len(command.comparisons) + len(new) + len(new_rooms)
    left_out -= len(folders) + len(comparisons) + len(favourites) + len(rooms)
    event = did.ContentsTakenOver(
        guest_id=ActorId(command.guest_id),
        folders=tuple(_renamed(context, folder) for folder in folders),
        comparisons=tuple(_renamed(context, comparison) for comparison in comparisons),
        searches=tuple(_renamed(context, search) for search in _each_once(command.searches)),
        words=_words_of((*folders, *comparisons, *command.searches), command, context),
        favourites=favourites,
        positions=positions,
        known_positions=known,
        rooms=rooms,
        left_out=left_out,
    )
    return Decision((event,)) if event != did.ContentsTakenOver(guest_id=event.guest_id) else Decision()


def _folders_with_room(state: Person, folders: tuple[MovedFolder, ...]) -> tuple[MovedFolder, ...]:
    fitting: list[MovedFolder] = []
    ids_left = FOLDER_IDS_TOTAL_MAX - state.folder_ids
    for folder in folders[: max(0, FOLDERS_MAX - len(state.folders))]:
        if len(folder.concept_ids) <= ids_left:
            fitting.append(folder)
            ids_left -= len(folder.concept_ids)
    return tuple(fitting)


def _higher_positions(
    state: Person, positions: tuple[tuple[str, int], ...]
) -> tuple[tuple[tuple[RoomAddress, int], ...], tuple[RoomAddress, ...]]:
    """Those that are new or further than the person's own, and of which of these rooms there was a position before."""
    higher: dict[RoomAddress, int] = {}
    known: list[RoomAddress] = []
    for address, offset in positions:
        room = RoomAddress(address)
        own = state.positions.get(room)
        if own is None and len(state.positions) + len(higher) - len(known) < POSITIONS_MAX:
            higher[room] = offset
        elif own is not None and own.offset < offset:
            higher[room] = offset
            known.append(room)
    return tuple(higher.items()), tuple(known)


def _moves(state: Person, room: str) -> bool:
    return kind_of(room) in CLAIMABLE and RoomAddress(room) not in state.rooms


def _each_once(things: tuple[_Moved, ...]) -> tuple[_Moved, ...]:
    return tuple({thing.id: thing for thing in things}.values())


def _renamed(context: Context, thing: _Moved) -> _Moved:
    """Under an id of this room: the guest's rows and these never meet, in whatever order projections are run again."""
    return msgspec.structs.replace(thing, id=keyed_id("taken_over", context.room, context.command_id, thing.id))


def _words_of(
    things: Iterable[MovedFolder | MovedComparison | MovedSearch], command: ask.TakeOver, context: Context
) -> tuple[Words, ...]:
    """The words of the things that come in, under their new ids."""
    moving = {thing.id for thing in things}
    return tuple(_renamed(context, words) for words in command.words if words.id in moving)
