"""What every kind of room stands on: people and their grants, the log of all rooms, write-behind's positions and its outboxes.

``users`` and ``user_roles`` are written by plain transactions; stubs in ``users`` (an actor known by a token, a guest, a bot) also
by write-behind. The log and what follows it here has no foreign keys, so that it goes in even where a projection cannot.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from persistence.tables.columns import METADATA, Moment, Uuid, moment, not_negative, one_of, open_object, person

# --- People ----------------------------------------------------------------------------------------------------------------

USER_KINDS = (
    "person",  # signs in by token or is imported; an actor of kind "user" is a person
    "guest",  # -> nothing: signing in makes another row, the guest's things change their owner
    "bot",
    "system",  # the server itself: domain.ids.SYSTEM_ACTOR_ID
)
USER_TYPES = ("designer", "dealer", "sales_rep", "facilities_manager", "architect")
USER_STATUSES = (
    "active",  # <-> inactive, suspended
    "inactive",  # ends every connection of the person within a second
    "suspended",  # likewise
)

users = Table(
    "users",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False, server_default="person"),
    # Who a token named. A stub knows only the id that follows from it, and puts that id's text here.
    Column("token_subject", String(500)),
    Column("email", String(255)),
    moment("email_verified_at"),
    Column("password_hash", String(255)),
    Column("first_name", String(100)),
    Column("last_name", String(100)),
    Column("name", String(255)),
    Column("image", String(2_000)),
    Column("phone", String(20)),
    Column("company", String(255)),
    Column("title", String(100)),
    Column("user_type", String(50)),
    Column("google_id", String(255)),
    Column("microsoft_id", String(255)),
    open_object("preferences"),
    Column("status", String(50), nullable=False, server_default="active"),
    moment("last_login_at"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    moment("deleted_at"),
    UniqueConstraint("email"),
    UniqueConstraint("google_id"),
    UniqueConstraint("microsoft_id"),
    one_of("kind", USER_KINDS),
    one_of("user_type", USER_TYPES),
    one_of("status", USER_STATUSES),
    CheckConstraint("email = lower(email)", name="email_is_small"),
    CheckConstraint("kind <> 'person' OR email IS NOT NULL OR token_subject IS NOT NULL", name="person_is_somebody"),
    Index("idx_users_email", "email", postgresql_where=text("deleted_at IS NULL")),
    Index("idx_users_type", "user_type", postgresql_where=text("deleted_at IS NULL")),
    Index("idx_users_status", "status"),
    Index("idx_active_users", "email", postgresql_where=text("status = 'active' AND deleted_at IS NULL")),
)

GRANT_ROLES = ("admin", "user", "viewer", "contributor")
RESOURCE_TYPES = (
    "organization",
    "project",
    "team",  # stored, without effect: there are no teams
    "shop",  # ours: who looks after a shop
)

user_roles = Table(
    "user_roles",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(50), nullable=False),
    Column("resource_type", String(50)),
    Column("resource_id", Uuid),
    person("granted_by"),
    moment("granted_at", is_set=True),
    moment("expires_at"),
    # Without NULLS NOT DISTINCT the same global grant could be given twice.
    UniqueConstraint("user_id", "role", "resource_type", "resource_id", postgresql_nulls_not_distinct=True),
    one_of("role", GRANT_ROLES),
    one_of("resource_type", RESOURCE_TYPES),
    CheckConstraint("(resource_type IS NULL) = (resource_id IS NULL)", name="resource_is_whole"),
    # (user_id) alone is the beginning of the unique constraint's index, so it is not built a second time.
    Index("idx_user_roles_resource", "resource_type", "resource_id"),
)

imported_ids = Table(
    "imported_ids",
    METADATA,
    Column("product", String(50), nullable=False),
    Column("table", String(63), nullable=False),
    Column("old_id", String(255), nullable=False),
    Column("id", Uuid, nullable=False),
    PrimaryKeyConstraint("product", "table", "old_id"),
)

# --- The log of all rooms ----------------------------------------------------------------------------------------------------

room_events = Table(
    "room_events",
    METADATA,
    Column("room", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("actor_id", Uuid, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_name", Text, nullable=False, server_default=""),
    Column("actor_image", Text, nullable=False, server_default=""),
    Column("at", Moment, nullable=False),
    Column("command_id", Uuid, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("last", Boolean, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("room", "offset"),
)
"""Every event ever. Its id is not stored: it follows from room, actor, command and ordinal (``domain.ids.derived_id``)."""

room_snapshots = Table(
    "room_snapshots",
    METADATA,
    Column("room", Text, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("state", JSONB, nullable=False),
    Column("receipts", JSONB, nullable=False),
    moment("stored_at", is_set=True),
)
"""A room's newest snapshot; the events after ``offset`` are folded over it."""

room_positions = Table(
    "room_positions",
    METADATA,
    Column("room", Text, primary_key=True),
    Column("projected_offset", BigInteger, nullable=False, server_default=text("0")),
    # Updated by every batch: the free space keeps the updates on their page (HOT), so the table does not grow.
    postgresql_with={"fillfactor": "70"},
)
"""How far a room's rows follow its log. The log's own end is the highest offset in ``room_events``."""

