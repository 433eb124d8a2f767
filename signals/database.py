"""Open one shop's database, or bring its tables up to this version."""

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, inspect

from signals import connections, urls
from signals.errors import DatabaseUnreachableError, SchemaOutdatedError, SchemaUnknownError
from signals.tables import metadata

MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"

_alembic_is_global = threading.Lock()


@dataclass(frozen=True)
class Migrated:
    """``from_revision`` is None where the database was empty."""

    from_revision: str | None
    to_revision: str


def open_database(url: str, *, must_exist: bool = False) -> Engine:
    """An engine for a shop's database, its tables checked to be those of this version.

    A SQLite file that is empty, or not there yet, is given its tables; nothing else is ever changed here.

    Durability: once a write of this package returns, it survives the end of the process and, on SQLite too, a power
    cut (WAL with ``synchronous=FULL``), provided the disk keeps what it acknowledged.

    Parameters
    ----------
    must_exist
        A SQLite file that is not there is refused instead of made.

    Raises
    ------
    InvalidDatabaseUrlError, MissingDriverError, DatabaseUnreachableError, DatabaseLockedError
        The database cannot be opened.
    SchemaOutdatedError
        The tables are missing or older than this version; the message holds the command that migrates them.
    SchemaUnknownError
        The tables are newer than this version, or another program's.
    """
    parsed = urls.parse(url)
    if must_exist and parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise DatabaseUnreachableError(
            f"there is no database {urls.masked(parsed)}; check --database, or fill a new one: "
            "`recommender catalog load FILE`, then `recommender ingest FILE`"
        )
    engine = connections.create(parsed)
    try:
        if engine.dialect.name == "sqlite":
            _migrate_if_empty(engine)
        _check_revision(engine, parsed)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate(url: str) -> Migrated:
    """Bring the tables up to this version, in one transaction; safe to run twice, and by two processes at once."""
    parsed = urls.parse(url)
    engine = connections.create(parsed)
    try:
        if engine.dialect.name == "sqlite":
            connections.use_write_ahead_log(engine)
        with connections.writing(engine) as connection:
            connections.lock_schema(connection)
            before = _known_revision(connection, parsed)
            _upgrade(connection)
        return Migrated(from_revision=before, to_revision=head_revision())
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to work on ``connection``, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def head_revision() -> str:
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if head is None:
        raise SchemaUnknownError(f"no migrations in {MIGRATIONS}; install the package again")
    return head


def _upgrade(connection: Connection) -> None:
    with _alembic_is_global:
        command.upgrade(alembic_config(connection), "head")


def _migrate_if_empty(engine: Engine) -> None:
    with connections.reading(engine) as connection:
        empty = not inspect(connection).get_table_names()
    if not empty:
        return
    connections.use_write_ahead_log(engine)
    with connections.writing(engine) as connection:
        if not inspect(connection).get_table_names():
            _upgrade(connection)


def _check_revision(engine: Engine, url: URL) -> None:
    with connections.reading(engine) as connection:
        revision = _known_revision(connection, url)
    if revision == head_revision():
        return
    found = "no tables of a shop" if revision is None else f"tables of revision {revision}"
    raise SchemaOutdatedError(
        f"{urls.masked(url)} has {found}, this version needs {head_revision()}; "
        f"run: recommender migrate --database '{urls.masked(url)}'"
    )


def _known_revision(connection: Connection, url: URL) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        _refuse_foreign_tables(connection, url)
    elif revision not in _revisions():
        raise SchemaUnknownError(
            f"{urls.masked(url)} has revision {revision!r}, newer than {head_revision()} of this version; "
            "install the version of shop-recommender that wrote it, or a newer one"
        )
    return revision


@cache
def _revisions() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _refuse_foreign_tables(connection: Connection, url: URL) -> None:
    foreign = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if foreign:
        raise SchemaUnknownError(
            f"{urls.masked(url)} has a table {foreign[0]!r} made by another program; give the shop its own database"
        )
