"""Alembic's entry: runs inside ``persistence.migrate``, on the connection that it hands over.

All revisions of a run are one transaction, behind a lock, so that nodes which start together do not migrate together.
"""

from alembic import context
from sqlalchemy import text

from persistence.tables import METADATA

MIGRATION_LOCK = 7_205_759_403
"""The key of the advisory lock; it ends with the transaction, so poolers do not matter. Any number that nobody else uses."""


def run() -> None:
    attributes = context.config.attributes
    connection = attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_server_default=True,
        on_version_apply=attributes.get("on_version_apply"),
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


run()
