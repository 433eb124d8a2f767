"""Wishes taken back: "any colour", "forget the budget", "the brand does not matter", "start over"."""

from recommender.conversation import lexicon
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import fold

_COLOUR_FIELD = lexicon.COLOUR


def mark_start_over(tokens: Tokens) -> bool:
    return tokens.mark_phrases(lexicon.START_OVER)


def read_forgotten(tokens: Tokens, vocabulary: Vocabulary) -> frozenset[str]:
    """The fields taken back: "price", "brand", "category", "in_stock", "colour" or an attribute's name."""
    forgotten: set[str] = set()
    for position in range(len(tokens.all)):
        field, start, end = _forgotten_at(tokens, position, vocabulary)
        if field:
            forgotten.add(field)
            tokens.mark(start, end)
    return frozenset(forgotten)


def _forgotten_at(tokens: Tokens, position: int, vocabulary: Vocabulary) -> tuple[str, int, int]:
    length = tokens.phrase_at(position, lexicon.FORGETTERS)
    if length:
        at = position + length
        while tokens.text_at(at) in lexicon.FORGET_GAP:
            at += 1
        return _field(tokens.folded_at(at), vocabulary), position, at + 1
    field = _field(tokens.folded_at(position), vocabulary)
    dismissal = tokens.phrase_at(position + 1, lexicon.MATTERS_NOT) if field else 0
    return (field if dismissal else ""), position, position + 1 + dismissal


def _field(word: str, vocabulary: Vocabulary) -> str:
    if word == _COLOUR_FIELD:
        return _COLOUR_FIELD
    return vocabulary.names.get(word) or lexicon.FIELD_WORDS.get(fold(word), "")
