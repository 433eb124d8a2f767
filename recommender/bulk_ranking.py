"""The order of `recommender.ranking` for many histories at once: a model is asked once for a whole block of them."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from recommender.blend import AskedAll
from recommender.catalog import Mask
from recommender.dataset import Floats, Histories
from recommender.models.base import Items, Lists
from recommender.ranking import Ranked, Ranker, shift_below
from recommender.reranking import CANDIDATES, Reranker, features_of_all

BATCH_SCORES: Final = 2**23
BATCH_HISTORIES: Final = 1_000
"""So many scores are held at a time, of at most so many histories: memory is bounded in small catalogues too."""


def rank_all(ranker: Ranker, queries: Histories, known: Histories, eligible: Mask, n: int) -> Iterator[Ranked]:
    """As `ranker.rank` for each history, in their order, without what is `known` in the same row.

    Everything is scored exactly, in a large catalogue too; memory does not grow with the number of histories.
    """
    n_items = ranker.popularity.n_items
    block = min(max(BATCH_SCORES // n_items, 1), BATCH_HISTORIES)
    buffer = np.empty((min(block, len(queries)), n_items), dtype=np.float32)
    start_at = np.where(eligible, np.float32(0), np.float32(-np.inf))
    for start in range(0, len(queries), block):
        asked = ranker.blend.ask_all(queries.block(start, start + block))
        total, left_out = buffer[: len(asked.queries)], known.block(start, start + block)
        total[:] = start_at
        total[left_out.rows, left_out.items] = -np.inf
        yield from _ranked(ranker, asked, total, n)


def _ranked(ranker: Ranker, asked: AskedAll, total: Floats, n: int) -> Iterator[Ranked]:
    """The `n` best for each history; `total`, shape (len(asked.queries), n_items), is 0, or -inf where not eligible."""
    silent = np.flatnonzero(np.diff(asked.queries.indptr) == 0)
    eligible = np.isfinite(total[silent])
    spreads = asked.add_whole(total)
    total[silent] = np.where(eligible, ranker.popularity.scores(asked.queries.take(silent)), -np.inf)
    found, scores = _highest(total, n if ranker.reranker is None else max(n, CANDIDATES))
    if ranker.reranker is None:
        for row in range(len(total)):
            first = found.of(row)
            yield Ranked(found.items[first], scores[first])
    else:
        yield from _again(ranker.reranker, asked, spreads, found, scores, n)


def _again(
    reranker: Reranker, asked: AskedAll, spreads: dict[str, Floats], found: Lists, scores: Floats, n: int
) -> Iterator[Ranked]:
    """The first `CANDIDATES` of who has a history in the order of the trees, which see all candidates at once."""
    speaking = np.diff(asked.queries.indptr) > 0
    counts = np.where(speaking, np.minimum(np.diff(found.indptr), CANDIDATES), 0)
    first = Lists(
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([found.items[at : at + count] for at, count in zip(found.indptr, counts, strict=False)]),
    )
    judged = reranker.judged(features_of_all(asked, reranker.facts, spreads, first))
    for row in range(len(counts)):
        own = found.of(row)
        again = judged[first.of(row)]
        yield _led_by(found.items[own], scores[own], again, n)


def _led_by(items: Items, scores: Floats, again: Floats, n: int) -> Ranked:
    """The first items ordered by their new scores, the others behind them."""
    if not len(again):
        return Ranked(items[:n], scores[:n])
    led = Ranked.of(items[: len(again)], again)
    others = scores[len(again) : n] + shift_below(again, scores[: len(again)])
    return Ranked(np.concatenate([led.items, items[len(again) : n]])[:n], np.concatenate([led.scores, others])[:n])


def _highest(scores: Floats, n: int) -> tuple[Lists, Floats]:
    """The `n` highest scores of each row, shape (n_rows, n_items), that are not -inf, and their items."""
    from recommender.highest import highest  # noqa: PLC0415  # small catalogues are answered without the compiler

    shape = len(scores), min(n, scores.shape[1])
    items, found, counts = np.empty(shape, np.int32), np.empty(shape, np.float32), np.empty(len(scores), np.int64)
    highest(scores, shape[1], items, found, counts)
    there = np.arange(shape[1]) < counts[:, None]
    return Lists(np.concatenate([[0], np.cumsum(counts)]), items[there]), found[there]
