"""What belongs to one person: folders, favourites, comparisons, searches, notifications, positions."""

from alembic import op

revision = "0007"
down_revision = "0006"

UPGRADE: tuple[str, ...] = ()
DOWNGRADE: tuple[str, ...] = ()


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
