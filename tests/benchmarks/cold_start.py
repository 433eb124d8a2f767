"""Products without a history: a tenth is hidden from training, and asked for.

Everything is chosen on what shoppers took last, where another tenth was cold; then all is fitted without the hidden
ones, and shoppers are asked, with what else they took, for those of them that they took. On Fashion Product Images with
simulated shoppers (`styles`), which has photos, and on Online Retail with its own.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.base_model.encoder import load_encoder
from recommender.dataset import Dataset, Floats, Histories, ItemVectors
from recommender.embedder import Embedder
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import measure_all
from recommender.evaluation.splits import Split, by_time
from recommender.features import item_features
from recommender.ids import IdMap
from recommender.models.base import AnyModel
from recommender.models.content import ContentModel
from recommender.photo_files import PhotoFolder
from recommender.ranking import scores_of
from recommender.selection import Selection, select
from tests.benchmarks import styles
from tests.benchmarks.sources import NO_DATA, RETAIL, Rows, loaded

K: Final = 20
TRIALS: Final = 4
LAST_SHARE: Final = 0.2
"""Of each shopper's events: what is chosen by."""
Mask = npt.NDArray[np.bool_]
Scorer = Callable[[Split], Floats]


@dataclass(frozen=True)
class Shop:
    """Products, and what shoppers took of them in order of time."""

    items: IdMap
    catalog: pd.DataFrame
    taken: Histories
    embeddings: ItemVectors | None

    def dataset(self, taken: Histories) -> Dataset:
        features = item_features(self.catalog, self.items)
        return replace(Dataset.from_histories(taken, self.items), features=features, embeddings=self.embeddings)


def run() -> Rows:
    for name, data, made in (("fashion", styles.FOLDER, _fashion), ("online-retail", RETAIL, _retail)):
        if not data.exists():
            yield {"data": name, "skipped": NO_DATA}
            continue
        with tempfile.TemporaryDirectory() as folder:
            yield from ({"data": name, **row} for row in _measured(made(Path(folder))))


def _fashion(folder: Path) -> Shop:
    rows = styles.styles()
    styles.unpack_photos(rows, folder)
    catalog = styles.catalog_of(rows)
    items = IdMap.from_ids(catalog["item_id"])
    embedded = Embedder(load_encoder(), PhotoFolder(folder)).embed(catalog, items)
    return Shop(items, catalog, styles.shoppers(rows, np.random.default_rng(0)), embedded.vectors)


def _retail(folder: Path) -> Shop:
    source = loaded(RETAIL, RETAIL, "online-retail", folder)
    embedded = Embedder(load_encoder()).embed(source.catalog, source.items)
    return Shop(source.items, source.catalog, source.dataset(source.end).histories, embedded.vectors)


def _measured(shop: Shop) -> Rows:
    """Recall@20 of the hidden products, in the whole catalogue and among themselves, with 95 % intervals."""
    n_items = len(shop.items)
    order = np.random.default_rng(0).permutation(n_items)
    tenth = n_items // 10
    hidden, cold = (np.isin(np.arange(n_items), part) for part in (order[:tenth], order[tenth : 2 * tenth]))
    shown = shop.taken.keep(~hidden[shop.taken.items])
    questions = by_time(shown, shop.taken.keep(hidden[shop.taken.items]), shown)
    yield {"products": n_items, "hidden": tenth, "shoppers": len(questions), "pairs": len(questions.truth.items)}
    blends = {}
    for name, one in (("blend", shop), ("blend without content", replace(shop, embeddings=None))):
        selection = _chosen(one, shown, cold)
        blends[name] = selection, one.dataset(shown), selection.refit(one.dataset(shown), seed=0)
        facts = {"ndcg@10": selection.ndcg, "trees": selection.trees is not None}
        yield {"chosen": name, **facts, **selection.weights}
    for name, scorer in _scorers(blends).items():
        among_hidden = partial(_among, hidden, scorer)
        yield {"model": name, "whole": _recall(scorer, questions), "hidden": _recall(among_hidden, questions)}


def _chosen(shop: Shop, shown: Histories, cold: Mask) -> Selection:
    """By what shoppers took last, of all products, those of the mask `cold` without a history."""
    behind = shown.indptr[shown.rows + 1] - 1 - np.arange(len(shown.items))
    last = behind < LAST_SHARE * np.diff(shown.indptr)[shown.rows]
    early = shown.keep(~last & ~cold[shown.items])
    return select(shop.dataset(early), by_time(early, shown.keep(last), early), TRIALS, seed=0)


Fitted = tuple[Selection, Dataset, Mapping[str, AnyModel]]


def _scorers(blends: Mapping[str, Fitted]) -> dict[str, Scorer]:
    _, dataset, models = blends["blend"]
    draw = np.random.default_rng(0)
    content = {
        "content, text": {"photo_weight": 0.0},
        "content, photo": {"text_weight": 0.0, "photo_weight": 1.0},
        "content, text and photo": {"photo_weight": 0.5},
    }
    if dataset.embeddings is None or not dataset.embeddings.photos.any():
        content = {"content, text": {"photo_weight": 0.0}}
    single = {name: models[name] for name in ("popularity", "hybrid")}
    for name, weights in content.items():
        config = models["content"].config.model_copy(update=weights)
        single[name] = ContentModel.fit(dataset, config, rng=draw)
    return {
        "random": lambda block: draw.random((len(block), dataset.n_items), dtype=np.float32),
        **{name: partial(_of_model, model) for name, model in single.items()},
        **{name: partial(_of_blend, *fitted) for name, fitted in blends.items()},
    }


def _of_model(model: AnyModel, block: Split) -> Floats:
    return model.scores(block.queries)


def _of_blend(selection: Selection, dataset: Dataset, models: Mapping[str, AnyModel], block: Split) -> Floats:
    blend = selection.blend(models)
    return scores_of(blend, selection.reranker(dataset), block, blend.standardised(block.queries))


def _among(items: Mask, scorer: Scorer, block: Split) -> Floats:
    return np.where(items, scorer(block), np.float32(-np.inf))


def _recall(scorer: Scorer, questions: Split) -> dict[str, object]:
    recall = measure_all(lambda block: {"": scorer(block)}, questions, K)[""].at(K).recall
    low, high = interval_of_mean(recall, np.random.default_rng(0))
    return {f"recall@{K}": round(float(recall.mean()), 4), "interval": [round(low, 4), round(high, 4)]}
