"""The rows of ``person`` rooms, written by their projection alone. "Ours" marks what the documents of the products do not have.

A guest's comparisons and searches hang on the hash of their session (``session_token``), a person's on ``user_id``. What the server
alone writes (searches, notifications, the own list) points at nobody by a foreign key: it may be for somebody who never came.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from persistence.tables.columns import METADATA, Uuid, moment, not_negative, one_of, open_object, person, texts, uuids

ADDRESS_MAX = 255
HASH_MAX = 64

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


concept_folders = Table(
    "concept_folders",
    METADATA,
    Column("id", Uuid, primary_key=True),
    person("user_id", is_needed=True),
    Column("name", String(200), nullable=False),
    Column("description", String(2_000)),
    _flag("is_public"),
    texts("tags"),
    uuids("concept_ids"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    Index("ix_concept_folders_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_concept_folders_is_public", *NEWEST_FIRST, postgresql_where=text("is_public")),
    Index("ix_concept_folders_tags", "tags", postgresql_using="gin", postgresql_where=text("is_public")),
)

favourites = Table(
    "favourites",
    METADATA,
    # uuid5 of person and concept.
    Column("id", Uuid, primary_key=True),
    person("user_id", is_needed=True),
    # A concept of somebody else, which may go any time: no foreign key.
    Column("concept_id", Uuid, nullable=False),
    moment("created_at", is_set=True),
    UniqueConstraint("user_id", "concept_id"),
    Index("ix_favourites_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_favourites_concept_id", "concept_id"),
)
"""Ours: the concepts of others that a person keeps. One's own carry ``is_favorite`` themselves."""

comparison_sets = Table(
    "comparison_sets",
    METADATA,
    Column("id", Uuid, primary_key=True),
    person("user_id"),
    Column("session_token", String(HASH_MAX)),
    Column("items", JSONB, nullable=False),
    open_object("metadata"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),  # ours
    CheckConstraint("user_id IS NOT NULL OR session_token IS NOT NULL", name="belongs_to_somebody"),
    Index("ix_comparison_sets_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_comparison_sets_session_token", "session_token", *NEWEST_FIRST),
)

user_style_profiles = Table(
    "user_style_profiles",
    METADATA,
    # The person's own id: there is one profile each.
    Column("id", Uuid, primary_key=True),
    person("user_id", is_needed=True),
    open_object("profile_data"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    UniqueConstraint("user_id"),
)

search_history = Table(
    "search_history",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid),
    Column("session_token", String(HASH_MAX)),
    Column("query", String(500), nullable=False),
    open_object("filters"),
    Column("result_count", Integer, nullable=False),
    uuids("clicked"),
    moment("created_at", is_set=True),
    CheckConstraint("user_id IS NOT NULL OR session_token IS NOT NULL", name="belongs_to_somebody"),
    not_negative("result_count"),
    Index("ix_search_history_user_id_created_at", "user_id", *NEWEST_FIRST),
    Index("ix_search_history_session_token", "session_token", *NEWEST_FIRST),
    Index("ix_search_history_created_at", "created_at"),
)
"""The document's ``timestamp`` is ``created_at`` here."""

user_ai_preferences = Table(
    "user_ai_preferences",
    METADATA,
    # The person's own id: there is one row each.
    Column("id", Uuid, primary_key=True),
    person("user_id", is_needed=True),
    Column("preferred_models", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("default_generation_mode", String(50), nullable=False, server_default="creative"),
    _flag("enable_deep_thinking"),
    _flag("auto_generate_on_create"),
    Column("model_weights", JSONB),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    UniqueConstraint("user_id"),
)

notifications = Table(
    "notifications",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("offset", BigInteger, nullable=False),
    # No check: other kinds of room bring words of their own, and the rule knows them.
    Column("what", String(50), nullable=False),
    Column("source", String(ADDRESS_MAX), nullable=False),
    Column("thing_id", Uuid),
    Column("by_id", Uuid),
    Column("by_kind", String(20)),
    Column("by_name", String(255)),
    Column("by_image", String(2_000)),
    Column("title", String(200), nullable=False, server_default=""),
    moment("at"),
    moment("created_at", is_set=True),
    moment("read_at"),
    UniqueConstraint("user_id", "offset"),
    one_of("by_kind", ("user", "bot", "guest", "system")),
    Index("ix_notifications_unread", "user_id", text('"offset" DESC'), postgresql_where=text("read_at IS NULL")),
)
"""Ours: the inbox. ``read_at`` null is unread; an unread one that falls out of the newest 200 is read by that."""

read_positions = Table(
    "read_positions",
    METADATA,
    # uuid5 of person and room.
    Column("id", Uuid, primary_key=True),
    person("user_id", is_needed=True),
    Column("room", String(ADDRESS_MAX), nullable=False),
    Column("offset", BigInteger, nullable=False),
    moment("updated_at", is_set=True),
    UniqueConstraint("user_id", "room"),
    CheckConstraint('"offset" >= 0', name="offset_not_negative"),
)
"""Ours: how far somebody has read a room. It only rises."""

DEVICE_KINDS = ("web", "fcm", "apns")

push_subscriptions = Table(
    "push_subscriptions",
    METADATA,
    # uuid5 of person and endpoint.
    Column("id", Uuid, primary_key=True),
    person("user_id", is_needed=True),
    Column("kind", String(10), nullable=False, server_default="web"),
    Column("endpoint", String(2_000), nullable=False),
    Column("p256dh", String(200)),
    Column("auth", String(100)),
    Column("name", String(200)),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    one_of("kind", DEVICE_KINDS),
    Index("ix_push_subscriptions_user_id", "user_id", *NEWEST_FIRST),
)
"""Ours: where push messages go."""

own_rooms = Table(
    "own_rooms",
    METADATA,
    # uuid5 of person and room.
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("room", String(ADDRESS_MAX), nullable=False),
    moment("created_at", is_set=True),
    UniqueConstraint("user_id", "room"),
    Index("ix_own_rooms_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_own_rooms_room", "room"),
)
"""Ours: the rooms in somebody's own list. ``room`` alone finds in whose lists a room stands."""
