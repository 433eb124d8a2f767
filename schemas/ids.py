"""Identifiers: what an id may look like, and how ids are derived where a source has none."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from pydantic import StringConstraints

MAX_ID_LENGTH = 256
ID_PATTERN = r"^[^\x00-\x1f\x7f]+$"
ANONYMOUS_PREFIX = "anonymous:"

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID_LENGTH, pattern=ID_PATTERN)]


def shopper_id(user_id: str | None, anonymous_id: str | None) -> str:
    """The one id a shopper is known by: the user id, else the anonymous id under its own prefix."""
    if user_id:
        return user_id
    if anonymous_id:
        return f"{ANONYMOUS_PREFIX}{anonymous_id}"
    raise ValueError("a shopper needs a user_id or an anonymous_id; both are missing")


def natural_event_id(source: str, natural_key: Iterable[str], ordinal: int) -> str:
    """An event id for a source that has none: sha256 over the source, the row's values and its ordinal.

    `ordinal` counts identical rows from 0, so that equal rows stay apart and a second load of the same file
    gives the same ids.
    """
    text = "\x1f".join([source, *natural_key, str(ordinal)])
    return hashlib.sha256(text.encode()).hexdigest()
