"""What forms of an English word share: "stripe" and "striped", "comfort" and "comfortable"."""

from functools import lru_cache
from typing import Final

_MIN_STEM: Final = 4
_MIN_DERIVED: Final = 5
_INFLECTIONS: Final = ("ing", "ed")
_LIKE: Final = ("tty", "ppy", "nny", "py")
"""Endings of "spotty" and "stripy"."""
_SPELLINGS: Final = (
    *(("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("ised", "ized"), ("acy", "ate")),
    *(("ability", "able"), ("ibility", "ible"), ("ably", "able"), ("ibly", "ible"), ("iness", "y")),
)
_DERIVATIONS: Final = {
    **dict.fromkeys(("ness", "ly"), _MIN_STEM),
    **dict.fromkeys(
        ("ization", "ance", "ence", "able", "ible", "ant", "ent", "ion", "ive", "ize", "ity"), _MIN_DERIVED
    ),
}
"""Endings, and how many letters they leave at least."""


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """What forms of a word share: "stripe", "striped" and "striping", or "protect" and "protective"."""
    for british, american in _SPELLINGS:
        if word.endswith(british):
            word = word.removesuffix(british) + american
            break
    return _without_derivation(_without_inflection(word))


def _without_inflection(word: str) -> str:
    if word.endswith(_LIKE) and len(word) > _MIN_STEM + 1:
        return _undoubled(word[:-1])
    for ending in _INFLECTIONS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            word = word.removesuffix(ending)
            break
    else:
        return word.removesuffix("e") if len(word) > _MIN_STEM else word
    return _undoubled(word)


def _without_derivation(word: str) -> str:
    """The word without its last endings; a final "e" is gone already."""
    for ending, least in _DERIVATIONS.items():
        bare = word.removesuffix(ending.removesuffix("e"))
        if bare != word and len(bare) >= least:
            return _without_derivation(bare.removesuffix("e"))
    return word


def _undoubled(word: str) -> str:
    """ "dot" for the "dott" of "dotted" and "dotty"."""
    return word[:-1] if word[-1] == word[-2] and word[-1] not in "ls" else word
