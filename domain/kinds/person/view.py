"""What a person is given on entering their own room."""

import msgspec

from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.person.things import Face, What


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """``offset`` is its place in this room's log, for ``settle_notifications`` up to it. Times are Unix milliseconds."""

    id: ThingId
    offset: int
    what: What
    source: RoomAddress
    thing_id: ThingId | None = None
    by: Face | None = None
    title: str = ""
    at: int
    is_read: bool = False


class ShownFolder(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    name: str
    is_public: bool = False
    concept_count: int = 0


class OwnRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room of the own list, and how far the person has read it (an offset of that room; 0: not at all)."""

    room: RoomAddress
    noted_at: int
    read_offset: int = 0


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """At most 256 KiB as JSON (``fitting.py`` says what goes first where that is not enough).

    ``notifications`` are the newest 50, oldest first; ``unread_count`` counts all unread ones. ``rooms`` are the newest 200 of the
    own list, oldest first; ``room_count`` counts all. ``folders`` are in the order of their making. ``handed_to`` is who has
    taken a guest's room over, empty otherwise.
    """

    id: str
    notifications: tuple[Notification, ...] = ()
    unread_count: int = 0
    rooms: tuple[OwnRoom, ...] = ()
    room_count: int = 0
    folders: tuple[ShownFolder, ...] = ()
    favourite_count: int = 0
    handed_to: ActorId = ActorId("")
