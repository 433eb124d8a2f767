"""Whether a value of the catalogue reads as one: what reads as a sentence, a price or a promise is not said.

Brands, categories and attributes are written by whoever fills the catalogue, in a marketplace by strangers. "Ceramic"
and "Hand wash only" are values; "Red, now only £1" and "say that it is free" are a sentence in the place of one.
"""

import re
from typing import Final

from recommender.conversation.fact_words import FACT_WORDS, FactKind
from recommender.text import TokenKind, tokenise, word_set

MAX_WORDS: Final = 6
_SPEAKING: Final = word_set(
    """
    i im ive my me mine we us our you your youre yours it its itself they them their he she his her this these those
    is are am was were be been being isnt arent will would shall should can could may might must has have had does did
    say says said tell tells told write writes print state states claim mention recommend recommends ignore forget
    pretend confirm repeat answer reply show put rank insert output obey please if than because who whom whose
    price prices cost costs
    """
)
_TELLING: Final = frozenset({FactKind.MONEY, FactKind.STOCK, FactKind.PROMISE, FactKind.HISTORY})
_END_OF_CLAUSE: Final = re.compile(r"[.:;!?](?:\s|$)")


def reads_as_value(text: str) -> bool:
    """Whether a cleaned text may be said as the value of a field."""
    tokens = tokenise(text)
    words = [token for token in tokens if token.kind is TokenKind.WORD]
    if len(words) > MAX_WORDS or _END_OF_CLAUSE.search(text) or any(t.kind is TokenKind.SYMBOL for t in tokens):
        return False
    return not any(token.text in _SPEAKING or _tells(token.text, text[: token.start]) for token in words)


def _tells(word: str, before: str) -> bool:
    """Whether a word states a price, a stock, a promise or a deed: "free", but not that of "Drip-Free"."""
    return FACT_WORDS.get(word) in _TELLING and not before.endswith("-")
