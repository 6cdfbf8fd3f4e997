"""Concepts, their images, refinements, quotes, previews and videos; sellers."""

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = (
    """
    CREATE TABLE sellers (
        id UUID NOT NULL,
        user_id UUID,
        name VARCHAR(200) NOT NULL,
        email VARCHAR(255),
        profile JSONB DEFAULT '{}'::jsonb NOT NULL,
        is_active BOOLEAN DEFAULT true NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_sellers PRIMARY KEY (id),
        CONSTRAINT ck_sellers_email_is_small CHECK (email = lower(email)),
        CONSTRAINT fk_sellers_user_id FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_sellers_user_id ON sellers (user_id) WHERE user_id IS NOT NULL",
    "CREATE INDEX ix_sellers_words ON sellers USING gin (to_tsvector('simple'::regconfig, name))",
    """
    CREATE TABLE concepts (
        id UUID NOT NULL,
        user_id UUID,
        session_token VARCHAR(64),
        visit_id UUID,
        name VARCHAR(200) NOT NULL,
        description TEXT,
        status VARCHAR(20) DEFAULT 'ACTIVE' NOT NULL,
        refinement_count INTEGER DEFAULT 0 NOT NULL,
        is_favorite BOOLEAN DEFAULT false NOT NULL,
        saved_at TIMESTAMPTZ,
        saved_by UUID,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_concepts PRIMARY KEY (id),
        CONSTRAINT ck_concepts_status_is_known CHECK (status IN ('ACTIVE', 'DELETED')),
        CONSTRAINT ck_concepts_refinement_count_not_negative CHECK (refinement_count >= 0),
        CONSTRAINT ck_concepts_is_somebodys CHECK (user_id IS NOT NULL OR session_token IS NOT NULL),
        CONSTRAINT fk_concepts_user_id FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_concepts_saved_by FOREIGN KEY(saved_by) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    """
    CREATE INDEX ix_concepts_session_token ON concepts (session_token, created_at DESC, id DESC)
        WHERE session_token IS NOT NULL
    """,
    "CREATE INDEX ix_concepts_status ON concepts (status, created_at DESC, id DESC)",
    "CREATE INDEX ix_concepts_user_id ON concepts (user_id, created_at DESC, id DESC)",
    """
    CREATE INDEX ix_concepts_words ON concepts USING gin ((
        setweight(to_tsvector('simple'::regconfig, name), 'A'::"char") ||
        setweight(to_tsvector('simple'::regconfig, coalesce(description, '')), 'B'::"char")))
    """,
    """
    CREATE TABLE concept_images (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        url VARCHAR(2000) NOT NULL,
        position INTEGER DEFAULT 0 NOT NULL,
        optimized_versions JSONB,
        compression_ratio DOUBLE PRECISION,
        format VARCHAR(20) NOT NULL,
        lazy_load_priority INTEGER DEFAULT 0 NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_concept_images PRIMARY KEY (id),
        CONSTRAINT ck_concept_images_compression_ratio_not_negative CHECK (compression_ratio >= 0),
        CONSTRAINT fk_concept_images_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id)
    )
    """,
    "CREATE INDEX ix_concept_images_concept_id ON concept_images (concept_id, position)",
    """
    CREATE TABLE generated_products (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        name VARCHAR(200) NOT NULL,
        price NUMERIC(12, 2),
        image_url VARCHAR(2000),
        data JSONB DEFAULT '{}'::jsonb NOT NULL,
        position INTEGER DEFAULT 0 NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_generated_products PRIMARY KEY (id),
        CONSTRAINT ck_generated_products_price_not_negative CHECK (price >= 0),
        CONSTRAINT fk_generated_products_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id)
    )
    """,
    "CREATE INDEX ix_generated_products_concept_id ON generated_products (concept_id, position)",
    """
    CREATE TABLE artisan_matches (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        seller_id UUID NOT NULL,
        score DOUBLE PRECISION NOT NULL,
        reasons TEXT[] DEFAULT '{}' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_artisan_matches PRIMARY KEY (id),
        CONSTRAINT uq_artisan_matches_concept_id_seller_id UNIQUE (concept_id, seller_id),
        CONSTRAINT ck_artisan_matches_score_in_range CHECK (score >= 0 AND score <= 100),
        CONSTRAINT fk_artisan_matches_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id),
        CONSTRAINT fk_artisan_matches_seller_id FOREIGN KEY(seller_id) REFERENCES sellers (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_artisan_matches_seller_id ON artisan_matches (seller_id)",
    """
    CREATE TABLE concept_refinements (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        refinement_type VARCHAR(20) NOT NULL,
        user_feedback TEXT NOT NULL,
        suggested_changes JSONB DEFAULT '{}'::jsonb NOT NULL,
        applied_changes JSONB,
        ai_explanation TEXT NOT NULL,
        confidence DOUBLE PRECISION NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        applied_at TIMESTAMPTZ,
        dismissed_at TIMESTAMPTZ,
        CONSTRAINT pk_concept_refinements PRIMARY KEY (id),
        CONSTRAINT ck_concept_refinements_refinement_type_is_known
            CHECK (refinement_type IN ('STYLE', 'COLOR', 'MATERIAL', 'SIZE', 'DETAIL', 'OCCASION')),
        CONSTRAINT ck_concept_refinements_confidence_in_range CHECK (confidence >= 0 AND confidence <= 1),
        CONSTRAINT fk_concept_refinements_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id)
    )
    """,
    "CREATE INDEX ix_concept_refinements_concept_id_created_at ON concept_refinements (concept_id, created_at)",
    """
    CREATE TABLE quote_requests (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        user_id UUID,
        session_token VARCHAR(64),
        requested_sellers UUID[] DEFAULT '{}' NOT NULL,
        message TEXT,
        status VARCHAR(20) DEFAULT 'PENDING' NOT NULL,
        accepted_quote_id UUID,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT pk_quote_requests PRIMARY KEY (id),
        CONSTRAINT ck_quote_requests_status_is_known
            CHECK (status IN ('PENDING', 'QUOTES_RECEIVED', 'ACCEPTED', 'EXPIRED', 'CANCELLED')),
        CONSTRAINT ck_quote_requests_is_somebodys CHECK (user_id IS NOT NULL OR session_token IS NOT NULL),
        CONSTRAINT fk_quote_requests_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id),
        CONSTRAINT fk_quote_requests_user_id FOREIGN KEY(user_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_quote_requests_concept_id ON quote_requests (concept_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_quote_requests_requested_sellers ON quote_requests USING gin (requested_sellers)",
    """
    CREATE INDEX ix_quote_requests_session_token ON quote_requests (session_token, created_at DESC, id DESC)
        WHERE session_token IS NOT NULL
    """,
    "CREATE INDEX ix_quote_requests_status ON quote_requests (status, created_at DESC, id DESC)",
    "CREATE INDEX ix_quote_requests_user_id ON quote_requests (user_id, created_at DESC, id DESC)",
    """
    CREATE TABLE artisan_quotes (
        id UUID NOT NULL,
        quote_request_id UUID NOT NULL,
        seller_id UUID NOT NULL,
        pricing JSONB DEFAULT '{}'::jsonb NOT NULL,
        total_price NUMERIC(12, 2) NOT NULL,
        estimated_days INTEGER NOT NULL,
        customizations JSONB DEFAULT '[]'::jsonb NOT NULL,
        notes TEXT,
        attachments TEXT[] DEFAULT '{}' NOT NULL,
        status VARCHAR(20) DEFAULT 'PENDING' NOT NULL,
        revision INTEGER DEFAULT 1 NOT NULL,
        viewed_by_buyer BOOLEAN DEFAULT false NOT NULL,
        viewed_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        deleted_at TIMESTAMPTZ,
        CONSTRAINT pk_artisan_quotes PRIMARY KEY (id),
        CONSTRAINT ck_artisan_quotes_status_is_known CHECK (status IN ('PENDING', 'ACCEPTED', 'REJECTED', 'EXPIRED')),
        CONSTRAINT ck_artisan_quotes_total_price_not_negative CHECK (total_price >= 0),
        CONSTRAINT ck_artisan_quotes_estimated_days_not_negative CHECK (estimated_days >= 0),
        CONSTRAINT fk_artisan_quotes_quote_request_id
            FOREIGN KEY(quote_request_id) REFERENCES quote_requests (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_artisan_quotes_seller_id FOREIGN KEY(seller_id) REFERENCES sellers (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_artisan_quotes_quote_request_id ON artisan_quotes (quote_request_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_artisan_quotes_seller_id ON artisan_quotes (seller_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_artisan_quotes_status ON artisan_quotes (status, created_at DESC, id DESC)",
    """
    CREATE TABLE quote_messages (
        id UUID NOT NULL,
        quote_request_id UUID NOT NULL,
        seller_id UUID NOT NULL,
        "offset" BIGINT NOT NULL,
        author_id UUID NOT NULL,
        content TEXT NOT NULL,
        attachments TEXT[] DEFAULT '{}' NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_quote_messages PRIMARY KEY (id),
        CONSTRAINT uq_quote_messages_quote_request_id_seller_id_offset UNIQUE (quote_request_id, seller_id, "offset"),
        CONSTRAINT fk_quote_messages_quote_request_id
            FOREIGN KEY(quote_request_id) REFERENCES quote_requests (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_quote_messages_seller_id FOREIGN KEY(seller_id) REFERENCES sellers (id) DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT fk_quote_messages_author_id FOREIGN KEY(author_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_quote_messages_seller_id ON quote_messages (seller_id)",
    """
    CREATE TABLE ar_previews (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        scene_type VARCHAR(20) NOT NULL,
        placement JSONB DEFAULT '{}'::jsonb NOT NULL,
        image_url VARCHAR(2000) NOT NULL,
        metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
        view_count INTEGER DEFAULT 0 NOT NULL,
        share_count INTEGER DEFAULT 0 NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_ar_previews PRIMARY KEY (id),
        CONSTRAINT ck_ar_previews_scene_type_is_known CHECK (scene_type IN ('ROOM', 'PERSON', 'SURFACE')),
        CONSTRAINT ck_ar_previews_view_count_not_negative CHECK (view_count >= 0),
        CONSTRAINT ck_ar_previews_share_count_not_negative CHECK (share_count >= 0),
        CONSTRAINT fk_ar_previews_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id)
    )
    """,
    "CREATE INDEX ix_ar_previews_concept_id_created_at ON ar_previews (concept_id, created_at)",
    """
    CREATE TABLE video_generation_jobs (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        style VARCHAR(20) NOT NULL,
        duration INTEGER NOT NULL,
        status VARCHAR(20) DEFAULT 'QUEUED' NOT NULL,
        progress INTEGER DEFAULT 0 NOT NULL,
        video_url VARCHAR(2000),
        thumbnail_url VARCHAR(2000),
        error_message TEXT,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        started_at TIMESTAMPTZ,
        completed_at TIMESTAMPTZ,
        CONSTRAINT pk_video_generation_jobs PRIMARY KEY (id),
        CONSTRAINT ck_video_generation_jobs_style_is_known CHECK (style IN ('SHOWCASE', 'LIFESTYLE', 'PROCESS', 'SPIN360')),
        CONSTRAINT ck_video_generation_jobs_status_is_known CHECK (status IN ('QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED')),
        CONSTRAINT ck_video_generation_jobs_duration_in_range CHECK (duration >= 1 AND duration <= 600),
        CONSTRAINT ck_video_generation_jobs_progress_in_range CHECK (progress >= 0 AND progress <= 100),
        CONSTRAINT fk_video_generation_jobs_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id)
    )
    """,
    "CREATE INDEX ix_video_generation_jobs_concept_id_created_at ON video_generation_jobs (concept_id, created_at)",
    "CREATE INDEX ix_video_generation_jobs_status ON video_generation_jobs (status, created_at, id)",
    """
    CREATE TABLE sustainability_scores (
        id UUID NOT NULL,
        concept_id UUID NOT NULL,
        score_data JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_sustainability_scores PRIMARY KEY (id),
        CONSTRAINT uq_sustainability_scores_concept_id UNIQUE (concept_id),
        CONSTRAINT fk_sustainability_scores_concept_id FOREIGN KEY(concept_id) REFERENCES concepts (id)
    )
    """,
)
DOWNGRADE = (
    "DROP TABLE sustainability_scores",
    "DROP TABLE video_generation_jobs",
    "DROP TABLE ar_previews",
    "DROP TABLE quote_messages",
    "DROP TABLE artisan_quotes",
    "DROP TABLE quote_requests",
    "DROP TABLE concept_refinements",
    "DROP TABLE artisan_matches",
    "DROP TABLE generated_products",
    "DROP TABLE concept_images",
    "DROP TABLE concepts",
    "DROP TABLE sellers",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
