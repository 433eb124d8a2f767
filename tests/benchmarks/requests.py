"""What a request costs as the shop grows: Shop.recommend and Shop.chat, beside implicit's unfiltered recommend."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender.jobs.train import train
from recommender.shop import Shop
from schemas import Boost, Constraints, Diversity, Exploration, Filter, FrequencyCap, Money, Promotion, Rules
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate

SIZES = ((450, 3_000, 120_000), (5_000, 10_000, 300_000))
REQUESTS = 300
AFFORDABLE = Constraints(max_price=Money("50", "GBP"))
KITCHEN = Filter(category="Kitchen")
RULES = {
    "boost": Rules(boosts=(Boost(of=KITCHEN, by=1),)),
    "promotion": Rules(promotion=Promotion(of=KITCHEN, at_least_percent=20)),
    "diversity": Rules(diversity=Diversity(balance=0.7, per_brand=2)),
    "cap": Rules(cap=FrequencyCap(shown=3, days=7)),
    "exploration": Rules(exploration=Exploration(epsilon=0.1)),
}


def run() -> Iterator[dict[str, object]]:
    for n_products, n_shoppers, n_events in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            config = SimulatorConfig(n_products=n_products, n_shoppers=n_shoppers, n_events=n_events)
            size = {"products": n_products, "shoppers": n_shoppers, "events": n_events}
            yield {**size, **_measured(Path(folder), config)}


def _measured(folder: Path, config: SimulatorConfig) -> dict[str, object]:
    url, artifacts = f"sqlite:///{folder / 'shop.db'}", folder / "artifacts"
    simulate(config).write(folder)
    engine = open_database(url)
    load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
    ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
    start = time.perf_counter()
    train(engine, artifacts, trials=1)
    trained = time.perf_counter() - start
    users = [f"shopper-{number:05d}" for number in range(1, REQUESTS + 1)]
    start = time.perf_counter()
    with Shop.open(url, artifacts) as shop:
        opened = time.perf_counter() - start
        ask = [{"role": "user", "content": "something under 30 pounds"}]
        return {
            "train_seconds": trained,
            "open_seconds": opened,
            **_latency("recommend", lambda user: shop.recommend(user, constraints=AFFORDABLE), users),
            **_ruled(shop, users),
            **_latency("chat", lambda user: shop.chat(ask, user_id=user), users[:100]),
            **_latency("implicit_recommend_256", _implicit(config.n_products), users),
        }


def _ruled(shop: Shop, users: list[str]) -> dict[str, float]:
    """Each rule alone."""
    measured: dict[str, float] = {}
    for name, rules in RULES.items():
        measured |= _latency(name, lambda user, rules=rules: shop.recommend(user, 10, AFFORDABLE, rules=rules), users)
    return measured


def _latency(name: str, call: Callable[[str], object], users: list[str]) -> dict[str, float]:
    call(users[0])
    times = []
    for user in users:
        start = time.perf_counter()
        call(user)
        times.append(1_000 * (time.perf_counter() - start))
    p50, p99 = np.percentile(times, [50, 99])
    return {f"{name}_p50_ms": round(float(p50), 2), f"{name}_p99_ms": round(float(p99), 2)}


def _implicit(n_items: int) -> Callable[[str], object]:
    """The peer: top 500 by 256 random factors, shoppers folded in from 50 items, no filters."""
    draw = np.random.default_rng(0)
    model = AlternatingLeastSquares(factors=256, num_threads=1)
    model.item_factors = draw.standard_normal((n_items, 256)).astype(np.float32)
    model.user_factors = np.zeros((1, 256), dtype=np.float32)
    history = sp.csr_matrix((np.ones(50, np.float32), (np.zeros(50), draw.choice(n_items, 50))), shape=(1, n_items))

    def recommend(_: str) -> object:
        with threadpool_limits(1, "blas"):
            return model.recommend(0, history, N=min(500, n_items), recalculate_user=True)

    return recommend
