"""Events that were erased stay away: a file that is loaded again brings none of them back.

What is kept of an erased event is a mark: a keyed hash of its identity, 16 bytes that no shopper, product or time can
be read from. The key is drawn by the migration and never leaves the database: without it a mark says nothing.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, select

from signals.bulk import insert_new, present
from signals.tables import MARK_BYTES, erased_events, privacy_keys

SEPARATOR: Final = "\x1f"
"""No id holds it."""


def mark_of(key: bytes, *parts: str) -> bytes:
    """The mark of an identity."""
    return hashlib.blake2b(SEPARATOR.join(parts).encode(), digest_size=MARK_BYTES, key=key).digest()


def key_of(connection: Connection) -> bytes:
    """The key of this database's marks."""
    return connection.execute(select(privacy_keys.c.key)).scalar_one()


def remember_erased(connection: Connection, identities: Iterable[tuple[str, str]]) -> None:
    """Refuse these events, each a (source, event_id), from now on."""
    key = key_of(connection)
    insert_new(connection, erased_events, ["mark"], [(mark_of(key, *identity),) for identity in identities])


def without_erased(connection: Connection, parts: list[pa.Table]) -> list[pa.Table]:
    """The parts less the rows of events that were erased; free where no event ever was."""
    if connection.scalar(select(erased_events.c.mark).limit(1)) is None:
        return parts
    key = key_of(connection)
    marks = [_marks(key, part) for part in parts]
    erased = present(connection, erased_events.c.mark, [mark for part in marks for mark in part])
    if not erased:
        return parts
    stand = (pa.array([mark not in erased for mark in part], pa.bool_()) for part in marks)
    return [part.filter(kept) for part, kept in zip(parts, stand, strict=True)]


def _marks(key: bytes, rows: pa.Table) -> list[bytes]:
    identities = zip(rows["source"].to_pylist(), rows["event_id"].to_pylist(), strict=True)
    return [mark_of(key, *identity) for identity in identities]
