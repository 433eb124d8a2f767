"""One message into wishes: rules and the catalogue's own words, no generation.

A word is read once, by the first that explains it: prices, wishes taken back, stock, whom and what it is for, then the
longest phrase of the catalogue (a category, brand or attribute value), then a word of its titles. What is left over is
``unread``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.asides import mark_dismissed, mark_owned, read_orders
from recommender.conversation.forgetting import mark_start_over, read_forgotten
from recommender.conversation.item_codes import read_item_codes
from recommender.conversation.prices import PriceWish, read_prices
from recommender.conversation.purposes import Purposes
from recommender.conversation.reading import Reading
from recommender.conversation.small_talk import SmallTalk as SmallTalk
from recommender.conversation.small_talk import read_small_talk
from recommender.conversation.spelling import respell
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.text import Token, TokenKind, plain, tokenise
from schemas import Money, Wishes
from schemas.catalog import Attributes

MAX_KEYWORDS: Final = 8
MAX_UNREAD: Final = 20
KEYWORDS: Final = "keywords"
MAX_READ: Final = 2_000
"""Characters of one message that are read; the rest of a longer one is not."""
_QUOTES: Final = frozenset({"", '"', "\u201c", "\u201d"})
"""Quotation marks, and apostrophes, which have no plain form."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message wishes, and how it relates to what was wished before.

    ``forget`` names fields of the wishes (or attributes) that are taken back; ``extends``: values are added to those
    of the same field; ``refines``: the keywords narrow the subject instead of replacing it.
    """

    wishes: Wishes
    forget: frozenset[str] = frozenset()
    start_over: bool = False
    extends: bool = False
    refines: bool = False
    small_talk: SmallTalk | None = None


def tokens_of(text: str, vocabulary: Vocabulary) -> Tokens:
    """The tokens of as much of a message as is read, words that the catalogue nearly has corrected."""
    return Tokens(respell([token for token in tokenise(text[:MAX_READ]) if token.text not in _QUOTES], vocabulary))


def understand(text: str, vocabulary: Vocabulary, tokens: Tokens | None = None) -> Turn:
    """The wishes of one message. Never raises: what no rule explains is in ``wishes.unread``.

    Parameters
    ----------
    tokens : of the message, those that were read already marked; None: nothing was
    """
    tokens = tokens_of(text, vocabulary) if tokens is None else tokens
    start_over = mark_start_over(tokens)
    small_talk = read_small_talk(tokens, vocabulary)
    orders = read_orders(tokens)
    mark_owned(tokens)
    prices = _read_price_wishes(tokens, vocabulary)
    refused = prices if _in_two_currencies(prices) else []
    minimum, maximum = _price_range([] if refused else prices)
    forget = read_forgotten(tokens, vocabulary)
    mark_dismissed(tokens)
    in_stock = tokens.mark_phrases(lexicon.STOCK_PHRASES)
    tokens.mark_phrases(lexicon.ASSENTS | lexicon.PRAISES)
    coded = read_item_codes(text, tokens, vocabulary)
    recipient, occasion = Purposes(tokens, vocabulary).read()
    reading = Reading(tokens, vocabulary, keywords=coded[:MAX_KEYWORDS], unread=orders)
    reading.scan()
    limiting = vocabulary.limiting(reading.wanted.get(CATEGORY, ()), reading.alternatives)
    categories = [name for name in reading.wanted.pop(CATEGORY, ()) if name not in limiting]
    reading.narrow(limiting)
    return Turn(
        wishes=Wishes(
            min_price=minimum,
            max_price=maximum,
            in_stock=in_stock,
            category=vocabulary.narrowest(categories),
            brand=tuple(reading.wanted.pop(BRAND, ())),
            keywords=tuple(reading.keywords[:MAX_KEYWORDS]),
            recipient=recipient,
            occasion=occasion,
            attributes={name: tuple(values) for name, values in reading.wanted.items() if values},
            without=_without(reading),
            unread=_unread(text, refused, reading, tokens),
        ),
        forget=forget,
        start_over=start_over,
        extends=_extends(tokens.all),
        refines=_refines(tokens.all, reading, vocabulary),
        small_talk=small_talk,
    )


def _read_price_wishes(tokens: Tokens, vocabulary: Vocabulary) -> list[PriceWish]:
    found = [wish for wish in read_prices(tokens.all, vocabulary.currency) if not tokens.is_read(wish.start)]
    for wish in found:
        tokens.mark(wish.start, wish.end)
        tokens.mark(*wish.apart)
    return found


def _in_two_currencies(prices: Sequence[PriceWish]) -> bool:
    """Whether a message mixes currencies, as in "between £5 and $10": nothing here converts, so none is understood."""
    limits = (limit for wish in prices for limit in (wish.minimum, wish.maximum))
    return len({limit.currency for limit in limits if limit is not None}) > 1


def _price_range(prices: Sequence[PriceWish]) -> tuple[Money | None, Money | None]:
    """The last said minimum and maximum; of two that contradict each other the later one."""
    minimum: Money | None = None
    maximum: Money | None = None
    for wish in prices:
        minimum, maximum = agree(minimum, maximum, (wish.minimum, wish.maximum))
    return minimum, maximum


def agree(
    minimum: Money | None, maximum: Money | None, later: tuple[Money | None, Money | None]
) -> tuple[Money | None, Money | None]:
    """A price range after a later one: a side said again is replaced, one that no longer fits is dropped."""
    low, high = later
    if low is None:
        low = minimum if high is None or _in_order(minimum, high) else None
    if high is None:
        high = maximum if _in_order(low, maximum) else None
    return low, high


def _in_order(low: Money | None, high: Money | None) -> bool:
    if low is None or high is None:
        return True
    return low.currency == high.currency and low <= high


def _unread(text: str, refused: Sequence[PriceWish], reading: Reading, tokens: Tokens) -> tuple[str, ...]:
    """What no rule explains: price ranges that were refused, as they were written, and words."""
    ranges = [text[tokens.all[wish.start].start : tokens.all[wish.end - 1].end] for wish in refused]
    return tuple(dict.fromkeys((*ranges, *reading.unread, *reading.keywords[MAX_KEYWORDS:])))[:MAX_UNREAD]


def _without(reading: Reading) -> Attributes:
    refused = {**reading.unwanted, KEYWORDS: reading.unwanted_keywords}
    return {name: tuple(values) for name, values in refused.items() if values}


def _extends(tokens: Sequence[Token]) -> bool:
    texts = [token.text for token in tokens if token.kind is TokenKind.WORD]
    return bool(texts) and (texts[0] == "and" or not lexicon.EXTENDERS.isdisjoint((texts[0], texts[-1])))


def _refines(tokens: Sequence[Token], reading: Reading, vocabulary: Vocabulary) -> bool:
    if reading.keywords and all(plain(word) in vocabulary.colours for word in reading.keywords):
        return True
    texts = [token.text for token in tokens if token.kind is TokenKind.WORD]
    start = next((index for index, text in enumerate(texts) if text not in ("and", "but", "also")), 0)
    return "ones" in texts or (bool(texts) and texts[start] in lexicon.REFINERS)
