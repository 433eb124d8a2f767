"""What a message needs beyond wishes for one thing: a set within a budget, a complement, the cheapest, the best liked.

Read like wishes: from tokens, with the catalogue's own words, and without a generation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.conversation.lexicon import COLOUR
from recommender.conversation.numbers import SMALL_NUMBERS
from recommender.conversation.prices import read_prices
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import Token, TokenKind, tokenise, word_set, words
from schemas import Money, Wishes

MAX_PARTS: Final = 4
MAX_QUANTITY: Final = 20
Phrases = frozenset[tuple[str, ...]]


def _phrases(text: str) -> Phrases:
    return frozenset(tuple(phrase.split()) for phrase in text.split("; "))


_GOES_WITH: Final = _phrases(
    "go with; goes with; going with; go well with; goes well with; wear with; pair with; to match; matches; matching; "
    "complement; complements; go together with; alongside; to accompany"
)
_DETERMINERS: Final = word_set("my our the this that these those a an his her their")
_PRONOUNS: Final = word_set("it them that this these those")
_HAVING: Final = word_set("have own bought got ordered")
_CHEAP: Final = _phrases(
    "cheap; cheapest; as cheap as possible; as cheaply as possible; least expensive; lowest price; lowest priced; "
    "most affordable; affordable; inexpensive; low cost; lowest cost; low priced; as little as possible"
)
_LIKED: Final = _phrases(
    "well liked; popular; most popular; bestseller; bestsellers; best seller; best sellers; best selling; bestselling; "
    "best loved; well loved; well reviewed; best rated; people like; others like; people love; others buy; people buy; "
    "customers like; customers love; customers buy; sells well; sell well; top seller; top sellers; good reviews"
)
_VALUE: Final = _phrases(
    "best value; good value; value for money; good value for money; best value for money; value for the money; "
    "bang for the buck"
)
_TOGETHER: Final = _phrases(
    "together; in total; altogether; all in all; in all; for both; for everything; for all of it; for the lot; "
    "for the set; combined; total; all together"
)
_BETWEEN_PARTS: Final = word_set("and , & + plus")
_COUNTED: Final = word_set("a an one some")
_LONGEST: Final = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a set: what it is to be, and how many of it are wanted."""

    wishes: Wishes
    quantity: int


@dataclass(frozen=True, slots=True)
class Needs:
    """``asked``: the message without what is read here. ``owned``: what it is to go with, in the shopper's words.

    ``parts``: the things of a set, two or more, or none; ``together``: whether the message says that they are one.
    """

    asked: str
    parts: tuple[Part, ...] = ()
    together: bool = False
    budget: Money | None = None
    owned: str = ""
    cheap: bool = False
    liked: bool = False
    best_value: bool = False


def read_needs(text: str, vocabulary: Vocabulary) -> Needs:
    """What one message needs. Never raises."""
    owned, beside = _owned(text, vocabulary)
    found = {kind: _said(tokenise(beside), phrases) for kind, phrases in _KINDS.items()}
    asked = _leave_out(beside, found.values())
    budget, outside = _without_prices(tokenise(asked), vocabulary)
    return Needs(
        asked=asked,
        parts=_parts(asked, outside, vocabulary),
        together=bool(found["together"]),
        budget=budget,
        owned=owned,
        cheap=bool(found["cheap"] or found["value"]),
        liked=bool(found["liked"] or found["value"]),
        best_value=bool(found["value"]),
    )


_KINDS: Final = {"cheap": _CHEAP, "liked": _LIKED, "value": _VALUE, "together": _TOGETHER}


def _said(tokens: Sequence[Token], phrases: Phrases) -> list[Token]:
    """The words of the phrases."""
    found: dict[int, Token] = {}
    for position in range(len(tokens)):
        length = _phrase_at(tokens, position, phrases)
        found.update({token.start: token for token in tokens[position : position + length]})
    return list(found.values())


def _leave_out(text: str, several: Iterable[Sequence[Token]]) -> str:
    """The text without some of its words."""
    cuts = sorted((token.start, token.end) for tokens in several for token in tokens)
    kept, position = "", 0
    for start, end in cuts:
        kept += text[position:start]
        position = max(position, end)
    return kept + text[position:]


def _phrase_at(tokens: Sequence[Token], position: int, phrases: Phrases) -> int:
    """How many tokens the longest of the phrases takes here; 0 for none."""
    lengths = range(min(_LONGEST, len(tokens) - position), 0, -1)
    spoken = [token.text for token in tokens[position : position + _LONGEST]]
    return next((length for length in lengths if tuple(spoken[:length]) in phrases), 0)


def _owned(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """What the shopper has and wants something for, and the message without it.

    Either it is named there, "to go with my lamp", or before: "I have a lamp, what goes with it?"
    """
    tokens = tokenise(text)
    for position in range(len(tokens)):
        begin = position + _phrase_at(tokens, position, _GOES_WITH)
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
            return text[tokens[start].start : tokens[end - 1].end], " ".join(_leave_out(text, [cut]).split())
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


def _without_prices(tokens: Sequence[Token], vocabulary: Vocabulary) -> tuple[Money | None, list[Token]]:
    """The highest price that is said last, and the tokens that say none."""
    prices = read_prices(tokens, vocabulary.currency)
    taken = {at for wish in prices for at in (*range(wish.start, wish.end), *range(*wish.apart))}
    budget = next((wish.maximum for wish in reversed(prices) if wish.maximum is not None), None)
    return budget, [token for position, token in enumerate(tokens) if position not in taken]


def _parts(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> tuple[Part, ...]:
    """The things that are counted one by one, as in "a teapot and two mugs"; none where there are not two."""
    found: list[Part] = []
    shared: Wishes | None = None
    for segment in _segments(tokens):
        quantity, said = _counted(segment)
        wishes = understand(text[said[0].start : said[-1].end], vocabulary).wishes if said else Wishes()
        if quantity and _is_thing(wishes):
            found.append(Part(wishes, quantity))
        elif wishes.attributes and not quantity:
            shared = wishes
    if not 2 <= len(found) <= MAX_PARTS:
        return ()
    return tuple(_sharing(part, shared) for part in found)


def _is_thing(wishes: Wishes) -> bool:
    """Whether this says what is wanted, and not a colour alone."""
    told = [name for name in wishes.attributes if words(name) != [COLOUR]]
    return bool(wishes.category or wishes.keywords or told)


def _sharing(part: Part, shared: Wishes | None) -> Part:
    """With "both in blue" said of all the parts."""
    if shared is None:
        return part
    attributes = {**shared.attributes, **part.wishes.attributes}
    return Part(part.wishes.model_copy(update={"attributes": attributes}), part.quantity)


def _segments(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Cut where one thing ends and the next begins: at "and", commas and the like."""
    segment: list[Token] = []
    for token in tokens:
        if token.text in _BETWEEN_PARTS:
            yield segment
            segment = []
        else:
            segment.append(token)
    yield segment


def _counted(segment: Sequence[Token]) -> tuple[int, list[Token]]:
    """How many are wanted, 0 where that is not said, and of what."""
    for position, token in enumerate(segment[:-1]):
        count = int(token.text) if token.text.isdigit() and len(token.text) <= 2 else SMALL_NUMBERS.get(token.text, 0)
        if token.text in _COUNTED or 0 < count <= MAX_QUANTITY:
            return max(count, 1), list(segment[position + 1 :])
    return 0, list(segment)