room_passing = Table(
    "room_passing",
    METADATA,
    Column("room", Text, nullable=False),
    Column("key", Text, nullable=False),
    # The offset of the event that it came after: stored no later than this row.
    Column("after", BigInteger, nullable=False),
    # When the room handed it over.
    Column("at", Moment, nullable=False),
    # A tick as JSON with its type, or a stream as far as it is kept: ``text`` from ``position`` (in characters) on.
    Column("tick", JSONB),
    Column("attempt", Integer),
    Column("position", BigInteger),
    Column("text", Text),
    PrimaryKeyConstraint("room", "key"),
    CheckConstraint("num_nonnulls(attempt, position, text) = CASE WHEN tick IS NULL THEN 3 ELSE 0 END", name="tick_or_piece"),
    # Updated once a second while it passes.
    postgresql_with={"fillfactor": "70"},
)
"""The last value of what passes in a room (ticks, streams), at most a second old, as long as its key lives."""

# --- Write-behind --------------------------------------------------------------------------------------------------------------

positions = Table(
    "positions",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False, server_default=text("0")),
    # The lease of the partition's one writer: ``fence`` rises with every new owner and is checked in each batch's transaction.
    Column("owner", Text),
    moment("until"),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    moment("moved_at", is_set=True),
)
"""Up to where the journal is stored: moves in the transaction that stores the batch. A single node has partition 0 alone."""

journal_generations = Table(
    "journal_generations",
    METADATA,
    Column("generation", BigInteger, Identity(always=False), primary_key=True),
    Column("partition", Integer, nullable=False, server_default=text("0")),
    # A short random text: what clients see as the epoch of every room's log.
    Column("epoch", Text, nullable=False),
    Column("journal", Text, nullable=False, server_default="sqlite"),
    moment("created_at", is_set=True),
    # Null: the journal may hold what is not stored yet, and must be there at the next start.
    moment("finished_at"),
    # The operator started without the journal (--accept-loss): what may be missing, in words.
    Column("accepted_loss", Text),
    UniqueConstraint("epoch"),
    Index("ix_journal_generations_unfinished", "partition", postgresql_where=text("finished_at IS NULL")),
)

dead_letters = Table(
    "dead_letters",
    METADATA,
    Column("room", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("sqlstate", String(5), nullable=False, server_default=""),
    Column("error", Text, nullable=False),
    moment("at", is_set=True),
    # Repaired and projected again, or passed over by the operator.
    moment("resolved_at"),
    Column("skipped", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("room", "offset"),
    Index("ix_dead_letters_open", "room", postgresql_where=text("resolved_at IS NULL")),
)
"""Where a room's projection stopped: its log and all other rooms move on."""

deadlines = Table(
    "deadlines",
    METADATA,
    Column("room", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("partition", Integer, nullable=False, server_default=text("0")),
    Column("at", Moment, nullable=False),
    Column("name", Text, nullable=False),
    open_object("payload"),
    Column("quiet_key", Text, nullable=False, server_default=""),
    Column("quiet_ms", BigInteger, nullable=False, server_default=text("0")),
    # The room's offset that these deadlines are of: an older set never replaces a newer one.
    Column("offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("room", "what"),
    not_negative("quiet_ms"),
    Index("ix_deadlines_partition_at", "partition", "at"),
)
"""What the clock will ask for in rooms that nobody has open; replaced whole per room, with the room's rows."""

REACTION_STATES = (
    "pending",  # -> done, refusing, refused, waiting
    "waiting",  # -> pending: the target's kind of room was not there, and now it is
    "refusing",  # -> refused: the target has refused for good, and the source room has to be told
    "done",
    "refused",
)

reactions = Table(
    "reactions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    # Rises inside a source room with its causes; the target keeps the highest one that it took.
    Column("number", BigInteger, nullable=False),
    Column("partition", Integer, nullable=False, server_default=text("0")),
    Column("target", Text, nullable=False),
    Column("name", Text, nullable=False),
    open_object("payload"),
    # The command that tells the source room of a refusal, and what it says beside the reason; none where nobody need know.
    Column("refusal", Text, nullable=False, server_default=""),
    open_object("refusal_payload"),
    Column("state", String(20), nullable=False, server_default="pending"),
    # The sentence of the refusal.
    Column("message", Text, nullable=False, server_default=""),
    moment("created_at", is_set=True),
    moment("finished_at"),
    UniqueConstraint("source", "number"),
    one_of("state", REACTION_STATES),
    Index("ix_reactions_open", "partition", "source", "number", postgresql_where=text("state IN ('pending', 'refusing')")),
    Index("ix_reactions_waiting", "source", "target", "number", postgresql_where=text("state = 'waiting'")),
    Index("ix_reactions_done", "finished_at", postgresql_where=text("state = 'done'")),
)
"""The outbox of commands that an event of one room makes in another: written in the transaction of their cause, kept a week."""

schema_migrations = Table(
    "schema_migrations",
    METADATA,
    Column("version", String(50), primary_key=True),
    Column("description", Text),
    moment("applied_at", is_set=True),
    Column("checksum", String(64)),
)
"""One row per Alembic revision that was applied, with the SHA-256 of its file as it was then."""
