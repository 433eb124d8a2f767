"""Facts in prose: every word outside the slots that says, or may say, something of a product."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from recommender.conversation.fact_words import (
    COMMON_VALUES,
    FACT_WORDS,
    LABELS,
    NOT_A_NUMBER_AFTER,
    NOT_A_NUMBER_BEFORE,
    FactKind,
)
from recommender.conversation.prose import ALWAYS_PLAIN, PLAIN_UNLESS_SOLD, SETTINGS
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import Token, TokenKind, phrase_key, tokenise

_PROSE_MARKS: Final = frozenset(",.;:!?'\"()…-\u2013\u2014\u2018\u2019\u201c\u201d")
_DOT_IN_WORD: Final = re.compile(r"\w[.:@]\w")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said at [start, end) of the prose; ``key`` is how it is looked up: folded words."""

    kind: FactKind
    text: str
    key: str
    start: int
    end: int


def find_facts(prose: str, vocabulary: Vocabulary) -> list[Fact]:
    """The facts in a stretch of prose, and every word of it that is not known to state none."""
    tokens = tokenise(prose)
    facts = [*_markup(prose)]
    position = 0
    while position < len(tokens):
        fact, length = _fact_at(prose, tokens, position, vocabulary)
        if fact is not None:
            facts.append(fact)
        position += length
    return facts


def _markup(prose: str) -> Iterator[Fact]:
    for match in _DOT_IN_WORD.finditer(prose):
        yield Fact(FactKind.MARKUP, match.group(), "", *match.span())
    for index, character in enumerate(prose):
        if not _is_prose_character(character):
            yield Fact(FactKind.MARKUP, character, "", index, index + 1)


def _is_prose_character(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in " \n" or character in _PROSE_MARKS or character in "%$"
    if character.isalpha():
        return unicodedata.name(character, "").startswith("LATIN")
    return character in _PROSE_MARKS or unicodedata.category(character) in ("Sc", "Nd", "No", "Mn")


def _fact_at(prose: str, tokens: list[Token], position: int, vocabulary: Vocabulary) -> tuple[Fact | None, int]:
    """The fact that begins at a token and how many tokens it takes; 1 where there is none."""
    kind = _fixed_kind(tokens, position)
    if kind is not None:
        return _fact(kind, prose, tokens[position : position + 1]), 1
    length = _catalogue_length(tokens, position, vocabulary)
    if length:
        return _fact(FactKind.CATALOGUE, prose, tokens[position : position + length]), length
    token = tokens[position]
    if token.kind is TokenKind.WORD and token.folded not in ALWAYS_PLAIN | PLAIN_UNLESS_SOLD:
        return _fact(FactKind.OTHER, prose, tokens[position : position + 1]), 1
    return None, 1


def _fixed_kind(tokens: list[Token], position: int) -> FactKind | None:
    token = tokens[position]
    if token.kind is TokenKind.SYMBOL or unicodedata.category(token.text[:1] or " ") == "Sc":
        return FactKind.MONEY
    if token.text == "%" or any(character.isnumeric() for character in token.text):
        return FactKind.NUMBER
    if token.text == "one" and _counts_nothing(tokens, position):
        return None
    kind = FACT_WORDS.get(token.text)
    if kind is None and token.folded in LABELS:
        return FactKind.LABEL
    return kind


def _counts_nothing(tokens: list[Token], position: int) -> bool:
    """Whether "one" at a position stands for a thing: "this one", "one of these", "one I like"."""
    before, after = tokens[max(position - 1, 0) : position], tokens[position + 1 : position + 2]
    return any(token.text in NOT_A_NUMBER_AFTER for token in before) or any(
        token.text in NOT_A_NUMBER_BEFORE for token in after
    )


def _catalogue_length(tokens: list[Token], position: int, vocabulary: Vocabulary) -> int:
    """How many tokens the longest value of the catalogue, or word of its titles, takes here."""
    folded = [token.folded for token in tokens[position:]]
    length, _ = vocabulary.longest(folded, 0)
    if length and not ALWAYS_PLAIN.issuperset(folded[:length]):
        return length
    token = tokens[position]
    known = token.folded in COMMON_VALUES or token.folded in vocabulary.title_words
    plain = token.folded in ALWAYS_PLAIN or (token.folded in PLAIN_UNLESS_SOLD and token.folded not in SETTINGS)
    return 1 if known and token.kind is TokenKind.WORD and not plain else 0


def _fact(kind: FactKind, prose: str, tokens: list[Token]) -> Fact:
    start, end = tokens[0].start, tokens[-1].end
    return Fact(kind, prose[start:end], phrase_key([token.folded for token in tokens]), start, end)
