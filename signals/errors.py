"""What can go wrong with a database or a file, as types a caller can tell apart.

``str(error)`` is one line for the person at the terminal: what is wrong, the value, what is allowed, what to do.
"""

from collections.abc import Iterable


class SignalsError(Exception):
    """The base of every error this package raises on purpose."""


class DatabaseError(SignalsError):
    """The database cannot be used as it is."""


class InvalidDatabaseUrlError(DatabaseError):
    """The URL is none, or names a kind of database that is not supported."""


class MissingDriverError(DatabaseError):
    """The URL needs an optional package that is not installed."""


class DatabaseUnreachableError(DatabaseError):
    """The server does not answer, or the file cannot be opened."""


class DatabaseLockedError(DatabaseError):
    """Another process kept the write lock for longer than the busy timeout."""


class DatabaseConflictError(DatabaseError):
    """Another transaction was in the way, and the server ended this one; nothing of it was stored."""


class DatabaseFullError(DatabaseError):
    """No space is left for the write; what was not committed is rolled back."""


class SchemaError(DatabaseError):
    """The tables are not those this version works with."""


class SchemaOutdatedError(SchemaError):
    """The tables are older than this version, or missing; a migration brings them up."""


class SchemaUnknownError(SchemaError):
    """The tables are newer than this version, or belong to another program."""


class UnreadableFileError(SignalsError):
    """A file is missing, damaged, or has not the columns its format needs."""


class UnwritableFileError(SignalsError):
    """A file that was to be written cannot be; what was there of that name is as it was."""


class UnknownFormatError(SignalsError):
    """A wrong format name: an error of usage."""

    def __init__(self, name: str, allowed: Iterable[str]) -> None:
        super().__init__(f"unknown format {name!r}; allowed: {', '.join(sorted(allowed))}")
        self.name = name


class InvalidRecordError(SignalsError):
    """An event or a product given in-process breaks its contract; nothing of the call was stored."""


class UnknownItemError(SignalsError):
    """An item or variant that the catalogue does not hold; nothing of the call was stored."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        shown = ", ".join(repr(item) for item in self.ids[:5]) + (", ..." if len(self.ids) > 5 else "")
        super().__init__(f"not in the catalogue: {shown}; load or upsert the products first")


class UnknownShopperError(SignalsError):
    """Nothing is stored about this shopper, or what is stored under this id is another's."""


class WriteFailedError(SignalsError):
    """Rows handed to a background writer could not be made durable."""


class BacklogFullError(WriteFailedError):
    """Too many events wait to be written; those of the call were not taken."""


class EmptyCatalogError(SignalsError):
    """Events were to be stored before any product was, so that every item is an unknown one."""

    def __init__(self, path: object, format_name: str) -> None:
        super().__init__(
            f"no event of {path} can be stored, for the catalogue is empty; load the products first "
            f"(recommender catalog load FILE --format {format_name}), or allow unknown items (--allow-unknown-items)"
        )


class InvalidShoppersError(SignalsError):
    """A list of shoppers that is none: wrong ids, or a query that gives none."""


class UnknownRunError(SignalsError):
    """A batch that the database does not know, or that it serves no recommendations of."""
