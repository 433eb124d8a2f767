"""Leave-one-out on public purchase sequences: the blend beside implicit's ALS and BPR, LightFM and cosine item
neighbours, one run each."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from lightfm import LightFM
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from recommender.dataset import Floats
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import measure
from recommender.evaluation.sequences import read_sequences
from recommender.evaluation.splits import LeaveOneOut
from recommender.jobs.evaluate import evaluate_sequences
from tests.conftest import DEFAULT_DATA

FILES = ("amazon_beauty.txt.gz", "amazon_sports.txt.gz", "amazon_video_pairs.txt.gz")
Ranking = Callable[[int, int], Floats]
"""Scores of all items for the shoppers in [start, stop)."""


def run() -> Iterator[dict[str, object]]:
    folder = Path(os.environ.get("RECOMMENDER_DATA", DEFAULT_DATA)) / "sequences"
    for name in FILES:
        path = folder / name
        if not path.is_file():
            yield {"file": name, "skipped": "no public data; name its folder in RECOMMENDER_DATA"}
            continue
        yield {"file": name, "model": "blend", **evaluate_sequences(path).as_json()}
        histories, items = read_sequences(path)
        parts = LeaveOneOut.of(histories, items)
        for peer, fit in PEERS.items():
            yield {"file": name, "model": peer, **_measured(fit, parts)}


def _measured(fit: Callable[[LeaveOneOut], Ranking], parts: LeaveOneOut) -> dict[str, object]:
    start = time.perf_counter()
    with threadpool_limits(1, "blas"):
        score = fit(parts)
        fitted = time.perf_counter()
        place = iter(range(0, len(parts.test), 512))

        def next_block(queries: object) -> Floats:
            begin = next(place)
            return np.asarray(score(begin, begin + len(queries)), dtype=np.float32)  # type: ignore[arg-type]

        measured = measure(next_block, parts.test)
    ndcg = interval_of_mean(measured.at(10).ndcg, np.random.default_rng(0))
    figures = {**measured.figures(10), "ndcg@10_interval": ndcg}
    return {**figures, "fit_seconds": fitted - start, "score_seconds": time.perf_counter() - fitted}


def _als(parts: LeaveOneOut) -> Ranking:
    model = AlternatingLeastSquares(factors=256, alpha=20, regularization=1, iterations=15, random_state=0)
    model.fit(parts.fit.interactions, show_progress=False)
    asked = parts.test.queries.matrix(parts.fit.n_items)
    return lambda start, stop: model.recalculate_user(np.arange(start, stop), asked[start:stop]) @ model.item_factors.T


def _bpr(parts: LeaveOneOut) -> Ranking:
    model = BayesianPersonalizedRanking(factors=64, learning_rate=0.05, iterations=100, random_state=0)
    model.fit(parts.fit.interactions, show_progress=False)
    return lambda start, stop: model.user_factors[start:stop] @ model.item_factors.T


def _lightfm(parts: LeaveOneOut) -> Ranking:
    model = LightFM(no_components=64, loss="warp", learning_rate=0.05, random_state=0)
    model.fit(parts.fit.interactions.tocoo(), epochs=30, num_threads=2)
    _, users = model.get_user_representations()
    biases, items = model.get_item_representations()
    return lambda start, stop: users[start:stop] @ items.T + biases


def _cosine(parts: LeaveOneOut) -> Ranking:
    columns = normalize(parts.fit.interactions, axis=0)
    similarity = (columns.T @ columns).tocsr()
    similarity.setdiag(0)
    asked = parts.test.queries.matrix(parts.fit.n_items, decay=0.5)
    return lambda start, stop: (asked[start:stop] @ similarity).toarray()


PEERS = {
    "implicit ALS 256": _als,
    "implicit BPR 64": _bpr,
    "LightFM WARP 64": _lightfm,
    "cosine item neighbours, history decayed": _cosine,
}
