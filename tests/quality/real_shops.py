"""Three whole shops over real catalogues: Online Retail, Magento's sample shop and fashion styles, loaded and trained.

Online Retail has its own purchases, up to a day; what was bought later is for whoever asks what goes together. The
other two have no behaviour, so theirs is made up: what was taken by seeded shoppers with tastes over the rows.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from recommender.base_model.protocols import Encoder
from recommender.dataset import Histories
from recommender.embedder import BUNDLED
from recommender.jobs.train import train
from schemas import Product
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from tests.benchmarks import styles

KEPT: Final = "RECOMMENDER_MODES_SHOPS"
"""The environment variable that may name a folder in which the trained shops are kept from run to run."""
SHOPS: Final = ("online_retail", "magento", "fashion")
LAST_DAY: Final = pd.Timestamp("2011-11-09")
N_STYLES: Final = 3_000
N_SHOPPERS: Final = 600
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
GEAR: Final = ("bags", "fitness_equipment", "watches")


@dataclass(frozen=True)
class RealShop:
    """A trained shop: ``shop.db`` and ``artifacts`` in ``folder``; ``encoder`` is what it was trained with."""

    name: str
    folder: Path
    encoder: Encoder | None = None

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'shop.db'}"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"


def build(name: str, data: Path, folder: Path, encoder: Encoder | None = None) -> RealShop:
    """Load and train one of `SHOPS` in ``folder/name``; what is there already is taken as it is.

    `encoder` None: the bundled one.
    """
    shop = RealShop(name, folder / name, encoder)
    if not shop.artifacts.is_dir():
        shop.folder.mkdir(parents=True, exist_ok=True)
        engine = open_database(shop.url)
        {"online_retail": _online_retail, "magento": _magento, "fashion": _fashion}[name](data, engine, shop.folder)
        train(engine, shop.artifacts, trials=1, encoder=encoder or BUNDLED)
        engine.dispose()
    return shop


def _online_retail(data: Path, engine: Engine, folder: Path) -> None:
    lines = data / "online_retail" / "online_retail.parquet"
    frame = pd.read_parquet(lines)
    before = folder / "before.parquet"
    frame[frame["InvoiceDate"] < LAST_DAY].to_parquet(before, index=False)
    load_catalog(engine, lines, "online-retail", rejected=folder / "products.rejected")
    ingest_events(engine, before, "online-retail", rejected=folder / "events.rejected")


def _magento(data: Path, engine: Engine, folder: Path) -> None:
    source = data / "magento"
    files = [
        source / "ConfigurableSampleData_fixtures_products.csv",
        *(source / f"CatalogSampleData_fixtures_SimpleProduct_products_gear_{name}.csv" for name in GEAR),
    ]
    for file in files:
        load_catalog(engine, file, "magento", rejected=folder / f"{file.name}.rejected")
    items = pd.read_sql("select item_id, category from products order by item_id", engine)
    kinds = np.unique([str(category) for category in items["category"]], return_inverse=True)[1]
    _take(engine, folder, items["item_id"].tolist(), _tastes(kinds, np.random.default_rng(0)))


def _tastes(kinds: np.ndarray, rng: np.random.Generator) -> Histories:
    """What seeded shoppers take: by how popular a product is and how much a shopper likes its kind."""
    popularity = -0.8 * np.log(rng.permutation(len(kinds)) + 5)
    taken = []
    for _ in range(N_SHOPPERS):
        liking = popularity + rng.normal(size=kinds.max() + 1)[kinds] + rng.gumbel(size=len(kinds))
        taken.append(np.argsort(-liking)[: int(rng.integers(3, 12))])
    return Histories.from_lists(taken)


def _fashion(data: Path, engine: Engine, folder: Path) -> None:
    rows = _sample_of_styles(data)
    products = folder / "products.jsonl"
    products.write_text("".join(f"{_style(row).model_dump_json()}\n" for row in rows), encoding="utf-8")
    load_catalog(engine, products, "canonical", rejected=folder / "products.rejected")
    _take(engine, folder, [row["id"] for row in rows], styles.shoppers(rows, np.random.default_rng(0)))


def _sample_of_styles(data: Path) -> Sequence[Mapping[str, str]]:
    """By id."""
    with (data / "fashion_photos" / "styles.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted((row for row in csv.DictReader(file) if row["productDisplayName"]), key=lambda row: row["id"])
    chosen = np.sort(np.random.default_rng(7).choice(len(rows), N_STYLES, replace=False))
    return [rows[int(at)] for at in chosen]


def _style(row: Mapping[str, str]) -> Product:
    """A style; nothing of it is priced."""
    return Product(
        item_id=row["id"],
        title=row["productDisplayName"],
        category=tuple(row[level] for level in ("masterCategory", "subCategory", "articleType")),
        attributes={name: (row[key],) for key, name in styles.ATTRIBUTES.items() if row[key]},
    )


def _take(engine: Engine, folder: Path, item_ids: Sequence[str], taken: Histories) -> None:
    """Store what each shopper took, an hour apart, as purchases."""
    file = folder / "events.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps(event)}\n" for event in _purchases(item_ids, taken))
    ingest_events(engine, file, "canonical", rejected=folder / "events.rejected")


def _purchases(item_ids: Sequence[str], taken: Histories) -> Iterator[dict[str, object]]:
    for shopper in range(len(taken)):
        for place, item in enumerate(taken.items[taken.of(shopper)]):
            at = FIRST + timedelta(hours=24 * (shopper % 60) + place)
            yield {
                "event_id": f"{shopper}-{place}",
                "kind": "purchase",
                "user_id": f"shopper-{shopper}",
                "item_id": item_ids[int(item)],
                "occurred_at": at.isoformat(),
            }
