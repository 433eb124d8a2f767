"""What the shopper has already, in their words: "to go with my lamp", "I have a lamp, what goes with it?"."""

from collections.abc import Sequence
from typing import Final

from recommender.conversation.agents.spans import leave_out, phrase_at, phrases
from recommender.conversation.prices import read_prices
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import Token, TokenKind, tokenise, word_set

_GOES_WITH: Final = phrases(
    "go with; goes with; going with; go well with; goes well with; wear with; pair with; to match; matches; matching; "
    "complement; complements; go together with; alongside; to accompany"
)
_DETERMINERS: Final = word_set("my our the this that these those a an his her their")
_PRONOUNS: Final = word_set("it them that this these those")
_HAVING: Final = word_set("have own bought got ordered")


def read_owned(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """What the shopper has and wants something for, and the message without it.

    Either it is named there, "to go with my lamp", or before: "I have a lamp, what goes with it?"
    """
    tokens = tokenise(text)
    for position in range(len(tokens)):
        begin = position + phrase_at(tokens, position, _GOES_WITH)
        after = tokens[begin : begin + 2]
        if begin == position or not after:
            continue
        if after[0].text in _PRONOUNS and (len(after) == 1 or after[1].kind is not TokenKind.WORD):
            verb, start, end = _had_before(tokens, position, vocabulary)
            cut = [*tokens[verb:end], *tokens[position : begin + 1]]
        elif after[0].text in _DETERMINERS:
            start, end = begin + 1, _clause_end(tokens, begin + 1, vocabulary)
            cut = tokens[position:end]
        else:
            continue
        if start < end:
            return text[tokens[start].start : tokens[end - 1].end], " ".join(leave_out(text, [cut]).split())
    return "", text


def _had_before(tokens: Sequence[Token], place: int, vocabulary: Vocabulary) -> tuple[int, int, int]:
    """Where, before a place, it is said what the shopper has: the verb, and the tokens [start, end) of what it is."""
    verb = next((position for position in range(place) if tokens[position].text in _HAVING), place)
    start = verb + 1
    while start < place and tokens[start].text in _DETERMINERS:
        start += 1
    return verb, start, min(_clause_end(tokens, start, vocabulary), place)


def _clause_end(tokens: Sequence[Token], start: int, vocabulary: Vocabulary) -> int:
    prices = {wish.start for wish in read_prices(tokens, vocabulary.currency)}
    return next(
        (
            position
            for position in range(start, len(tokens))
            if position in prices or (tokens[position].kind is TokenKind.MARK and tokens[position].text in ",;.!?")
        ),
        len(tokens),
    )
