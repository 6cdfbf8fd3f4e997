"""Alembic's entry: runs inside ``persistence.migrate``, on the connection that it hands over.

All revisions of a run are one transaction, whose lock is taken before.
"""

from alembic import context

from persistence.tables import METADATA


def run() -> None:
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=METADATA,
        compare_server_default=True,
        on_version_apply=attributes.get("on_version_apply"),
    )
    with context.begin_transaction():
        context.run_migrations()


run()
