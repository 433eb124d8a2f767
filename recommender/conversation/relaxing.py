"""Wishes into the ranking's hard constraints; and which wishes give way when nothing fulfils them all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.conversation.context import Dropped
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.values import wish_words
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.text import plain
from recommender.wording import price_text
from schemas import Constraints, Recommendations, Wishes

Rank = Callable[[Constraints, int], Recommendations]


_WITHOUT: Final = "without"


@dataclass(frozen=True, slots=True)
class Found:
    recommendations: Recommendations
    relaxed: tuple[Dropped, ...]
    foreign_prices: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One wish that can be set aside: ``value`` names it where its field holds several that go one by one."""

    dropped: Dropped
    value: str = ""

    def leave_out(self, wishes: Wishes) -> Wishes:
        name = self.dropped.field
        if name == KEYWORDS:
            kept: object = tuple(word for word in wishes.keywords if word != self.value)
        elif name in wishes.attributes:
            left = {other: values for other, values in wishes.attributes.items() if other != name}
            return wishes.model_copy(update={"attributes": left})
        else:
            kept = getattr(Wishes(), name)
        return wishes.model_copy(update={name: kept})


def find(
    wishes: Wishes,
    rank: Rank,
    vocabulary: Vocabulary,
    k: int,
    *,
    exclude: Sequence[str] = (),
    bought: Sequence[str] = (),
) -> Found:
    """Ranks with all the wishes, and then, while nothing is eligible, with one wish fewer at a time.

    Details give way before the subject: colours and other attributes, the last-mentioned first, the brand, the lower
    and the upper price, what was refused, and then what was asked for, keywords before the category. A wish that turns
    out to have been in nobody's way is taken up again. A price in a currency that the shop does not use cannot be
    applied at all.

    Parameters
    ----------
    exclude : items that are not to be found, whatever else gives way
    bought : what the shopper bought before, where nothing else is to be found
    """
    usable, foreign = without_foreign_prices(wishes, vocabulary)

    def without(left_out: Sequence[Step]) -> Recommendations:
        constraints = to_constraints(_leave_out(usable, left_out), vocabulary, exclude)
        return rank(constraints.model_copy(update={"items": tuple(bought), "include_bought": bool(bought)}), k)

    left_out: tuple[Step, ...] = ()
    recommendations = without(left_out)
    for step in steps(usable, vocabulary):
        if recommendations.items:
            break
        left_out = (*left_out, step)
        recommendations = without(left_out)
    if not recommendations.items:
        return Found(recommendations, (), foreign)
    recommendations, left_out = _taken_up_again(recommendations, left_out, without)
    return Found(recommendations, tuple(step.dropped for step in left_out), foreign)


def to_constraints(wishes: Wishes, vocabulary: Vocabulary, exclude: Sequence[str] = ()) -> Constraints:
    """Products that cannot be bought are never asked for. Refused title words become the items that bear them.

    `exclude` are further items that are not to be found.
    """
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
        exclude=tuple(dict.fromkeys((*refused, *exclude))),
    )


def _taken_up_again(
    found: Recommendations, left_out: Sequence[Step], without: Callable[[Sequence[Step]], Recommendations]
) -> tuple[Recommendations, tuple[Step, ...]]:
    """What is found with no more wishes set aside than needed; the last one always is."""
    needed = tuple(left_out)
    for step in reversed(left_out[:-1]):
        fewer = tuple(other for other in needed if other is not step)
        recommendations = without(fewer)
        if recommendations.items:
            found, needed = recommendations, fewer
    return found, needed


def _leave_out(wishes: Wishes, steps: Sequence[Step]) -> Wishes:
    for step in steps:
        wishes = step.leave_out(wishes)
    return wishes


def steps(wishes: Wishes, vocabulary: Vocabulary) -> Iterator[Step]:
    """The wishes in the order in which they give way. Where there are only titles, colours are words of them."""
    for name in reversed(tuple(wishes.attributes)):
        yield Step(Dropped(name, wish_words(name, wishes)))
    colours = [word for word in wishes.keywords if plain(word) in vocabulary.colours]
    yield from _keyword_steps(colours)
    if wishes.brand:
        yield Step(Dropped(BRAND, wish_words(BRAND, wishes)))
    yield from (Step(dropped) for dropped in _price_wishes(wishes))
    if wishes.without:
        yield Step(Dropped(_WITHOUT, f"the refusal of {wish_words(_WITHOUT, wishes)}"))
    yield from _keyword_steps([word for word in wishes.keywords if word not in colours])
    if wishes.category:
        yield Step(Dropped(CATEGORY, wish_words(CATEGORY, wishes)))


def _keyword_steps(keywords: Sequence[str]) -> Iterator[Step]:
    """In English the thing itself comes last, as in "white heart holder"; so it gives way last."""
    return (Step(Dropped(KEYWORDS, f"“{word}”"), word) for word in keywords)


def _price_wishes(wishes: Wishes) -> tuple[Dropped, ...]:
    limits = (("min_price", "the lowest price", wishes.min_price), ("max_price", "the price limit", wishes.max_price))
    return tuple(Dropped(name, f"{words} of {price_text(limit)}") for name, words, limit in limits if limit is not None)


def without_foreign_prices(wishes: Wishes, vocabulary: Vocabulary) -> tuple[Wishes, tuple[Dropped, ...]]:
    known = vocabulary.currencies
    limits = {"min_price": wishes.min_price, "max_price": wishes.max_price}
    foreign = {name for name, limit in limits.items() if limit is not None and limit.currency not in known}
    dropped = tuple(wish for wish in _price_wishes(wishes) if wish.field in foreign)
    return wishes.model_copy(update=dict.fromkeys(foreign)), dropped
