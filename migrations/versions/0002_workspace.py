"""Pattern workspaces: timeline, sessions, feedback, executions and deploys."""

from alembic import op

revision = "0002"
down_revision = "0001"

UPGRADE = (
    """
    CREATE TABLE pattern_workspaces (
        id UUID NOT NULL,
        pattern_type VARCHAR(64) NOT NULL,
        name VARCHAR(200) NOT NULL,
        category VARCHAR(64) NOT NULL,
        status VARCHAR(20) DEFAULT 'soon' NOT NULL,
        version VARCHAR(50) DEFAULT '0.0.0' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        implemented_at TIMESTAMPTZ,
        approved_at TIMESTAMPTZ,
        verified_at TIMESTAMPTZ,
        archived_at TIMESTAMPTZ,
        description TEXT,
        user_reasoning TEXT,
        identification_steps JSONB,
        attachments TEXT[] DEFAULT '{}' NOT NULL,
        session_count INTEGER DEFAULT 0 NOT NULL,
        feedback_count INTEGER DEFAULT 0 NOT NULL,
        success_rate DOUBLE PRECISION,
        last_tested_at TIMESTAMPTZ,
        created_by_id UUID NOT NULL,
        approved_by_id UUID,
        verified_by_id UUID,
        CONSTRAINT pk_pattern_workspaces PRIMARY KEY (id),
        CONSTRAINT uq_pattern_workspaces_pattern_type UNIQUE (pattern_type),
        CONSTRAINT ck_pattern_workspaces_status_is_known
            CHECK (status IN ('soon', 'implementing', 'beta', 'in_review', 'verified')),
        CONSTRAINT ck_pattern_workspaces_session_count_not_negative CHECK (session_count >= 0),
        CONSTRAINT ck_pattern_workspaces_feedback_count_not_negative CHECK (feedback_count >= 0),
        CONSTRAINT ck_pattern_workspaces_success_rate_in_range CHECK (success_rate >= 0 AND success_rate <= 1),
        CONSTRAINT fk_pattern_workspaces_created_by_id
            FOREIGN KEY(created_by_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_pattern_workspaces_approved_by_id
            FOREIGN KEY(approved_by_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_pattern_workspaces_verified_by_id
            FOREIGN KEY(verified_by_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE INDEX ix_pattern_workspaces_approved_by_id ON pattern_workspaces (approved_by_id, created_at DESC, id DESC)
        WHERE approved_by_id IS NOT NULL
    """,
    "CREATE INDEX ix_pattern_workspaces_created_by_id ON pattern_workspaces (created_by_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_pattern_workspaces_newest ON pattern_workspaces (created_at DESC, id DESC)",
    "CREATE INDEX ix_pattern_workspaces_status ON pattern_workspaces (status, created_at DESC, id DESC)",
    """
    CREATE INDEX ix_pattern_workspaces_verified_by_id ON pattern_workspaces (verified_by_id, created_at DESC, id DESC)
        WHERE verified_by_id IS NOT NULL
    """,
    """
    CREATE TABLE claude_executions (
        id UUID NOT NULL,
        workspace_id UUID NOT NULL,
        triggered_by UUID NOT NULL,
        triggered_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        started_at TIMESTAMPTZ,
        status VARCHAR(20) DEFAULT 'pending' NOT NULL,
        phase VARCHAR(20),
        progress INTEGER DEFAULT 0 NOT NULL,
        feedback_ids UUID[] DEFAULT '{}' NOT NULL,
        prompt_file VARCHAR(500),
        completed_at TIMESTAMPTZ,
        files_changed TEXT[] DEFAULT '{}' NOT NULL,
        commit_hash VARCHAR(64),
        commit_message TEXT,
        deploy_started_at TIMESTAMPTZ,
        deploy_completed_at TIMESTAMPTZ,
        deploy_url VARCHAR(2000),
        deploy_status VARCHAR(20),
        deploy_logs TEXT,
        deploy_logs_start BIGINT DEFAULT 0 NOT NULL,
        deploy_attempt INTEGER DEFAULT 0 NOT NULL,
        retry_count INTEGER DEFAULT 0 NOT NULL,
        max_retries INTEGER DEFAULT 10 NOT NULL,
        retry_reason TEXT,
        parent_execution_id UUID,
        phases JSONB DEFAULT '{}'::jsonb NOT NULL,
        checkpoints JSONB DEFAULT '[]'::jsonb NOT NULL,
        error TEXT,
        errored_at TIMESTAMPTZ,
        CONSTRAINT pk_claude_executions PRIMARY KEY (id),
        CONSTRAINT ck_claude_executions_status_is_known
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'retry')),
        CONSTRAINT ck_claude_executions_phase_is_known
            CHECK (phase IN ('planning', 'implementing', 'testing', 'refining', 'deploying')),
        CONSTRAINT ck_claude_executions_deploy_status_is_known
            CHECK (deploy_status IN ('queued', 'building', 'ready', 'error', 'canceled')),
        CONSTRAINT ck_claude_executions_progress_in_range CHECK (progress >= 0 AND progress <= 100),
        CONSTRAINT ck_claude_executions_retry_count_not_negative CHECK (retry_count >= 0),
        CONSTRAINT ck_claude_executions_max_retries_not_negative CHECK (max_retries >= 0),
        CONSTRAINT fk_claude_executions_workspace_id
            FOREIGN KEY(workspace_id) REFERENCES pattern_workspaces (id) ON DELETE CASCADE,
        CONSTRAINT fk_claude_executions_triggered_by
            FOREIGN KEY(triggered_by) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_claude_executions_parent_execution_id
            FOREIGN KEY(parent_execution_id) REFERENCES claude_executions (id) ON DELETE SET NULL
    )
    """,
    """
    CREATE INDEX ix_claude_executions_parent_execution_id ON claude_executions (parent_execution_id)
        WHERE parent_execution_id IS NOT NULL
    """,
    "CREATE INDEX ix_claude_executions_phase ON claude_executions (phase)",
    "CREATE INDEX ix_claude_executions_status ON claude_executions (status)",
    "CREATE INDEX ix_claude_executions_workspace_id_triggered_at ON claude_executions (workspace_id, triggered_at)",
    """
    CREATE TABLE implementation_sessions (
        id UUID NOT NULL,
        workspace_id UUID,
        user_id UUID,
        pattern_type VARCHAR(64) NOT NULL,
        status VARCHAR(50) NOT NULL,
        data JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        completed_at TIMESTAMPTZ,
        CONSTRAINT pk_implementation_sessions PRIMARY KEY (id),
        CONSTRAINT fk_implementation_sessions_workspace_id
            FOREIGN KEY(workspace_id) REFERENCES pattern_workspaces (id) ON DELETE SET NULL,
        CONSTRAINT fk_implementation_sessions_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_implementation_sessions_workspace_id ON implementation_sessions (workspace_id) WHERE workspace_id IS NOT NULL",
    """
    CREATE TABLE pattern_sessions (
        id UUID NOT NULL,
        workspace_id UUID NOT NULL,
        user_id UUID NOT NULL,
        name VARCHAR(200) NOT NULL,
        status VARCHAR(20) DEFAULT 'active' NOT NULL,
        result JSONB DEFAULT '{}'::jsonb NOT NULL,
        data JSONB DEFAULT '{}'::jsonb NOT NULL,
        success_rate DOUBLE PRECISION,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        completed_at TIMESTAMPTZ,
        CONSTRAINT pk_pattern_sessions PRIMARY KEY (id),
        CONSTRAINT ck_pattern_sessions_status_is_known CHECK (status IN ('active', 'completed')),
        CONSTRAINT ck_pattern_sessions_success_rate_in_range CHECK (success_rate >= 0 AND success_rate <= 1),
        CONSTRAINT fk_pattern_sessions_workspace_id FOREIGN KEY(workspace_id) REFERENCES pattern_workspaces (id),
        CONSTRAINT fk_pattern_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_pattern_sessions_workspace_id_created_at ON pattern_sessions (workspace_id, created_at)",
    """
    CREATE TABLE feedback_items (
        id UUID NOT NULL,
        workspace_id UUID NOT NULL,
        session_id UUID,
        author_id UUID NOT NULL,
        kind VARCHAR(64) DEFAULT 'correction' NOT NULL,
        content TEXT NOT NULL,
        data JSONB DEFAULT '{}'::jsonb NOT NULL,
        attachments TEXT[] DEFAULT '{}' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        sent_to_claude_at TIMESTAMPTZ,
        execution_id UUID,
        CONSTRAINT pk_feedback_items PRIMARY KEY (id),
        CONSTRAINT fk_feedback_items_workspace_id FOREIGN KEY(workspace_id) REFERENCES pattern_workspaces (id),
        CONSTRAINT fk_feedback_items_session_id
            FOREIGN KEY(session_id) REFERENCES pattern_sessions (id) ON DELETE SET NULL,
        CONSTRAINT fk_feedback_items_author_id
            FOREIGN KEY(author_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_feedback_items_execution_id
            FOREIGN KEY(execution_id) REFERENCES claude_executions (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX ix_feedback_items_execution_id ON feedback_items (execution_id) WHERE execution_id IS NOT NULL",
    "CREATE INDEX ix_feedback_items_session_id ON feedback_items (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX ix_feedback_items_unsent ON feedback_items (workspace_id, created_at) WHERE sent_to_claude_at IS NULL",
    "CREATE INDEX ix_feedback_items_workspace_id_created_at ON feedback_items (workspace_id, created_at)",
    """
    CREATE TABLE workspace_messages (
        id UUID NOT NULL,
        workspace_id UUID NOT NULL,
        "offset" BIGINT NOT NULL,
        type VARCHAR(50) NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        author_id UUID,
        author_type VARCHAR(20) DEFAULT 'user' NOT NULL,
        title TEXT,
        content TEXT,
        data JSONB DEFAULT '{}'::jsonb NOT NULL,
        attachments TEXT[] DEFAULT '{}' NOT NULL,
        session_id UUID,
        feedback_id UUID,
        execution_id UUID,
        status VARCHAR(20),
        progress INTEGER,
        CONSTRAINT pk_workspace_messages PRIMARY KEY (id),
        CONSTRAINT uq_workspace_messages_workspace_id_offset UNIQUE (workspace_id, "offset"),
        CONSTRAINT ck_workspace_messages_type_is_known
            CHECK (type IN (
                'pattern_created', 'details_changed', 'pattern_description_submitted', 'status_changed',
                'message_posted', 'session_created', 'session_completed', 'feedback_added', 'feedback_changed',
                'feedback_removed', 'feedback_batch_sent', 'claude_started', 'claude_phase_update',
                'claude_checkpoint', 'claude_completed', 'claude_failed', 'claude_retry', 'deploy_started',
                'deploy_building', 'deploy_success', 'deploy_failed', 'deploy_canceled', 'deploy_retry',
                'user_approved', 'admin_verified', 'version_updated', 'workspace_archived', 'workspace_reopened',
                'workspace_deleted'
            )),
        CONSTRAINT ck_workspace_messages_author_type_is_known CHECK (author_type IN ('user', 'system', 'claude')),
        CONSTRAINT ck_workspace_messages_status_is_known
            CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
        CONSTRAINT ck_workspace_messages_progress_in_range CHECK (progress >= 0 AND progress <= 100),
        CONSTRAINT fk_workspace_messages_workspace_id
            FOREIGN KEY(workspace_id) REFERENCES pattern_workspaces (id) ON DELETE CASCADE,
        CONSTRAINT fk_workspace_messages_author_id
            FOREIGN KEY(author_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_workspace_messages_session_id
            FOREIGN KEY(session_id) REFERENCES pattern_sessions (id) ON DELETE SET NULL,
        CONSTRAINT fk_workspace_messages_feedback_id
            FOREIGN KEY(feedback_id) REFERENCES feedback_items (id) ON DELETE SET NULL,
        CONSTRAINT fk_workspace_messages_execution_id
            FOREIGN KEY(execution_id) REFERENCES claude_executions (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX ix_workspace_messages_execution_id ON workspace_messages (execution_id) WHERE execution_id IS NOT NULL",
    "CREATE INDEX ix_workspace_messages_feedback_id ON workspace_messages (feedback_id) WHERE feedback_id IS NOT NULL",
    "CREATE INDEX ix_workspace_messages_session_id ON workspace_messages (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX ix_workspace_messages_type ON workspace_messages (type)",
    "CREATE INDEX ix_workspace_messages_workspace_id_created_at ON workspace_messages (workspace_id, created_at)",
)
DOWNGRADE = (
    "DROP TABLE workspace_messages",
    "DROP TABLE feedback_items",
    "DROP TABLE pattern_sessions",
    "DROP TABLE implementation_sessions",
    "DROP TABLE claude_executions",
    "DROP TABLE pattern_workspaces",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
