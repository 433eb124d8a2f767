"""A set of things within a budget: one item for each part, chosen by an exact search among the best of each."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from typing import Final

from recommender.conversation.agents.needs import Part
from recommender.conversation.agents.pools import amount, best, cheapest
from recommender.conversation.relaxing import Rank, to_constraints
from recommender.conversation.vocabulary import Vocabulary
from schemas import Money, RankedItem, Wishes

COMBINATIONS: Final = 40_000
MOST: Final = 40
"""Items that are looked at for one part."""
CHEAPEST: Final = 5

Chosen = tuple[RankedItem, ...]


def choose_set(
    parts: Sequence[Part], budget: Money | None, wishes: Wishes, rank: Rank, vocabulary: Vocabulary
) -> Chosen | None:
    """An item for each part, together within the budget: those whose ranks are best in sum; the cheapest if none is.

    Looks at every combination of the items that ranking puts first for each part and of the cheapest ones, so a set
    is found whenever there is one. None where a part has no item. Prices in another currency fit no budget.

    Parameters
    ----------
    wishes : of the whole message; what it refuses, no part may have
    """
    wide = max(CHEAPEST + 1, min(MOST, int(COMBINATIONS ** (1 / len(parts)))))
    pools = [_pool(part, budget, wishes, rank, vocabulary, wide) for part in parts]
    if not all(pools):
        return None
    sets = [tuple(items) for items in product(*pools) if len({item.item_id for item in items}) == len(items)]
    fitting = [one for one in sets if budget is None or total(one, parts) <= budget.amount]
    if fitting:
        return min(fitting, key=lambda one: (sum(item.rank for item in one), total(one, parts)))
    return min(sets, key=lambda one: total(one, parts), default=None)


def total(items: Sequence[RankedItem], parts: Sequence[Part]) -> Decimal:
    """What items cost together, each as often as its part says; endless where one has no price."""
    return sum((amount(item) * part.quantity for item, part in zip(items, parts, strict=True)), Decimal(0))


def _pool(
    part: Part, budget: Money | None, wishes: Wishes, rank: Rank, vocabulary: Vocabulary, wide: int
) -> list[RankedItem]:
    alone = part.wishes.model_copy(update={"without": wishes.without, "brand": part.wishes.brand or wishes.brand})
    constraints = to_constraints(alone, vocabulary)
    found = [item for item in best(rank, constraints) if _enough(item, part)]
    if budget is None:
        return found[:wide]
    local = [item for item in found if item.row.price is not None and item.row.price.currency == budget.currency]
    low = [item for item in cheapest(rank, constraints, CHEAPEST) if _enough(item, part)]
    cheap = [item for item in low if item.row.price is not None and item.row.price.currency == budget.currency]
    affordable = [item for item in local if amount(item) * part.quantity <= budget.amount]
    kept = {item.item_id: item for item in (*affordable[: wide - CHEAPEST], *cheap)}
    return list(kept.values())


def _enough(item: RankedItem, part: Part) -> bool:
    """Whether as many are there as are wanted, as far as that is known."""
    return item.row.quantity is None or item.row.quantity >= part.quantity
