"""What a person's rules need to know: small, immutable, and the same live, in replay and in snapshots.

Everything is bounded. What the person asks beyond a bound is refused with a sentence; what the server asks drops the oldest, since
nobody could react to a refusal. Rows in Postgres keep what is dropped here, unless a bound says otherwise. A later release may
raise a bound but not lower it: logs hold what was decided while more was remembered.
"""

import hashlib
from typing import Final

import msgspec
from immutables import Map

from domain.ids import ActorId, RoomAddress, ThingId, id_of
from domain.kinds.person.things import ComparedItem
from domain.kinds.person.view import Notification
from domain.limits import OpenObject

FOLDERS_MAX: Final = 200
"""More names than anybody looks through."""
FOLDER_IDS_MAX: Final = 1_000
"""Concepts in one folder."""
FOLDER_IDS_TOTAL_MAX: Final = 10_000
"""Concepts in all folders together, 400 KB: a snapshot of the room should stay below two megabytes."""
FAVOURITES_MAX: Final = 2_000
COMPARISONS_MAX: Final = 100
COMPARISON_METADATA_MAX_BYTES: Final = 4 * 1024
"""Of one comparison, so that all of them together stay below 400 KB."""
SEARCHES_MAX: Final = 100
"""The newest searches, on whose results a click may still come. Older ones stand in Postgres."""
CLICKED_MAX: Final = 50
"""Clicks on the results of one search: more than a page of results holds."""
NOTIFICATIONS_MAX: Final = 200
"""The newest. An unread one that falls out counts as read, so the unread ones are always known one by one."""
DEVICES_MAX: Final = 20
POSITIONS_MAX: Final = 2_000
"""Read positions; the one that was moved longest ago goes, with its row: everything in that room is unread again then."""
OWN_ROOMS_MAX: Final = 5_000
"""Rooms in the own list; the one that was noted longest ago goes, with its row."""
CLAIMED_MAX: Final = 200
"""Guests whose things the person took over. Forgetting the oldest is harmless: claiming again changes nothing."""

GUEST_FOLDERS_MAX: Final = 20
GUEST_FOLDER_IDS_MAX: Final = 200
GUEST_FAVOURITES_MAX: Final = 200
GUEST_COMPARISONS_MAX: Final = 20
"""A guest's are fewer: all of them move at once when the guest signs in."""


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """``made`` is the offset of its making, for the order; ``made_at`` the time."""

    name: str
    description: str = ""
    is_public: bool = False
    tags: tuple[str, ...] = ()
    concept_ids: tuple[ThingId, ...] = ()
    made: int
    made_at: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ComparedItem, ...]
    metadata: OpenObject = {}
    saved: int
    saved_at: int


class Search(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    query: str
    filters: OpenObject = {}
    result_count: int = 0
    clicked: tuple[ThingId, ...] = ()
    at: int


class AiPreferences(msgspec.Struct, frozen=True, kw_only=True):
    preferred_models: tuple[str, ...] = ()
    default_generation_mode: str = "creative"
    enable_deep_thinking: bool = False
    auto_generate_on_create: bool = False
    model_weights: OpenObject = {}


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """Enough to tell whether the same is added again; ``digest`` is over endpoint and keys, which themselves stay out."""

    kind: str
    name: str = ""
    digest: str = ""


class Position(msgspec.Struct, frozen=True):
    """How far a room was read, and at which offset of this room the position was moved last."""

    offset: int
    moved: int


class Noted(msgspec.Struct, frozen=True):
    """When a room came into the own list: the time, the offset of this room, and the place among those that came with it."""

    at: int
    offset: int
    place: int = 0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one person's room, or a guest's. ``handed_to`` is who has taken a guest's room over, else empty."""

    room: RoomAddress
    folders: Map[ThingId, Folder] = Map()
    folder_ids: int = 0
    favourites: Map[ThingId, int] = Map()
    comparisons: Map[ThingId, Comparison] = Map()
    searches: tuple[Search, ...] = ()
    has_style_profile: bool = False
    ai_preferences: AiPreferences | None = None
    notifications: tuple[Notification, ...] = ()
    devices: Map[ThingId, Device] = Map()
    positions: Map[RoomAddress, Position] = Map()
    rooms: Map[RoomAddress, Noted] = Map()
    claimed: tuple[ActorId, ...] = ()
    handed_to: ActorId = ActorId("")
    handed_to_name: str = ""

    @property
    def id(self) -> ActorId:
        return ActorId(id_of(self.room))

    @property
    def unread_count(self) -> int:
        return sum(not notification.is_read for notification in self.notifications)

    def search(self, search_id: str) -> Search | None:
        return next((search for search in self.searches if search.id == search_id), None)


def read_position(state: Person, room: str) -> int:
    """The offset up to which the person has read a room; 0: not at all."""
    position = state.positions.get(RoomAddress(room))
    return position.offset if position else 0


def folders_in_order(state: Person) -> list[tuple[ThingId, Folder]]:
    """As they were made, or came from a guest."""
    return sorted(state.folders.items(), key=lambda item: (item[1].made, item[1].made_at, item[0]))


def own_rooms(state: Person) -> tuple[RoomAddress, ...]:
    """The rooms of the own list, in the order in which they came into it."""
    return tuple(sorted(state.rooms, key=lambda room: (state.rooms[room].offset, state.rooms[room].place)))


def device_digest(endpoint: str, p256dh: str, auth: str) -> str:
    """Tells whether endpoint and keys are the same as before, without keeping them."""
    return hashlib.sha256("\x1f".join((endpoint, p256dh, auth)).encode()).hexdigest()[:16]
