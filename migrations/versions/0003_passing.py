"""What passes in rooms and outlives a restart: last ticks and streams; reactions that tell their source."""

from alembic import op

revision = "0003"
down_revision = "0002"

UPGRADE = (
    """
    CREATE TABLE room_passing (
        room TEXT NOT NULL,
        key TEXT NOT NULL,
        after BIGINT NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        tick JSONB,
        attempt INTEGER,
        position BIGINT,
        text TEXT,
        CONSTRAINT pk_room_passing PRIMARY KEY (room, key),
        CONSTRAINT ck_room_passing_tick_or_piece
            CHECK (num_nonnulls(attempt, position, text) = CASE WHEN tick IS NULL THEN 3 ELSE 0 END)
    )
     WITH (fillfactor = 70)
    """,
    "ALTER TABLE reactions ADD COLUMN refusal TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE reactions ADD COLUMN refusal_payload JSONB DEFAULT '{}'::jsonb NOT NULL",
    "ALTER TABLE reactions DROP CONSTRAINT ck_reactions_state_is_known",
    """
    ALTER TABLE reactions ADD CONSTRAINT ck_reactions_state_is_known
        CHECK (state IN ('pending', 'waiting', 'refusing', 'done', 'refused'))
    """,
    "DROP INDEX ix_reactions_open",
    "CREATE INDEX ix_reactions_open ON reactions (partition, source, number) WHERE state IN ('pending', 'refusing')",
    "CREATE INDEX ix_reactions_waiting ON reactions (source, target, number) WHERE state = 'waiting'",
    "CREATE INDEX ix_reactions_done ON reactions (finished_at) WHERE state = 'done'",
)
DOWNGRADE = (
    "DROP INDEX ix_reactions_done",
    "DROP INDEX ix_reactions_waiting",
    "DROP INDEX ix_reactions_open",
    "CREATE INDEX ix_reactions_open ON reactions (partition, source, number) WHERE state IN ('pending', 'waiting')",
    # Who was refused is known by then; only the source room is not told.
    "UPDATE reactions SET state = 'refused' WHERE state = 'refusing'",
    "ALTER TABLE reactions DROP CONSTRAINT ck_reactions_state_is_known",
    """
    ALTER TABLE reactions ADD CONSTRAINT ck_reactions_state_is_known
        CHECK (state IN ('pending', 'waiting', 'done', 'refused'))
    """,
    "ALTER TABLE reactions DROP COLUMN refusal_payload",
    "ALTER TABLE reactions DROP COLUMN refusal",
    "DROP TABLE room_passing",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
