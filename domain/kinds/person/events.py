"""What has happened in a person's room. Only the person and the server ever see these.

Events carry results, so that projections need nothing but the event: ``is_first`` tells a new row from a change, ``dropped`` names
what had to make room. Fields marked ``Free`` may be nulled by redaction: ``evolve`` and the projection accept ``""``, ``[]`` or
``{}`` there.
"""

from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.person.things import ComparedItem, DeviceKind, Face, MovedComparison, MovedFolder, MovedSearch, What, Words
from domain.limits import OpenObject
from domain.record import Event
from domain.redaction import Free


class FolderMade(Event, frozen=True, kw_only=True, tag="folder_made"):
    """The folder has this event's id."""

    name: Free[str]
    description: Free[str] = ""
    is_public: bool = False
    tags: Free[tuple[str, ...]] = ()
    concept_ids: tuple[ThingId, ...] = ()


class FolderChanged(Event, frozen=True, kw_only=True, tag="folder_changed"):
    """All fields as they are now."""

    folder_id: ThingId
    name: Free[str]
    description: Free[str] = ""
    is_public: bool = False
    tags: Free[tuple[str, ...]] = ()


class FolderFilled(Event, frozen=True, kw_only=True, tag="folder_filled"):
    """``added`` were not in it, ``taken`` were."""

    folder_id: ThingId
    added: tuple[ThingId, ...] = ()
    taken: tuple[ThingId, ...] = ()


class FolderRemoved(Event, frozen=True, kw_only=True, tag="folder_removed"):
    folder_id: ThingId


class FavouriteAdded(Event, frozen=True, kw_only=True, tag="favourite_added"):
    concept_id: ThingId


class FavouriteRemoved(Event, frozen=True, kw_only=True, tag="favourite_removed"):
    concept_id: ThingId


class ComparisonSaved(Event, frozen=True, kw_only=True, tag="comparison_saved"):
    """The set has this event's id. ``session_hash`` is that of a guest's session, else empty."""

    items: tuple[ComparedItem, ...]
    metadata: Free[OpenObject] = {}
    session_hash: str = ""


class ComparisonChanged(Event, frozen=True, kw_only=True, tag="comparison_changed"):
    """Both fields as they are now."""

    comparison_id: ThingId
    items: tuple[ComparedItem, ...]
    metadata: Free[OpenObject] = {}


class ComparisonRemoved(Event, frozen=True, kw_only=True, tag="comparison_removed"):
    comparison_id: ThingId


class StyleProfileSet(Event, frozen=True, kw_only=True, tag="style_profile_set"):
    """``is_first`` where there was none before."""

    profile: Free[OpenObject]
    is_first: bool = False


class AiPreferencesSet(Event, frozen=True, kw_only=True, tag="ai_preferences_set"):
    """All fields as they are now."""

    preferred_models: tuple[str, ...] = ()
    default_generation_mode: str = "creative"
    enable_deep_thinking: bool = False
    auto_generate_on_create: bool = False
    model_weights: OpenObject = {}
    is_first: bool = False


class SearchNoted(Event, frozen=True, kw_only=True, tag="search_noted"):
    """The search has this event's id. ``session_hash`` is that of a guest's session, else empty."""

    query: Free[str]
    filters: Free[OpenObject] = {}
    result_count: int
    session_hash: str = ""


class SearchClicked(Event, frozen=True, kw_only=True, tag="search_clicked"):
    """``clicked`` is everything the person went to from this search, in order."""

    search_id: ThingId
    clicked: tuple[ThingId, ...]


class Notified(Event, frozen=True, kw_only=True, tag="notified"):
    """The notification has this event's id. ``settled`` is an unread one that fell out of the newest 200 and counts as read.

    ``handed_to`` is the person who has taken the guest's room over, and is told instead; empty otherwise.
    """

    what: What
    source: RoomAddress
    thing_id: ThingId | None = None
    by: Face | None = None
    title: str = ""
    at: int
    unread_count: int
    settled: ThingId | None = None
    handed_to: ActorId = ActorId("")


