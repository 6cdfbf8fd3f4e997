"""The bodies of writes under ``/me``: the fields of the commands that they become, with the same limits."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kinds.person.things import (
    ConceptIds,
    DeviceAuth,
    DeviceKey,
    DeviceKind,
    DeviceName,
    FolderName,
    FolderText,
    Items,
    Mode,
    Models,
    NotificationIds,
    Offset,
    Tags,
    Uuid,
)
from domain.limits import OpenObject, Url


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is, or is what the command takes it to be."""


class FolderToMake(Form, frozen=True, kw_only=True):
    name: FolderName
    description: FolderText = ""
    is_public: bool = False
    tags: Tags = ()
    concept_ids: ConceptIds = ()


class FolderChange(Form, frozen=True, kw_only=True):
    name: FolderName | None = None
    description: FolderText | None = None
    is_public: bool | None = None
    tags: Tags | None = None


class FolderFilling(Form, frozen=True, kw_only=True):
    add: ConceptIds = ()
    take: ConceptIds = ()


class ComparisonToSave(Form, frozen=True, kw_only=True):
    items: Items
    metadata: OpenObject = {}


class ComparisonChange(Form, frozen=True, kw_only=True):
    """``metadata`` merges by key; null removes."""

    items: Items | None = None
    metadata: OpenObject | None = None


class Click(Form, frozen=True, kw_only=True):
    thing_id: Uuid


class Settling(Form, frozen=True, kw_only=True):
    """One of the two: named notifications, or all up to an offset of the person's own room."""

    notification_ids: NotificationIds = ()
    up_to: Offset | None = None


class PreferencesChange(Form, frozen=True, kw_only=True):
    """``model_weights`` merges by key; null removes."""

    preferred_models: Models | None = None
    default_generation_mode: Mode | None = None
    enable_deep_thinking: bool | None = None
    auto_generate_on_create: bool | None = None
    model_weights: OpenObject | None = None


class DeviceToAdd(Form, frozen=True, kw_only=True):
    """A subscription to push messages, as the browser or phone gives it."""

    endpoint: Url
    p256dh: DeviceKey = ""
    auth: DeviceAuth = ""
    kind: DeviceKind = "web"
    name: DeviceName = ""


class GuestToClaim(Form, frozen=True, kw_only=True):
    """The token with which the caller was a guest."""

    guest_token: Annotated[str, Meta(min_length=1)]
