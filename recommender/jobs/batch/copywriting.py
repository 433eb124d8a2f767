"""The copy of a part: what a reply says of a list without a question, by the same template, writer and check."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Engine

from recommender.artifacts import Artifacts
from recommender.base_model.choosing import open_writer
from recommender.catalog import CatalogColumns, cheapest_first, offer_satisfies
from recommender.conversation.bulk import write_all
from recommender.conversation.context import WritingContext
from recommender.jobs.batch.job import Job
from recommender.ranking import Ranked
from recommender.shop.requests import Request, reasons_of
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from recommender.shop.shoppers import Shoppers
from schemas import Mode, ProductRow, RankedItem, Surface, Wishes
from signals.catalog import CatalogStore
from signals.catalog_entries import Offer

COPY_ITEMS: Final = 5
"""The first items of a list, which its copy is about."""
SESSION: Final = "batch"


@dataclass(frozen=True)
class Copies:
    """The copy of each shopper and what it quotes, None where there is none; and what became of it."""

    texts: list[str | None]
    quoted: list[list[dict[str, str | None]] | None]
    counts: Counter[str]


class Copywriter:
    def __init__(self, job: Job, engine: Engine, artifacts: Artifacts) -> None:
        self._job = job
        self._catalog = CatalogStore(engine)
        columns = CatalogColumns(self._catalog.rows(as_of=job.as_of), artifacts.items)
        self._view = View.of(artifacts, columns)
        self._variants = columns.satisfying(job.constraints)
        self._model = open_writer(job.writer, threads=1)

    def write(self, user_ids: Sequence[str], shoppers: Shoppers, ranked: Sequence[Ranked]) -> Copies:
        """The copy of each list, and what it quotes; a list of nothing has none."""
        wanted = [place for place, one in enumerate(ranked) if len(one.items)]
        items = np.unique(np.concatenate([one.items[:COPY_ITEMS] for one in ranked]))
        offers = self._catalog.offers(self._view.artifacts.items.ids(items), self._job.as_of)
        contexts = [self._context(user_ids[at], self._shopper(shoppers, at), ranked[at], offers) for at in wanted]
        made = Copies([None] * len(ranked), [None] * len(ranked), Counter())
        for place, context, copy in zip(wanted, contexts, write_all(contexts, self._model), strict=True):
            made.texts[place] = copy.text
            made.quoted[place] = [_quoted(item.row) for item in context.items]
            made.counts["copies"] += 1
            made.counts["copies_of_template"] += copy.failure is not None
            made.counts["sentences_replaced"] += copy.replaced
        return made

    def _shopper(self, shoppers: Shoppers, place: int) -> Shopper:
        return shoppers.one(place, self._view.titles, self._view.artifacts.items)

    def _context(self, user_id: str, shopper: Shopper, ranked: Ranked, offers: Mapping[str, Offer]) -> WritingContext:
        items = ranked.items[:COPY_ITEMS]
        why = reasons_of(Request(self._view, shopper, len(items), self._job.constraints), items)
        shown = tuple(
            RankedItem(
                item_id=product.item_id, rank=rank, score=float(ranked.scores[rank - 1]), row=product, reasons=parts
            )
            for rank, (product, parts) in enumerate(
                zip((self._product(int(item), offers) for item in items), why, strict=True), start=1
            )
        )
        return WritingContext(
            request_id=user_id,
            session_id=SESSION,
            as_of=self._job.as_of,
            items=shown,
            k=len(shown),
            shortfall=0,
            cold_start=not len(shopper.query.items),
            wishes=Wishes(),
            relaxed=(),
            foreign_prices=(),
            small_talk=None,
            mode=Mode.FAST,
            surface=Surface.WEB,
            vocabulary=self._view.vocabulary,
        )

    def _product(self, item: int, offers: Mapping[str, Offer]) -> ProductRow:
        """The cheapest variant that keeps to the constraints, as a request quotes it."""
        columns = self._view.columns
        known = [(int(row), offers[columns.variant_id(int(row))]) for row in columns.rows_of(item, self._variants)]
        kept = [(row, offer) for row, offer in known if offer_satisfies(offer, self._job.constraints)]
        row, offer = min(kept, key=lambda one: cheapest_first(one[1]))
        return columns.product_row(row, offer, self._job.as_of)


def _quoted(row: ProductRow) -> dict[str, str | None]:
    price = row.price
    money = (None, None) if price is None else (str(price.amount), price.currency)
    return {"variant_id": row.variant_id, "amount": money[0], "currency": money[1]}
