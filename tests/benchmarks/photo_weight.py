"""What a photo should weigh against the shopper's own history: "like this, but what I would buy".

``python -m tests.benchmarks photo_weight``: simulated shoppers of Fashion Product Images (`tests.benchmarks.styles`),
none of whose photos the photo tower was trained on. What each took last is sought, with a photo taken by phone of
another product of its article type ("like this"), or of itself ("this"). The weight is chosen on one half of the
shoppers and judged on the other. NDCG@10 among all products.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from recommender.base_model.encoder import load_encoder
from recommender.base_model.photo_things import photo_vector
from recommender.blend import standardise
from recommender.content import PHOTO_WEIGHT, Content
from recommender.dataset import Dataset, Floats, Histories
from recommender.embedder import Embedder
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.splits import by_time
from recommender.ids import IdMap
from recommender.photo_files import PhotoFolder
from recommender.selection import select
from tests.benchmarks import styles
from tests.benchmarks.content import changed
from tests.benchmarks.sources import NO_DATA, Rows

ASKED: Final = 800
WEIGHTS: Final = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 1_000.0)
K: Final = 10


def run() -> Rows:
    if not styles.FOLDER.exists():
        yield {"data": "fashion", "skipped": NO_DATA}
        return
    with tempfile.TemporaryDirectory() as folder:
        yield from measured(Path(folder))


def measured(folder: Path) -> Iterator[dict[str, object]]:
    rows, draw, encoder = styles.styles(), np.random.default_rng(0), load_encoder()
    styles.unpack_photos(rows, folder)
    catalog = styles.catalog_of(rows)
    items = IdMap.from_ids(catalog["item_id"])
    embeddings = Embedder(encoder, PhotoFolder(folder)).embed(catalog, items)
    taken = styles.shoppers(rows, draw)
    last = np.zeros(len(taken.items), dtype=np.bool_)
    last[taken.indptr[1:] - 1] = True
    asked = draw.permutation(len(taken))[:ASKED]
    sought, behaviour = taken.items[last][asked], behaved(taken.keep(~last), items, asked)
    kinds = np.array([row["articleType"] for row in rows])[np.argsort([row["id"] for row in rows])]
    for what in ("like this", "this"):
        shown = sought if what == "this" else np.array([another(kinds, item, draw) for item in sought])
        photos = [changed(Image.open(folder / f"{items.ids([item])[0]}.jpg").convert("RGB"), draw) for item in shown]
        vectors = [photo_vector(encoder, photo)[0] for photo in photos]
        content = np.stack([Content.of(embeddings, photo=vector).photo for vector in vectors])
        found = {weight: ndcg(behaviour + np.float32(weight) * content, sought) for weight in WEIGHTS}
        half = len(asked) // 2
        for name, part in (("validation", slice(half)), ("test", slice(half, None))):
            means = {f"{weight:g}": round(float(one[part].mean()), 4) for weight, one in found.items()}
            yield {"asked": what, "shoppers": name, "n": len(sought[part]), **means}
        best = max(WEIGHTS, key=lambda weight: found[weight][:half].mean())
        more = interval_of_mean(found[best][half:] - found[PHOTO_WEIGHT][half:], np.random.default_rng(0))
        yield {"asked": what, "chosen": best, "used": PHOTO_WEIGHT, "chosen_less_used": [round(one, 4) for one in more]}


def behaved(history: Histories, items: IdMap, asked: np.ndarray) -> Floats:
    """What the blend says to who asks, of deviation 1; shape (n_asked, n_items). It is chosen on the others."""
    newest = np.zeros(len(history.items), dtype=np.bool_)
    newest[history.indptr[1:] - 1] = True
    others = np.setdiff1d(np.arange(len(history)), asked)
    early, later = history.keep(~newest).take(others), history.keep(newest).take(others)
    chosen = select(Dataset.from_histories(early, items), by_time(early, later, early), 1, 0)
    models = chosen.refit(Dataset.from_histories(history, items), 0)
    return standardise(chosen.blend(models).scores(history.take(asked)))


def another(kinds: np.ndarray, item: int, draw: np.random.Generator) -> int:
    """A product of the same article type; itself where there is none."""
    others = np.flatnonzero(kinds == kinds[item])
    return int(draw.choice(others[others != item])) if len(others) > 1 else int(item)


def ndcg(scores: Floats, sought: np.ndarray) -> Floats:
    ranks = (scores >= scores[np.arange(len(sought)), sought][:, None]).sum(axis=1) - 1
    return np.where(ranks < K, 1 / np.log2(ranks + 2.0), 0.0)
