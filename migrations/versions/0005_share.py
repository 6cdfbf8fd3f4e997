"""Shared concepts: comments, votes, and who they were sent to."""

from alembic import op

revision = "0005"
down_revision = "0004"

UPGRADE = (
    """
    CREATE TABLE shared_concepts (
        id UUID NOT NULL,
        share_token VARCHAR(64) NOT NULL,
        concept_id UUID NOT NULL,
        shared_by UUID,
        shared_with TEXT[] DEFAULT '{}' NOT NULL,
        allow_comments BOOLEAN DEFAULT true NOT NULL,
        allow_voting BOOLEAN DEFAULT false NOT NULL,
        is_public BOOLEAN DEFAULT true NOT NULL,
        view_count INTEGER DEFAULT 0 NOT NULL,
        last_viewed_at TIMESTAMPTZ,
        metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
        expires_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        revoked_at TIMESTAMPTZ,
        expired_at TIMESTAMPTZ,
        deleted_at TIMESTAMPTZ,
        CONSTRAINT pk_shared_concepts PRIMARY KEY (id),
        CONSTRAINT uq_shared_concepts_share_token UNIQUE (share_token),
        CONSTRAINT ck_shared_concepts_view_count_not_negative CHECK (view_count >= 0),
        CONSTRAINT fk_shared_concepts_concept_id
            FOREIGN KEY(concept_id) REFERENCES concepts (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_shared_concepts_shared_by
            FOREIGN KEY(shared_by) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_shared_concepts_concept_id ON shared_concepts (concept_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_shared_concepts_over ON shared_concepts (expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL",
    "CREATE INDEX ix_shared_concepts_shared_by ON shared_concepts (shared_by, created_at DESC, id DESC)",
    """
    CREATE TABLE concept_comments (
        id UUID NOT NULL,
        shared_concept_id UUID NOT NULL,
        user_id UUID NOT NULL,
        comment TEXT NOT NULL,
        parent_comment_id UUID,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        edited_at TIMESTAMPTZ,
        deleted_at TIMESTAMPTZ,
        CONSTRAINT pk_concept_comments PRIMARY KEY (id),
        CONSTRAINT fk_concept_comments_shared_concept_id
            FOREIGN KEY(shared_concept_id) REFERENCES shared_concepts (id),
        CONSTRAINT fk_concept_comments_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_concept_comments_parent_comment_id
            FOREIGN KEY(parent_comment_id) REFERENCES concept_comments (id)
    )
    """,
    """
    CREATE INDEX ix_concept_comments_parent_comment_id ON concept_comments (parent_comment_id)
        WHERE parent_comment_id IS NOT NULL
    """,
    "CREATE INDEX ix_concept_comments_shared_concept_id ON concept_comments (shared_concept_id, created_at, id)",
    "CREATE INDEX ix_concept_comments_user_id ON concept_comments (user_id)",
    """
    CREATE TABLE concept_votes (
        id UUID NOT NULL,
        shared_concept_id UUID NOT NULL,
        user_id UUID NOT NULL,
        vote_type VARCHAR(20) NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_concept_votes PRIMARY KEY (id),
        CONSTRAINT uq_concept_votes_shared_concept_id_user_id UNIQUE (shared_concept_id, user_id),
        CONSTRAINT ck_concept_votes_vote_type_is_known CHECK (vote_type IN ('UPVOTE', 'DOWNVOTE')),
        CONSTRAINT fk_concept_votes_shared_concept_id
            FOREIGN KEY(shared_concept_id) REFERENCES shared_concepts (id),
        CONSTRAINT fk_concept_votes_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE TABLE share_addressees (
        id UUID NOT NULL,
        shared_concept_id UUID NOT NULL,
        mail_hash VARCHAR(64) NOT NULL,
        address VARCHAR(255) NOT NULL,
        added_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_share_addressees PRIMARY KEY (id),
        CONSTRAINT uq_share_addressees_shared_concept_id_mail_hash UNIQUE (shared_concept_id, mail_hash)
    )
    """,
)
DOWNGRADE = (
    "DROP TABLE share_addressees",
    "DROP TABLE concept_votes",
    "DROP TABLE concept_comments",
    "DROP TABLE shared_concepts",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
