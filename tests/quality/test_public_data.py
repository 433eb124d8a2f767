"""Quality floors on public data: what was reached once must not be lost."""

from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from recommender.jobs.evaluate import EvaluationByTime, evaluate, evaluate_sequences
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def lines(data_dir: Path) -> Path:
    return data_dir / "online_retail" / "online_retail.parquet"


def ingested(lines: Path, folder: Path) -> Engine:
    engine = open_database(f"sqlite:///{folder / 'shop.db'}")
    load_catalog(engine, lines, "online-retail", rejected=folder / "products.rejected")
    ingest_events(engine, lines, "online-retail", rejected=folder / "events.rejected")
    return engine


@pytest.fixture(scope="module")
def online_retail(lines: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return ingested(lines, tmp_path_factory.mktemp("online_retail"))


@pytest.fixture(scope="module")
def a_fifth_of_online_retail(lines: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Every fifth shopper, with all lines of each."""
    folder = tmp_path_factory.mktemp("a_fifth_of_online_retail")
    everything = pd.read_parquet(lines)
    everything[everything["CustomerID"] % 5 == 0].to_parquet(folder / "lines.parquet", index=False)
    return ingested(folder / "lines.parquet", folder)


def holds(measured: EvaluationByTime, *, users: int, floor: float) -> None:
    """The blend is above popularity and above every single model, on what shoppers bought new to them."""
    assert measured.split_at.isoformat() == "2011-11-09T00:00:00+00:00"
    assert measured.users > users
    singles = {name: figures["ndcg@10"] for name, figures in measured.models.items()}
    assert measured.blend["ndcg@10"] > max(singles.values()), singles
    assert measured.blend["ndcg@10"] > floor


def test_the_blend_beats_every_single_model_on_a_fifth_of_online_retail_with_few_trials(a_fifth_of_online_retail):
    holds(evaluate(a_fifth_of_online_retail, trials=2, encoder=None), users=250, floor=0.1)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_the_blend_beats_every_single_model_on_online_retail_with_few_trials(online_retail):
    holds(evaluate(online_retail, trials=2, encoder=None), users=1_200, floor=0.115)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_the_blend_beats_every_single_model_on_online_retail(online_retail, record_property):
    measured = evaluate(online_retail)
    for name, figures in {**measured.models, "blend": measured.blend}.items():
        record_property(f"{name} NDCG@10", f"{figures['ndcg@10']:.4f}")
    holds(measured, users=1_200, floor=0.115)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_leave_one_out_on_beauty(data_dir, record_property):
    measured = evaluate_sequences(data_dir / "sequences" / "amazon_beauty.txt.gz")
    for name in ("recall@10", "ndcg@10"):
        record_property(name, f"{measured.blend[name]:.4f}")
    assert (measured.users, measured.items) == (22_363, 12_101)
    assert measured.blend["recall@10"] > 0.0857
    assert measured.blend["ndcg@10"] > 0.0528
