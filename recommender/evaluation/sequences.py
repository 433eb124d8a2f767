"""Sequence files: one shopper per line with their items in time order, or one ``user item`` pair per line; and session
files: one session per line, and questions about later ones."""

import gzip
from pathlib import Path

import numpy as np

from recommender.dataset import Histories
from recommender.errors import NotEnoughDataError, UnreadableFileError
from recommender.evaluation.splits import Split, nothing_known
from recommender.ids import IdMap


def read_sequences(path: Path) -> tuple[Histories, IdMap]:
    """Histories and item ids of a sequence file, plain or .gz.

    A line is a user id and that user's items, oldest first. Where every line has exactly two words, the lines are
    user-item pairs in time order, and one user's pairs make up one history.

    Raises
    ------
    UnreadableFileError : a missing or unreadable file, or a line without an item
    NotEnoughDataError : no line at all
    """
    lines = _read_lines(path)
    for number, words in enumerate(lines, start=1):
        if len(words) < 2:
            raise UnreadableFileError(f"line {number} of {str(path)!r} must be a user id and item ids, got {words!r}")
    pairs = all(len(words) == 2 for words in lines)
    sequences = _joined(lines) if pairs else [words[1:] for words in lines]
    items = IdMap.from_ids(item for sequence in sequences for item in sequence)
    return _indexed(sequences, items), items


def read_sessions(path: Path, test: Path) -> tuple[Histories, Split, IdMap]:
    """Sessions, the questions about later ones, and the ids of all items, from files that may be plain or .gz.

    A line of `path` is the items of one session, oldest first; the sessions are in the order of time. A line of `test`
    is the items of a session so far, a tab, and the item that came next.

    Raises
    ------
    UnreadableFileError : a missing or unreadable file, or a line of `test` without a tab
    NotEnoughDataError : a file without a line
    """
    sessions, asked, following = _read_lines(path), [], []
    for number, words in enumerate(_read_lines(test, "\t"), start=1):
        if len(words) != 2 or not words[0].split() or len(words[1].split()) != 1:
            raise UnreadableFileError(
                f"line {number} of {str(test)!r} must be item ids, a tab and the item that came next, got {words!r}"
            )
        asked.append(words[0].split())
        following.append(words[1].split())
    items = IdMap.from_ids(item for session in (*sessions, *asked, *following) for item in session)
    known, queries, truth = (_indexed(lines, items) for lines in (sessions, asked, following))
    return known, Split(queries, truth, nothing_known(len(queries))), items


def _indexed(lines: list[list[str]], items: IdMap) -> Histories:
    indexes = items.indexes([item for line in lines for item in line])
    return Histories.from_lists(np.split(indexes, np.cumsum([len(line) for line in lines])[:-1]))


def _read_lines(path: Path, separator: str | None = None) -> list[list[str]]:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            lines = [line.rstrip("\n").split(separator) for line in file]
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise UnreadableFileError(f"{str(path)!r} cannot be read as a sequence file: {error}") from error
    if not lines:
        raise NotEnoughDataError(f"{str(path)!r} is empty; it must have one shopper, session or question per line")
    return lines


def _joined(pairs: list[list[str]]) -> list[list[str]]:
    sequences: dict[str, list[str]] = {}
    for user, item in pairs:
        sequences.setdefault(user, []).append(item)
    return list(sequences.values())
