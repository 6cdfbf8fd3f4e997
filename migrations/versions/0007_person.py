"""What belongs to one person: folders, favourites, comparisons, searches, notifications, positions, and the own list."""

from alembic import op

revision = "0007"
down_revision = "0006"

UPGRADE = (
    """
    CREATE TABLE concept_folders (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        name VARCHAR(200) NOT NULL,
        description VARCHAR(2000),
        is_public BOOLEAN DEFAULT false NOT NULL,
        tags TEXT[] DEFAULT '{}' NOT NULL,
        concept_ids UUID[] DEFAULT '{}' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_concept_folders PRIMARY KEY (id),
        CONSTRAINT fk_concept_folders_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_concept_folders_is_public ON concept_folders (created_at DESC, id DESC) WHERE is_public",
    "CREATE INDEX ix_concept_folders_tags ON concept_folders USING gin (tags) WHERE is_public",
    "CREATE INDEX ix_concept_folders_user_id ON concept_folders (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE favourites (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        concept_id UUID NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_favourites PRIMARY KEY (id),
        CONSTRAINT uq_favourites_user_id_concept_id UNIQUE (user_id, concept_id),
        CONSTRAINT fk_favourites_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_favourites_concept_id ON favourites (concept_id)",
    "CREATE INDEX ix_favourites_user_id ON favourites (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE comparison_sets (
        id UUID NOT NULL,
        user_id UUID,
        session_token VARCHAR(64),
        items JSONB NOT NULL,
        metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_comparison_sets PRIMARY KEY (id),
        CONSTRAINT ck_comparison_sets_belongs_to_somebody CHECK (user_id IS NOT NULL OR session_token IS NOT NULL),
        CONSTRAINT fk_comparison_sets_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_comparison_sets_session_token ON comparison_sets (session_token, created_at DESC, id DESC)",
    "CREATE INDEX ix_comparison_sets_user_id ON comparison_sets (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE user_style_profiles (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        profile_data JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_user_style_profiles PRIMARY KEY (id),
        CONSTRAINT uq_user_style_profiles_user_id UNIQUE (user_id),
        CONSTRAINT fk_user_style_profiles_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE TABLE search_history (
        id UUID NOT NULL,
        user_id UUID,
        session_token VARCHAR(64),
        query VARCHAR(500) NOT NULL,
        filters JSONB DEFAULT '{}'::jsonb NOT NULL,
        result_count INTEGER NOT NULL,
        clicked UUID[] DEFAULT '{}' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_search_history PRIMARY KEY (id),
        CONSTRAINT ck_search_history_belongs_to_somebody CHECK (user_id IS NOT NULL OR session_token IS NOT NULL),
        CONSTRAINT ck_search_history_result_count_not_negative CHECK (result_count >= 0)
    )
    """,
    "CREATE INDEX ix_search_history_created_at ON search_history (created_at)",
    "CREATE INDEX ix_search_history_session_token ON search_history (session_token, created_at DESC, id DESC)",
    "CREATE INDEX ix_search_history_user_id_created_at ON search_history (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE user_ai_preferences (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        preferred_models JSONB DEFAULT '[]'::jsonb NOT NULL,
        default_generation_mode VARCHAR(50) DEFAULT 'creative' NOT NULL,
        enable_deep_thinking BOOLEAN DEFAULT false NOT NULL,
        auto_generate_on_create BOOLEAN DEFAULT false NOT NULL,
        model_weights JSONB,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_user_ai_preferences PRIMARY KEY (id),
        CONSTRAINT uq_user_ai_preferences_user_id UNIQUE (user_id),
        CONSTRAINT fk_user_ai_preferences_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE TABLE notifications (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        "offset" BIGINT NOT NULL,
        what VARCHAR(50) NOT NULL,
        source VARCHAR(255) NOT NULL,
        thing_id UUID,
        by_id UUID,
        by_kind VARCHAR(20),
        by_name VARCHAR(255),
        by_image VARCHAR(2000),
        title VARCHAR(200) DEFAULT '' NOT NULL,
        at TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        read_at TIMESTAMPTZ,
        CONSTRAINT pk_notifications PRIMARY KEY (id),
        CONSTRAINT uq_notifications_user_id_offset UNIQUE (user_id, "offset"),
        CONSTRAINT ck_notifications_by_kind_is_known CHECK (by_kind IN ('user', 'bot', 'guest', 'system'))
    )
    """,
    'CREATE INDEX ix_notifications_unread ON notifications (user_id, "offset" DESC) WHERE read_at IS NULL',
    """
    CREATE TABLE read_positions (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        room VARCHAR(255) NOT NULL,
        "offset" BIGINT NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_read_positions PRIMARY KEY (id),
        CONSTRAINT uq_read_positions_user_id_room UNIQUE (user_id, room),
        CONSTRAINT ck_read_positions_offset_not_negative CHECK ("offset" >= 0),
        CONSTRAINT fk_read_positions_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE TABLE push_subscriptions (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        kind VARCHAR(10) DEFAULT 'web' NOT NULL,
        endpoint VARCHAR(2000) NOT NULL,
        p256dh VARCHAR(200),
        auth VARCHAR(100),
        name VARCHAR(200),
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_push_subscriptions PRIMARY KEY (id),
        CONSTRAINT ck_push_subscriptions_kind_is_known CHECK (kind IN ('web', 'fcm', 'apns')),
        CONSTRAINT fk_push_subscriptions_user_id
            FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_push_subscriptions_user_id ON push_subscriptions (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE own_rooms (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        room VARCHAR(255) NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_own_rooms PRIMARY KEY (id),
        CONSTRAINT uq_own_rooms_user_id_room UNIQUE (user_id, room)
    )
    """,
    "CREATE INDEX ix_own_rooms_room ON own_rooms (room)",
    "CREATE INDEX ix_own_rooms_user_id ON own_rooms (user_id, created_at DESC, id DESC)",
)
DOWNGRADE = (
    "DROP TABLE own_rooms",
    "DROP TABLE push_subscriptions",
    "DROP TABLE read_positions",
    "DROP TABLE notifications",
    "DROP TABLE user_ai_preferences",
    "DROP TABLE search_history",
    "DROP TABLE user_style_profiles",
    "DROP TABLE comparison_sets",
    "DROP TABLE favourites",
    "DROP TABLE concept_folders",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
