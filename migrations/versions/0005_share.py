"""Shared concepts: comments, votes, and who they were sent to."""

from alembic import op

revision = "0005"
down_revision = "0004"

UPGRADE: tuple[str, ...] = ()
DOWNGRADE: tuple[str, ...] = ()


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
