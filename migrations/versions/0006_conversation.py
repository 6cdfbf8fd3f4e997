"""Conversations with their messages, and how models did."""

from alembic import op

revision = "0006"
down_revision = "0005"

UPGRADE = (
    """
    CREATE TABLE conversations (
        id UUID NOT NULL,
        conversation_id VARCHAR(255) NOT NULL,
        project_id UUID,
        user_id UUID,
        session_token VARCHAR(64),
        status VARCHAR(50) DEFAULT 'active' NOT NULL,
        context JSONB DEFAULT '{}'::jsonb NOT NULL,
        summary TEXT,
        extracted_requirements JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        ended_at TIMESTAMPTZ,
        CONSTRAINT pk_conversations PRIMARY KEY (id),
        CONSTRAINT uq_conversations_conversation_id UNIQUE (conversation_id),
        CONSTRAINT ck_conversations_status_is_known CHECK (status IN ('active', 'completed', 'abandoned')),
        CONSTRAINT ck_conversations_is_somebodys CHECK (user_id IS NOT NULL OR session_token IS NOT NULL),
        CONSTRAINT fk_conversations_user_id FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE INDEX ix_conversations_project_id ON conversations (project_id, created_at DESC, id DESC)
        WHERE project_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_conversations_session_token ON conversations (session_token, created_at DESC, id DESC)
        WHERE session_token IS NOT NULL
    """,
    "CREATE INDEX ix_conversations_status ON conversations (status, created_at DESC, id DESC)",
    "CREATE INDEX ix_conversations_user_id ON conversations (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE conversation_messages (
        id UUID NOT NULL,
        conversation_id UUID NOT NULL,
        "offset" BIGINT NOT NULL,
        role VARCHAR(50) NOT NULL,
        content TEXT NOT NULL,
        intent VARCHAR(100),
        entities JSONB DEFAULT '[]'::jsonb NOT NULL,
        confidence NUMERIC(3, 2),
        actions JSONB DEFAULT '[]'::jsonb NOT NULL,
        model_used VARCHAR(100),
        tokens_used INTEGER,
        metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        author_id UUID,
        turn_id UUID,
        metric_id UUID,
        CONSTRAINT pk_conversation_messages PRIMARY KEY (id),
        CONSTRAINT uq_conversation_messages_conversation_id_offset UNIQUE (conversation_id, "offset"),
        CONSTRAINT ck_conversation_messages_role_is_known CHECK (role IN ('user', 'assistant', 'system')),
        CONSTRAINT ck_conversation_messages_confidence_in_range CHECK (confidence >= 0 AND confidence <= 1),
        CONSTRAINT ck_conversation_messages_tokens_used_not_negative CHECK (tokens_used >= 0),
        CONSTRAINT fk_conversation_messages_conversation_id
            FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
        CONSTRAINT fk_conversation_messages_author_id
            FOREIGN KEY(author_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_conversation_messages_conversation_id_created_at ON conversation_messages (conversation_id, created_at)",
    "CREATE INDEX ix_conversation_messages_created_at ON conversation_messages (created_at DESC)",
    "CREATE INDEX ix_conversation_messages_turn_id ON conversation_messages (turn_id) WHERE turn_id IS NOT NULL",
    """
    CREATE TABLE ai_model_metrics (
        id UUID NOT NULL,
        model_name VARCHAR(100) NOT NULL,
        model_version VARCHAR(50) NOT NULL,
        task_type VARCHAR(100) NOT NULL,
        latency_ms INTEGER,
        tokens_used INTEGER,
        confidence_score NUMERIC(3, 2),
        user_rating SMALLINT,
        user_accepted BOOLEAN,
        project_id UUID,
        user_id UUID,
        cost_usd NUMERIC(10, 4),
        "timestamp" TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_ai_model_metrics PRIMARY KEY (id),
        CONSTRAINT ck_ai_model_metrics_confidence_score_in_range CHECK (confidence_score >= 0 AND confidence_score <= 1),
        CONSTRAINT ck_ai_model_metrics_user_rating_in_range CHECK (user_rating >= 1 AND user_rating <= 5),
        CONSTRAINT ck_ai_model_metrics_latency_ms_not_negative CHECK (latency_ms >= 0),
        CONSTRAINT ck_ai_model_metrics_tokens_used_not_negative CHECK (tokens_used >= 0),
        CONSTRAINT ck_ai_model_metrics_cost_usd_not_negative CHECK (cost_usd >= 0),
        CONSTRAINT fk_ai_model_metrics_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    'CREATE INDEX ix_ai_model_metrics_model_name ON ai_model_metrics (model_name, model_version, "timestamp" DESC)',
    "CREATE INDEX ix_ai_model_metrics_project_id ON ai_model_metrics (project_id) WHERE project_id IS NOT NULL",
    'CREATE INDEX ix_ai_model_metrics_task_type ON ai_model_metrics (task_type, "timestamp" DESC)',
)
DOWNGRADE = (
    "DROP TABLE ai_model_metrics",
    "DROP TABLE conversation_messages",
    "DROP TABLE conversations",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
