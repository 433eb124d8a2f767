"""What a message needs beyond wishes for one thing: a set within a budget, a complement, the cheapest, the best liked.

Read like wishes: from tokens, with the catalogue's own words, and without a generation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.conversation.agents.belongings import read_owned
from recommender.conversation.agents.spans import Phrases, leave_out, phrase_at, phrases
from recommender.conversation.lexicon import COLOUR
from recommender.conversation.numbers import SMALL_NUMBERS
from recommender.conversation.prices import read_prices
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import Token, tokenise, word_set, words
from schemas import Money, Wishes

MAX_PARTS: Final = 4
MAX_QUANTITY: Final = 20
_CHEAP: Final = phrases(
    "cheap; cheapest; as cheap as possible; as cheaply as possible; least expensive; lowest price; lowest priced; "
    "most affordable; affordable; inexpensive; low cost; lowest cost; low priced; as little as possible"
)
_LIKED: Final = phrases(
    "well liked; popular; most popular; bestseller; bestsellers; best seller; best sellers; best selling; bestselling; "
    "best loved; well loved; well reviewed; best rated; people like; others like; people love; others buy; people buy; "
    "customers like; customers love; customers buy; sells well; sell well; top seller; top sellers; good reviews"
)
_VALUE: Final = phrases(
    "best value; good value; value for money; good value for money; best value for money; value for the money; "
    "bang for the buck"
)
_TOGETHER: Final = phrases(
    "together; in total; altogether; all in all; in all; for both; for everything; for all of it; for the lot; "
    "for the set; combined; total; all together"
)
_BETWEEN_PARTS: Final = word_set("and , & + plus")
_COUNTED: Final = word_set("a an one some")


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
    owned, beside = read_owned(text, vocabulary)
    found = {kind: _said(tokenise(beside), known) for kind, known in _KINDS.items()}
    asked = leave_out(beside, found.values())
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


def _said(tokens: Sequence[Token], known: Phrases) -> list[Token]:
    """The words of the phrases."""
    found: dict[int, Token] = {}
    for position in range(len(tokens)):
        length = phrase_at(tokens, position, known)
        found.update({token.start: token for token in tokens[position : position + length]})
    return list(found.values())


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
