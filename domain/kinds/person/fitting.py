"""The view of a person's room, fitted into 256 KiB of JSON.

Each part has its own share, so that none can push another out: folders lose the newest names, notifications and rooms the oldest
ones. What is missing is to be had over HTTP; the counts are always whole.
"""

from collections.abc import Iterable
from typing import Final, TypeVar

from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.kinds.person.state import Person, folders_in_order, own_rooms, read_position
from domain.kinds.person.view import Notification, OwnRoom, PersonView, ShownFolder

VIEW_MAX_BYTES: Final = 256 * 1024
NOTIFICATIONS_SHOWN: Final = 50
NOTIFICATIONS_SHARE_BYTES: Final = 100 * 1024
ROOMS_SHOWN: Final = 200
ROOMS_SHARE_BYTES: Final = 64 * 1024
FOLDERS_SHARE_BYTES: Final = 80 * 1024

T = TypeVar("T", Notification, OwnRoom, ShownFolder)


def view_of(state: Person) -> PersonView:
    rooms = own_rooms(state)[-ROOMS_SHOWN:]
    return PersonView(
        id=state.id,
        notifications=_oldest_first(_fitted(reversed(state.notifications[-NOTIFICATIONS_SHOWN:]), NOTIFICATIONS_SHARE_BYTES)),
        unread_count=state.unread_count,
        rooms=_oldest_first(_fitted((_own_room(state, room) for room in reversed(rooms)), ROOMS_SHARE_BYTES)),
        room_count=len(state.rooms),
        folders=tuple(_fitted(_folders(state), FOLDERS_SHARE_BYTES)),
        favourite_count=len(state.favourites),
        handed_to=state.handed_to,
    )


def _own_room(state: Person, room: RoomAddress) -> OwnRoom:
    return OwnRoom(room=room, noted_at=state.rooms[room].at, read_offset=read_position(state, room))


def _folders(state: Person) -> Iterable[ShownFolder]:
    for folder_id, folder in folders_in_order(state):
        count = len(folder.concept_ids)
        yield ShownFolder(id=folder_id, name=folder.name, is_public=folder.is_public, concept_count=count)


def _fitted(things: Iterable[T], budget_bytes: int) -> list[T]:
    """As many of the first ones as the budget holds."""
    fitting: list[T] = []
    for thing in things:
        budget_bytes -= len(encode(thing)) + 1
        if budget_bytes < 0:
            break
        fitting.append(thing)
    return fitting


def _oldest_first(things: list[T]) -> tuple[T, ...]:
    return tuple(reversed(things))
