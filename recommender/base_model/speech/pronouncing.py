"""How each word of a shop may be said: by the dictionary, as parts that the dictionary has, or by its letters."""

from collections.abc import Iterable, Iterator
from typing import Final

from recommender.base_model.speech.dictionary import Phones, bundled_dictionary
from recommender.base_model.speech.letters import bundled_rules, sounds

MIN_PART: Final = 3
_SIBILANTS: Final = frozenset(["S", "Z", "SH", "ZH", "CH", "JH"])
_UNVOICED: Final = frozenset(["P", "T", "K", "F", "TH"])


def pronunciations(word: str) -> tuple[Phones, ...]:
    """American ones; at least one for every word of the letters a to z."""
    return bundled_dictionary().get(word) or (_unknown(word),)


def _unknown(word: str) -> Phones:
    return _inflected(word) or _compound(word) or sounds(word, bundled_rules())


def _inflected(word: str) -> Phones | None:
    """With an s after a word that the dictionary has."""
    stem = word.removesuffix("s").removesuffix("'")
    said = bundled_dictionary().get(stem)
    if said is None or stem == word:
        return None
    phones, last = said[0], said[0][-1]
    if last in _SIBILANTS:
        return (*phones, "IH", "Z")
    return (*phones, "S" if last in _UNVOICED else "Z")


def _compound(word: str) -> Phones | None:
    """Two words of the dictionary written as one, as in "cakestand": the split whose shorter part is longest."""
    known = bundled_dictionary()
    places = range(MIN_PART, len(word) - MIN_PART + 1)
    splits = [
        place for place in places if word[:place] in known and (word[place:] in known or _inflected(word[place:]))
    ]
    if not splits:
        return None
    place = max(splits, key=lambda at: min(at, len(word) - at))
    rest = word[place:]
    return (*known[word[:place]][0], *(known[rest][0] if rest in known else _inflected(rest) or ()))


def pronouncing_lines(words: Iterable[str]) -> Iterator[str]:
    """The lines of a dictionary file for `words`, as pocketsphinx reads them."""
    for word in sorted(set(words)):
        for number, phones in enumerate(pronunciations(word), 1):
            yield f"{word if number == 1 else f'{word}({number})'} {' '.join(phones)}"
