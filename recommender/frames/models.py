"""How models do: figures with intervals, where each is strong, and what more data would bring."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Engine

from recommender.dataset import Dataset
from recommender.errors import BadRequestError
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.metrics import RankMetrics
from recommender.evaluation.protocol import measure
from recommender.evaluation.splits import Split
from recommender.jobs.evaluate import EvaluationByTime
from recommender.jobs.reading import Source
from recommender.models import MODELS
from schemas import Columns

K: Final = 10
QUICK: Final = ("popularity", "item_neighbors", "als", "linear")
SHARES: Final = (0.1, 0.25, 0.5, 1.0)
HISTORY: Final = {"1 to 4 events": (1, 5), "5 to 19 events": (5, 20), "20 events or more": (20, np.inf)}
POPULARITY: Final = {"top tenth": (0.0, 0.1), "next four tenths": (0.1, 0.5), "lower half": (0.5, 1.0)}
FEWEST: Final = 10
"""Questions that a slice needs to be shown."""


def models(evaluation: EvaluationByTime) -> pd.DataFrame:
    """Every model and the blend, best first: model, ndcg, ndcg_low, ndcg_high, recall, coverage, weight; cut at 10."""
    rows = []
    for name, measured in evaluation.measured.items():
        at_k = measured.at(K)
        low, high = interval_of_mean(at_k.ndcg, np.random.default_rng(0))
        figures = {"ndcg": float(at_k.ndcg.mean()), "ndcg_low": low, "ndcg_high": high, "recall": at_k.recall.mean()}
        rows.append(
            {
                Columns.MODEL: name,
                **figures,
                "coverage": measured.coverage,
                Columns.WEIGHT: evaluation.weights.get(name),
            }
        )
    return pd.DataFrame(rows).sort_values(["ndcg", Columns.MODEL], ascending=[False, True], ignore_index=True)


def slices(engine: Engine, evaluation: EvaluationByTime, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Recall@10 for one kind of shoppers or sought products; slices of fewer than ten questions are left out.

    Returns
    -------
    DataFrame
        slice ("history" of the shopper, "category" or "popularity" of the sought product), value, model, questions,
        recall, low, high (95 %, bootstrap over the questions).

    Raises
    ------
    BadRequestError : an evaluation of another database, or of data that have changed since
    """
    source = Source.of(engine)
    dataset = source.dataset(evaluation.split_at)
    split = source.split(dataset, evaluation.split_at, source.end)
    some = next(iter(evaluation.measured.values()))
    if not np.array_equal(split.truth.rows, some.rows):
        raise BadRequestError(
            f"the evaluation asks {evaluation.users:,} questions, the database now {len(split):,}: evaluate it again"
        )
    chosen = list(evaluation.measured) if names is None else names
    rows = []
    for kind, value, pairs in _slices(source, dataset, split):
        for name in chosen:
            measured = evaluation.measured[name]
            recall = RankMetrics.at(K, measured.ranks[pairs], measured.rows[pairs], measured.n_queries).recall
            if len(recall) >= FEWEST:
                low, high = interval_of_mean(recall, np.random.default_rng(0))
                rows.append((kind, value, name, len(recall), float(recall.mean()), low, high))
    return pd.DataFrame(rows, columns=["slice", "value", Columns.MODEL, "questions", "recall", "low", "high"])


def learning_curve(
    engine: Engine, names: Sequence[str] = QUICK, shares: Sequence[float] = SHARES, *, seed: int = 0
) -> pd.DataFrame:
    """NDCG@10 of models in their first configuration, fitted on a share of the shoppers.

    All are asked about the same held-out purchases, with whole histories.

    Returns
    -------
    DataFrame
        model, share, n_shoppers (who were fitted on), ndcg.
    """
    source = Source.of(engine)
    dataset = source.dataset(source.split_at)
    split = source.split(dataset, source.split_at, source.end)
    order = np.random.default_rng(seed).permutation(len(dataset.histories)).astype(np.int64)
    rows = []
    for share in shares:
        some = np.sort(order[: max(round(share * len(order)), 1)])
        part = Dataset.from_histories(dataset.histories.take(some), dataset.items)
        for name in names:
            model = MODELS[name].fit(part, MODELS[name].Config(), rng=np.random.default_rng(seed))
            ndcg = measure(model.scores, split, K).figures(K)[f"ndcg@{K}"]
            rows.append({Columns.MODEL: name, "share": share, Columns.SHOPPERS: len(some), "ndcg": ndcg})
    return pd.DataFrame(rows)


def _slices(source: Source, dataset: Dataset, split: Split) -> Iterator[tuple[str, str, npt.NDArray[np.bool_]]]:
    """Name and value of each slice, and which of the sought pairs are in it."""
    sizes = np.diff(split.queries.indptr)[split.truth.rows]
    for value, (least, end) in HISTORY.items():
        yield "history", value, (sizes >= least) & (sizes < end)
    taken = np.bincount(dataset.histories.items, minlength=dataset.n_items)
    place = np.argsort(np.argsort(-taken, kind="stable"))[split.truth.items] / dataset.n_items
    fresh = taken[split.truth.items] == 0
    yield "popularity", "no event before", fresh
    for value, (low, high) in POPULARITY.items():
        yield "popularity", value, ~fresh & (place >= low) & (place < high)
    first = source.catalog.drop_duplicates(Columns.ITEM).set_index(Columns.ITEM)[Columns.CATEGORY]
    names = np.array([path[0] if path else "none" for path in first.loc[dataset.items.ids(range(dataset.n_items))]])
    for name in dict.fromkeys(sorted(names[split.truth.items])):
        yield "category", str(name), names[split.truth.items] == name
