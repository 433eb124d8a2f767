"""The pronouncing dictionary of spoken English that comes with pocketsphinx: words and their phones."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from recommender.base_model.speech.engine import model_folder

Phones = tuple[str, ...]
_FILE: Final = Path("en-us", "cmudict-en-us.dict")


@cache
def bundled_dictionary() -> Mapping[str, tuple[Phones, ...]]:
    """Every word's pronunciations, the commonest first. Raises `TranscriberError` without pocketsphinx."""
    read: dict[str, list[Phones]] = {}
    with (model_folder() / _FILE).open(encoding="utf-8") as lines:
        for line in lines:
            word, *phones = line.split()
            read.setdefault(word.partition("(")[0], []).append(tuple(phones))
    return {word: tuple(said) for word, said in read.items() if word}
