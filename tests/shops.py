"""A small simulated shop, loaded and trained: what tests of the whole engine stand on."""

from pathlib import Path

from recommender.jobs.train import train
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate
from tests.recommender.fake_encoder import FakeEncoder

CONFIG = SimulatorConfig(n_products=120, n_shoppers=300, days=60, n_events=9_000, seed=1)


def build(url: str, folder: Path) -> None:
    """Fill the database at `url` and leave artifacts/ and data/ in `folder`."""
    simulate(CONFIG).write(folder / "data")
    engine = open_database(url)
    load_catalog(engine, folder / "data" / "products.jsonl", "canonical", rejected=folder / "products.rejected")
    ingest_events(engine, folder / "data" / "events.parquet", "canonical", rejected=folder / "events.rejected")
    train(engine, folder / "artifacts", trials=1, encoder=FakeEncoder(), photos=folder / "data")
    engine.dispose()