class NotificationsSettled(Event, frozen=True, kw_only=True, tag="notifications_settled"):
    """These were unread and are read now; ``unread_count`` is what is left."""

    notification_ids: tuple[ThingId, ...]
    unread_count: int


class DeviceAdded(Event, frozen=True, kw_only=True, tag="device_added"):
    """``is_first`` where the endpoint was not known; otherwise its keys are replaced."""

    device_id: ThingId
    endpoint: Free[str]
    p256dh: Free[str] = ""
    auth: Free[str] = ""
    kind: DeviceKind = "web"
    name: Free[str] = ""
    is_first: bool = False


class DeviceRemoved(Event, frozen=True, kw_only=True, tag="device_removed"):
    device_id: ThingId


class RoomRead(Event, frozen=True, kw_only=True, tag="room_read"):
    """The position only rises. ``dropped`` is the room whose position had to make room, else empty."""

    read_room: RoomAddress
    read_offset: int
    is_first: bool = False
    dropped: RoomAddress = RoomAddress("")


class RoomNoted(Event, frozen=True, kw_only=True, tag="room_noted"):
    """``dropped`` is the room that had to make room. ``handed_to``: the guest's things are this person's, so the room is too."""

    noted: RoomAddress
    dropped: RoomAddress = RoomAddress("")
    handed_to: ActorId = ActorId("")
    handed_to_name: str = ""


class RoomForgotten(Event, frozen=True, kw_only=True, tag="room_forgotten"):
    noted: RoomAddress


class Claimed(Event, frozen=True, kw_only=True, tag="claimed"):
    """What the guest has is this person's from here on; the guest's room is told."""

    guest_id: ActorId
    user_name: str = ""


class ClaimUndone(Event, frozen=True, kw_only=True, tag="claim_undone"):
    """The guest's room has refused, with this sentence."""

    guest_id: ActorId
    reason: str = ""


class HandedOver(Event, frozen=True, kw_only=True, tag="handed_over"):
    """A guest's room belongs to this person now. Its contents follow in the next events."""

    user_id: ActorId
    user_name: str = ""


class ContentsHandedOver(Event, frozen=True, kw_only=True, tag="contents_handed_over"):
    """A part of the contents, under the ids they had here; they are no longer here."""

    user_id: ActorId
    user_name: str = ""
    folders: tuple[MovedFolder, ...] = ()
    comparisons: tuple[MovedComparison, ...] = ()
    searches: tuple[MovedSearch, ...] = ()
    words: Free[tuple[Words, ...]] = ()
    favourites: tuple[ThingId, ...] = ()
    positions: tuple[tuple[RoomAddress, int], ...] = ()
    rooms: tuple[RoomAddress, ...] = ()


class ContentsTakenOver(Event, frozen=True, kw_only=True, tag="contents_taken_over"):
    """A part of what a guest had, under the ids it has here. ``positions`` are those that are new or higher; ``known_positions``
    names the rooms of which there was one before. ``left_out`` counts what found no room."""

    guest_id: ActorId
    folders: tuple[MovedFolder, ...] = ()
    comparisons: tuple[MovedComparison, ...] = ()
    searches: tuple[MovedSearch, ...] = ()
    words: Free[tuple[Words, ...]] = ()
    favourites: tuple[ThingId, ...] = ()
    positions: tuple[tuple[RoomAddress, int], ...] = ()
    known_positions: tuple[RoomAddress, ...] = ()
    rooms: tuple[RoomAddress, ...] = ()
    left_out: int = 0


EVENTS: tuple[type[Event], ...] = (
    FolderMade,
    FolderChanged,
    FolderFilled,
    FolderRemoved,
    FavouriteAdded,
    FavouriteRemoved,
    ComparisonSaved,
    ComparisonChanged,
    ComparisonRemoved,
    StyleProfileSet,
    AiPreferencesSet,
    SearchNoted,
    SearchClicked,
    Notified,
    NotificationsSettled,
    DeviceAdded,
    DeviceRemoved,
    RoomRead,
    RoomNoted,
    RoomForgotten,
    Claimed,
    ClaimUndone,
    HandedOver,
    ContentsHandedOver,
    ContentsTakenOver,
)
