"""Many rows into a table at once; rows whose key is there already are left out, on both databases."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

COPY_FROM_ROWS: Final = 500


def insert_new(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """Insert rows of driver values (times and amounts as integers, JSON as text); returns how many were new."""
    if not rows:
        return 0
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql" and len(rows) >= COPY_FROM_ROWS:
        return _copy_new(connection, table.name, names, rows)
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    marks = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    return connection.exec_driver_sql(statement, rows).rowcount


def _copy_new(connection: Connection, table: str, names: str, rows: list[tuple[Any, ...]]) -> int:
    incoming = f"incoming_{table}"
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {incoming} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608
    )
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {incoming} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {incoming} ON CONFLICT DO NOTHING"  # noqa: S608
    inserted = connection.exec_driver_sql(statement).rowcount
    connection.exec_driver_sql(f"DROP TABLE {incoming}")
    return inserted


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows of Python values, or overwrite those with the same primary key."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)
