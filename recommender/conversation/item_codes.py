"""Product numbers in a message: "85123A" or "mug-0013" means the product that bears it."""

from typing import Final

from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import Vocabulary

_MAX_TOKENS: Final = 8


def read_item_codes(text: str, tokens: Tokens, vocabulary: Vocabulary) -> list[str]:
    """The words of the titles of the products whose ids are written in ``text``; their tokens are marked."""
    keywords: list[str] = []
    position = 0
    while position < len(tokens.all):
        end = _code_end(text, tokens, position, vocabulary) if vocabulary.coded else 0
        if end:
            keywords += vocabulary.title_keywords(vocabulary.coded[_written(text, tokens, position, end)])
            tokens.mark(position, end)
        position = max(end, position + 1)
    return list(dict.fromkeys(keywords))


def _code_end(text: str, tokens: Tokens, start: int, vocabulary: Vocabulary) -> int:
    """Where the longest id that begins at a token ends, 0 for none."""
    if start and tokens.all[start - 1].end == tokens.all[start].start and tokens.text_at(start - 1) == "-":
        return 0
    found = 0
    for end in range(start + 1, min(len(tokens.all), start + _MAX_TOKENS) + 1):
        if tokens.is_read(end - 1) or (end > start + 1 and tokens.all[end - 1].start != tokens.all[end - 2].end):
            break
        if _written(text, tokens, start, end) in vocabulary.coded:
            found = end
    return found


def _written(text: str, tokens: Tokens, start: int, end: int) -> str:
    return text[tokens.all[start].start : tokens.all[end - 1].end].casefold()
