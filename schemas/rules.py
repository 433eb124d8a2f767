"""What a shop asks of a list beside relevance: boosts, promotions, diversity, frequency caps and exploration."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from schemas.base import Contract
from schemas.catalog import Attributes, as_tuple
from schemas.ids import Identifier

MAX_BOOST = 100.0
MAX_TAIL = 1_000
MAX_DAYS = 365.0
MAX_SHOWN = 1_000
MAX_SEED = 2**63 - 1
MAX_DIVERSE_K = 1_000
"""The longest list that diversity is for: each place is compared with all candidates."""

Name = Annotated[str, StringConstraints(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(as_tuple)]
"""Alternatives; a single string is read as one."""


class Filter(Contract):
    """Which items a rule is about. Within one field any value is enough, between fields all must hold.

    An item matches if one of those of its variants that keep to the request's constraints does.
    """

    category: Names = ()
    brand: Names = ()
    attributes: Attributes = Field(default_factory=dict)
    items: Annotated[tuple[Identifier, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.category or self.brand or self.attributes or self.items):
            raise ValueError("a filter needs a category, a brand, attributes or items; it would match everything")
        return self


class Boost(Contract):
    """Adds ``by`` to the scores of items; below 0 it pushes them down. Boosts of the same item add up.

    One is one standard deviation of the scores of all eligible items of the request. Scores have no zero that means
    anything, so nothing multiplies them.
    """

    of: Filter
    by: float = Field(ge=-MAX_BOOST, le=MAX_BOOST, allow_inf_nan=False)


class Promotion(Contract):
    """How many of the k places go to items of a filter: its best by score, in the order of their scores.

    At least ``at_least_percent`` of k, rounded up to whole places, and at most ``at_most_percent`` of k, rounded down;
    where no whole number lies between, the first counts. The second gives way where the list would be shorter.
    """

    of: Filter
    at_least_percent: int = Field(default=0, ge=0, le=100)
    at_most_percent: int = Field(default=100, ge=0, le=100)

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.at_most_percent < self.at_least_percent:
            raise ValueError(
                f"at_most_percent {self.at_most_percent} is below at_least_percent {self.at_least_percent}"
            )
        return self


class Diversity(Contract):
    """Maximal marginal relevance (Carbonell and Goldstein 1998) and limits on what is of one kind.

    ``balance`` is its lambda: 1 is the score alone, 0 the distance from what is above alone. At most ``per_brand``
    items have the same brand and ``per_category`` the same category (the whole path); at a place where no eligible item
    keeps to both, they give way. For lists of at most `MAX_DIVERSE_K` items.
    """

    balance: float = Field(default=1.0, ge=0, le=1)
    per_brand: int | None = Field(default=None, ge=1)
    per_category: int | None = Field(default=None, ge=1)


class FrequencyCap(Contract):
    """Leaves out what this shopper was shown in ``shown`` lists or more of the last ``days`` without a response.

    A response is a click, a view of the product or anything that says more. A hard constraint: what it leaves out may
    be missing from the list (``shortfall``). Only for a known shopper, and not with ``personalize=False``.
    """

    shown: int = Field(ge=1, le=MAX_SHOWN)
    days: float = Field(gt=0, le=MAX_DAYS)


class Exploration(Contract):
    """Each place shows, with probability ``epsilon``, one of the next best items in place of its own.

    ``seed`` makes the draw; None: a new one for each request, kept with it.
    """

    epsilon: float = Field(ge=0, le=1)
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)


class Rules(Contract):
    """All rules of a request, applied to what the hard constraints leave.

    No rule lets in an item that is not eligible, and only ``cap`` can make a list shorter. ``tail`` is how many items
    after the k best diversity may choose from and exploration draws from.
    """

    boosts: tuple[Boost, ...] = ()
    promotion: Promotion | None = None
    diversity: Diversity | None = None
    cap: FrequencyCap | None = None
    exploration: Exploration | None = None
    tail: int = Field(default=50, ge=1, le=MAX_TAIL)

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters of all rules."""
        return (*(boost.of for boost in self.boosts), *(() if self.promotion is None else (self.promotion.of,)))


class Effects(Contract):
    """What the rules did to a list.

    ``promoted``: items of the promotion's filter in it; ``promoted_shortfall``: how many fewer than it asks for.
    ``diversity_cost``: the sum of scores without diversity, less that with it, exploration apart; never below 0.
    ``capped``: otherwise eligible items that the frequency cap left out.
    """

    promoted: int = Field(default=0, ge=0)
    promoted_shortfall: int = Field(default=0, ge=0)
    diversity_cost: float = Field(default=0.0, ge=0)
    capped: int = Field(default=0, ge=0)
