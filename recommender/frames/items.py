"""Why this item: a list with its reasons, what would be without a part of the history, and what looks alike."""

from typing import Literal

import numpy as np
import pandas as pd

from recommender.artifacts import Artifacts
from recommender.errors import BadRequestError
from recommender.wording import reason_text
from schemas import Columns, Explanation, Recommendations


def recommended(answer: Recommendations) -> pd.DataFrame:
    """The list: rank, item_id, title, price, score, propensity, reasons (in words)."""
    rows = [
        {
            "rank": one.rank,
            Columns.ITEM: one.item_id,
            Columns.TITLE: one.row.title,
            Columns.PRICE: None if one.row.price is None else one.row.price.amount,
            Columns.SCORE: one.score,
            Columns.PROPENSITY: one.propensity,
            "reasons": "; ".join(reason_text(reason, one.item_id) for reason in one.reasons),
        }
        for one in answer.items
    ]
    return pd.DataFrame(rows)


def influences(explanation: Explanation) -> pd.DataFrame:
    """What each product of the history does to the score: item_id, title, kind, occurred_at, score_without, moved."""
    rows = [
        {
            Columns.ITEM: one.item_id,
            Columns.TITLE: one.title,
            Columns.KIND: one.event_kind.value,
            Columns.OCCURRED_AT: one.occurred_at,
            "score_without": one.score_without,
            "moved": explanation.score - one.score_without,
        }
        for one in explanation.influences
    ]
    columns = [Columns.ITEM, Columns.TITLE, Columns.KIND, Columns.OCCURRED_AT, "score_without", "moved"]
    return pd.DataFrame(rows, columns=columns)


def photo_neighbors(artifacts: Artifacts, item_id: str, n: int = 6) -> pd.DataFrame:
    """The products whose photos are most like that of one: item_id, cosine; itself first.

    Raises
    ------
    BadRequestError : no embeddings, or no photo of the product
    UnknownIdError : a product that the artifacts do not know
    """
    embeddings = artifacts.embeddings
    item = artifacts.items.index(item_id)
    if embeddings is None or not embeddings.has_photo[item]:
        raise BadRequestError(f"the artifacts hold no photo of {item_id!r}; run `recommender train --photos DIR`")
    cosines = np.where(embeddings.has_photo, embeddings.photos @ embeddings.photos[item], -np.inf)
    best = np.argsort(-cosines, kind="stable")[: min(n + 1, int(embeddings.has_photo.sum()))]
    return pd.DataFrame({Columns.ITEM: artifacts.items.ids(best), "cosine": cosines[best]})


def embedding_map(artifacts: Artifacts, catalog: pd.DataFrame, of: Literal["text", "photo"] = "text") -> pd.DataFrame:
    """The products' vectors on their two main axes (Pearson, 1901): item_id, title, category, x, y.

    ``attrs["explained"]`` is the share of the variance that the two axes hold.

    Raises
    ------
    BadRequestError : artifacts without such embeddings
    """
    embeddings = artifacts.embeddings
    if embeddings is None or (of == "photo" and not embeddings.has_photo.any()):
        raise BadRequestError(
            f"the artifacts hold no {of} embeddings; run `recommender train`, with --photos for photos"
        )
    vectors, _ = embeddings.rows(of)
    rows = np.flatnonzero(np.any(vectors, axis=1))
    centred = vectors[rows] - vectors[rows].mean(axis=0)
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    x, y = (centred @ axes[:2].T).T
    frame = pd.DataFrame({Columns.ITEM: artifacts.items.ids(rows), "x": x, "y": y})
    known = catalog.set_index(Columns.ITEM)[[Columns.TITLE, Columns.CATEGORY]]
    frame = frame.join(known, on=Columns.ITEM)
    frame[Columns.CATEGORY] = [path[0] if path else "none" for path in frame[Columns.CATEGORY]]
    frame.attrs["explained"] = float((lengths[:2] ** 2).sum() / (lengths**2).sum())
    return frame
