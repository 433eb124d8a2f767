"""Choose each model's configuration, the blend's members, their weights and its trees, on validation data alone.

The rule: every model gets the same number of trials, in turns while there is time; its best configuration by NDCG@10
stays. The weights are then
found by coordinate ascent on NDCG@10 (Metzler and Croft, "Linear feature-based models for information retrieval",
2007) on bootstrap samples of the queries and averaged (Breiman, "Bagging predictors", 1996), so that a few shoppers
cannot decide them. A member whose weight ends below 0.02 is switched off, and where a single model does better on the
validation data than the blend, it stands alone. Trees order its best anew where `growing` finds that they help.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend, standardise
from recommender.dataset import Dataset, Floats
from recommender.errors import BadRequestError
from recommender.evaluation.protocol import BLOCK, measure
from recommender.evaluation.splits import Split
from recommender.growing import InTime, grown
from recommender.models import MODELS
from recommender.models.base import AnyModel, ModelConfig, top_n
from recommender.rank_counts import rivals
from recommender.reranking import ItemFacts, Reranker
from recommender.threads import let_others_compute

if TYPE_CHECKING:
    from lightgbm import Booster

K = 10
TUNING_QUERIES = 3_000
WEIGHING_QUERIES = 4_000
GROWING_QUERIES = 25_000
CANDIDATES_PER_MEMBER = 100
STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0)
ROUNDS = 4
BAGS = 12
BAG_QUERIES = 2_000
LEAST_WEIGHT = 0.02
TUNING_SHARE, WEIGHING_SHARE, GATHERING_SHARE = 0.3, 0.4, 0.65
"""Shares of the time by which tuning, the scores for the weights, and those for the trees are to be done."""
Progress = Callable[[float, str], object]
"""Called with the share done, in [0, 1], and what is going on."""


def silent(share: float, text: str) -> None:
    """No progress shown."""


class Budget:
    """Seconds that a choice may take, from now on; None: as many as it takes."""

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            raise BadRequestError(f"the time to choose in must be above 0 seconds, got {seconds}")
        self._seconds, self._began = seconds, time.monotonic()

    def allows(self, share: float, seconds: float = 0.0) -> bool:
        """Whether something that takes so many `seconds` ends within a `share` of the time."""
        return self._seconds is None or time.monotonic() - self._began + seconds < share * self._seconds


@dataclass(frozen=True)
class Trial:
    """One configuration: the model it gave and its NDCG@10 on the validation data, if there was any."""

    model: AnyModel
    ndcg: float | None


@dataclass(frozen=True)
class Selection:
    """Each model's best trial, the blend's weights (0: switched off), its trees, its NDCG@10 on so many queries."""

    trials: Mapping[str, Trial]
    weights: Mapping[str, float]
    ndcg: float | None
    queries: int
    trees: "Booster | None" = None

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

    def reranker(self, dataset: Dataset) -> Reranker | None:
        """The second stage, for models fitted on `dataset`."""
        return None if self.trees is None else Reranker(self.trees, ItemFacts.of(dataset))


def select(
    dataset: Dataset,
    validation: Split,
    trials: int,
    seed: int,
    progress: Progress = silent,
    budget_seconds: float | None = None,
) -> Selection:
    """Tune every model on `validation` with at most so many `trials`, then the blend of their best, then its trees.

    Parameters
    ----------
    budget_seconds : in which the best that can be had is to be found; None for all trials however long they take
    """
    let_others_compute()
    budget, rng = Budget(budget_seconds), np.random.default_rng(seed)
    tuning, weighing = validation.sample(TUNING_QUERIES, rng), validation.shuffled(WEIGHING_QUERIES, rng)
    chosen = tune(dataset, tuning, trials, seed, budget, lambda share, text: progress(TUNING_SHARE * share, text))
    progress(TUNING_SHARE, "weighing the blend")
    models = {name: trial.model for name, trial in chosen.items()}
    pool = candidate_pool(models, weighing, lambda: budget.allows(WEIGHING_SHARE))
    weights, ndcg = choose_weights(pool, np.random.default_rng(seed))
    selection = Selection(chosen, dict(zip(chosen, weights.tolist(), strict=True)), ndcg, len(pool.truth))
    progress(WEIGHING_SHARE, "growing trees")
    growing = validation.shuffled(GROWING_QUERIES, rng)
    found = grown(selection.blend(models), dataset, growing, seed, lambda: budget.allows(GATHERING_SHARE))
    return selection if found is None else replace(selection, trees=found.trees, ndcg=found.ndcg, queries=found.queries)


def tune(
    dataset: Dataset, validation: Split, trials: int, seed: int, budget: Budget, progress: Progress
) -> dict[str, Trial]:
    """Each model's best configuration, by name: all the first ones, then the second ones, while there is time."""
    searches = {name: Search(kind, dataset, validation, seed) for name, kind in MODELS.items()}
    for turn in range(trials):
        for place, (name, search) in enumerate(searches.items()):
            progress((turn + place / len(searches)) / trials, f"tuning {name}")
            if turn == 0 or budget.allows(TUNING_SHARE, search.seconds):
                search.step()
    return {name: search.best for name, search in searches.items() if search.best is not None}


