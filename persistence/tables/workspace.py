"""The rows of ``workspace`` rooms, written by their projection alone. "Ours" marks what the document of the product does not have.

Deleting a workspace takes its messages and executions along; one with sessions or feedback is archived instead, and the foreign
keys insist on it. What a message points to may go: then the pointer is emptied (a removed feedback item).
"""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.limits import LINE_MAX, NAME_MAX, URL_MAX
from persistence.tables.columns import METADATA, Uuid, between, moment, not_negative, one_of, open_object, person, texts, uuids

KEY_MAX = 64
VERSION_MAX = 50
COMMIT_HASH_MAX = 64

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))

WORKSPACE_STATUSES = (
    "soon",  # -> implementing (request_implementation)
    "implementing",  # -> beta (the first completed execution)
    "beta",  # -> in_review (approve)
    "in_review",  # -> verified (verify), beta (return_to_beta)
    "verified",  # -> beta (return_to_beta)
)

pattern_workspaces = Table(
    "pattern_workspaces",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("pattern_type", String(KEY_MAX), nullable=False),
    Column("name", String(NAME_MAX), nullable=False),
    Column("category", String(KEY_MAX), nullable=False),
    Column("status", String(20), nullable=False, server_default="soon"),
    Column("version", String(VERSION_MAX), nullable=False, server_default="0.0.0"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    moment("implemented_at"),
    moment("approved_at"),
    moment("verified_at"),
    moment("archived_at"),  # ours
    Column("description", Text),
    Column("user_reasoning", Text),
    Column("identification_steps", JSONB),
    texts("attachments"),
    Column("session_count", Integer, nullable=False, server_default=text("0")),
    Column("feedback_count", Integer, nullable=False, server_default=text("0")),
    Column("success_rate", Float(53)),
    moment("last_tested_at"),
    person("created_by_id", is_needed=True),
    person("approved_by_id"),
    person("verified_by_id"),
    UniqueConstraint("pattern_type"),
    one_of("status", WORKSPACE_STATUSES),
    not_negative("session_count"),
    not_negative("feedback_count"),
    between("success_rate", 0, 1),
    # Lists run newest first, and each filter's index ends in that order: a page is read without sorting.
    Index("ix_pattern_workspaces_newest", *NEWEST_FIRST),
    Index("ix_pattern_workspaces_status", "status", *NEWEST_FIRST),
    Index("ix_pattern_workspaces_created_by_id", "created_by_id", *NEWEST_FIRST),
    Index(
        "ix_pattern_workspaces_approved_by_id", "approved_by_id", *NEWEST_FIRST, postgresql_where=text("approved_by_id IS NOT NULL")
    ),
    Index(
        "ix_pattern_workspaces_verified_by_id", "verified_by_id", *NEWEST_FIRST, postgresql_where=text("verified_by_id IS NOT NULL")
    ),
)

SESSION_STATUSES = (
    "active",  # -> completed
    "completed",
)

pattern_sessions = Table(
    "pattern_sessions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("pattern_workspaces.id"), nullable=False),
    person("user_id", is_needed=True),
    Column("name", String(NAME_MAX), nullable=False),
    Column("status", String(20), nullable=False, server_default="active"),
    open_object("result"),
    open_object("data"),
    Column("success_rate", Float(53)),  # ours: this session's share
    moment("created_at", is_set=True),
    moment("completed_at"),
    one_of("status", SESSION_STATUSES),
    between("success_rate", 0, 1),
    Index("ix_pattern_sessions_workspace_id_created_at", "workspace_id", "created_at"),
)

EXECUTION_STATUSES = (
    "pending",  # -> running (start_execution), failed
    "running",  # -> completed, failed
    "completed",
    "failed",  # -> retry (retry_execution opens the next one, which names this as its parent)
    "retry",  # failed, and tried again
)
EXECUTION_PHASES = (
    "planning",  # -> every later one
    "implementing",  # -> every later one
    "testing",  # -> every later one; back to implementing
    "refining",  # -> deploying; back to implementing, testing
    "deploying",
)
DEPLOY_STATUSES = (
    "queued",  # -> building, error, canceled
    "building",  # -> ready, error, canceled
    "ready",
    "error",  # -> queued (retry_deploy, the next attempt)
    "canceled",  # -> queued (likewise)
)

claude_executions = Table(
    "claude_executions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("pattern_workspaces.id", ondelete="CASCADE"), nullable=False),
    person("triggered_by", is_needed=True),
    moment("triggered_at", is_set=True),
    moment("started_at"),  # ours
    Column("status", String(20), nullable=False, server_default="pending"),
    Column("phase", String(20)),
    Column("progress", Integer, nullable=False, server_default=text("0")),
    uuids("feedback_ids"),
    Column("prompt_file", String(LINE_MAX)),
    moment("completed_at"),
    texts("files_changed"),
    Column("commit_hash", String(COMMIT_HASH_MAX)),
    Column("commit_message", Text),
    moment("deploy_started_at"),
    moment("deploy_completed_at"),
    Column("deploy_url", String(URL_MAX)),
    Column("deploy_status", String(20)),
    Column("deploy_logs", Text),  # the last 256 KiB of this attempt
    Column(
        "deploy_logs_start", BigInteger, nullable=False, server_default=text("0")
    ),  # ours: characters that were cut before deploy_logs
    Column("deploy_attempt", Integer, nullable=False, server_default=text("0")),  # ours: the first deploy is 1
    Column("retry_count", Integer, nullable=False, server_default=text("0")),
    Column("max_retries", Integer, nullable=False, server_default=text("10")),
    Column("retry_reason", Text),
    Column("parent_execution_id", Uuid, ForeignKey("claude_executions.id", ondelete="SET NULL")),
    open_object("phases"),
    Column("checkpoints", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("error", Text),
    moment("errored_at"),
    one_of("status", EXECUTION_STATUSES),
    one_of("phase", EXECUTION_PHASES),
    one_of("deploy_status", DEPLOY_STATUSES),
    between("progress", 0, 100),
    not_negative("retry_count"),
    not_negative("max_retries"),
    Index("ix_claude_executions_workspace_id_triggered_at", "workspace_id", "triggered_at"),
    Index("ix_claude_executions_status", "status"),
    Index("ix_claude_executions_phase", "phase"),
    Index(
        "ix_claude_executions_parent_execution_id", "parent_execution_id", postgresql_where=text("parent_execution_id IS NOT NULL")
    ),
)

feedback_items = Table(
    "feedback_items",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("pattern_workspaces.id"), nullable=False),
    Column("session_id", Uuid, ForeignKey("pattern_sessions.id", ondelete="SET NULL")),
    person("author_id", is_needed=True),
    Column("kind", String(KEY_MAX), nullable=False, server_default="correction"),
    Column("content", Text, nullable=False),
    open_object("data"),
    texts("attachments"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    moment("sent_to_claude_at"),
    Column("execution_id", Uuid, ForeignKey("claude_executions.id", ondelete="SET NULL")),
    Index("ix_feedback_items_workspace_id_created_at", "workspace_id", "created_at"),
    Index("ix_feedback_items_unsent", "workspace_id", "created_at", postgresql_where=text("sent_to_claude_at IS NULL")),
    Index("ix_feedback_items_session_id", "session_id", postgresql_where=text("session_id IS NOT NULL")),
    Index("ix_feedback_items_execution_id", "execution_id", postgresql_where=text("execution_id IS NOT NULL")),
)

MESSAGE_TYPES = (
    "pattern_created",
    "details_changed",  # ours
    "pattern_description_submitted",
    "status_changed",
    "message_posted",  # ours
    "session_created",
    "session_completed",
    "feedback_added",
    "feedback_changed",  # ours
    "feedback_removed",  # ours
    "feedback_batch_sent",
    "claude_started",
    "claude_phase_update",
    "claude_checkpoint",
    "claude_completed",
    "claude_failed",
    "claude_retry",  # ours
    "deploy_started",
    "deploy_building",
    "deploy_success",
    "deploy_failed",
    "deploy_canceled",  # ours
    "deploy_retry",
    "user_approved",
    "admin_verified",
    "version_updated",
    "workspace_archived",  # ours
    "workspace_reopened",  # ours
    "workspace_deleted",  # ours: goes with its workspace, in the same transaction
)
"""The tags of the kind's events: a test holds the two together."""
AUTHOR_TYPES = ("user", "system", "claude")
MESSAGE_STATUSES = (
    "pending",  # sent, deploy queued. Messages never change: the status is of their moment
    "in_progress",  # started, phase, building
    "completed",
    "failed",
)

workspace_messages = Table(
    "workspace_messages",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("pattern_workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("offset", BigInteger, nullable=False),  # ours: the event's place in the room
    Column("type", String(50), nullable=False),
    moment("created_at", is_set=True),
    person("author_id"),
    Column("author_type", String(20), nullable=False, server_default="user"),
    Column("title", Text),
    Column("content", Text),
    open_object("data"),  # the event's fields
    texts("attachments"),
    Column("session_id", Uuid, ForeignKey("pattern_sessions.id", ondelete="SET NULL")),
    Column("feedback_id", Uuid, ForeignKey("feedback_items.id", ondelete="SET NULL")),
    Column("execution_id", Uuid, ForeignKey("claude_executions.id", ondelete="SET NULL")),
    Column("status", String(20)),
    Column("progress", Integer),
    UniqueConstraint("workspace_id", "offset"),
    one_of("type", MESSAGE_TYPES),
    one_of("author_type", AUTHOR_TYPES),
    one_of("status", MESSAGE_STATUSES),
    between("progress", 0, 100),
    Index("ix_workspace_messages_workspace_id_created_at", "workspace_id", "created_at"),
    Index("ix_workspace_messages_type", "type"),
    Index("ix_workspace_messages_session_id", "session_id", postgresql_where=text("session_id IS NOT NULL")),
    Index("ix_workspace_messages_feedback_id", "feedback_id", postgresql_where=text("feedback_id IS NOT NULL")),
    Index("ix_workspace_messages_execution_id", "execution_id", postgresql_where=text("execution_id IS NOT NULL")),
)
"""The timeline. Insert feedback items before the messages that name them and delete them after: a batch may hold both."""

implementation_sessions = Table(
    "implementation_sessions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("pattern_workspaces.id", ondelete="SET NULL")),
    person("user_id"),
    Column("pattern_type", String(KEY_MAX), nullable=False),
    Column("status", String(50), nullable=False),
    open_object("data"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    moment("completed_at"),
    Index("ix_implementation_sessions_workspace_id", "workspace_id", postgresql_where=text("workspace_id IS NOT NULL")),
)
"""Deprecated, read-only: filled by imports alone."""
