"""Value: the cheapest, what is well liked for its price, and sets within a budget."""

from collections.abc import Mapping, Sequence
from typing import Final

from recommender.conversation.agents.base import NOTHING, Brief
from recommender.conversation.agents.pools import amount, best, cheapest, falling
from recommender.conversation.agents.sets import choose_set, total
from recommender.conversation.relaxing import to_constraints
from recommender.wording import price_text
from schemas import RankedItem, Wishes
from schemas.conversation import Proposal, SetAside, SetPart

NO_SUBJECT: Final[Mapping[str, object]] = {
    name: getattr(Wishes(), name) for name in ("category", "keywords", "attributes", "brand", "min_price", "max_price")
}


class Value:
    name: Final = "value"
    share: Final = 1.0

    def propose(self, brief: Brief) -> Proposal:
        if brief.is_set:
            return _set(brief)
        needs, constraints = brief.needs, to_constraints(brief.wishes, brief.vocabulary)
        if not (needs.cheap or needs.liked):
            return NOTHING
        if not needs.liked:
            return Proposal(candidates=falling(cheapest(brief.tools.popular, constraints, 10)))
        pool = [item for item in best(brief.tools.popular, constraints) if item.row.price is not None]
        return Proposal(candidates=falling(_worth(pool, brief) if needs.cheap else pool))


def _worth(pool: Sequence[RankedItem], brief: Brief) -> list[RankedItem]:
    """The better liked half, the cheapest first; for the best value, least of rank and price together."""
    if not brief.needs.best_value:
        return sorted(pool[: -(-len(pool) // 2)], key=lambda item: (amount(item), item.rank))
    prices = sorted(amount(item) for item in pool)
    return sorted(pool, key=lambda item: (item.rank + prices.index(amount(item)), item.rank))


def _set(brief: Brief) -> Proposal:
    needs, wishes = brief.needs, brief.wishes
    chosen = choose_set(needs.parts, needs.budget, wishes, brief.tools.rank, brief.vocabulary)
    if chosen is None:
        return NOTHING
    parts = tuple(
        SetPart(item_id=item.item_id, quantity=part.quantity) for item, part in zip(chosen, needs.parts, strict=True)
    )
    kept = wishes.model_copy(update=NO_SUBJECT)
    over = _over(chosen, brief)
    return Proposal(parts=parts, wishes=kept, set_aside=over, budget=None if over else needs.budget)


def _over(chosen: Sequence[RankedItem], brief: Brief) -> tuple[SetAside, ...]:
    """The budget, where even the cheapest set is above it."""
    budget = brief.needs.budget
    if budget is None or total(chosen, brief.needs.parts) <= budget.amount:
        return ()
    return (SetAside(field="max_price", value=f"the price limit of {price_text(budget)}"),)
