"""Products that are newer than the artifacts: beside those that models were fitted on, by what they say and show.

Such a product stands behind those that the artifacts know, as one that nobody took; where scores tie it comes last. Of
a product that they know, whose text or photo has changed since, requests are compared with what it says and shows now;
models keep what they were fitted on until the next training.
"""

import numpy as np

from recommender.artifacts import Artifacts
from recommender.blend import POPULARITY, Blend
from recommender.catalog import Mask
from recommender.dataset import ItemVectors
from recommender.embeddings import GrownEmbeddings, ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ids import GrownIdMap, IdMap, Indexes
from recommender.models.grown import grown
from recommender.photo_index import Indexed


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
    others = np.flatnonzero((known >= 0) & _differs(known, indexed, made))
    newer = np.flatnonzero(known < 0)
    if not len(others) + len(newer):
        return artifacts
    n_known = len(artifacts.items)
    others = others[np.argsort(known[others])]
    places = np.concatenate([known[others], np.arange(n_known, n_known + len(newer))]).astype(np.int32)
    rows = indexed.taken(np.concatenate([others, newer]))
    embeddings = GrownEmbeddings.over(made, places, rows)
    items = GrownIdMap(artifacts.items, IdMap(indexed.items.array[newer])) if len(newer) else artifacts.items
    return GrownArtifacts(
        artifacts, items, embeddings, ItemVectors(rows.text[len(others) :], rows.photos[len(others) :])
    )


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


def _differs(known: Indexes, indexed: Indexed, made: ItemEmbeddings) -> Mask:
    """Which items of the index were made from another text or photo than at their index in `known`; -1: no matter."""
    pairs = zip(indexed.hashes, (made.text_hashes, made.photo_hashes), strict=True)
    return np.any([(new != old[known]).any(axis=1) for new, old in pairs], axis=0)
