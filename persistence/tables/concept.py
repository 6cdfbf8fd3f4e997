"""The rows of ``concept`` and ``quote`` rooms, and of sellers.

``sellers`` is written by plain transactions, ``artisan_quotes`` and ``quote_messages`` by quote rooms, all others by concept rooms.
"Ours" marks what the document of the product does not have.

A deleted concept keeps its rows: shares, requests and quotes refer to them, and what a seller was promised must stay readable to
the seller. Its status says so, and nobody but them is shown anything of it. What still ran or was asked for ends with it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.limits import NAME_MAX, URL_MAX
from persistence.tables.columns import (
    METADATA,
    Moment,
    Uuid,
    between,
    moment,
    not_negative,
    one_of,
    open_object,
    person,
    texts,
    uuids,
)

HASH_MAX = 64
FORMAT_MAX = 20
EMAIL_MAX = 255

Money = Numeric(12, 2)
"""Travels as a decimal string, never as a float."""

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))

SEARCH_WORDS = (
    "setweight(to_tsvector('simple'::regconfig, name), 'A'::\"char\") || "
    "setweight(to_tsvector('simple'::regconfig, coalesce(description, '')), 'B'::\"char\")"
)
"""What a search looks through. Without a language's stems: people write in many. Queries must state it in the same words."""


def _seller() -> Column[object]:
    """Sellers are never deleted as rows; they become inactive."""
    return Column("seller_id", Uuid, ForeignKey("sellers.id", deferrable=True, initially="IMMEDIATE"), nullable=False)


def _concept() -> Column[object]:
    return Column("concept_id", Uuid, ForeignKey("concepts.id"), nullable=False)


def _request() -> Column[object]:
    """In a concept's partition, which may be behind that of the quote."""
    request = ForeignKey("quote_requests.id", deferrable=True, initially="IMMEDIATE")
    return Column("quote_request_id", Uuid, request, nullable=False)


