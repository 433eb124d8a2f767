"""The one place that orders: constraints become masks, and the best eligible items by the blend's score win.

Where trees have been grown, they order the best of the blend's eligible items anew; those beyond stay in the blend's
order behind them.

Up to `EXACT_ITEMS` everything is scored. A larger catalogue is scanned: estimates of all eligible items tell which of
them are worth scoring (`retrieve`). Many histories at once are ranked by `recommender.bulk_ranking`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from recommender.blend import POPULARITY, Asked, Blend, standardise
from recommender.catalog import Mask
from recommender.dataset import Floats, Histories
from recommender.evaluation.splits import Split
from recommender.models.base import Items, Scorer, top_n
from recommender.reranking import CANDIDATES, Reranker

EXACT_ITEMS: Final = 20_000
"""Items of a catalogue up to which the order is that of brute force."""
SCORED: Final = 500
SCORED_PER_WANTED: Final = 3
"""Of a larger catalogue so many items are scored, or so many times the items that are wanted, if that is more."""
NEAREST: Final = 1_000
NEAREST_PER_WANTED: Final = 20
"""So many of the items nearest to a request are scored, or so many for each that is wanted, if that is more."""
LEAST_NEAR: Final = 200
LEAST_NEAR_PER_WANTED: Final = 5
"""So many of these have to be eligible; where they are fewer, all that is eligible is scored."""
OWN: Final = 200
"""The best by behaviour that are scored beside them."""
SPREAD_BY: Final = 8_192
"""Items by which the spread of scores over a large catalogue is told."""
BLOCK: Final = 65_536
SAMPLED: Final = 16
"""One in so many estimates is looked at to tell which are the highest."""


@dataclass(frozen=True)
class Ranked:
    """Item indexes, best first (score descending, then item id ascending), and their scores."""

    items: npt.NDArray[np.int32]
    scores: Floats

    @classmethod
    def of(cls, items: Items, scores: Floats) -> "Ranked":
        """From items in any order."""
        order = np.lexsort((items, -scores))
        return cls(items[order], scores[order])

    def among(self, mask: Mask, n: int) -> "Ranked":
        """The first `n` that `mask`, shape (n_items,), holds for."""
        kept = np.flatnonzero(mask[self.items])[:n]
        return Ranked(self.items[kept], self.scores[kept])


class Order(Protocol):
    """The order of the eligible items for one history."""

    def best(self, among: Mask, n: int) -> Ranked:
        """The `n` best of `among`, all of them eligible, shape (n_items,); fewer if and only if fewer are there."""
        ...


@dataclass(frozen=True)
class Scored:
    """The order by known scores, float32, shape (n_items,)."""

    scores: Floats

    def best(self, among: Mask, n: int) -> Ranked:
        items = top_n(self.scores, among, n)
        return Ranked(items, self.scores[items])


@dataclass(frozen=True)
class Retrieved:
    """The order of a large catalogue.

    Attributes
    ----------
    first : the blend's best eligible items, ordered anew where there are trees
    shift : what is added to the blend's scores of all others, so that they come behind
    """

    asked: Asked
    first: Ranked
    shift: float

    @classmethod
    def of(cls, asked: Asked, reranker: Reranker | None, eligible: Mask) -> "Retrieved":
        first = retrieve(asked, eligible, CANDIDATES)
        if reranker is None or not len(first.items):
            return cls(asked, first, 0.0)
        again = reranker.scores(asked, asked.standardised(first.items), first.items)
        return cls(asked, Ranked.of(first.items, again), float(shift_below(again, first.scores)))

    def best(self, among: Mask, n: int) -> Ranked:
        known = self.first.among(among, n)
        if len(known.items) == n:
            return known
        others = among.copy()
        others[self.first.items] = False
        further = retrieve(self.asked, others, n - len(known.items))
        shifted = further.scores + np.float32(self.shift)
        return Ranked.of(np.concatenate([known.items, further.items]), np.concatenate([known.scores, shifted]))


@dataclass(frozen=True)
class Nearby:
    """What a request is about in a catalogue of very many.

    Attributes
    ----------
    nearest : n -> about the n items that are nearest to it
    scores_of : items -> what it adds to their scores, float32, shape (len(items),)
    """

    nearest: Callable[[int], Items]
    scores_of: Callable[[Items], Floats]


@dataclass(frozen=True)
class NearbyOrder:
    """The order of a large catalogue by behaviour and by what a request is about.

    Of the nearest items and of the best by behaviour all are scored. Where few of the nearest are eligible, every
    eligible item is. ``spread`` is the deviation of the behaviour's scores over the catalogue.
    """

    asked: Asked
    nearby: Nearby
    spread: float

    @classmethod
    def of(cls, asked: Asked, nearby: Nearby, n_items: int) -> Self:
        some = np.linspace(0, n_items - 1, SPREAD_BY).astype(np.int32)
        return cls(asked, nearby, float(asked.scores(some).std()))

    def best(self, among: Mask, n: int) -> Ranked:
        items = self._candidates(among, n)
        scores = np.empty(len(items), dtype=np.float32)
        for start in range(0, len(items), BLOCK):
            scores[start : start + BLOCK] = self.asked.scores(items[start : start + BLOCK])
        scores = scores / np.float32(self.spread) if self.spread > 0 else np.zeros_like(scores)
        found = Ranked.of(items, scores + self.nearby.scores_of(items))
        return Ranked(found.items[:n], found.scores[:n])

    def _candidates(self, among: Mask, n: int) -> Items:
        near = self.nearby.nearest(max(NEAREST, NEAREST_PER_WANTED * n))
        near = near[among[near]]
        if len(near) < max(LEAST_NEAR, LEAST_NEAR_PER_WANTED * n):
            return np.flatnonzero(among).astype(np.int32)
        return np.union1d(near, retrieve(self.asked, among, max(OWN, n)).items).astype(np.int32)


def retrieve(asked: Asked, among: Mask, n: int) -> Ranked:
    """The `n` best of `among` by the blend's score; fewer if and only if fewer are there.

    Exact where at most `SCORED` items are among them. Beyond that, an item that is left out has an estimate below that
    of many times as many items as are wanted (a quantised first pass as in Johnson, Douze and Jégou, "Billion-scale
    similarity search with GPUs", 2017, over the whole blend and without an index, so that any filter may hold).
    """
    items = np.flatnonzero(among).astype(np.int32)
    scored = max(SCORED, SCORED_PER_WANTED * n)
    if len(items) > scored:
        items = items[_highest(asked.estimates(items), scored)]
    found = Ranked.of(items, asked.scores(items))
    return Ranked(found.items[:n], found.scores[:n])


def _highest(values: Floats, n: int) -> npt.NDArray[np.int64]:
    """The places of the `n` highest values, the first ones where they tie, or of up to twice as many.

    A sample gives a threshold for a little more than `n`: that takes a tenth of the time of a partition.
    """
    if n >= len(values):
        return np.arange(len(values))
    sample = values[::SAMPLED]
    rank = min(3 * n // (2 * SAMPLED), len(sample) - 1)
    found = np.flatnonzero(values >= np.partition(sample, len(sample) - 1 - rank)[len(sample) - 1 - rank])
    if n <= len(found) <= 2 * n:
        return found
    lowest = np.partition(values, -n)[-n]
    above = np.flatnonzero(values > lowest)
    return np.concatenate([above, np.flatnonzero(values == lowest)[: n - len(above)]])


@dataclass(frozen=True)
class Ranker:
    """The blend for shoppers with a history, popularity for the others and for who asks not to be personalised."""

    blend: Blend
    popularity: Scorer
    reranker: Reranker | None = None

    def rank(
        self, query: Histories, eligible: Mask, n: int, *, personalize: bool = True, content: Floats | None = None
    ) -> Ranked:
        """The `n` best `eligible` items for one history; fewer if and only if fewer are eligible.

        Up to `EXACT_ITEMS` equal to sorting the whole catalogue by `scores`: nothing is scored after being cut.
        """
        return self.order(self.blend.ask(query), eligible, personalize=personalize, content=content).best(eligible, n)

    def order(
        self, asked: Asked, eligible: Mask, *, personalize: bool = True, content: Floats | Nearby | None = None
    ) -> Order:
        """The order of the `eligible` items for one history; `content` as in `scores`, or of very many items."""
        if isinstance(content, Nearby):
            for_all = Blend({POPULARITY: self.popularity}, {POPULARITY: 1.0})
            own = asked if personalize and len(asked.query.items) else for_all.ask(asked.query)
            return NearbyOrder.of(own, content, self.popularity.n_items)
        is_small = self.popularity.n_items <= EXACT_ITEMS
        if is_small or content is not None or not personalize or not len(asked.query.items):
            return Scored(self.scores(asked, eligible, personalize=personalize, content=content))
        return Retrieved.of(asked, self.reranker, eligible)

    def scores(
        self, asked: Asked, eligible: Mask, *, personalize: bool = True, content: Floats | None = None
    ) -> Floats:
        """What `eligible` items are ordered by for one history, for every item; float32, shape (n_items,).

        Parameters
        ----------
        asked : the blend, asked with the history
        content : float32, shape (n_items,), added to the blend's score, which then has deviation 1
        """
        query = asked.query
        if not personalize or not len(query.items):
            total = self.popularity.scores(query)[0]
        elif self.reranker is None or content is not None:
            total = self.blend.scores(query)[0]
        else:
            scores = {name: one[0] for name, one in self.blend.standardised(query).items()}
            total = ordered_again(asked, self.reranker, scores, eligible)
        return total if content is None else standardise(total[None])[0] + content

    def score(self, query: Histories, item: int) -> float:
        """The score that one item has for a history, whatever else is eligible: the trees', or the blend's."""
        asked, items = self.blend.ask(query), np.array([item], dtype=np.int32)
        if self.reranker is None:
            return float(asked.scores(items)[0])
        return float(self.reranker.scores(asked, asked.standardised(items), items)[0])


def ordered_again(asked: Asked, reranker: Reranker, scores: Mapping[str, Floats], eligible: Mask) -> Floats:
    """Of the blend's best `CANDIDATES` eligible items the trees' scores, of all others the blend's, moved below these.

    Parameters
    ----------
    asked : the blend, asked with one history
    scores : of each member, standardised, for every item; shape (n_items,)

    Returns
    -------
    float32, shape (n_items,)
    """
    total = asked.blend.sum(scores)
    first = top_n(total, eligible, CANDIDATES)
    if not len(first):
        return total
    again = reranker.scores(asked, {name: one[first] for name, one in scores.items()}, first)
    total += shift_below(again, total[first])
    total[first] = again
    return total


def shift_below(again: Floats, before: Floats) -> np.float32:
    """What moves the blend's scores below those that the trees gave to items whose scores were `before`, best first."""
    return np.float32(again.min() - before[-1] - 1)


def scores_of(blend: Blend, reranker: Reranker | None, split: Split, scores: Mapping[str, Floats]) -> Floats:
    """Final scores of every item for the queries of `split`, whose known items are not eligible; float32.

    Parameters
    ----------
    scores : of each member, standardised; shape (len(split), n_items)
    """
    if reranker is None:
        return blend.sum(scores)
    found = []
    for row in range(len(split)):
        own = {name: one[row] for name, one in scores.items()}
        eligible = np.ones(len(next(iter(own.values()))), dtype=np.bool_)
        eligible[split.known.items[split.known.of(row)]] = False
        found.append(ordered_again(blend.ask(split.queries.block(row, row + 1)), reranker, own, eligible))
    return np.stack(found)
