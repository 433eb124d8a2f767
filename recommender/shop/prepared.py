"""What a batch prepared for a shopper, as it may be shown now: items still to be had, copy that still holds."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from sqlalchemy import Engine

from recommender.catalog import Mask, cheapest_first, offer_satisfies
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from schemas import Constraints, Prepared, ProductRow, RankedItem, Recommendations
from signals.catalog import CatalogStore
from signals.catalog_entries import Offer
from signals.prepared import BatchRun, PreparedRow, served_row

PREPARED, MAIL = BATCHED = ("prepared", "mail")
"""The endpoints under which lists of batches are logged: served from the database, and sent."""


def prepared_for(engine: Engine, catalog: CatalogStore, view: View, shopper: Shopper, user_id: str) -> Prepared | None:
    """The row of the batch in use; None where there is none for this shopper.

    Price and stock are read again: an item that no longer keeps to the run's constraints, or that the shopper has
    bought or disliked since, is left out (``shortfall``), and the copy is withheld where anything it quotes changed.
    """
    found = served_row(engine, user_id)
    if found is None:
        return None
    run, row = found
    constraints = Constraints.model_validate(run.constraints)
    ids = [item for item, _ in row.items]
    now = _Now(view, constraints, catalog.offers(ids), datetime.now(UTC))
    left_out = set(shopper.disliked) | (set() if constraints.include_bought else set(shopper.bought))
    rows = [now.row(int(item), left_out) for item in view.artifacts.items.find(ids)]
    kept = [(product, score) for product, (_, score) in zip(rows, row.items, strict=True) if product is not None]
    items = tuple(
        RankedItem(item_id=product.item_id, rank=rank, score=score, row=product)
        for rank, (product, score) in enumerate(kept, start=1)
    )
    holds = all(map(_holds, rows, row.quoted))
    return Prepared(
        recommendations=_recommendations(run, row, items, now.as_of),
        copy_text=row.copy_text if holds else None,
        run_id=run.run_id,
        prepared_at=run.as_of,
    )


@dataclass(frozen=True)
class _Now:
    """The catalogue at the moment of serving."""

    view: View
    constraints: Constraints
    offers: Mapping[str, Offer]
    as_of: datetime

    @cached_property
    def _variants(self) -> Mask:
        return self.view.columns.satisfying(self.constraints)

    def row(self, item: int, left_out: Collection[int]) -> ProductRow | None:
        """The cheapest variant that keeps to the constraints; None where there is none, or the item is left out."""
        if item < 0 or item in left_out:
            return None
        columns = self.view.columns
        known = [
            (int(row), self.offers.get(columns.variant_id(int(row)))) for row in columns.rows_of(item, self._variants)
        ]
        kept = [(row, one) for row, one in known if one is not None and offer_satisfies(one, self.constraints)]
        if not kept:
            return None
        row, offer = min(kept, key=lambda one: cheapest_first(one[1]))
        return columns.product_row(row, offer, self.as_of)


def _holds(row: ProductRow | None, quoted: tuple[str, str | None, str | None]) -> bool:
    """Whether the same variant is to be had at the same price as when the copy was written."""
    if row is None or row.variant_id != quoted[0]:
        return False
    if row.price is None or quoted[1] is None:
        return row.price is None and quoted[1] is None
    return (row.price.amount, row.price.currency) == (Decimal(quoted[1]), quoted[2])


def _recommendations(
    run: BatchRun, row: PreparedRow, items: tuple[RankedItem, ...], as_of: datetime
) -> Recommendations:
    short = run.k - len(items)
    return Recommendations(
        request_id=uuid.uuid4().hex,
        user_id=row.user_id,
        items=items,
        k=run.k,
        shortfall=short,
        shortfall_reason=f"of what was prepared, {len(items):,} items are still to be had" if short else None,
        cold_start=row.cold_start,
        personalized=not row.cold_start,
        model_version=run.model_version,
        as_of=as_of,
    )
