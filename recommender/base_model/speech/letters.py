"""Letters to sounds: how a word that no dictionary has is likely to be said.

Rules of growing context over aligned letters, each kept only where it says something else than the next shorter one
(default and refine: Davel and Barnard, "Pronunciation prediction with Default&Refine", Computer Speech & Language 22,
2008). `train_letters` makes them from a dictionary.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

RULES: Final = Path(__file__).with_name("letters.json")
EDGE: Final = "#"
CONTEXTS: Final = ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3))
"""How many letters to the left and to the right of a letter are looked at, the least first."""


def contexts(word: str, place: int) -> Iterator[str]:
    """The letter at `place` in its contexts, the narrowest first, as rules spell them: "left.letter.right"."""
    padded = EDGE * 3 + word + EDGE * 3
    at = place + 3
    for left, right in CONTEXTS:
        yield f"{padded[at - left : at]}.{word[place]}.{padded[at + 1 : at + 1 + right]}"


def sounds(word: str, rules: Mapping[str, str]) -> tuple[str, ...]:
    """The phones of a word of the letters a to z; other characters are silent."""
    said = (_sound(word, place, rules) for place in range(len(word)))
    return tuple(phone for chunk in said for phone in chunk.split())


def _sound(word: str, place: int, rules: Mapping[str, str]) -> str:
    known = [rules[context] for context in contexts(word, place) if context in rules]
    return known[-1] if known else ""


@cache
def bundled_rules() -> Mapping[str, str]:
    rules: dict[str, str] = json.loads(RULES.read_text(encoding="ascii"))
    return rules
