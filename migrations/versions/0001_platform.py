"""People and their grants, the log of all rooms, positions and outboxes of the write-behind."""

from alembic import op

revision = "0001"
down_revision = None

UPGRADE = (
    """
    CREATE TABLE users (
        id UUID NOT NULL,
        kind VARCHAR(20) DEFAULT 'person' NOT NULL,
        token_subject VARCHAR(500),
        email VARCHAR(255),
        email_verified_at TIMESTAMPTZ,
        password_hash VARCHAR(255),
        first_name VARCHAR(100),
        last_name VARCHAR(100),
        name VARCHAR(255),
        image VARCHAR(2000),
        phone VARCHAR(20),
        company VARCHAR(255),
        title VARCHAR(100),
        user_type VARCHAR(50),
        google_id VARCHAR(255),
        microsoft_id VARCHAR(255),
        preferences JSONB DEFAULT '{}'::jsonb NOT NULL,
        status VARCHAR(50) DEFAULT 'active' NOT NULL,
        last_login_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        deleted_at TIMESTAMPTZ,
        CONSTRAINT pk_users PRIMARY KEY (id),
        CONSTRAINT uq_users_email UNIQUE (email),
        CONSTRAINT uq_users_google_id UNIQUE (google_id),
        CONSTRAINT uq_users_microsoft_id UNIQUE (microsoft_id),
        CONSTRAINT ck_users_kind_is_known CHECK (kind IN ('person', 'guest', 'bot', 'system')),
        CONSTRAINT ck_users_user_type_is_known
            CHECK (user_type IN ('designer', 'dealer', 'sales_rep', 'facilities_manager', 'architect')),
        CONSTRAINT ck_users_status_is_known CHECK (status IN ('active', 'inactive', 'suspended')),
        CONSTRAINT ck_users_email_is_small CHECK (email = lower(email)),
        CONSTRAINT ck_users_person_is_somebody
            CHECK (kind <> 'person' OR email IS NOT NULL OR token_subject IS NOT NULL)
    )
    """,
    "CREATE INDEX idx_active_users ON users (email) WHERE status = 'active' AND deleted_at IS NULL",
    "CREATE INDEX idx_users_email ON users (email) WHERE deleted_at IS NULL",
    "CREATE INDEX idx_users_status ON users (status)",
    "CREATE INDEX idx_users_type ON users (user_type) WHERE deleted_at IS NULL",
    """
    CREATE TABLE user_roles (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        role VARCHAR(50) NOT NULL,
        resource_type VARCHAR(50),
        resource_id UUID,
        granted_by UUID,
        granted_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        expires_at TIMESTAMPTZ,
        CONSTRAINT pk_user_roles PRIMARY KEY (id),
        CONSTRAINT uq_user_roles_user_id_role_resource_type_resource_id
            UNIQUE NULLS NOT DISTINCT (user_id, role, resource_type, resource_id),
        CONSTRAINT ck_user_roles_role_is_known CHECK (role IN ('admin', 'user', 'viewer', 'contributor')),
        CONSTRAINT ck_user_roles_resource_type_is_known
            CHECK (resource_type IN ('organization', 'project', 'team', 'shop')),
        CONSTRAINT ck_user_roles_resource_is_whole CHECK ((resource_type IS NULL) = (resource_id IS NULL)),
        CONSTRAINT fk_user_roles_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT fk_user_roles_granted_by FOREIGN KEY(granted_by) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX idx_user_roles_resource ON user_roles (resource_type, resource_id)",
    """
    CREATE TABLE imported_ids (
        product VARCHAR(50) NOT NULL,
        "table" VARCHAR(63) NOT NULL,
        old_id VARCHAR(255) NOT NULL,
        id UUID NOT NULL,
        CONSTRAINT pk_imported_ids PRIMARY KEY (product, "table", old_id)
    )
    """,
    """
    CREATE TABLE room_events (
        room TEXT NOT NULL,
        "offset" BIGINT NOT NULL,
        epoch TEXT NOT NULL,
        type TEXT NOT NULL,
        version SMALLINT NOT NULL,
        body JSONB NOT NULL,
        actor_id UUID NOT NULL,
        actor_kind TEXT NOT NULL,
        actor_name TEXT DEFAULT '' NOT NULL,
        actor_image TEXT DEFAULT '' NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        command_id UUID NOT NULL,
        ordinal INTEGER NOT NULL,
        last BOOLEAN NOT NULL,
        digest TEXT NOT NULL,
        CONSTRAINT pk_room_events PRIMARY KEY (room, "offset")
    )
    """,
    """
    CREATE TABLE room_snapshots (
        room TEXT NOT NULL,
        "offset" BIGINT NOT NULL,
        version SMALLINT NOT NULL,
        state JSONB NOT NULL,
        receipts JSONB NOT NULL,
        stored_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_room_snapshots PRIMARY KEY (room)
    )
    """,
    """
    CREATE TABLE room_positions (
        room TEXT NOT NULL,
        projected_offset BIGINT DEFAULT 0 NOT NULL,
        CONSTRAINT pk_room_positions PRIMARY KEY (room)
    )
     WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE positions (
        partition INTEGER NOT NULL,
        generation BIGINT NOT NULL,
        number BIGINT DEFAULT 0 NOT NULL,
        owner TEXT,
        until TIMESTAMPTZ,
        fence BIGINT DEFAULT 0 NOT NULL,
        moved_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_positions PRIMARY KEY (partition)
    )
    """,
    """
    CREATE TABLE journal_generations (
        generation BIGINT GENERATED BY DEFAULT AS IDENTITY,
        partition INTEGER DEFAULT 0 NOT NULL,
        epoch TEXT NOT NULL,
        journal TEXT DEFAULT 'sqlite' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        finished_at TIMESTAMPTZ,
        accepted_loss TEXT,
        CONSTRAINT pk_journal_generations PRIMARY KEY (generation),
        CONSTRAINT uq_journal_generations_epoch UNIQUE (epoch)
    )
    """,
    "CREATE INDEX ix_journal_generations_unfinished ON journal_generations (partition) WHERE finished_at IS NULL",
    """
    CREATE TABLE dead_letters (
        room TEXT NOT NULL,
        "offset" BIGINT NOT NULL,
        sqlstate VARCHAR(5) DEFAULT '' NOT NULL,
        error TEXT NOT NULL,
        at TIMESTAMPTZ DEFAULT now() NOT NULL,
        resolved_at TIMESTAMPTZ,
        skipped BOOLEAN DEFAULT false NOT NULL,
        CONSTRAINT pk_dead_letters PRIMARY KEY (room, "offset")
    )
    """,
    "CREATE INDEX ix_dead_letters_open ON dead_letters (room) WHERE resolved_at IS NULL",
    """
    CREATE TABLE deadlines (
        room TEXT NOT NULL,
        what TEXT NOT NULL,
        partition INTEGER DEFAULT 0 NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        name TEXT NOT NULL,
        payload JSONB DEFAULT '{}'::jsonb NOT NULL,
        quiet_key TEXT DEFAULT '' NOT NULL,
        quiet_ms BIGINT DEFAULT 0 NOT NULL,
        "offset" BIGINT NOT NULL,
        CONSTRAINT pk_deadlines PRIMARY KEY (room, what),
        CONSTRAINT ck_deadlines_quiet_ms_not_negative CHECK (quiet_ms >= 0)
    )
    """,
    "CREATE INDEX ix_deadlines_partition_at ON deadlines (partition, at)",
    """
    CREATE TABLE reactions (
        id UUID NOT NULL,
        source TEXT NOT NULL,
        number BIGINT NOT NULL,
        partition INTEGER DEFAULT 0 NOT NULL,
        target TEXT NOT NULL,
        name TEXT NOT NULL,
        payload JSONB DEFAULT '{}'::jsonb NOT NULL,
        state VARCHAR(20) DEFAULT 'pending' NOT NULL,
        message TEXT DEFAULT '' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        finished_at TIMESTAMPTZ,
        CONSTRAINT pk_reactions PRIMARY KEY (id),
        CONSTRAINT uq_reactions_source_number UNIQUE (source, number),
        CONSTRAINT ck_reactions_state_is_known CHECK (state IN ('pending', 'waiting', 'done', 'refused'))
    )
    """,
    "CREATE INDEX ix_reactions_open ON reactions (partition, source, number) WHERE state IN ('pending', 'waiting')",
    """
    CREATE TABLE schema_migrations (
        version VARCHAR(50) NOT NULL,
        description TEXT,
        applied_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        checksum VARCHAR(64),
        CONSTRAINT pk_schema_migrations PRIMARY KEY (version)
    )
    """,
)
DOWNGRADE = (
    "DROP TABLE schema_migrations",
    "DROP TABLE reactions",
    "DROP TABLE deadlines",
    "DROP TABLE dead_letters",
    "DROP TABLE journal_generations",
    "DROP TABLE positions",
    "DROP TABLE room_positions",
    "DROP TABLE room_snapshots",
    "DROP TABLE room_events",
    "DROP TABLE imported_ids",
    "DROP TABLE user_roles",
    "DROP TABLE users",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
