"""Sequence files: one shopper per line with their items in time order, or one ``user item`` pair per line."""

import gzip
from pathlib import Path

from recommender.dataset import Histories
from recommender.errors import NotEnoughDataError, UnreadableFileError
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
    pairs = all(len(words) == 2 for words in lines)
    sequences = _joined(lines) if pairs else [words[1:] for words in lines]
    items = IdMap.from_ids(item for sequence in sequences for item in sequence)
    return Histories.from_lists([items.indexes(sequence) for sequence in sequences]), items


def _read_lines(path: Path) -> list[list[str]]:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            lines = [line.split() for line in file]
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise UnreadableFileError(f"{str(path)!r} cannot be read as a sequence file: {error}") from error
    for number, words in enumerate(lines, start=1):
        if len(words) < 2:
            raise UnreadableFileError(f"line {number} of {str(path)!r} must be a user id and item ids, got {words!r}")
    if not lines:
        raise NotEnoughDataError(f"{str(path)!r} is empty; it must have one shopper per line")
    return lines


def _joined(pairs: list[list[str]]) -> list[list[str]]:
    sequences: dict[str, list[str]] = {}
    for user, item in pairs:
        sequences.setdefault(user, []).append(item)
    return list(sequences.values())
