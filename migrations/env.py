"""Alembic's entry: migrates on the connection it is handed, inside the caller's transaction."""

from alembic import context

from signals.tables import metadata


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run()