def unmeasured(dataset: Dataset, weights: Mapping[str, float], seed: int, queries: int = 0) -> Selection:
    """Default configurations with given weights, for where `queries` validation shoppers are too few to choose by."""
    rng = np.random.default_rng(seed)
    trials = {name: Trial(MODELS[name].fit(dataset, MODELS[name].Config(), rng=rng), None) for name in weights}
    return Selection(trials, weights, None, queries)


class Search:
    """The configurations of one model, tried one after the other; the earlier one is the better on a tie.

    Next comes the one that changes the fewest fields of the best so far. Those that differ only in how a history is
    read share one fit with the best, or with the last.
    """

    def __init__(self, kind: type[AnyModel], dataset: Dataset, validation: Split, seed: int) -> None:
        self._kind, self._dataset, self._validation, self._seed = kind, dataset, validation, seed
        self._left = kind.trials(dataset)
        self._fitted: dict[str, AnyModel] = {}
        self.best: Trial | None = None
        self.seconds = 0.0
        """What the longest step took."""

    def step(self) -> None:
        """Try the next configuration, if there is one."""
        if not self._left:
            return
        began = time.monotonic()
        config = min(self._left, key=self._changes)
        self._left.remove(config)
        key = self._fit_of(config)
        if key not in self._fitted:
            self._fitted[key] = self._kind.fit(self._dataset, config, rng=np.random.default_rng(self._seed))
        model = self._fitted[key].configured(config)
        ndcg = measure(model.scores, self._validation, K).figures(K)[f"ndcg@{K}"]
        if self.best is None or self.best.ndcg is None or ndcg > self.best.ndcg:
            self.best = Trial(model, ndcg)
        needed = {key, self._fit_of(self.best.model.config)}
        self._fitted = {name: fitted for name, fitted in self._fitted.items() if name in needed}
        self.seconds = max(self.seconds, time.monotonic() - began)

    def _changes(self, config: ModelConfig) -> int:
        """How many fields differ from the best configuration."""
        if self.best is None:
            return 0
        best = self.best.model.config.model_dump()
        return sum(value != best[name] for name, value in config.model_dump().items())

    def _fit_of(self, config: ModelConfig) -> str:
        """What the fitting depends on."""
        return config.model_dump_json(exclude=set(self._kind.asked_with))


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

    @cached_property
    def true_places(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        rows, places = np.nonzero(self.truth)
        return rows, places

    def take(self, queries: npt.NDArray[np.int64]) -> "Pool":
        """The same question about some queries, which may repeat."""
        return Pool(self.parts[:, queries], self.truth[queries], self.ideal[queries])

    def ndcg(self, weights: npt.NDArray[np.float64]) -> float:
        """NDCG@10 of the weighted sum among the candidates, ties counting against it."""
        return float(self.ndcg_by_step(weights, len(weights) - 1, weights[-1:])[0])

    def ndcg_by_step(
        self, weights: npt.NDArray[np.float64], member: int, steps: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """`ndcg` with each of `steps` as the weight of one member; shape (n_steps,)."""
        rows, places = self.true_places
        others = weights.astype(np.float32)
        others[member] = 0.0
        ranks = rivals(self.parts, others, member, steps.astype(np.float32), rows, places, K)
        gains = np.where(ranks < K, 1.0 / np.log2(ranks + 2.0), 0.0)
        reached = [np.bincount(rows, of_step, minlength=len(self.ideal)) / self.ideal for of_step in gains]
        return np.mean(reached, axis=1)


def candidate_pool(models: Mapping[str, AnyModel], validation: Split, in_time: InTime) -> Pool:
    """Score `validation`, as far as time allows, with every model and keep what any of them puts near the top."""
    blocks: list[tuple[Floats, npt.NDArray[np.bool_]]] = []
    for start in range(0, len(validation), BLOCK):
        if blocks and not in_time():
            break
        blocks.append(_pool_block(models, validation.block(start, start + BLOCK)))
    width = max(parts.shape[2] for parts, _ in blocks)
    parts = np.concatenate([_widen(parts, width, -np.inf) for parts, _ in blocks], axis=1)
    truth = np.concatenate([_widen(truth, width, fill=False) for _, truth in blocks], axis=0)
    sizes = np.minimum(np.diff(validation.truth.indptr)[: len(truth)], K)
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
    """Take the best step for one member's weight, the others kept; without any weight there is no order."""
    steps = np.multiply(STEPS, weights.max())
    reached = pool.ndcg_by_step(weights, member, steps)
    if not np.delete(weights, member).any():
        reached[steps == 0.0] = -1.0
    step = int(np.argmax(reached))
    if reached[step] <= best:
        return weights, best
    tried = weights.copy()
    tried[member] = steps[step]
    return tried, float(reached[step])
