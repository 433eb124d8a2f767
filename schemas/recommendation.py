"""What is asked of the ranking and what it answers."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.base import Contract, UtcDatetime
from schemas.catalog import Attributes, ProductRow, as_tuple
from schemas.events import EventKind
from schemas.hearing import Heard
from schemas.ids import Identifier
from schemas.money import Money
from schemas.rules import Effects, Rules

MAX_K = 10_000
Values = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
"""Alternatives; a single string is read as one."""


class Constraints(Contract):
    """Hard conditions: an item that breaks one is never returned.

    An item satisfies them if one of its variants satisfies all of them. Within one field any value is enough
    (``category=("Mugs", "Cups")``: either), between fields all must hold. Names and values are compared without
    regard to case. ``without`` maps "category", "brand" or an attribute's name to values that must not occur.
    ``keywords`` must each occur as a word in the item's title, category, brand or attribute values.
    ``items``, where there are any, are the only ones that may come. Bought items are left out unless
    ``include_bought``.
    """

    min_price: Money | None = None
    max_price: Money | None = None
    in_stock: bool = True
    category: Values = ()
    brand: Values = ()
    attributes: Attributes = Field(default_factory=dict)
    without: Attributes = Field(default_factory=dict)
    keywords: Values = ()
    exclude: Annotated[tuple[Identifier, ...], BeforeValidator(as_tuple)] = ()
    items: Annotated[tuple[Identifier, ...], BeforeValidator(as_tuple)] = ()
    include_bought: bool = False

    @model_validator(mode="after")
    def _prices_agree(self) -> Self:
        if self.min_price is not None and self.max_price is not None and self.max_price < self.min_price:
            raise ValueError(f"max_price {self.max_price.amount} is below min_price {self.min_price.amount}")
        return self


class Asked(Contract):
    """What a list was ranked by, beside its constraints and what was known of the shopper and the shop.

    ``within`` are further constraints that held at the same time. ``text`` and ``photo`` are vectors by the encoder of
    the artifacts: float32, least byte first, as base64. ``text_weight`` is how much the text counted. ``rules`` have
    the seed of their exploration; ``capped`` is what their frequency cap left out. ``liked`` was liked in the
    conversation, ``dwelt_on`` talked of again and again, and ``beside`` is the item that the list should go with.
    """

    personalize: bool = True
    within: Constraints | None = None
    text: str | None = None
    photo: str | None = None
    text_weight: float | None = None
    rules: Rules = Rules()
    capped: tuple[Identifier, ...] = ()
    liked: tuple[Identifier, ...] = ()
    dwelt_on: tuple[Identifier, ...] = ()
    beside: Identifier | None = None


class ReasonKind(StrEnum):
    HISTORY = "history"
    POPULAR = "popular"
    FEATURE = "feature"
    PHOTO = "photo"
    WORDS = "words"


class Reason(Contract):
    """Why an item is where it is: a part of its score.

    For ``history``, ``item_id`` is the shopper's own item that moved it and ``event_kind`` what they did with it;
    for ``feature``, ``feature`` names the product feature; ``photo`` and ``words``: it is like the photo, or the text,
    of the request; ``contribution`` is the share of the score, boosts apart, in [0, 1].
    """

    kind: ReasonKind
    contribution: float
    item_id: Identifier | None = None
    title: str | None = None
    event_kind: EventKind | None = None
    occurred_at: UtcDatetime | None = None
    feature: str | None = None


class Influence(Contract):
    """A shopper's own item, the weightiest they did with it, and the score they would have without all of that."""

    item_id: Identifier
    title: str | None
    event_kind: EventKind
    occurred_at: UtcDatetime
    score_without: float


class Explanation(Contract):
    """What of a shopper's history moved one item's score: every item of it, the one that raised it most first."""

    user_id: Identifier
    item_id: Identifier
    score: float
    influences: tuple[Influence, ...]
    model_version: str


class RankedItem(Contract):
    """``promoted``: of the filter of the request's promotion. ``score`` has the boosts in it.

    ``propensity`` is the probability that this item is shown at this rank, over the seeds of the request's exploration;
    places are drawn independently, so that of the whole list is the product.
    """

    item_id: Identifier
    rank: int = Field(ge=1)
    score: float
    row: ProductRow
    reasons: tuple[Reason, ...] = ()
    promoted: bool = False
    propensity: float = Field(default=1.0, ge=0, le=1)


class Recommendations(Contract):
    """A ranked list. ``shortfall`` = k - len(items) > 0 if and only if fewer than k eligible items exist.

    ``relaxed`` names the wishes of a search that had to be dropped to find anything; ``effects`` is what rules did to
    the list, None where there are none; ``heard`` is what a voice note of the search was understood to say.
    """

    request_id: Identifier
    user_id: Identifier | None
    items: tuple[RankedItem, ...]
    k: int = Field(ge=1, le=MAX_K)
    shortfall: int = Field(ge=0)
    shortfall_reason: str | None = None
    relaxed: tuple[str, ...] = ()
    effects: Effects | None = None
    heard: Heard | None = None
    cold_start: bool
    personalized: bool
    model_version: str
    as_of: UtcDatetime


class Prepared(Contract):
    """What a batch prepared for a shopper, as it may be shown now.

    ``prepared_at`` is the moment that the batch saw; price and stock are those of ``recommendations.as_of``.
    ``copy_text`` is None where none was written, or where something that it quotes has changed since.
    """

    recommendations: Recommendations
    copy_text: str | None
    run_id: Identifier
    prepared_at: UtcDatetime
