"""The rows of ``share`` rooms, written by their projection alone; ``share_addressees`` is written by plain transactions.

"Ours" marks what the document of the product does not have. Rows stay: a share that is deleted, and a comment that is, only say so.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from persistence.tables.columns import METADATA, Uuid, moment, not_negative, one_of, open_object, person, texts

HASH_MAX = 64
MAIL_MAX = 255

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))

shared_concepts = Table(
    "shared_concepts",
    METADATA,
    Column("id", Uuid, primary_key=True),  # uuid5 of share_token
    Column("share_token", String(HASH_MAX), nullable=False),  # the SHA-256 of the token; the token itself is nowhere
    # In a concept's partition, which may be behind that of the share.
    Column("concept_id", Uuid, ForeignKey("concepts.id", deferrable=True, initially="IMMEDIATE"), nullable=False),
    person("shared_by"),
    texts("shared_with"),  # ids of people, and SHA-256 of mail addresses
    Column("allow_comments", Boolean, nullable=False, server_default=text("true")),
    Column("allow_voting", Boolean, nullable=False, server_default=text("false")),
    Column("is_public", Boolean, nullable=False, server_default=text("true")),
    Column("view_count", Integer, nullable=False, server_default=text("0")),
    moment("last_viewed_at"),
    open_object("metadata"),
    moment("expires_at"),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    moment("revoked_at"),  # ours
    moment("expired_at"),  # ours: when the clock ended it
    moment("deleted_at"),  # ours
    UniqueConstraint("share_token"),
    not_negative("view_count"),
    Index("ix_shared_concepts_concept_id", "concept_id", *NEWEST_FIRST),
    Index("ix_shared_concepts_shared_by", "shared_by", *NEWEST_FIRST),
    Index(
        "ix_shared_concepts_over",
        "expires_at",
        postgresql_where=text("expires_at IS NOT NULL AND deleted_at IS NULL"),
    ),
)
"""``share_token`` alone is the index of its unique constraint, so it is not built a second time."""

concept_comments = Table(
    "concept_comments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("shared_concept_id", Uuid, ForeignKey("shared_concepts.id"), nullable=False),
    person("user_id", is_needed=True),
    Column("comment", Text, nullable=False),  # empty once it was deleted
    Column("parent_comment_id", Uuid, ForeignKey("concept_comments.id")),  # NO ACTION, as the document says
    moment("created_at", is_set=True),
    moment("edited_at"),  # ours
    moment("deleted_at"),  # ours
    Index("ix_concept_comments_shared_concept_id", "shared_concept_id", "created_at", "id"),
    Index("ix_concept_comments_user_id", "user_id"),
    Index("ix_concept_comments_parent_comment_id", "parent_comment_id", postgresql_where=text("parent_comment_id IS NOT NULL")),
)

VOTES = ("UPVOTE", "DOWNVOTE")

concept_votes = Table(
    "concept_votes",
    METADATA,
    Column("id", Uuid, primary_key=True),  # uuid5 of share and voter
    Column("shared_concept_id", Uuid, ForeignKey("shared_concepts.id"), nullable=False),
    person("user_id", is_needed=True),
    Column("vote_type", String(20), nullable=False),
    moment("created_at", is_set=True),
    moment("updated_at", is_set=True),
    UniqueConstraint("shared_concept_id", "user_id"),
    one_of("vote_type", VOTES),
)

share_addressees = Table(
    "share_addressees",
    METADATA,
    Column("id", Uuid, primary_key=True),  # uuid5 of share and hash
    Column("shared_concept_id", Uuid, nullable=False),  # no foreign key: written before the share's row, and if that never comes
    Column("mail_hash", String(HASH_MAX), nullable=False),
    Column("address", String(MAIL_MAX), nullable=False),
    moment("added_at", is_set=True),
    UniqueConstraint("shared_concept_id", "mail_hash"),
)
"""Ours: the mail addresses behind the hashes of ``shared_with``, for the owner's eyes alone."""
