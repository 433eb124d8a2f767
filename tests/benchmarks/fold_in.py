"""A new event counts at once, without training: how far is that answer from the one of models fitted with the event?

Shoppers who did something in the last days are asked about with all they did, once to models fitted before those days
(fold-in) and once to models fitted with them. Beside it: the models of before asked without the new events, which is
what an answer would be if only a training took events in, and the refit with another seed, for no answer can be nearer
to a refit than two refits are to each other. Members, configurations and weights are chosen before all that.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta

import numpy as np
from scipy.stats import rankdata

from recommender.dataset import Dataset, Floats, Histories
from recommender.evaluation.protocol import Scorer
from recommender.jobs.reading import Source
from recommender.models.base import top_n
from recommender.selection import Selection, select
from tests.benchmarks.sources import Rows, on_both

GAPS = (1, 7, 30)
"""Days since the models were fitted."""
TRIALS = 2
SHOPPERS = 500
K = 10


def run() -> Rows:
    yield from on_both(_distances)


def _distances(source: Source) -> Rows:
    recipe, now = _recipe(source), source.dataset(source.end)
    start = time.perf_counter()
    refitted = _scorers(recipe, now, seed=0)
    yield {"refit_seconds": time.perf_counter() - start}
    again = _scorers(recipe, now, seed=1)
    for gap in GAPS:
        before = source.dataset(source.end - timedelta(days=gap))
        stale = _scorers(recipe, before, seed=0)
        full, old = _asked(now, before)
        for model, fold_in in stale.items():
            truth = _answers(refitted[model], full, full)
            answers = {
                "fold_in": _answers(fold_in, full, full),
                "without_the_events": _answers(fold_in, old, full),
                "another_seed": _answers(again[model], full, full),
            }
            near = {f"{what}_{key}": value for what, one in answers.items() for key, value in _nearness(one, truth)}
            new = len(full.items) - len(old.items)
            yield {"days": gap, "shoppers": len(full), "new_events": new, "model": model, **near}


def _recipe(source: Source) -> Selection:
    """What a training chooses before the longest gap begins."""
    end = source.end - timedelta(days=max(GAPS))
    begins = end - source.window
    early = source.dataset(begins)
    return select(early, source.split(early, begins, end), TRIALS, 0)


def _scorers(recipe: Selection, dataset: Dataset, seed: int) -> Mapping[str, Scorer]:
    models = recipe.refit(dataset, seed)
    return {**{name: model.scores for name, model in models.items()}, "blend": recipe.blend(models).scores}


def _asked(now: Dataset, before: Dataset) -> tuple[Histories, Histories]:
    """Shoppers with events on both sides of `before.as_of`: all they did, and what they had done by then."""
    events = now.histories
    old = events.keep(events.times < before.as_of)
    both = np.flatnonzero((np.diff(old.indptr) > 0) & (np.diff(old.indptr) < np.diff(events.indptr)))
    rows = np.sort(np.random.default_rng(0).permutation(both)[:SHOPPERS])
    return events.take(rows), old.take(rows)


def _answers(score: Scorer, asked: Histories, taken_out: Histories) -> Floats:
    """Scores of every item, -inf for those the shopper has had."""
    scores = np.array(score(asked))
    scores[taken_out.rows, taken_out.items] = -np.inf
    return scores


def _nearness(one: Floats, two: Floats) -> Iterator[tuple[str, float]]:
    """Means over the shoppers: the share of the best 10 in common, Spearman's rho over all items they have not had."""
    everything = np.ones(one.shape[1], dtype=np.bool_)
    best = [[set(top_n(row, everything, K).tolist()) for row in scores] for scores in (one, two)]
    yield f"overlap@{K}", float(np.mean([len(a & b) / K for a, b in zip(*best, strict=True)]))
    left = np.isfinite(one)
    ranks = [[rankdata(row[kept]) for row, kept in zip(scores, left, strict=True)] for scores in (one, two)]
    rho = [np.corrcoef(a, b)[0, 1] for a, b in zip(*ranks, strict=True) if a.std() > 0 and b.std() > 0]
    yield "rank_correlation", float(np.mean(rho))
