"""Held-out purchases as questions to a writer: which of five products did this shopper buy next?

The five are the one that was bought and four others of the ranker's best 50, in any order. A reply of the chat shows
five, most of what the bundled writer learned from has five, and the handle of each is one of its tokens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend
from recommender.catalog import CatalogColumns
from recommender.conversation.context import WritingContext
from recommender.conversation.prompt import writing_prompt
from recommender.conversation.vocabulary import Vocabulary
from recommender.dataset import Floats, Histories
from recommender.explain import Deed, reasons
from recommender.jobs.reading import Source
from recommender.models.als import ALS
from recommender.models.base import top_n
from recommender.prompts import Prompt
from recommender.selection import Budget, candidate_pool, choose_weights, silent, tune
from schemas import Columns, EventKind, Mode, RankedItem, Reason, Surface, Wishes

CANDIDATES: Final = 5
POOL: Final = 50
WEIGHING: Final = 500
"""Shoppers by whom the blend's weights are chosen."""
_KINDS: Final = (
    (0.9, EventKind.PURCHASE),
    (0.45, EventKind.ADD_TO_CART),
    (0.35, EventKind.WISHLIST),
    (0.12, EventKind.CLICK),
    (0.0, EventKind.VIEW),
)
"""What an event of at least so much weight was."""
_NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Purchase:
    """One purchase that the ranker had among its best.

    Attributes
    ----------
    shopper : float32, shape (size,), the ALS vector of who bought, as of before
    bought : index of the item
    others : int32, the rest of the ranker's best, none of which was bought
    scores : the ranker's, by item index
    reasons : why each of the best is among them, by item index
    """

    shopper: Floats
    bought: int
    others: npt.NDArray[np.int32]
    scores: Mapping[int, float]
    reasons: Mapping[int, tuple[Reason, ...]]

    def draw(self, rng: np.random.Generator) -> "Choice":
        others = rng.choice(self.others, CANDIDATES - 1, replace=False)
        items = rng.permutation(np.append(others, self.bought))
        return Choice(self, items, int(np.flatnonzero(items == self.bought)[0]))


@dataclass(frozen=True)
class Choice:
    """Candidates in the order in which they are told, int32, shape (CANDIDATES,), and which of them is the answer."""

    purchase: Purchase
    items: npt.NDArray[np.int32]
    answer: int


@dataclass(frozen=True)
class Shelf:
    """The rows of a shop and its words."""

    columns: CatalogColumns
    vocabulary: Vocabulary

    @classmethod
    def of(cls, source: Source) -> Self:
        columns = CatalogColumns(source.catalog, source.items)
        return cls(columns, Vocabulary.from_rows(columns.product_rows(_NOW)))

    def prompt(self, choice: Choice, *, signals: bool) -> Prompt:
        """As the chat makes it; without ``signals`` it says nothing of the shopper."""
        rows = self.columns.quoted(choice.items.tolist(), _NOW)
        why = choice.purchase.reasons if signals else {}
        items = tuple(
            RankedItem(item_id=row.item_id, rank=rank, score=0.0, row=row, reasons=why.get(int(item), ()))
            for rank, (item, row) in enumerate(zip(choice.items, rows, strict=True), 1)
        )
        return writing_prompt(
            WritingContext(
                request_id="held-out",
                session_id="held-out",
                as_of=_NOW,
                items=items,
                k=CANDIDATES,
                shortfall=0,
                cold_start=False,
                wishes=Wishes(),
                relaxed=(),
                foreign_prices=(),
                small_talk=None,
                mode=Mode.SHOPPING,
                surface=Surface.WEB,
                vocabulary=self.vocabulary,
                request="what would you recommend?",
            )
        )


@dataclass(frozen=True)
class Ranker:
    """A blend and the ALS whose vectors stand for shoppers, older than all that is asked of them; titles by item id."""

    source: Source
    blend: Blend
    als: ALS
    titles: Mapping[str, str]

    @classmethod
    def fitted(cls, source: Source, as_of: datetime) -> Self:
        """On what is older than `as_of`; weights by the purchases of the window after it."""
        dataset = source.dataset(as_of)
        window = source.split(dataset, as_of, as_of + source.window).sample(WEIGHING, np.random.default_rng(0))
        chosen = tune(dataset, window, 1, 0, Budget(None), silent)
        models = {name: trial.model for name, trial in chosen.items()}
        weights, _ = choose_weights(candidate_pool(models, window, lambda: True), np.random.default_rng(0))
        used = {name: float(weight) for name, weight in zip(models, weights, strict=True) if weight > 0}
        als = models[ALS.name]
        if not isinstance(als, ALS):
            raise TypeError(f"the model named {ALS.name} is a {type(als).__name__}")
        titles = dict(zip(source.catalog[Columns.ITEM], source.catalog[Columns.TITLE], strict=True))
        return cls(source, Blend({name: models[name] for name in used}, used), als, titles)

    def purchases(self, start: datetime, length: timedelta, each: int, rng: np.random.Generator) -> Iterator[Purchase]:
        """What shoppers bought new within `length` of `start` and the ranker had among its best; `each` at most.

        The ranker is asked with all they had done by `start`.
        """
        split = self.source.split(self.source.dataset(start), start, start + length)
        for row in range(len(split)):
            block = split.block(row, row + 1)
            scores = block.take_out_known(self.blend.scores(block.queries))[0]
            best = top_n(scores, np.isfinite(scores), POOL)
            bought = np.intersect1d(best, block.truth.items)
            others = np.setdiff1d(best, bought)
            if not len(bought) or len(others) < CANDIDATES - 1:
                continue
            why = reasons(self.blend.ask(block.queries), self._deeds(block.queries), best)
            scored = dict(zip(best.tolist(), scores[best].tolist(), strict=True))
            explained = dict(zip(best.tolist(), why, strict=True))
            vector = self.als.ask(block.queries).vector
            for item in rng.permutation(bought)[:each]:
                yield Purchase(vector, int(item), others, scored, explained)

    def _deeds(self, history: Histories) -> list[Deed]:
        """The events of one history as reasons quote them."""
        ids = self.source.items.ids(history.items)
        return [
            Deed(item_id, self.titles[item_id], next(kind for least, kind in _KINDS if weight >= least), _NOW)
            for item_id, weight in zip(ids, history.weights.tolist(), strict=True)
        ]
