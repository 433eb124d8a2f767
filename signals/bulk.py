"""Many rows into a table at once; rows whose key is there already are left out, on both databases."""

import io
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

COPY_FROM_ROWS: Final = 500
COPY_OPTIONS: Final = csv.WriteOptions(include_header=False, batch_size=16_384)


def insert_new(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows of driver values (times and amounts as integers, JSON as text); returns how many were new."""
    if not rows:
        return 0
    names = ", ".join(columns)
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    marks = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    return connection.exec_driver_sql(statement, rows).rowcount


def insert_table(connection: Connection, table: Table, rows: pa.Table, *, all_new: bool = False) -> int:
    """As `insert_new`, of the columns of an Arrow table of driver values.

    ``all_new`` is a guess: where it is right, PostgreSQL writes the rows once instead of twice; where it is wrong, what
    was written up to the first known row is given up.
    """
    if connection.dialect.name == "postgresql" and len(rows) >= COPY_FROM_ROWS:
        return (all_new and _copy_all(connection, table.name, rows)) or _copy_new(connection, table.name, rows)
    columns = [column.to_pylist() for column in rows.columns]
    return insert_new(connection, table, rows.column_names, list(zip(*columns, strict=True)))


def _copy_all(connection: Connection, table: str, rows: pa.Table) -> int:
    """0 where a row's key is known: then nothing is written."""
    attempt = connection.begin_nested()
    try:
        copy_rows(connection, table, rows)
    except connection.dialect.loaded_dbapi.IntegrityError:
        attempt.rollback()
        return 0
    attempt.commit()
    return len(rows)


def _copy_new(connection: Connection, table: str, rows: pa.Table) -> int:
    incoming, names = f"incoming_{table}", ", ".join(rows.column_names)
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {incoming} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608
    )
    copy_rows(connection, incoming, rows)
    statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {incoming} ON CONFLICT DO NOTHING"  # noqa: S608
    inserted = connection.exec_driver_sql(statement).rowcount
    connection.exec_driver_sql(f"DROP TABLE {incoming}")
    return inserted


def copy_rows(connection: Connection, table: str, rows: pa.Table) -> None:
    """PostgreSQL's COPY: text is quoted, so that an empty field is NULL and an empty text is not."""
    written = io.BytesIO()
    csv.write_csv(rows, written, COPY_OPTIONS)
    driver: Any = connection.connection
    statement = f"COPY {table} ({', '.join(rows.column_names)}) FROM STDIN (FORMAT csv)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(written.getbuffer())


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows of Python values, or overwrite those with the same primary key."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)
