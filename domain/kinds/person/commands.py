"""What may be asked of a person's room. The wire name of ``MakeFolder`` is ``person.make_folder``; ``COMMANDS`` gives all of them.

The person gives the first ones, the server the last ones: reactions of other rooms, searches, and the claim of a guest's things.
"""

from typing import Annotated

from msgspec import Meta

from domain.decider import Command
from domain.kinds.person.things import (
    Address,
    ConceptIds,
    Count,
    DeviceAuth,
    DeviceKey,
    DeviceKind,
    DeviceName,
    Face,
    FolderName,
    FolderText,
    Hash,
    Items,
    Mode,
    Models,
    Moment,
    MovedComparison,
    MovedFolder,
    MovedSearch,
    NotificationIds,
    Offset,
    Query,
    Tags,
    Uuid,
    What,
    Words,
)
from domain.limits import OpenObject, OptionalText, Url

# --- What the person asks ---


class MakeFolder(Command, frozen=True, kw_only=True):
    """Begin a folder of concepts. A public one may be read by everybody; the rest of the room stays the person's own."""

    name: FolderName
    description: FolderText = ""
    is_public: bool = False
    tags: Tags = ()
    concept_ids: ConceptIds = ()


class ChangeFolder(Command, frozen=True, kw_only=True):
    """Change what is given; what is left out stays."""

    folder_id: Uuid
    name: FolderName | None = None
    description: FolderText | None = None
    is_public: bool | None = None
    tags: Tags | None = None


class FillFolder(Command, frozen=True, kw_only=True):
    """Put concepts in and take others out, at once. What is in already, or out already, is left alone."""

    folder_id: Uuid
    add: ConceptIds = ()
    take: ConceptIds = ()


class RemoveFolder(Command, frozen=True, kw_only=True):
    """The folder goes; the concepts in it stay where they are."""

    folder_id: Uuid


class Favour(Command, frozen=True, kw_only=True):
    """Keep a concept of others among one's favourites."""

    concept_id: Uuid


class Unfavour(Command, frozen=True, kw_only=True):
    concept_id: Uuid


class SaveComparison(Command, frozen=True, kw_only=True):
    """Keep things side by side. ``metadata`` holds at most 4 KiB."""

    items: Items
    metadata: OpenObject = {}


class ChangeComparison(Command, frozen=True, kw_only=True):
    """Other items, or metadata merged by key (null removes)."""

    comparison_id: Uuid
    items: Items | None = None
    metadata: OpenObject | None = None


class RemoveComparison(Command, frozen=True, kw_only=True):
    comparison_id: Uuid


class SetStyleProfile(Command, frozen=True, kw_only=True):
    """The full style profile; it replaces the one before."""

    profile: OpenObject


class SetAiPreferences(Command, frozen=True, kw_only=True):
    """What is given changes, the rest stays; ``model_weights`` merges by key (null removes)."""

    preferred_models: Models | None = None
    default_generation_mode: Mode | None = None
    enable_deep_thinking: bool | None = None
    auto_generate_on_create: bool | None = None
    model_weights: OpenObject | None = None


class NoteClick(Command, frozen=True, kw_only=True):
    """What the person went to from the results of a search: a concept or a product."""

    search_id: Uuid
    thing_id: Uuid


class SettleNotifications(Command, frozen=True, kw_only=True):
    """Mark notifications as read: the named ones, or all up to an offset of this room; one of the two."""

    notification_ids: NotificationIds = ()
    up_to: Offset | None = None


class AddDevice(Command, frozen=True, kw_only=True):
    """Where push messages for this person go. The same endpoint again replaces its keys. No reply or view shows the keys."""

    endpoint: Url
    p256dh: DeviceKey = ""
    auth: DeviceAuth = ""
    kind: DeviceKind = "web"
    name: DeviceName = ""


class RemoveDevice(Command, frozen=True, kw_only=True):
    device_id: Uuid


class MarkRead(Command, frozen=True, kw_only=True):
    """The person has read ``read_room`` up to ``read_offset``. The highest position wins; a lower one is accepted and changes
    nothing."""

    read_room: Address
    read_offset: Offset


# --- What the server asks ---


class NoteSearch(Command, frozen=True, kw_only=True):
    """The server has answered a search. ``session_hash`` is that of a guest's session."""

    query: Query
    filters: OpenObject = {}
    result_count: Count
    session_hash: Hash = ""


class Notify(Command, frozen=True, kw_only=True):
    """Something happened elsewhere that this person wants to know of. ``title`` is public, never anybody's words."""

    what: What
    source: Address
    thing_id: Uuid | None = None
    by: Face | None = None
    title: Annotated[str, Meta(max_length=200)] = ""
    at: Moment = 0


class NoteRoom(Command, frozen=True, kw_only=True):
    """Put a room into the person's own list."""

    noted: Address


class ForgetRoom(Command, frozen=True, kw_only=True):
    """Take a room out of the person's own list."""

    noted: Address


class Claim(Command, frozen=True, kw_only=True):
    """The person has shown a guest's token: what the guest has becomes theirs. Again for the same guest changes nothing."""

    guest_id: Uuid
    session_hash: Hash = ""
    user_name: Annotated[str, Meta(max_length=255)] = ""


class UndoClaim(Command, frozen=True, kw_only=True):
    """The guest's room has refused: somebody else was first."""

    guest_id: Uuid
    reason: OptionalText = ""


class HandOver(Command, frozen=True, kw_only=True):
    """To a guest's room: everything in it moves to this person, and so does what is noted in it later."""

    user_id: Uuid
    user_name: Annotated[str, Meta(max_length=255)] = ""


class TakeOver(Command, frozen=True, kw_only=True):
    """A part of what a guest had. Things of which there are too many are left out, the person's own stay."""

    guest_id: Uuid
    folders: tuple[MovedFolder, ...] = ()
    comparisons: tuple[MovedComparison, ...] = ()
    searches: tuple[MovedSearch, ...] = ()
    words: tuple[Words, ...] = ()
    favourites: tuple[Uuid, ...] = ()
    positions: tuple[tuple[Address, Offset], ...] = ()
    rooms: tuple[Address, ...] = ()


COMMANDS: dict[str, type[Command]] = {
    "make_folder": MakeFolder,
    "change_folder": ChangeFolder,
    "fill_folder": FillFolder,
    "remove_folder": RemoveFolder,
    "favour": Favour,
    "unfavour": Unfavour,
    "save_comparison": SaveComparison,
    "change_comparison": ChangeComparison,
    "remove_comparison": RemoveComparison,
    "set_style_profile": SetStyleProfile,
    "set_ai_preferences": SetAiPreferences,
    "note_click": NoteClick,
    "settle_notifications": SettleNotifications,
    "add_device": AddDevice,
    "remove_device": RemoveDevice,
    "mark_read": MarkRead,
    "note_search": NoteSearch,
    "notify": Notify,
    "note_room": NoteRoom,
    "forget_room": ForgetRoom,
    "claim": Claim,
    "undo_claim": UndoClaim,
    "hand_over": HandOver,
    "take_over": TakeOver,
}
