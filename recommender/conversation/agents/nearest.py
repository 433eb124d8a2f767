"""Where nothing fits all wishes: the one that has to give least, and how far.

A price a little above the limit, or a colour close to the wished one, breaks less than a wish dropped as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from recommender.conversation.agents.pools import amount, best, cheapest, falling
from recommender.conversation.lexicon import COLOUR, NEAR_COLOURS
from recommender.conversation.relaxing import Rank, Step, steps, to_constraints
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.text import words
from schemas import Money, RankedItem, Wishes
from schemas.conversation import Proposal, SetAside

NEAR_COLOUR: Final = 0.15
DROPPED: Final = {KEYWORDS: 0.6, BRAND: 0.5, CATEGORY: 1.0}
"""How much it breaks a wish to drop it; an attribute breaks less. A price breaks by the share it is off the limit."""
ATTRIBUTE: Final = 0.4
SLACK: Final = Decimal("0.05")
"""How far beyond the nearest price others may lie, as a share of it."""
SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class _Break:
    cost: float
    wishes: Wishes
    step: Step
    nearest_first: tuple[RankedItem, ...] = ()


def nearest(wishes: Wishes, rank: Rank, vocabulary: Vocabulary) -> Proposal | None:
    """The wishes with one of them widened or left out, the one that breaks least; None where no single one helps."""
    found = [broken for step in steps(wishes, vocabulary) for broken in _breaks(step, wishes, rank, vocabulary)]
    if not found:
        return None
    least = min(found, key=lambda broken: broken.cost)
    aside = SetAside(field=least.step.dropped.field, value=least.step.dropped.value)
    return Proposal(candidates=falling(least.nearest_first, SHOWN), wishes=least.wishes, set_aside=(aside,))


def _breaks(step: Step, wishes: Wishes, rank: Rank, vocabulary: Vocabulary) -> Iterator[_Break]:
    """The ways in which one wish can give so that something fits."""
    name, without = step.dropped.field, step.leave_out(wishes)
    constraints = to_constraints(without, vocabulary)
    if name == "max_price" and wishes.max_price is not None:
        above = cheapest(rank, constraints, SHOWN)
        if above and wishes.max_price.amount > 0:
            yield _above(wishes.max_price, above, without, step)
        return
    pool = best(rank, constraints)
    if not pool:
        return
    near = _near_colours(name, wishes, pool)
    if near:
        attributes = {**wishes.attributes, name: near}
        yield _Break(NEAR_COLOUR, wishes.model_copy(update={"attributes": attributes}), step)
    yield _Break(DROPPED.get(name, ATTRIBUTE), without, step)


def _above(limit: Money, above: list[RankedItem], without: Wishes, step: Step) -> _Break:
    lowest = amount(above[0])
    raised = Money(round(lowest * (1 + SLACK), 2), limit.currency)
    within = tuple(item for item in above if amount(item) <= raised.amount)
    cost = float((lowest - limit.amount) / limit.amount)
    return _Break(cost, without.model_copy(update={"max_price": raised}), step, within)


def _near_colours(name: str, wishes: Wishes, pool: tuple[RankedItem, ...]) -> tuple[str, ...]:
    """Colours of the pool that are close to the wished ones; none where the wish is about something else."""
    if words(name) != [COLOUR]:
        return ()
    close = {
        family for family in NEAR_COLOURS for value in wishes.attributes[name] if not family.isdisjoint(words(value))
    }
    values = (value for item in pool for value in item.row.attributes.get(name, ()))
    return tuple(dict.fromkeys(value for value in values if any(not f.isdisjoint(words(value)) for f in close)))
