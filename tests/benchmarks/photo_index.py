"""Photos indexed, and new products from their photo alone.

``python -m tests.benchmarks photo_index``: 10,000 of Fashion Product Images (Small) as a catalogue in SQLite, indexed,
indexed again, and again after some photos changed; then a simulated shop, trained without some of its products, which
are added one after the other while it is open. Seconds are of the clock, ``cpu`` of the processor.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from recommender.base_model.encoder import load_encoder
from recommender.base_model.photos import decode_photo
from recommender.base_model.protocols import Encoder
from recommender.jobs.photo_indexing import index_photos
from recommender.jobs.train import train
from recommender.shop import Shop
from schemas import Constraints, Product
from signals.catalog import CatalogStore
from signals.database import migrate, open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate
from tests.benchmarks.content import changed
from tests.benchmarks.styles import FOLDER, Style, every_style, unpack_photos

PHOTOS, BATCH, BATCHES, CHANGED = 10_000, 32, 20, 100
CONFIG = SimulatorConfig(n_products=200, n_shoppers=300, days=60, n_events=9_000, seed=1)
NEW = 8
SHOPPER = "shopper-00001"
Row = dict[str, object]


def run() -> Iterator[Row]:
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        if FOLDER.is_dir():
            yield from indexed(Path(folder), encoder)
        else:
            yield {"skipped": f"no photos in {FOLDER}"}
    with tempfile.TemporaryDirectory() as folder:
        yield from added(Path(folder), encoder)


def indexed(folder: Path, encoder: Encoder) -> Iterator[Row]:
    rows = every_style()[:PHOTOS]
    unpack_photos(rows, folder)
    yield one_by_one(folder, rows, encoder)
    url = f"sqlite:///{folder / 'shop.db'}"
    migrate(url)
    engine = open_database(url)
    CatalogStore(engine).upsert(product_of(row) for row in rows)
    for what in ("all", "nothing changed", f"{CHANGED} photos changed"):
        if what.endswith("photos changed"):
            for row in rows[:CHANGED]:
                shutil.copy(folder / f"{rows[-1]['id']}.jpg", folder / f"{row['id']}.jpg")
        cpu = time.process_time()
        report = index_photos(engine, folder / "artifacts", folder, encoder=encoder).as_json()
        yield {"indexed": what, "cpu": round(time.process_time() - cpu, 1), **report}
    engine.dispose()


def one_by_one(folder: Path, rows: list[Style], encoder: Encoder) -> Row:
    """Milliseconds a photo, in batches of 32."""
    files = [(folder / f"{row['id']}.jpg").read_bytes() for row in rows[: BATCH * (BATCHES + 1)]]
    times = []
    for start in range(0, len(files), BATCH):
        cpu = time.process_time()
        encoder.embed_photos([decode_photo(data) for data in files[start : start + BATCH]])
        times.append(1_000 * (time.process_time() - cpu) / BATCH)
    return {"batch": BATCH, "photo_cpu_ms_p50": round(float(np.median(times[1:])), 2), "max": round(max(times[1:]), 2)}


def product_of(row: Style) -> Product:
    return Product(
        item_id=row["id"],
        title=row["productDisplayName"],
        category=(row["masterCategory"], row["articleType"]),
        image=f"{row['id']}.jpg",
        price="10",
        currency="USD",
        availability="in_stock",
    )


def added(folder: Path, encoder: Encoder) -> Iterator[Row]:
    simulate(CONFIG).write(folder)
    lines = (folder / "products.jsonl").read_text().splitlines()
    draw = np.random.default_rng(0)
    later = set(draw.choice(len(lines), NEW, replace=False).tolist())
    (folder / "known.jsonl").write_text("\n".join(line for at, line in enumerate(lines) if at not in later))
    url = f"sqlite:///{folder / 'shop.db'}"
    engine = open_database(url)
    load_catalog(engine, folder / "known.jsonl", "canonical", rejected=folder / "products.rejected")
    ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
    train(engine, folder / "artifacts", trials=1, encoder=encoder, photos=folder)
    engine.dispose()
    with (
        Shop.open(url, folder / "artifacts", "none", encoder=encoder, photos=folder) as shop,
        Shop.open(url, folder / "artifacts", "none", encoder=encoder) as beside,
    ):
        for at in sorted(later):
            yield one_new(shop, beside, Product(**json.loads(lines[at])), folder, draw)


def one_new(shop: Shop, beside: Shop, new: Product, folder: Path, draw: np.random.Generator) -> Row:
    """After how many seconds it is known, and where it then is among 200 products."""
    started = time.perf_counter()
    shop.upsert([new])
    while new.item_id not in shop.titles():
        time.sleep(0.005)
    known = time.perf_counter() - started
    while new.item_id not in beside.titles():
        time.sleep(0.005)
    seen_beside = time.perf_counter() - started
    photo = changed(Image.open(folder / str(new.image)), draw)
    alike = Constraints(category=new.category[-1:])
    return {
        "new": new.item_id,
        "seconds": round(known, 2),
        "seconds_in_another_shop": round(seen_beside, 2),
        "rank_by_photo": rank(shop.search(photo=photo, k=500), new),
        "rank_by_photo_and_history": rank(shop.search(photo=photo, user_id=SHOPPER, k=500), new),
        "rank_by_history_in_its_category": rank(shop.recommend(SHOPPER, k=500, constraints=alike), new),
        "similar": shop.similar(new.item_id, k=1).items[0].item_id,
    }


def rank(answer: object, new: Product) -> int | None:
    return next((item.rank for item in answer.items if item.item_id == new.item_id), None)
