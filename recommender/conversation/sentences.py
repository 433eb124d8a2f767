"""A model's text cut into sentences while it is being written."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_END: Final = re.compile(r"[.!?…]['\"\u201d\u2019)]*(?=\s)|(?=\n)")
MAX_PENDING: Final = 2_000


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Each sentence as soon as what follows shows that it has ended; the last one when the text does.

    A line is at most one sentence, and text that goes on without an end for ``MAX_PENDING`` characters is cut.
    """
    pending = ""
    for piece in pieces:
        pending += piece
        while (cut := _cut(pending)) is not None:
            sentence, pending = pending[:cut].strip(), pending[cut:].lstrip()
            if sentence:
                yield sentence
    if pending.strip():
        yield pending.strip()


def _cut(pending: str) -> int | None:
    """Where the first sentence ends, outside slots; None while it has not."""
    position = len(pending) - len(pending.lstrip())
    for match in _END.finditer(pending, position):
        opened = pending.rfind("[[", 0, match.start())
        if match.end() > position and pending.rfind("]]", 0, match.start()) >= opened:
            return match.end()
    return MAX_PENDING if len(pending) > MAX_PENDING else None
