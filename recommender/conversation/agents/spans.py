"""Phrases in a message: found among its tokens, and left out of its text."""

from collections.abc import Iterable, Sequence
from typing import Final

from recommender.text import Token

_LONGEST: Final = 5
Phrases = frozenset[tuple[str, ...]]


def phrases(text: str) -> Phrases:
    """Phrases written as plain text, with semicolons between them."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("; "))


def phrase_at(tokens: Sequence[Token], position: int, known: Phrases) -> int:
    """How many tokens the longest of the known phrases takes here; 0 for none."""
    lengths = range(min(_LONGEST, len(tokens) - position), 0, -1)
    spoken = [token.text for token in tokens[position : position + _LONGEST]]
    return next((length for length in lengths if tuple(spoken[:length]) in known), 0)


def leave_out(text: str, several: Iterable[Sequence[Token]]) -> str:
    """The text without some of its words."""
    cuts = sorted((token.start, token.end) for tokens in several for token in tokens)
    kept, position = "", 0
    for start, end in cuts:
        kept += text[position:start]
        position = max(position, end)
    return kept + text[position:]
