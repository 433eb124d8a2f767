"""Product features for models that can rank a product nobody has touched yet."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recommender.dataset import ItemFeatures
from recommender.ids import IdMap
from recommender.text import words
from schemas import Columns

LEAST_PRODUCTS = 2


def item_features(catalog: pd.DataFrame, items: IdMap) -> ItemFeatures | None:
    """Category levels, brand, attribute values and title words that at least two products share.

    Parameters
    ----------
    catalog : one row per variant: item_id, title, brand, category, attributes

    Returns
    -------
    ItemFeatures : rows sum to 1, or to 0 for a product without any; None if no two products share a feature.
    """
    described: defaultdict[str, set[str]] = defaultdict(set)
    parts = [
        catalog[name] for name in (Columns.ITEM, Columns.TITLE, Columns.BRAND, Columns.CATEGORY, Columns.ATTRIBUTES)
    ]
    for item, title, brand, category, attributes in zip(*parts, strict=True):
        described[item].update(_names(title, brand, category, attributes))
    counts = Counter(name for names in described.values() for name in names)
    names = sorted(name for name, count in counts.items() if count >= LEAST_PRODUCTS)
    if not names:
        return None
    column = {name: place for place, name in enumerate(names)}
    rows, places = [], []
    for index, item in zip(items.find(list(described)), described, strict=True):
        known = [column[name] for name in sorted(described[item]) if name in column] if index >= 0 else []
        rows += [int(index)] * len(known)
        places += known
    matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape=(len(items), len(names)))
    totals = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1.0)
    return ItemFeatures(sp.csr_matrix(sp.diags_array(1.0 / totals) @ matrix, dtype=np.float32), tuple(names))


def _names(
    title: str, brand: object, category: Iterable[str], attributes: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    yield from (f"category={level}" for level in category)
    if isinstance(brand, str):
        yield f"brand={brand}"
    for name, values in attributes.items():
        yield from (f"{name}={value}" for value in values)
    yield from (f"title={word}" for word in words(title) if len(word) > 2)
