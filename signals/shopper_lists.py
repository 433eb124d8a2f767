"""Whom a batch is for: every shopper with behaviour, those of a file, or those that an SQL query gives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Engine, exc, select, text

from schemas.ids import MAX_ID_LENGTH, Identifier
from signals.connections import reading
from signals.errors import InvalidShoppersError, UnreadableFileError
from signals.tables import interactions

PAGE: Final = 50_000
QUERY_WORDS: Final = ("select", "with")
_ID: Final[TypeAdapter[str]] = TypeAdapter(Identifier)


def is_query(given: str) -> bool:
    """Whether this is a query rather than the name of a file."""
    return given.lstrip().lower().split(maxsplit=1)[:1] in [[word] for word in QUERY_WORDS]


def all_shoppers(engine: Engine) -> Iterator[list[str]]:
    """Everybody in the interactions table (`signals.aggregation` keeps it), ascending, a page at a time."""
    column = interactions.c.user_id
    statement, last = select(column).distinct().order_by(column).limit(PAGE), ""
    while True:
        with reading(engine) as connection:
            page = list(connection.scalars(statement.where(column > last)))
        if not page:
            return
        yield page
        last = page[-1]


def shoppers_of_file(path: Path) -> list[str]:
    """The distinct ids of a text file with one id a line, ascending; empty lines are none.

    Raises
    ------
    UnreadableFileError
        There is no such file, or it is not UTF-8.
    InvalidShoppersError
        A line cannot be an id, or there is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{str(path)!r} cannot be read as a list of shoppers: {error}") from error
    return _checked(((f"line {number} of {str(path)!r}", line) for number, line in enumerate(lines, 1) if line.strip()))


def shoppers_of_query(engine: Engine, query: str) -> list[str]:
    """The distinct ids that one SELECT gives as its only column, ascending; it can change nothing.

    Raises
    ------
    InvalidShoppersError
        It is more than one statement, does not run, gives more columns than one, or something that is no id.
    """
    statement = query.strip().rstrip(";")
    if ";" in statement:
        raise InvalidShoppersError("the query must be one statement without ';'; give a single SELECT of user ids")
    with reading(engine) as connection:
        rows = _read_only(connection, statement)
    if rows and len(rows[0]) != 1:
        raise InvalidShoppersError(f"the query must give one column, the user ids; it gives {len(rows[0])}")
    return _checked((f"row {number} of the query", row[0]) for number, row in enumerate(rows, 1))


def _read_only(connection: Connection, statement: str) -> list[Any]:
    is_sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("PRAGMA query_only = ON" if is_sqlite else "SET TRANSACTION READ ONLY"))
    try:
        result = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
        return list(result.all()) if result.returns_rows else []
    except exc.DBAPIError as error:
        raise InvalidShoppersError(f"the query does not run: {error.orig}; give a SELECT of user ids") from error
    finally:
        if is_sqlite:
            connection.execute(text("PRAGMA query_only = OFF"))


def _checked(given: Iterator[tuple[str, Any]]) -> list[str]:
    found = set[str]()
    for place, value in given:
        try:
            found.add(_ID.validate_python(value.strip() if isinstance(value, str) else str(value)))
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise InvalidShoppersError(
                f"{place} is no user id: {value!r:.60}: {reason}; an id has 1 to {MAX_ID_LENGTH} characters"
            ) from error
    if not found:
        raise InvalidShoppersError("no shopper is named; give at least one user id")
    return sorted(found)
