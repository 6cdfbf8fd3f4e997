"""The things that a person's room holds, in the shapes that commands, events and the view share."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from domain.limits import Id, Key, OpenObject
from domain.record import ActorKind

ADDRESS_PATTERN: Final = r"^[a-z][a-z0-9_]*:[^\x00-\x20\x7f]+$"

Uuid: TypeAlias = Id
Address: TypeAlias = Annotated[str, Meta(min_length=3, max_length=255, pattern=ADDRESS_PATTERN)]
"""The address of a room, ``kind:id``; as long as the wire's channels are."""
Offset: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""An offset in a room's log; 0 is before its first event. A whole number that JavaScript keeps exactly."""
Moment: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_000)]
"""Unix milliseconds, until the end of the year 9999."""
Hash: TypeAlias = Annotated[str, Meta(max_length=64, pattern=r"^([0-9a-f]{64})?$")]
"""A SHA-256 in hex; empty where there is none."""

What: TypeAlias = Literal[
    "mention",
    "reply",
    "comment",
    "quote_requested",
    "quote_received",
    "quote_revised",
    "quote_withdrawn",
    "quote_viewed",
    "quote_accepted",
    "quote_rejected",
    "quote_expired",
    "quote_message",
    "refinement_suggested",
    "refinement_applied",
    "refinement_dismissed",
    "share_received",
    "share_revoked",
    "video_completed",
    "video_failed",
    "turn_completed",
    "turn_interrupted",
    "request_expired",
]
"""What a notification is about. The sentence for people is made where it is shown: here are no words of anybody."""

DeviceKind: TypeAlias = Literal["web", "fcm", "apns"]


class Face(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did what a notification is about, as everybody may see them."""

    id: Uuid
    kind: ActorKind = "user"
    name: Annotated[str, Meta(max_length=255)] = ""
    image: Annotated[str, Meta(max_length=2_000)] = ""


class ComparedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the things that are laid side by side, as in ``{"type": "concept", "id": …}``."""

    type: Key
    id: Annotated[str, Meta(min_length=1, max_length=64)]


FolderName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
FolderText: TypeAlias = Annotated[str, Meta(max_length=2_000)]
Tag: TypeAlias = Annotated[str, Meta(min_length=1, max_length=50)]
Tags: TypeAlias = Annotated[tuple[Tag, ...], Meta(max_length=20)]
ConceptIds: TypeAlias = Annotated[tuple[Uuid, ...], Meta(max_length=1_000)]
Items: TypeAlias = Annotated[tuple[ComparedItem, ...], Meta(min_length=1, max_length=50)]
Models: TypeAlias = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=20)]
Mode: TypeAlias = Annotated[str, Meta(min_length=1, max_length=50)]
NotificationIds: TypeAlias = Annotated[tuple[Uuid, ...], Meta(max_length=200)]
DeviceKey: TypeAlias = Annotated[str, Meta(max_length=200)]
DeviceAuth: TypeAlias = Annotated[str, Meta(max_length=100)]
DeviceName: TypeAlias = Annotated[str, Meta(max_length=200)]
Query: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class MovedFolder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A folder on its way from a guest's room to the person's; what the guest wrote travels beside it as ``Words``."""

    id: Uuid
    is_public: bool = False
    concept_ids: ConceptIds = ()
    made_at: Moment = 0


class MovedComparison(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: Uuid
    items: Annotated[tuple[ComparedItem, ...], Meta(max_length=50)] = ()
    saved_at: Moment = 0


class MovedSearch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: Uuid
    result_count: Count = 0
    clicked: Annotated[tuple[Uuid, ...], Meta(max_length=50)] = ()
    at: Moment = 0


class Words(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a guest wrote of the moving thing of that id: a folder's name, description and tags; a comparison's metadata; a
    search's query and filters. Apart from the things, so that redaction can take the words and leave the things."""

    id: Uuid
    text: Annotated[str, Meta(max_length=500)] = ""
    description: FolderText = ""
    tags: Tags = ()
    details: OpenObject = {}
