"""What a refresh takes, and what it costs in quality: ALS from factors some days old, beside a fit from nothing."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import numpy as np

from recommender.evaluation.protocol import measure
from recommender.evaluation.splits import Split
from recommender.jobs.reading import Source
from recommender.models.als import ALS, ALSConfig
from tests.benchmarks.sources import Rows, on_both

CONFIGS = (
    ALSConfig(half_life_days=60, embedding_size=64, alpha=1, decay=0.8),
    ALSConfig(embedding_size=256, alpha=20, decay=0.8),
)
GAPS = (1, 7)
"""Days since the factors in use were fitted."""
SEEDS = 3


def run() -> Rows:
    yield from on_both(_refreshes)


def _refreshes(source: Source) -> Rows:
    """NDCG@10 on the last window, of models as of its beginning; means over seeds."""
    now = source.dataset(source.split_at)
    questions = source.split(now, source.split_at, source.end)
    olds = {gap: source.dataset(source.split_at - timedelta(days=gap)) for gap in GAPS}
    for config in CONFIGS:
        size = {"embedding_size": config.embedding_size, "shoppers": len(questions)}
        yield {**size, "from": "nothing", **_measured(partial(ALS.fit, now, config), questions)}
        for gap, before in olds.items():
            old = ALS.fit(before, config, rng=np.random.default_rng(0))
            places = before.items.find(now.items.ids(np.arange(now.n_items)))
            figures = _measured(partial(old.refreshed, now, places), questions)
            yield {**size, "from": f"{gap} days ago", **figures}


def _measured(fit: Callable[..., ALS], questions: Split) -> dict[str, object]:
    seconds, ndcg = [], []
    for seed in range(SEEDS):
        start = time.perf_counter()
        model = fit(rng=np.random.default_rng(seed))
        seconds.append(time.perf_counter() - start)
        ndcg.append(measure(model.scores, questions).figures(10)["ndcg@10"])
    return {"ndcg@10": np.mean(ndcg), "spread": np.ptp(ndcg), "seconds": np.mean(seconds)}