sellers = Table(
    "sellers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    person("user_id"),
    Column("name", String(NAME_MAX), nullable=False),
    Column("email", String(EMAIL_MAX)),
    open_object("profile"),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    CheckConstraint("email = lower(email)", name="email_is_small"),
    Index("ix_sellers_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    Index("ix_sellers_words", text("to_tsvector('simple'::regconfig, name)"), postgresql_using="gin"),
)

CONCEPT_STATUSES = (
    "ACTIVE",  # -> DELETED (delete)
    "DELETED",
)

concepts = Table(
    "concepts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    person("user_id"),
    Column("session_token", String(HASH_MAX)),  # the hash of a guest's session
    Column("visit_id", Uuid),  # ours; where a concept came from. Without a foreign key: a visit's rows go after a day
    Column("name", String(NAME_MAX), nullable=False),
    Column("description", Text),
    Column("status", String(20), nullable=False, server_default="ACTIVE"),
    Column("refinement_count", Integer, nullable=False, server_default=text("0")),
    Column("is_favorite", Boolean, nullable=False, server_default=text("false")),
    moment("saved_at"),
    person("saved_by"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    one_of("status", CONCEPT_STATUSES),
    not_negative("refinement_count"),
    CheckConstraint("user_id IS NOT NULL OR session_token IS NOT NULL", name="is_somebodys"),
    Index("ix_concepts_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_concepts_session_token", "session_token", *NEWEST_FIRST, postgresql_where=text("session_token IS NOT NULL")),
    Index("ix_concepts_status", "status", *NEWEST_FIRST),
    Index("ix_concepts_words", text(f"({SEARCH_WORDS})"), postgresql_using="gin"),
)

concept_images = Table(
    "concept_images",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    Column("url", String(URL_MAX), nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("optimized_versions", JSONB),
    Column("compression_ratio", Float(53)),
    Column("format", String(FORMAT_MAX), nullable=False),
    Column("lazy_load_priority", Integer, nullable=False, server_default=text("0")),
    moment("created_at", is_set=True),
    not_negative("compression_ratio"),
    Index("ix_concept_images_concept_id", "concept_id", "position"),
)

generated_products = Table(
    "generated_products",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    Column("name", String(NAME_MAX), nullable=False),
    Column("price", Money),
    Column("image_url", String(URL_MAX)),
    open_object("data"),
    Column("position", Integer, nullable=False, server_default=text("0")),  # ours: their order in set_products
    moment("created_at", is_set=True),
    not_negative("price"),
    Index("ix_generated_products_concept_id", "concept_id", "position"),
)

artisan_matches = Table(
    "artisan_matches",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    _seller(),
    Column("score", Float(53), nullable=False),
    texts("reasons"),
    moment("created_at", is_set=True),
    UniqueConstraint("concept_id", "seller_id"),
    between("score", 0, 100),
    Index("ix_artisan_matches_seller_id", "seller_id"),
)

REFINEMENT_TYPES = ("STYLE", "COLOR", "MATERIAL", "SIZE", "DETAIL", "OCCASION")

concept_refinements = Table(
    "concept_refinements",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    Column("refinement_type", String(20), nullable=False),
    Column("user_feedback", Text, nullable=False),
    open_object("suggested_changes"),
    Column("applied_changes", JSONB),
    Column("ai_explanation", Text, nullable=False),
    Column("confidence", Float(53), nullable=False),
    moment("created_at", is_set=True),
    moment("applied_at"),
    moment("dismissed_at"),  # ours
    one_of("refinement_type", REFINEMENT_TYPES),
    between("confidence", 0, 1),
    Index("ix_concept_refinements_concept_id_created_at", "concept_id", "created_at"),
)

REQUEST_STATUSES = (
    "PENDING",  # -> QUOTES_RECEIVED (the first open quote), EXPIRED, CANCELLED
    "QUOTES_RECEIVED",  # -> PENDING (no open quote is left), ACCEPTED, EXPIRED, CANCELLED
    "ACCEPTED",  # -> QUOTES_RECEIVED, PENDING where the quote was gone or changed by then (undo_acceptance)
    "EXPIRED",
    "CANCELLED",
)

quote_requests = Table(
    "quote_requests",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    person("user_id"),
    Column("session_token", String(HASH_MAX)),
    uuids("requested_sellers"),  # all whom it went to, those of artisan_matches too
    Column("message", Text),
    Column("status", String(20), nullable=False, server_default="PENDING"),
    Column("accepted_quote_id", Uuid),  # ours; in the partition of the quote's room, so without a foreign key
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),  # ours
    Column("expires_at", Moment, nullable=False),
    one_of("status", REQUEST_STATUSES),
    CheckConstraint("user_id IS NOT NULL OR session_token IS NOT NULL", name="is_somebodys"),
    Index("ix_quote_requests_concept_id", "concept_id", *NEWEST_FIRST),
    Index("ix_quote_requests_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_quote_requests_session_token", "session_token", *NEWEST_FIRST, postgresql_where=text("session_token IS NOT NULL")),
    Index("ix_quote_requests_status", "status", *NEWEST_FIRST),
    Index("ix_quote_requests_requested_sellers", "requested_sellers", postgresql_using="gin"),
)

QUOTE_STATUSES = (
    "PENDING",  # -> ACCEPTED, REJECTED, EXPIRED (also withdrawn: then expires_at is that moment)
    "ACCEPTED",
    "REJECTED",  # -> PENDING where it was another's acceptance that rejected it, and that was undone
    "EXPIRED",
)

artisan_quotes = Table(
    "artisan_quotes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _request(),
    _seller(),
    open_object("pricing"),  # basePrice, customization, materials, shipping: decimal strings
    Column("total_price", Money, nullable=False),
    Column("estimated_days", Integer, nullable=False),
    Column("customizations", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("notes", Text),
    texts("attachments"),
    Column("status", String(20), nullable=False, server_default="PENDING"),
    Column("revision", Integer, nullable=False, server_default=text("1")),  # ours: an acceptance names the one it means
    Column("viewed_by_buyer", Boolean, nullable=False, server_default=text("false")),
    moment("viewed_at"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),  # ours
    Column("expires_at", Moment, nullable=False),
    moment("deleted_at"),  # ours: nobody is shown it any more
    one_of("status", QUOTE_STATUSES),
    not_negative("total_price"),
    not_negative("estimated_days"),
    Index("ix_artisan_quotes_quote_request_id", "quote_request_id", *NEWEST_FIRST),
    Index("ix_artisan_quotes_seller_id", "seller_id", *NEWEST_FIRST),
    Index("ix_artisan_quotes_status", "status", *NEWEST_FIRST),
)

quote_messages = Table(  # ours
    "quote_messages",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _request(),
    _seller(),
    Column("offset", BigInteger, nullable=False),
    person("author_id", is_needed=True),
    Column("content", Text, nullable=False),
    texts("attachments"),
    moment("created_at", is_set=True),
    UniqueConstraint("quote_request_id", "seller_id", "offset"),
    Index("ix_quote_messages_seller_id", "seller_id"),
)

SCENE_TYPES = ("ROOM", "PERSON", "SURFACE")

ar_previews = Table(
    "ar_previews",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    Column("scene_type", String(20), nullable=False),
    open_object("placement"),
    Column("image_url", String(URL_MAX), nullable=False),
    open_object("metadata"),
    Column("view_count", Integer, nullable=False, server_default=text("0")),
    Column("share_count", Integer, nullable=False, server_default=text("0")),
    moment("created_at", is_set=True),
    one_of("scene_type", SCENE_TYPES),
    not_negative("view_count"),
    not_negative("share_count"),
    Index("ix_ar_previews_concept_id_created_at", "concept_id", "created_at"),
)

VIDEO_STYLES = ("SHOWCASE", "LIFESTYLE", "PROCESS", "SPIN360")
JOB_STATUSES = (
    "QUEUED",  # -> PROCESSING (start_video), FAILED
    "PROCESSING",  # -> COMPLETED, FAILED
    "COMPLETED",
    "FAILED",
)

video_generation_jobs = Table(
    "video_generation_jobs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    Column("style", String(20), nullable=False),
    Column("duration", Integer, nullable=False),  # seconds
    Column("status", String(20), nullable=False, server_default="QUEUED"),
    Column("progress", Integer, nullable=False, server_default=text("0")),
    Column("video_url", String(URL_MAX)),
    Column("thumbnail_url", String(URL_MAX)),
    Column("error_message", Text),
    moment("created_at", is_set=True),
    moment("started_at"),  # ours
    moment("completed_at"),
    one_of("style", VIDEO_STYLES),
    one_of("status", JOB_STATUSES),
    between("duration", 1, 600),
    between("progress", 0, 100),
    Index("ix_video_generation_jobs_concept_id_created_at", "concept_id", "created_at"),
    Index("ix_video_generation_jobs_status", "status", "created_at", "id"),
)

sustainability_scores = Table(
    "sustainability_scores",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _concept(),
    open_object("score_data"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    UniqueConstraint("concept_id"),
)
