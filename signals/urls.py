"""Database URLs as people write them: checked, completed, and shown without secrets."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from signals.errors import DatabaseUnreachableError, InvalidDatabaseUrlError

POSTGRES_DRIVER: Final = "postgresql+psycopg"
POSTGRES_NAMES: Final = frozenset({"postgresql", "postgres", POSTGRES_DRIVER})
SECRET_OPTIONS: Final = frozenset({"password", "sslpassword"})
EXAMPLES: Final = "sqlite:///shop.db or postgresql://user:password@host/database"


def parse(url: str) -> URL:
    """The URL with its driver named, and a SQLite file's path made absolute."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise InvalidDatabaseUrlError(f"cannot read the database URL; give one like {EXAMPLES}") from error
    if parsed.drivername in POSTGRES_NAMES:
        return parsed.set(drivername=POSTGRES_DRIVER)
    if parsed.drivername != "sqlite":
        raise InvalidDatabaseUrlError(f"no support for {parsed.drivername!r} databases; give a URL like {EXAMPLES}")
    return _with_absolute_path(parsed)


def masked(url: URL) -> str:
    """The URL for messages: every password is ``***``."""
    hidden = {name: "***" for name in url.query if name in SECRET_OPTIONS}
    if url.drivername == POSTGRES_DRIVER:
        url = url.set(drivername="postgresql")
    return url.update_query_dict(hidden).render_as_string(hide_password=True).replace("%2A", "*")


def _with_absolute_path(url: URL) -> URL:
    if url.database in {None, "", ":memory:"} or "mode=memory" in (url.database or ""):
        raise InvalidDatabaseUrlError(
            "a database in memory cannot be shared between threads; give a file: sqlite:///shop.db"
        )
    path = Path(str(url.database)).absolute()
    if path.is_dir():
        raise DatabaseUnreachableError(f"{path} is a folder; give the file in it: sqlite:///{path}/shop.db")
    if not path.parent.is_dir():
        raise DatabaseUnreachableError(f"the folder {path.parent} does not exist; create it, or give another path")
    return url.set(database=str(path))
