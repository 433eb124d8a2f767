"""Facts in prose: every word outside the slots that says something of a product."""

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
    PLAIN_WORDS,
    FactKind,
)
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import Token, TokenKind, fold, phrase_key, tokenise

_PROSE_MARKS: Final = frozenset(",.;:!?'\"()…-\u2013\u2014\u2018\u2019\u201c\u201d")
_DOT_IN_WORD: Final = re.compile(r"\w[.:@]\w")
_FOLDED_PLAIN: Final = frozenset(fold(word) for word in PLAIN_WORDS)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said at [start, end) of the prose; ``key`` is how it is looked up: folded words."""

    kind: FactKind
    text: str
    key: str
    start: int
    end: int


def find_facts(prose: str, vocabulary: Vocabulary, *, opens: bool = True) -> list[Fact]:
    """The facts in a stretch of prose; ``opens``: a sentence begins with it, so its first capital names nobody."""
    tokens = tokenise(prose)
    facts = [*_markup(prose)]
    position = 0
    while position < len(tokens):
        fact, length = _fact_at(prose, tokens, position, vocabulary, opens=opens)
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


def _fact_at(
    prose: str, tokens: list[Token], position: int, vocabulary: Vocabulary, *, opens: bool
) -> tuple[Fact | None, int]:
    """The fact that begins at a token and how many tokens it takes; 1 where there is none."""
    kind = _fixed_kind(tokens, position)
    if kind is not None:
        return _fact(kind, prose, tokens[position : position + 1]), 1
    length = _catalogue_length(tokens, position, vocabulary)
    if length:
        return _fact(FactKind.CATALOGUE, prose, tokens[position : position + length]), length
    if _is_name(prose, tokens, position, opens=opens):
        return _fact(FactKind.NAME, prose, tokens[position : position + 1]), 1
    return None, 1


def _fixed_kind(tokens: list[Token], position: int) -> FactKind | None:
    token = tokens[position]
    if token.kind is TokenKind.SYMBOL or unicodedata.category(token.text[:1] or " ") == "Sc":
        return FactKind.MONEY
    if token.text == "%" or any(character.isnumeric() for character in token.text):
        return FactKind.NUMBER
    if token.text == "one" and position and tokens[position - 1].text in NOT_A_NUMBER_AFTER:
        return None
    kind = FACT_WORDS.get(token.text)
    if kind is None and token.folded in LABELS:
        return FactKind.LABEL
    return kind


def _catalogue_length(tokens: list[Token], position: int, vocabulary: Vocabulary) -> int:
    """How many tokens the longest value of the catalogue, or word of its titles, takes here."""
    folded = [token.folded for token in tokens[position:]]
    length, _ = vocabulary.longest(folded, 0)
    if length and not all(word in _FOLDED_PLAIN for word in folded[:length]):
        return length
    token = tokens[position]
    known = token.folded in COMMON_VALUES or token.folded in vocabulary.title_words
    if known and token.kind is TokenKind.WORD and token.folded not in _FOLDED_PLAIN:
        return 1
    return 0


def _is_name(prose: str, tokens: list[Token], position: int, *, opens: bool) -> bool:
    """Whether a word nobody knows is written with a capital inside a sentence."""
    token = tokens[position]
    if token.kind is not TokenKind.WORD or not prose[token.start].isupper() or token.folded in _FOLDED_PLAIN:
        return False
    before = prose[: token.start].rstrip(" \n\"'(\u2018\u201c")
    starts_sentence = opens if not before else before[-1] in ".!?"
    shouted = len(token.text) > 1 and prose[token.start : token.end].isupper()
    return shouted or not starts_sentence


def _fact(kind: FactKind, prose: str, tokens: list[Token]) -> Fact:
    start, end = tokens[0].start, tokens[-1].end
    return Fact(kind, prose[start:end], phrase_key([token.folded for token in tokens]), start, end)
