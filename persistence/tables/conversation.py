"""The rows of ``conversation`` rooms, and how models did. "Ours" marks what no document of the product has.

A conversation is of a person or of an anonymous session, optionally about a project. Deleting one takes its messages along; the
models' metrics stay.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from persistence.tables.columns import METADATA, Uuid, between, moment, not_negative, one_of, open_object, person

KEY_MAX = 255
HASH_MAX = 64
INTENT_MAX = 100
MODEL_MAX = 100
MODEL_VERSION_MAX = 50

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))

CONVERSATION_STATUSES = (
    "active",  # -> completed (complete), abandoned (abandon, or seven idle days)
    "completed",
    "abandoned",
)

conversations = Table(
    "conversations",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", String(KEY_MAX), nullable=False),  # its public key; for new ones the id as text
    # Without a foreign key: projects have no table yet, and a conversation may be there before its project's row.
    Column("project_id", Uuid),
    person("user_id"),
    Column("session_token", String(HASH_MAX)),  # the hash of an anonymous session, until a person claims it
    Column("status", String(50), nullable=False, server_default="active"),
    open_object("context"),
    Column("summary", Text),
    open_object("extracted_requirements"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    moment("ended_at"),  # ours
    UniqueConstraint("conversation_id"),
    one_of("status", CONVERSATION_STATUSES),
    CheckConstraint("user_id IS NOT NULL OR session_token IS NOT NULL", name="is_somebodys"),
    # Lists run newest first, and each filter's index ends in that order: a page is read without sorting.
    Index("ix_conversations_project_id", "project_id", *NEWEST_FIRST, postgresql_where=text("project_id IS NOT NULL")),
    Index("ix_conversations_user_id", "user_id", *NEWEST_FIRST),
    Index("ix_conversations_session_token", "session_token", *NEWEST_FIRST, postgresql_where=text("session_token IS NOT NULL")),
    Index("ix_conversations_status", "status", *NEWEST_FIRST),
)

MESSAGE_ROLES = ("user", "assistant", "system")


def json_list(name: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default=text("'[]'::jsonb"))


conversation_messages = Table(
    "conversation_messages",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("offset", BigInteger, nullable=False),  # ours
    Column("role", String(50), nullable=False),
    Column("content", Text, nullable=False),
    Column("intent", String(INTENT_MAX)),
    json_list("entities"),
    Column("confidence", Numeric(3, 2)),
    json_list("actions"),
    Column("model_used", String(MODEL_MAX)),
    Column("tokens_used", Integer),
    open_object("metadata"),
    moment("created_at", is_set=True),
    person("author_id"),  # ours
    Column("turn_id", Uuid),  # ours: the turn that has become this message
    Column("metric_id", Uuid),  # ours; without a foreign key: metrics are thinned out after a year, messages are not
    UniqueConstraint("conversation_id", "offset"),
    one_of("role", MESSAGE_ROLES),
    between("confidence", 0, 1),
    not_negative("tokens_used"),
    Index("ix_conversation_messages_conversation_id_created_at", "conversation_id", "created_at"),
    Index("ix_conversation_messages_created_at", text("created_at DESC")),
    Index("ix_conversation_messages_turn_id", "turn_id", postgresql_where=text("turn_id IS NOT NULL")),
)

ai_model_metrics = Table(
    "ai_model_metrics",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("model_name", String(MODEL_MAX), nullable=False),
    Column("model_version", String(MODEL_VERSION_MAX), nullable=False),
    Column("task_type", String(100), nullable=False),  # 'conversation', and what later kinds of room do with models
    Column("latency_ms", Integer),
    Column("tokens_used", Integer),
    Column("confidence_score", Numeric(3, 2)),
    Column("user_rating", SmallInteger),
    Column("user_accepted", Boolean),
    Column("project_id", Uuid),  # without a foreign key, as above
    person("user_id"),
    Column("cost_usd", Numeric(10, 4)),
    moment("timestamp", is_set=True),
    between("confidence_score", 0, 1),
    between("user_rating", 1, 5),
    not_negative("latency_ms"),
    not_negative("tokens_used"),
    not_negative("cost_usd"),
    Index("ix_ai_model_metrics_model_name", "model_name", "model_version", text('"timestamp" DESC')),
    Index("ix_ai_model_metrics_task_type", "task_type", text('"timestamp" DESC')),
    Index("ix_ai_model_metrics_project_id", "project_id", postgresql_where=text("project_id IS NOT NULL")),
)
