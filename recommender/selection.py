"""Choose each model's configuration, the blend's members and their weights, on validation data alone.

The rule: every model gets the same number of trials; its best configuration by NDCG@10 stays. The weights are then
found by coordinate ascent on NDCG@10 (Metzler and Croft, "Linear feature-based models for information retrieval",
2007) on bootstrap samples of the queries and averaged (Breiman, "Bagging predictors", 1996), so that a few shoppers
cannot decide them. A member whose weight ends below 0.02 is switched off, and where a single model does better on the
validation data than the blend, it stands alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend, standardise
from recommender.dataset import Dataset, Floats
from recommender.evaluation.protocol import BLOCK, measure
from recommender.evaluation.splits import Split
from recommender.models import MODELS
from recommender.models.base import AnyModel, top_n

K = 10
VALIDATION_QUERIES = 10_000
CANDIDATES_PER_MEMBER = 200
STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0)
ROUNDS = 4
BAGS = 12
BAG_QUERIES = 2_000
LEAST_WEIGHT = 0.02
Progress = Callable[[float, str], object]
"""Called with the share done, in [0, 1], and what is going on."""


def silent(share: float, text: str) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class Trial:
    """One configuration: the model it gave and its NDCG@10 on the validation data, if there was any."""

    model: AnyModel
    ndcg: float | None


@dataclass(frozen=True)
class Selection:
    """Each model's best trial, the weights of the blend (0: switched off), and its NDCG@10 on so many queries."""

    trials: Mapping[str, Trial]
    weights: Mapping[str, float]
    ndcg: float | None
    queries: int

    def refit(self, dataset: Dataset, seed: int, progress: Progress = silent) -> dict[str, AnyModel]:
        """The chosen configurations, fitted on `dataset`."""
        models = {}
        for done, (name, trial) in enumerate(self.trials.items()):
            progress(done / len(self.trials), f"fitting {name} on everything")
            models[name] = type(trial.model).fit(dataset, trial.model.config, rng=np.random.default_rng(seed))
        return models

    def blend(self, models: Mapping[str, AnyModel]) -> Blend:
        weights = {name: weight for name, weight in self.weights.items() if weight > 0}
        return Blend({name: models[name] for name in weights}, weights)


def select(dataset: Dataset, validation: Split, trials: int, seed: int, progress: Progress = silent) -> Selection:
    """Tune every model with the same number of `trials` on `validation`, then the blend of their best."""
    validation = validation.sample(VALIDATION_QUERIES, np.random.default_rng(seed))
    chosen: dict[str, Trial] = {}
    for done, (name, kind) in enumerate(MODELS.items()):
        progress(done / (len(MODELS) + 1), f"tuning {name}")
        best = best_configuration(kind, dataset, validation, trials, np.random.default_rng(seed))
        if best is not None:
            chosen[name] = best
    progress(len(chosen) / (len(chosen) + 1), "weighing the blend")
    pool = candidate_pool({name: trial.model for name, trial in chosen.items()}, validation)
    weights, ndcg = choose_weights(pool, np.random.default_rng(seed))
    return Selection(chosen, dict(zip(chosen, weights.tolist(), strict=True)), ndcg, len(validation))


def unmeasured(dataset: Dataset, weights: Mapping[str, float], seed: int, queries: int = 0) -> Selection:
    """Default configurations with given weights, for where `queries` validation shoppers are too few to choose by."""
    rng = np.random.default_rng(seed)
    trials = {name: Trial(MODELS[name].fit(dataset, MODELS[name].Config(), rng=rng), None) for name in weights}
    return Selection(trials, weights, None, queries)


def best_configuration(
    kind: type[AnyModel], dataset: Dataset, validation: Split, trials: int, rng: np.random.Generator
) -> Trial | None:
    """The best of the model's first `trials` configurations, the earlier one on a tie; None if it has none here.

    Configurations that differ only in how a history is read share one fit.
    """
    fitted: dict[str, AnyModel] = {}
    tried: list[tuple[float, AnyModel]] = []
    seed = rng.integers(2**63)
    for config in kind.trials(dataset)[:trials]:
        key = config.model_dump_json(exclude=set(kind.asked_with))
        if key not in fitted:
            fitted = {key: kind.fit(dataset, config, rng=np.random.default_rng(seed))}
        model = fitted[key].configured(config)
        tried.append((measure(model.scores, validation, K).figures(K)[f"ndcg@{K}"], model))
    if not tried:
        return None
    ndcg, model = max(tried, key=lambda pair: pair[0])
    return Trial(model, ndcg)


