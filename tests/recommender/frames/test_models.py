from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from recommender import evaluate, frames
from recommender.errors import BadRequestError
from recommender.jobs.evaluate import EvaluationByTime
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate


@pytest.fixture(scope="module")
def shop(built: Path) -> Engine:
    return open_database(f"sqlite:///{built / 'shop.db'}")


@pytest.fixture(scope="module")
def evaluation(shop: Engine) -> EvaluationByTime:
    return evaluate(shop, trials=1, budget_seconds=2, encoder=None)


def test_models_are_ordered_by_ndcg_within_their_intervals(evaluation: EvaluationByTime) -> None:
    models = frames.models(evaluation)
    assert set(models["model"]) == set(evaluation.measured)
    assert models["ndcg"].is_monotonic_decreasing
    assert ((models["ndcg_low"] <= models["ndcg"]) & (models["ndcg"] <= models["ndcg_high"])).all()
    blend = models.set_index("model").loc["blend"]
    assert blend["ndcg"] == pytest.approx(evaluation.blend["ndcg@10"])


def test_the_slices_of_a_kind_are_parts_of_the_questions(shop: Engine, evaluation: EvaluationByTime) -> None:
    slices = frames.slices(shop, evaluation, ["blend", "popularity"])
    history = slices[(slices["slice"] == "history") & (slices["model"] == "blend")]
    assert 0 < history["questions"].sum() <= evaluation.users
    assert ((slices["low"] <= slices["recall"]) & (slices["recall"] <= slices["high"])).all()
    assert (slices["questions"] >= 10).all()
    popular = slices[(slices["value"] == "top tenth") & (slices["model"] == "popularity")]
    assert (popular["recall"] > 0).all()


def test_slices_of_another_shop_are_refused(evaluation: EvaluationByTime, sqlite_url: str, tmp_path: Path) -> None:
    from_elsewhere = simulate(SimulatorConfig(n_products=60, n_shoppers=80, n_events=2_000, days=60, seed=5))
    other = tmp_path / "other"
    from_elsewhere.write(other)
    engine = loaded(sqlite_url, other)
    with pytest.raises(BadRequestError, match="evaluate it again"):
        frames.slices(engine, evaluation)


def test_more_shoppers_teach_what_popularity_cannot_know(shop: Engine) -> None:
    curve = frames.learning_curve(shop, ["popularity", "linear"], shares=[0.02, 1.0])
    assert curve["n_shoppers"].nunique() == 2
    ndcg = curve.pivot_table("ndcg", "share", "model")
    assert ndcg.loc[1.0, "linear"] > ndcg.loc[0.02, "linear"]
    assert np.isfinite(ndcg.to_numpy()).all()


def loaded(url: str, folder: Path) -> Engine:
    engine = open_database(url)
    load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "p.rejected")
    ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "e.rejected")
    return engine
