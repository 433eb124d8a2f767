"""Connections to SQLite and PostgreSQL that behave alike, and database errors as types of ours."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, exc

from signals import errors, urls

BUSY_TIMEOUT_SECONDS: Final = 30
CONNECT_TIMEOUT_SECONDS: Final = 10
RETRY_SECONDS: Final = 0.02
WRITING: Final = "signals_writing"
CATALOG_LOCK: Final = 0x5348_4F50
MIGRATION_LOCK: Final = 0x5348_4F51
APPEND_LOCK: Final = 0x5348_4F52
INTERACTIONS_LOCK: Final = 0x5348_4F53
CONFLICTS: Final = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a serialization failure and a deadlock."""


def create(url: URL) -> Engine:
    """An engine that has not connected yet."""
    if url.get_backend_name() == "sqlite":
        return _create_sqlite(url)
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS})
    except ModuleNotFoundError as error:
        raise errors.MissingDriverError("PostgreSQL needs psycopg: pip install 'shop-recommender[postgres]'") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection in one read transaction: every statement sees the same state."""
    with _translated(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits at the end, or leaves nothing behind; SQLite takes its write lock at once."""
    with _translated(engine), engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        with connection.begin():
            yield connection


def lock_catalog(connection: Connection) -> None:
    """Let one transaction at a time write the catalogue, so that change marks commit in their order."""
    _lock(connection, CATALOG_LOCK)


def lock_schema(connection: Connection) -> None:
    _lock(connection, MIGRATION_LOCK)


def lock_interactions(connection: Connection) -> None:
    _lock(connection, INTERACTIONS_LOCK)


def learn_sizes(connection: Connection, table: Table) -> None:
    """Let PostgreSQL look at a table that has grown much: its own look comes up to a minute later."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def lock_append(connection: Connection) -> None:
    """Say that this transaction appends events; any number of others may."""
    _lock(connection, APPEND_LOCK, shared=True)


def wait_for_appends(connection: Connection) -> None:
    """Until the end of this transaction, no other appends events: ids are taken before they are committed."""
    _lock(connection, APPEND_LOCK)


def _lock(connection: Connection, key: int, *, shared: bool = False) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}({key})")


def _create_sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ARG001
    connection.isolation_level = None
    for pragma in (
        "foreign_keys=ON",
        "secure_delete=ON",
        "synchronous=FULL",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "wal_autocheckpoint=8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers and one writer work at the same time. The mode is kept in the file; SQLite does not wait here."""
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    with _translated(engine):
        while not _switched_to_wal(engine) and time.monotonic() < deadline:
            time.sleep(RETRY_SECONDS)


def empty_write_ahead_log(engine: Engine) -> bool:
    """Move what SQLite's log holds into the database file and cut the log to nothing, once no reader needs it.

    False where readers were in the way for too long; what is overwritten in the file may then be read in the log until
    the last connection is closed or this is called again. PostgreSQL has nothing to do here.
    """
    if engine.dialect.name != "sqlite":
        return True
    with _translated(engine):
        connection = engine.raw_connection()
        try:
            busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
    return not busy


def _switched_to_wal(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        connection.close()
    return True


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    driver = engine.dialect.loaded_dbapi
    try:
        yield
    except exc.DBAPIError as error:
        without_server = error.connection_invalidated or error.statement is None
        is_lost = without_server and isinstance(error, exc.OperationalError)
        raise _typed(error.orig, engine.url, is_lost) from error
    except driver.Error as error:
        raise _typed(error, engine.url, isinstance(error, driver.OperationalError)) from error


def _typed(cause: BaseException | None, url: URL, is_lost: bool) -> errors.DatabaseError:
    """``is_lost``: without a word of the server, which a statement that the driver refuses to send lacks too."""
    first_line = str(cause).strip().partition("\n")[0]
    shown = urls.masked(url)
    if isinstance(cause, sqlite3.Error):
        return _typed_sqlite(getattr(cause, "sqlite_errorcode", None), first_line, shown)
    state = getattr(cause, "sqlstate", None) or ""
    if (is_lost and not state) or state.startswith(("08", "57P")):
        return errors.DatabaseUnreachableError(f"cannot reach {shown}: {first_line}; is the server running?")
    if state.startswith(("28", "3D")):
        return errors.DatabaseUnreachableError(f"{shown} refuses the connection: {first_line}")
    if state in CONFLICTS:
        return errors.DatabaseConflictError(
            f"{shown}: {first_line}; another transaction was in the way: run it again, nothing is half written"
        )
    if state == "53100":
        return errors.DatabaseFullError(
            f"no space left for {shown}; free some and run it again: nothing is half written"
        )
    return errors.DatabaseError(f"{shown}: {first_line}")


def _typed_sqlite(code: int | None, message: str, shown: str) -> errors.DatabaseError:
    primary = None if code is None else code & 0xFF
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return errors.DatabaseLockedError(
            f"{shown} stayed locked for {BUSY_TIMEOUT_SECONDS} s by another process; run it again when that has ended"
        )
    if primary == sqlite3.SQLITE_FULL:
        return errors.DatabaseFullError(
            f"no space left for {shown}; free some and run it again: nothing is half written"
        )
    if primary in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return errors.DatabaseUnreachableError(
            f"cannot open {shown} for writing: {message}; check the path and its rights"
        )
    if primary in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return errors.DatabaseUnreachableError(
            f"{shown} is damaged or no SQLite database: {message}; restore a copy of it"
        )
    return errors.DatabaseError(f"{shown}: {message}")