@dataclass(frozen=True)
class Pool:
    """The candidates that decide a blend: each member's best items and the truth, for every validation query.

    Attributes
    ----------
    parts : float32, shape (n_members, n_queries, width), standardised scores; -inf where there is no candidate
    truth : bool, shape (n_queries, width)
    ideal : float, shape (n_queries,), the DCG of a perfect list
    """

    parts: Floats
    truth: npt.NDArray[np.bool_]
    ideal: npt.NDArray[np.float64]

    def take(self, queries: npt.NDArray[np.int64]) -> "Pool":
        """The same question about some queries, which may repeat."""
        return Pool(self.parts[:, queries], self.truth[queries], self.ideal[queries])

    def ndcg(self, weights: npt.NDArray[np.float64]) -> float:
        """NDCG@10 of the weighted sum among the candidates, ties counting against it."""
        with np.errstate(invalid="ignore"):
            scores = np.tensordot(weights.astype(np.float32), self.parts, axes=1)
        scores[np.isnan(scores)] = -np.inf
        rows, places = np.nonzero(self.truth & (scores > _runner_up(scores)))
        ranks = np.count_nonzero(scores[rows] >= scores[rows, places][:, None], axis=1) - 1
        gains = np.where(ranks < K, 1.0 / np.log2(ranks + 2.0), 0.0)
        return float(np.mean(np.bincount(rows, gains, minlength=len(self.ideal)) / self.ideal))


def _runner_up(scores: Floats) -> Floats:
    """The best score that is no longer among the first K, per query, shape (n_queries, 1); -inf if all are.

    What does not beat it cannot rank among the first K, ties counting against it: the others need no ranking.
    """
    if scores.shape[1] <= K:
        return np.full((len(scores), 1), -np.inf, dtype=np.float32)
    return -np.partition(-scores, K, axis=1)[:, K : K + 1]


def candidate_pool(models: Mapping[str, AnyModel], validation: Split) -> Pool:
    """Score `validation` with every model and keep what any of them puts near the top."""
    blocks = [_pool_block(models, validation.block(start, start + BLOCK)) for start in range(0, len(validation), BLOCK)]
    width = max(parts.shape[2] for parts, _ in blocks)
    parts = np.concatenate([_widen(parts, width, -np.inf) for parts, _ in blocks], axis=1)
    truth = np.concatenate([_widen(truth, width, fill=False) for _, truth in blocks], axis=0)
    sizes = np.minimum(np.diff(validation.truth.indptr), K)
    discounts = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(K) + 2.0))])
    return Pool(parts, truth, discounts[sizes])


def _pool_block(models: Mapping[str, AnyModel], split: Split) -> tuple[Floats, npt.NDArray[np.bool_]]:
    dense = [split.take_out_known(standardise(model.scores(split.queries))) for model in models.values()]
    everything = np.ones(dense[0].shape[1], dtype=np.bool_)
    picked = []
    for row in range(len(split)):
        best = [top_n(scores[row], everything, CANDIDATES_PER_MEMBER) for scores in dense]
        picked.append(np.unique(np.concatenate([*best, split.truth.items[split.truth.of(row)]])))
    width = max(len(items) for items in picked)
    parts = np.full((len(dense), len(split), width), -np.inf, dtype=np.float32)
    truth = np.zeros((len(split), width), dtype=np.bool_)
    for row, items in enumerate(picked):
        parts[:, row, : len(items)] = [scores[row, items] for scores in dense]
        truth[row, : len(items)] = np.isin(items, split.truth.items[split.truth.of(row)])
    return parts, truth


def _widen(array: npt.NDArray[Any], width: int, fill: float | bool) -> npt.NDArray[Any]:
    missing = width - array.shape[-1]
    return np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, missing)], constant_values=fill)


def choose_weights(pool: Pool, rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], float]:
    """Weights of the members, >= 0, summing to 1, shape (n_members,), and the NDCG@10 they reach."""
    n_queries, n = len(pool.truth), len(pool.parts)
    size = min(n_queries, BAG_QUERIES)
    bags = [pool.take(rng.choice(n_queries, size)) for _ in range(BAGS)]
    bagged = np.mean([_normalised(_climb(bag)) for bag in bags], axis=0)
    bagged = _normalised(np.where(bagged < LEAST_WEIGHT, 0.0, bagged))
    return max(((weights, pool.ndcg(weights)) for weights in (bagged, *np.eye(n))), key=lambda pair: pair[1])


def _normalised(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return weights / weights.sum()


def _climb(pool: Pool) -> npt.NDArray[np.float64]:
    """From the best single model, improve one weight after the other until a whole round changes nothing."""
    singles = np.eye(len(pool.parts))
    weights, best = max(((single, pool.ndcg(single)) for single in singles), key=lambda pair: pair[1])
    for _ in range(ROUNDS):
        before = best
        for member in range(len(weights)):
            weights, best = _ascend(pool, weights, best, member)
        if best <= before:
            break
    return weights


def _ascend(
    pool: Pool, weights: npt.NDArray[np.float64], best: float, member: int
) -> tuple[npt.NDArray[np.float64], float]:
    """Try every step for one member's weight, the others kept."""
    kept = weights
    for step in STEPS:
        tried = weights.copy()
        tried[member] = step * weights.max()
        value = pool.ndcg(tried) if tried.any() else -1.0
        if value > best:
            kept, best = tried, value
    return kept, best
