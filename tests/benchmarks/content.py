"""What a text's and a photo's similarity should weigh against behaviour, and what comparing them costs.

``python -m tests.benchmarks.content``: on a simulated shop, shoppers of the held-out days ask with a search they typed
(the truth: what they looked at next) or with a changed photo (the truth: the product on it, or what they look at after
it). Each weight is a row of NDCG@10, for the blend and for popularity, with and without the constraints read in the
text.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageEnhance

from recommender.base_model.encoder import load_encoder
from recommender.base_model.protocols import Encoder
from recommender.blend import Blend, standardise
from recommender.catalog import CatalogColumns
from recommender.content import Content
from recommender.conversation.relaxing import to_constraints
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from recommender.dataset import Floats, Histories
from recommender.embedder import Embedder
from recommender.embeddings import ItemEmbeddings
from recommender.jobs.reading import Source
from recommender.photo_files import PhotoFolder
from recommender.selection import select
from schemas import Constraints
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate

CONFIG = SimulatorConfig(n_products=450, n_shoppers=2_000, n_events=80_000, seed=5)
QUERIES = 1_500
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 8.0, 1_000.0)
SIZES = (5_000, 100_000)
K = 10


class Asked:
    """A shop as it was at the start of its last window, and what its shoppers asked for after."""

    def __init__(self, folder: Path, encoder: Encoder, with_photos: bool) -> None:
        simulated = simulate(CONFIG)
        simulated.write(folder)
        engine = open_database(f"sqlite:///{folder / 'shop.db'}")
        load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
        ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
        source = Source.of(engine)
        self.items, self.folder, self.encoder = source.items, folder, encoder
        self.early = source.dataset(source.split_at)
        chosen = select(self.early, source.split(self.early, source.split_at, source.end), 1, 0)
        models = {name: trial.model for name, trial in chosen.trials.items()}
        self.blend = Blend({name: models[name] for name, weight in chosen.weights.items() if weight}, chosen.weights)
        self.popularity = models["popularity"]
        self.columns = CatalogColumns(source.catalog, source.items)
        self.vocabulary = Vocabulary.from_rows(self.columns.product_rows(source.end))
        start = time.perf_counter()
        photos = PhotoFolder(folder) if with_photos else None
        self.embeddings = Embedder(encoder, photos).embed(source.catalog, source.items)
        self.embed_seconds = time.perf_counter() - start
        self.later = simulated.events[simulated.events["occurred_at"] >= source.split_at]

    def pairs(self, kind: str) -> pd.DataFrame:
        """What shoppers did (`kind`), beside the product that they looked at next in the same session."""
        named = self.later[self.later["user_id"].notna() & self.later["kind"].isin([kind, "view"])]
        events = named.sort_values(["session_id", "occurred_at"], kind="stable").reset_index(drop=True)
        following = events.shift(-1)
        same = (events["session_id"] == following["session_id"]) & (following["kind"] == "view")
        chosen = events[same & (events["kind"] == kind)].assign(next_item=following["item_id"])
        return chosen.sample(min(QUERIES, len(chosen)), random_state=0)

    def behaviour(self, users: list[str], personal: bool) -> Floats:
        """Standardised scores, shape (n, n_items)."""
        rows = self.early.users.find(users)
        histories = [self._history(int(row)) if personal and row >= 0 else [] for row in rows]
        queries = Histories.from_lists(histories)
        return standardise((self.blend if personal else self.popularity).scores(queries))

    def _history(self, row: int) -> np.ndarray:
        return self.early.histories.items[self.early.histories.of(row)]

    def eligible(self, text: str, constrained: bool) -> np.ndarray:
        wanted = to_constraints(understand(text, self.vocabulary).wishes, self.vocabulary) if constrained else None
        return self.columns.items_of(self.columns.satisfying(wanted or Constraints()))


def run() -> Iterator[dict[str, object]]:
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(Path(folder), encoder, with_photos=True)
        yield {"embedded": len(asked.items), "seconds": round(asked.embed_seconds, 1)}
        yield from text_rows(asked)
        yield from photo_rows(asked)
    yield from costs()


def text_rows(asked: Asked) -> Iterator[dict[str, object]]:
    pairs = asked.pairs("search")
    texts = pairs["query"].tolist()
    vectors = dict(zip(set(texts), asked.encoder.embed_text(list(set(texts))), strict=True))
    content = np.array([Content.of(asked.embeddings, text=vectors[text]).text for text in texts])
    truth = asked.items.find(pairs["next_item"].tolist())
    for constrained in (False, True):
        masks = np.array([asked.eligible(text, constrained) for text in texts])
        yield from grid(asked, pairs["user_id"].tolist(), content, masks, truth, f"text, constrained: {constrained}")


def photo_rows(asked: Asked) -> Iterator[dict[str, object]]:
    pairs = asked.pairs("view")
    draw = np.random.default_rng(0)
    shown = [changed(Image.open(asked.folder / "photos" / f"{item}.png"), draw) for item in pairs["item_id"]]
    vectors = np.concatenate([asked.encoder.embed_photos(shown[at : at + 64]) for at in range(0, len(shown), 64)])
    found = [Content.of(asked.embeddings, photo=vector) for vector in vectors]
    content = np.array([one.photo for one in found])
    own, later = (asked.items.find(pairs[name].tolist()) for name in ("item_id", "next_item"))
    places = np.arange(len(own))
    alike = np.array([one.alike & (one.photo >= 2) for one in found])
    yield {
        "alike, of the product shown": float(alike[places, own].mean()),
        "alike, mean number": float(alike.sum(1).mean()),
    }
    users, masks = pairs["user_id"].tolist(), np.ones_like(content, dtype=np.bool_)
    yield from grid(asked, users, content, masks, own, "photo, the product on it")
    masks[places, own] = False
    yield from grid(asked, users, content, masks, later, "photo, what is looked at next")


def changed(photo: Image.Image, draw: np.random.Generator) -> Image.Image:
    """As a shopper might take it: turned a little, cut, in another light, before another wall."""
    pixels = np.asarray(photo.convert("RGB"))
    wall = draw.integers(120, 256, 3).astype(np.uint8)
    opened = Image.fromarray(np.where(pixels.min(axis=2, keepdims=True) > 235, wall, pixels))
    turned = opened.rotate(float(draw.uniform(-12, 12)), fillcolor=tuple(map(int, wall)))
    side = turned.width
    cut = int(side * draw.uniform(0, 0.12))
    light = ImageEnhance.Brightness(turned.crop((cut, cut, side - cut, side - cut)))
    return light.enhance(float(draw.uniform(0.75, 1.2)))


def grid(
    asked: Asked, users: list[str], content: Floats, masks: np.ndarray, truth: np.ndarray, name: str
) -> Iterator[dict[str, object]]:
    """NDCG@10 for every weight; only questions whose answer is eligible."""
    kept = masks[np.arange(len(truth)), truth]
    for personal in (True, False):
        behaviour = asked.behaviour([user for user, one in zip(users, kept, strict=True) if one], personal)
        figures = {
            f"{weight:g}": round(_ndcg(behaviour + weight * content[kept], masks[kept], truth[kept]), 4)
            for weight in WEIGHTS
        }
        yield {"asked": name, "personal": personal, "n": int(kept.sum()), **figures}


def _ndcg(scores: Floats, masks: np.ndarray, truth: np.ndarray) -> float:
    scores = np.where(masks, scores, -np.inf)
    ranks = (scores >= scores[np.arange(len(truth)), truth][:, None]).sum(axis=1) - 1
    return float(np.where(ranks < K, 1 / np.log2(ranks + 2.0), 0.0).mean())


def costs() -> Iterator[dict[str, object]]:
    """Milliseconds to compare one text and one photo with all items."""
    draw = np.random.default_rng(0)
    for n_items in SIZES:
        rows = draw.standard_normal((n_items, 384)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        hashes = np.ones((n_items, 16), dtype=np.uint8)
        embeddings = ItemEmbeddings("random", "0", rows, rows.copy(), hashes, hashes, 0.9)
        times = []
        for number in range(50):
            start = time.perf_counter()
            Content.of(embeddings, text=rows[number], photo=rows[number])
            times.append(1_000 * (time.perf_counter() - start))
        p50, p99 = np.percentile(times, [50, 99])
        yield {"items": n_items, "compare_p50_ms": round(float(p50), 2), "compare_p99_ms": round(float(p99), 2)}


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()
