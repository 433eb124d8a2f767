"""Artifacts after a shopper was erased: what can be taken out of them is, the rest is named until the next training.

No model keeps a row, a vector or an id of a shopper; all are asked with a history. What a shopper leaves in them is a
share in sums over all shoppers. Of these `popularity` and `repeat` can be had without the shopper at once, and
`content` learns nothing from shoppers. `item_neighbors`, `next_items` and `linear` keep the largest entries of matrices
that were damped or inverted, `als` and `hybrid` the vectors of items and `sequence` the weights that were found by
iteration, the trees splits that many shoppers decided; there is nothing to subtract from, so they count as pending
until they are fitted again. Embeddings are of products alone.
"""

from dataclasses import dataclass
from datetime import datetime

from recommender.artifacts import TREES, Artifacts
from recommender.dataset import Histories


@dataclass(frozen=True)
class Forgotten:
    """A shopper who was erased; ``learned`` is what the models had learned from, None where that cannot be told."""

    mark: str
    at: datetime
    learned: Histories | None = None


def without(artifacts: Artifacts, shopper: Forgotten, version: str) -> Artifacts:
    """The artifacts as a new version that holds nothing of the shopper but in the models its manifest names."""
    manifest = artifacts.manifest
    models, pending = dict(artifacts.models), set(manifest.erased_pending)
    if shopper.learned is None:
        pending.update(_parts(artifacts))
    elif len(shopper.learned.items):
        as_of = round(manifest.as_of.timestamp() * 1_000_000)
        for name, model in artifacts.models.items():
            changed = model.without(shopper.learned, as_of)
            models[name] = model if changed is None else changed
            pending.update([name] if changed is None else [])
        pending.update(set(_parts(artifacts)) - set(models))
    update = {
        "version": version,
        "erased": manifest.erased | {shopper.mark: shopper.at},
        "erased_pending": tuple(name for name in _parts(artifacts) if name in pending),
    }
    changed_manifest = manifest.model_copy(update=update)
    return Artifacts(changed_manifest, artifacts.items, models, artifacts.embeddings, artifacts.reranker)


def _parts(artifacts: Artifacts) -> list[str]:
    """All that learns from shoppers, by name."""
    return [*artifacts.models, *([] if artifacts.reranker is None else [TREES])]
