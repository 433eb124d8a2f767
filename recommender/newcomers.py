"""Products that are newer than the artifacts: beside those that models were fitted on, by what they say and show.

Such a product stands behind those that the artifacts know, as one that nobody took; where scores tie it comes last. Of
a product that they know, whose text or photo has changed since, requests are compared with what it says and shows now;
models keep what they were fitted on until the next training.
"""

from dataclasses import replace
from typing import Final, TypeVar

import numpy as np

from recommender.artifacts import Artifacts
from recommender.blend import POPULARITY, Blend
from recommender.catalog import Mask
from recommender.dataset import ItemVectors
from recommender.embeddings import GrownEmbeddings, ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ids import GrownIdMap, IdMap, Indexes
from recommender.indexed import Indexed
from recommender.models.grown import grown
from recommender.neighbors import NearItems

MOST_BESIDE: Final = 20_000
"""Photos that the neighbours do not know and that are compared one by one; with more, all are."""
E = TypeVar("E", bound=ItemEmbeddings)


def with_index(artifacts: Artifacts, indexed: Indexed | None) -> Artifacts:
    """The artifacts with what the photo index has otherwise, or beyond them; themselves where that is nothing.

    Raises
    ------
    ArtifactError : another encoder made the index
    """
    made = artifacts.embeddings
    if indexed is None or made is None:
        return artifacts
    if indexed.digest != made.digest:
        raise ArtifactError(
            f"the artifacts were embedded by {made.encoder!r} ({made.digest:.12}), the photo index by another encoder "
            f"({indexed.digest:.12}); run `recommender photos index --anew`"
        )
    known = artifacts.items.places_of(indexed.items)
    others = np.flatnonzero((known >= 0) & _is_later(artifacts, known, indexed) & _differs(known, indexed, made))
    newer = np.flatnonzero(known < 0)
    if not len(others) + len(newer):
        embeddings = _with_neighbors(made, artifacts.items, indexed)
        return Artifacts(artifacts.manifest, artifacts.items, artifacts.models, embeddings, artifacts.reranker)
    n_known = len(artifacts.items)
    others = others[np.argsort(known[others])]
    places = np.concatenate([known[others], np.arange(n_known, n_known + len(newer))]).astype(np.int32)
    rows = indexed.taken(np.concatenate([others, newer]))
    embeddings = GrownEmbeddings.over(made, places, rows)
    items = GrownIdMap(artifacts.items, IdMap(indexed.items.array[newer])) if len(newer) else artifacts.items
    newcomers = ItemVectors(rows.text[len(others) :], rows.photos[len(others) :])
    return GrownArtifacts(artifacts, items, _with_neighbors(embeddings, items, indexed), newcomers)


class GrownArtifacts(Artifacts):
    """Artifacts as they rank when `items` has some behind their own, of `newcomers`; ``models`` are as fitted."""

    def __init__(self, trained: Artifacts, items: IdMap, embeddings: GrownEmbeddings, newcomers: ItemVectors) -> None:
        super().__init__(trained.manifest, items, trained.models, embeddings, trained.reranker)
        self.n_fitted = len(trained.items)
        if len(newcomers.text):
            members = {name: grown(trained.models[name], newcomers) for name in trained.blend.members}
            self.blend = Blend(members, trained.blend.weights)
            self.popularity = grown(trained.models[POPULARITY], newcomers)
            self.reranker = trained.reranker and trained.reranker.grown(len(newcomers.text))


def _is_later(artifacts: Artifacts, known: Indexes, indexed: Indexed) -> Mask:
    """Which items were indexed after the artifacts' training began, or have a photo in the index alone."""
    made, began = artifacts.embeddings, int(artifacts.manifest.created_at.timestamp() * 1_000_000)
    is_later = indexed.times >= began
    return is_later if made is None else is_later | (~made.has_photo[known] & indexed.hashes[1].any(axis=1))


def _with_neighbors(embeddings: E, items: IdMap, indexed: Indexed) -> E:
    """The embeddings of `items` with what finds near photos, where the index has it and knows most of the photos."""
    if indexed.neighbors is None:
        return embeddings
    places = items.places_of(indexed.items)
    covered = np.flatnonzero((indexed.part_of == 0) & (places >= 0))
    rows = np.full(len(indexed.parts[0]), -1, dtype=np.int32)
    rows[indexed.row_of[covered]] = places[covered]
    beside = embeddings.has_photo.copy()
    beside[places[covered]] = False
    others = np.flatnonzero(beside).astype(np.int32)
    if len(others) > MOST_BESIDE:
        return embeddings
    return replace(embeddings, neighbors=NearItems(indexed.neighbors, rows, others))


def _differs(known: Indexes, indexed: Indexed, made: ItemEmbeddings) -> Mask:
    """Which items of the index were made from another text or photo than at their index in `known`; -1: no matter."""
    pairs = zip(indexed.hashes, (made.text_hashes, made.photo_hashes), strict=True)
    return np.any([(new != old[known]).any(axis=1) for new, old in pairs], axis=0)
