"""Lists of items that agents choose among: the best ranked, and the cheapest."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from recommender.conversation.relaxing import Rank
from schemas import Constraints, Money, RankedItem
from schemas.conversation import Candidate

POOL: Final = 200
ROUNDS: Final = 4
"""How often a pool is asked for again among what is cheaper."""


def best(rank: Rank, constraints: Constraints, n: int = POOL) -> tuple[RankedItem, ...]:
    return rank(constraints, n).items


def cheapest(rank: Rank, constraints: Constraints, n: int) -> list[RankedItem]:
    """The `n` cheapest eligible items with a price, the cheapest first; exact if at most POOL tie at a low price."""
    pool = _priced(best(rank, constraints))
    for _ in range(ROUNDS):
        if len(pool) < POOL:
            break
        limit = pool[n - 1].row.price
        cheaper = _priced(best(rank, constraints.model_copy(update={"max_price": limit})))
        if len(cheaper) == len(pool):
            break
        pool = cheaper
    return pool[:n]


def _priced(items: Sequence[RankedItem]) -> list[RankedItem]:
    return sorted((item for item in items if item.row.price is not None), key=lambda item: (amount(item), item.rank))


def amount(item: RankedItem) -> Decimal:
    """Its price; endless where it has none, so that it is never cheap."""
    return Decimal("Infinity") if item.row.price is None else item.row.price.amount


def price_of(item: RankedItem) -> Money:
    """The price of an item that has one."""
    if item.row.price is None:
        raise ValueError(f"item {item.item_id!r} has no price")
    return item.row.price


def falling(items: Sequence[RankedItem], n: int = 10) -> tuple[Candidate, ...]:
    """The first `n` as candidates, the strongest with 1, each less than the one before."""
    first = items[:n]
    return tuple(
        Candidate(item_id=item.item_id, strength=round(1 - place / len(first), 3)) for place, item in enumerate(first)
    )
