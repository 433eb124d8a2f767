"""Which language a request is in: the replies are English, and say so where the request is not."""

from functools import cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from recommender.text import tokenise, word_set
from schemas import Wishes

_OTHERS: Final = word_set("de fr es it nl pt pl sv da tr cs ja zh ko ru ar")
LEAST_WORDS: Final = 2
LEAST_UNREAD: Final = 0.5
"""The share of a message's words that no rule and no word of the catalogue explains, from which it may be foreign."""
SURE: Final = 0.8


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["en", *_OTHERS])
    return identifier


def is_english(text: str, wishes: Wishes) -> bool:
    """Whether a message is English, or too short to tell; one that is understood counts as English."""
    words = [token for token in tokenise(text) if token.text.isalpha()]
    if len(words) < LEAST_WORDS or len(wishes.unread) < LEAST_UNREAD * len(words):
        return True
    language, probability = _identifier().classify(text)
    return language == "en" or probability < SURE
