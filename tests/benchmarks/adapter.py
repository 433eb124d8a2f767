"""Does a shopper's ALS vector, projected to soft tokens of the frozen writer, tell it what was bought next?

As in CoLLM (Zhang et al., "CoLLM: Integrating Collaborative Embeddings into Large Language Models for Recommendation",
arXiv 2310.19488, 2023): small networks map the vectors of collaborative filtering to where the writer's own embeddings
are, and the writer reads them in its prompt. It is asked for one of five products (`held_out_purchases`), by the
likelihood with which it names each. The networks learn from purchases of earlier weeks and stop by those of the next;
the last weeks are the test.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from recommender.dataset import Floats
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.jobs.reading import Source
from signals.simulator import SimulatorConfig
from tests.benchmarks.frozen_writer import FrozenWriter
from tests.benchmarks.held_out_purchases import CANDIDATES, Choice, Purchase, Ranker, Shelf
from tests.benchmarks.soft_tokens import ARMS, Adapter, Arm, Told, train
from tests.benchmarks.sources import Rows, on_both

SIMULATED: Final = SimulatorConfig(n_shoppers=9_000, n_events=360_000)
"""The demo's products with three times its shoppers, for intervals that say something."""
WINDOWS: Final = 2
"""Windows of purchases to learn from, before the one that says when to stop."""
EACH: Final = 8
"""Purchases of a shopper to learn from in each window; of the others one of each is asked about."""
TRAINING, VALIDATION, TEST = 1_500, 200, 500
CONTROL: Final = Arm("adapter that is given the place", shopper=True)
"""In place of the shopper's vector the network is given the answer: what soft tokens can say to this writer at all."""
Numbers = npt.NDArray[np.float64]


def run() -> Rows:
    yield from on_both(_arms, SIMULATED)


def _arms(source: Source) -> Rows:
    first = source.split_at - (WINDOWS + 1) * source.window
    ranker = Ranker.fitted(source, first)
    purchases = _purchases(source, ranker, first)
    yield {part: len(found) for part, found in zip(("training", "validation", "test"), purchases, strict=True)}
    yield from compared(Shelf.of(source), ranker.als.factors, *purchases)


def compared(
    shelf: Shelf,
    factors: Floats,
    training: Sequence[Purchase],
    validation: Sequence[Purchase],
    test: Sequence[Purchase],
) -> Rows:
    """Every arm on the same choices; ``factors`` are the vectors of the products, shape (n_items, vectors)."""
    rng = np.random.default_rng(0)
    learned, held_out, asked = ([one.draw(rng) for one in part] for part in (training, validation, test))
    ndcg = {"the ranker's order": _gains(_by_ranker(asked), asked), "ALS alone": _gains(_by_als(asked, factors), asked)}
    yield from ({"arm": name, **_figures(one)} for name, one in ndcg.items())
    writer = FrozenWriter.load(CANDIDATES)
    for signals in (False, True):
        start = time.process_time()
        told = [Told.of(part, writer, shelf, factors, signals) for part in (learned, held_out, asked)]
        yield {"signals": signals, "prompts": sum(map(len, told)), "processor_seconds": time.process_time() - start}
        for arm in (one for one in ARMS if one.signals is signals):
            row, ndcg[arm.name] = _trained(arm, writer, told, asked)
            yield row
        if not signals:
            places = [replace(part, shoppers=torch.eye(CANDIDATES)[part.answers]) for part in told]
            yield _trained(CONTROL, writer, places, asked)[0]
    for arm in (one for one in ARMS if one.shopper):
        yield {"arm": arm.name, "ndcg_above_signals": _mean(ndcg[arm.name] - ndcg["signals"])}


def _trained(
    arm: Arm, writer: FrozenWriter, told: Sequence[Told], asked: Sequence[Choice]
) -> tuple[dict[str, object], Numbers]:
    """The arm's row, and the NDCG of each choice; ``told`` are the choices to learn from, to stop by and ``asked``."""
    start = time.process_time()
    torch.manual_seed(0)
    adapter = Adapter(arm, writer, told[0])
    trained = train(adapter, told[0], told[1])
    ndcg = _gains(adapter.scores(told[2]), asked)
    return {"arm": arm.name, **_figures(ndcg), **trained, "processor_seconds": time.process_time() - start}, ndcg


def _purchases(source: Source, ranker: Ranker, first: datetime) -> tuple[list[Purchase], ...]:
    """To learn from, to stop by and to be asked about, each later than the one before."""
    window, rng = source.window, np.random.default_rng(0)

    def drawn(found: Iterable[Purchase], most: int) -> list[Purchase]:
        purchases = list(found)
        return [purchases[int(at)] for at in rng.permutation(len(purchases))[:most]]

    learned = (one for n in range(WINDOWS) for one in ranker.purchases(first + n * window, window, EACH, rng))
    return (
        drawn(learned, TRAINING),
        drawn(ranker.purchases(source.split_at - window, window, 1, rng), VALIDATION),
        drawn(ranker.purchases(source.split_at, source.end - source.split_at, 1, rng), TEST),
    )


def _by_ranker(asked: Sequence[Choice]) -> Floats:
    return np.array([[one.purchase.scores[int(item)] for item in one.items] for one in asked], dtype=np.float32)


def _by_als(asked: Sequence[Choice], factors: Floats) -> Floats:
    return np.stack([factors[one.items] @ one.purchase.shopper for one in asked])


def _gains(scores: Floats, asked: Sequence[Choice]) -> Numbers:
    """NDCG of each choice, 1 / log2(place + 1) of the answer; a tie counts against it."""
    answers = np.array([one.answer for one in asked])
    own = np.take_along_axis(scores, answers[:, None], axis=1)
    return 1 / np.log2((scores >= own).sum(axis=1) + 1.0)


def _figures(ndcg: Numbers) -> dict[str, object]:
    return {"hit@1": _mean((ndcg == 1).astype(np.float64)), "ndcg": _mean(ndcg)}


def _mean(values: Numbers) -> str:
    """With its 95 % interval over the shoppers."""
    low, high = interval_of_mean(values, np.random.default_rng(0))
    return f"{values.mean():.3f} ({low:.3f}-{high:.3f})"
