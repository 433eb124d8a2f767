"""Which plain words may stand in a sentence, by what it is about: what the check would take of them in one shop.

A word that is plain in one shop is a value in another, as "simple" where it is a style: the lists are of a vocabulary.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from recommender.conversation.fact_words import FactKind
from recommender.conversation.facts import find_facts
from recommender.conversation.grounding import is_of_the_search
from recommender.conversation.prose import BESIDE_A_PHOTO, BESIDE_A_WISH, PROSE_WORDS
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import tokenise


@dataclass(frozen=True, slots=True)
class PlainWords:
    """``beside_wish`` and ``beside_photo`` are those beside a wish, and beside what the shopper's photo shows."""

    of_products: frozenset[str]
    of_search: frozenset[str]
    beside_wish: frozenset[str]
    beside_photo: frozenset[str]


_CONTEXTUAL: Final = frozenset({"one"})
"""Whether it counts is seen in the words around it."""
_KNOWN: Final[WeakKeyDictionary[Vocabulary, PlainWords]] = WeakKeyDictionary()


def plain_words(vocabulary: Vocabulary) -> PlainWords:
    """Made in some 20 ms and kept for as long as the vocabulary."""
    known = _KNOWN.get(vocabulary)
    if known is None:
        known = _KNOWN[vocabulary] = _made(vocabulary)
    return known


def _made(vocabulary: Vocabulary) -> PlainWords:
    facts = {word: find_facts(word, vocabulary) for word in PROSE_WORDS}
    telling = {word for word, found in facts.items() if all(fact.kind is FactKind.LABEL for fact in found)}
    searching = {word for word, found in facts.items() if all(map(is_of_the_search, found))}
    return PlainWords(
        of_products=frozenset(telling) | _CONTEXTUAL,
        of_search=frozenset(searching) | _CONTEXTUAL,
        beside_wish=frozenset(_all_of(BESIDE_A_WISH)) & searching,
        beside_photo=frozenset(_all_of(BESIDE_A_PHOTO)) & searching,
    )


def _all_of(folded: frozenset[str]) -> Iterator[str]:
    return (word for word in PROSE_WORDS if all(token.folded in folded for token in tokenise(word)))
