"""Wishes into the ranking's hard constraints; and which wish gives way first when nothing fulfils them all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from recommender.conversation.context import Dropped
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.values import wish_words
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.wording import price_text
from schemas import Constraints, Recommendations, Wishes

Rank = Callable[[Constraints, int], Recommendations]


@dataclass(frozen=True, slots=True)
class Found:
    recommendations: Recommendations
    relaxed: tuple[Dropped, ...]
    foreign_prices: tuple[Dropped, ...]


def find(wishes: Wishes, rank: Rank, vocabulary: Vocabulary, k: int) -> Found:
    """Ranks with all the wishes, and then, while nothing is eligible, with one wish fewer at a time.

    Keywords give way first, the last-mentioned before the others, then attributes, the brand, the category, what was
    refused, and the price last of all. A price in a currency that the shop does not use cannot be applied at all.
    """
    usable, foreign = _without_foreign_prices(wishes, vocabulary)
    recommendations = rank(to_constraints(usable, vocabulary), k)
    relaxed: list[Dropped] = []
    for fewer, dropped in relaxations(usable):
        if recommendations.items:
            break
        recommendations = rank(to_constraints(fewer, vocabulary), k)
        relaxed.append(dropped)
    return Found(recommendations, tuple(relaxed) if recommendations.items else (), foreign)


def to_constraints(wishes: Wishes, vocabulary: Vocabulary) -> Constraints:
    """Products that cannot be bought are never asked for. Refused title words become the items that bear them."""
    refused = (item_id for word in wishes.without.get(KEYWORDS, ()) for item_id in vocabulary.items_with(word))
    return Constraints(
        min_price=wishes.min_price,
        max_price=wishes.max_price,
        in_stock=True,
        category=wishes.category,
        brand=wishes.brand,
        attributes=wishes.attributes,
        without={name: values for name, values in wishes.without.items() if name != KEYWORDS},
        keywords=wishes.keywords,
        exclude=tuple(dict.fromkeys(refused)),
    )


def relaxations(wishes: Wishes) -> Iterator[tuple[Wishes, Dropped]]:
    """The wishes with one more set aside each time, in the order in which they give way."""
    while wishes.keywords:
        *kept, word = wishes.keywords
        dropped = Dropped(KEYWORDS, f"“{word}”")
        wishes = wishes.model_copy(update={KEYWORDS: tuple(kept)})
        yield wishes, dropped
    for name in reversed(tuple(wishes.attributes)):
        dropped = Dropped(name, wish_words(name, wishes))
        left = {other: values for other, values in wishes.attributes.items() if other != name}
        wishes = wishes.model_copy(update={"attributes": left})
        yield wishes, dropped
    for name, empty in ((BRAND, ()), (CATEGORY, ()), ("without", {})):
        if getattr(wishes, name):
            said = wish_words(name, wishes)
            dropped = Dropped(name, f"without {said}" if name == "without" else said)
            wishes = wishes.model_copy(update={name: empty})
            yield wishes, dropped
    yield from _price_relaxations(wishes)


def _price_relaxations(wishes: Wishes) -> Iterator[tuple[Wishes, Dropped]]:
    for dropped in _price_wishes(wishes):
        wishes = wishes.model_copy(update={dropped.field: None})
        yield wishes, dropped


def _price_wishes(wishes: Wishes) -> tuple[Dropped, ...]:
    limits = (("min_price", "from", wishes.min_price), ("max_price", "up to", wishes.max_price))
    return tuple(Dropped(name, f"{word} {price_text(limit)}") for name, word, limit in limits if limit is not None)


def _without_foreign_prices(wishes: Wishes, vocabulary: Vocabulary) -> tuple[Wishes, tuple[Dropped, ...]]:
    known = vocabulary.currencies
    limits = {"min_price": wishes.min_price, "max_price": wishes.max_price}
    foreign = {name for name, limit in limits.items() if limit is not None and limit.currency not in known}
    dropped = tuple(wish for wish in _price_wishes(wishes) if wish.field in foreign)
    return wishes.model_copy(update=dict.fromkeys(foreign)), dropped
