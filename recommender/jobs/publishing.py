"""Whether what a training made comes into use. Where it does not, the artifacts of before stay as they are.

The rule: the new artifacts are published unless their blend is worse than the one in use by more than noise
(`recommender.jobs.comparison`). Some things go before quality, and then nothing is compared: there are no artifacts
that can be read; those in use hold something of a shopper who was erased; a share of the products above `MOST_UNKNOWN`
is new to them, and they cannot rank it; or they lack what this training embeds, and no search can find it. Where the
last window has too few shoppers to judge by, the new ones are published too: they know more.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from recommender.artifacts import Artifacts, Comparison, EmbeddedBy, Manifest
from recommender.embedder import Embedder
from recommender.ids import IdMap
from recommender.jobs.comparison import Window, compare
from recommender.selection import Selection

MOST_UNKNOWN: Final = 0.05


class Reason(StrEnum):
    """Why new artifacts come into use, or, for ``WORSE``, why not."""

    FIRST = "first"
    ERASED = "erased"
    CATALOGUE = "catalogue"
    EMBEDDINGS = "embeddings"
    UNMEASURED = "unmeasured"
    REFRESHED = "refreshed"
    NOT_WORSE = "not_worse"
    WORSE = "worse"


@dataclass(frozen=True)
class Training:
    """What became of a training.

    Attributes
    ----------
    manifest : of the artifacts that are in use after it
    published : whether they are the new ones; those that are ``WORSE`` are only where that was asked for
    comparison : of the new blend with the one in use before; None where the reason is another
    """

    manifest: Manifest
    reason: Reason
    published: bool
    comparison: Comparison | None

    def as_json(self) -> dict[str, object]:
        return {
            **self.manifest.model_dump(mode="json", exclude={"files"}),
            "reason": self.reason,
            "published": self.published,
            "comparison": self.comparison and self.comparison.model_dump(mode="json"),
        }


def judge(
    new: Selection,
    in_use: Artifacts | None,
    window: Window | None,
    items: IdMap,
    embedder: Embedder | None,
    seed: int,
) -> tuple[Reason, Comparison | None]:
    """The rule, for a `new` blend of a training on the catalogue `items` whose texts `embedder` embeds."""
    if in_use is None:
        return Reason.FIRST, None
    if in_use.manifest.erased_pending:
        return Reason.ERASED, None
    if _unknown_share(in_use.items, items) > MOST_UNKNOWN:
        return Reason.CATALOGUE, None
    if embedder is not None and not _has_embeddings_of(embedder, in_use.manifest.embedded_by):
        return Reason.EMBEDDINGS, None
    if window is None or not window.is_enough:
        return Reason.UNMEASURED, None
    comparison = compare(new, in_use, window, seed)
    return Reason.WORSE if comparison.is_worse else Reason.NOT_WORSE, comparison


def _unknown_share(known: IdMap, items: IdMap) -> float:
    return float(np.mean(known.find(items.ids(np.arange(len(items)))) < 0))


def _has_embeddings_of(embedder: Embedder, by: EmbeddedBy | None) -> bool:
    return by is not None and by.digest == embedder.encoder.digest and (bool(by.photos) or embedder.folder is None)
