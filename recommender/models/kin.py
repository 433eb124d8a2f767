"""Kin: a product that nobody has touched is scored as the products most like it that have a history.

A model that learns from behaviour has nothing to say of such a product, and its silence puts the product behind all
others. Mapping what a product is to what a model knows is due to Gantner et al., "Learning attribute-to-feature
mappings for cold-start recommendations" (ICDM 2010); this is their mapping by nearest neighbours, on scores, so that
it holds for any model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats, Histories
from recommender.models.base import AnyModel, top_n

NEAREST: Final = 5
"""Fewer follow single products, more bring every new product near the mean: measured in tests/benchmarks/RESULTS.md."""
ARRAYS: Final = ("new", "nearest", "shares")


@dataclass(frozen=True)
class Kin:
    """The new products, and for each the known ones that stand in for it.

    Attributes
    ----------
    new : int32, shape (n_new,), item indexes, ascending
    nearest : int32, shape (n_new, k), indexes of known items
    shares : float32, shape (n_new, k), cosines brought to sum 1; all 0 where nothing is alike
    """

    new: npt.NDArray[np.int32]
    nearest: npt.NDArray[np.int32]
    shares: Floats

    @classmethod
    def of(cls, vectors: Floats, known: npt.NDArray[np.bool_]) -> Self:
        """By the cosines of `vectors`, shape (n_items, size), rows of length 1, or 0 where nothing is known of an item.

        Parameters
        ----------
        known : shape (n_items,), which items have a history
        """
        described = vectors.any(axis=1)
        new, lenders = (np.flatnonzero(described & one).astype(np.int32) for one in (~known, known))
        among = np.ones(len(lenders), dtype=np.bool_)
        nearest = np.zeros((len(new), min(NEAREST, len(lenders))), dtype=np.int32)
        shares = np.zeros(nearest.shape, dtype=np.float32)
        for place, item in enumerate(new):
            cosines = vectors[lenders] @ vectors[item]
            best = top_n(cosines, among, NEAREST)
            alike = np.maximum(cosines[best], 0)
            nearest[place] = lenders[best]
            shares[place] = alike / (alike.sum() or 1)
        return cls(new, nearest, shares)

    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return dict(zip(ARRAYS, (self.new, self.nearest, self.shares), strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        return cls(*(arrays[name] for name in ARRAYS))


@dataclass(frozen=True)
class WithKin:
    """A model whose new products are scored as their kin."""

    model: AnyModel
    kin: Kin

    def scores(self, queries: Histories) -> Floats:
        """Scores of every item for each history; float32, shape (len(queries), n_items)."""
        scores = np.array(self.model.scores(queries))
        kin = self.kin
        scores[:, kin.new] = sum(
            scores[:, nearest] * shares for nearest, shares in zip(kin.nearest.T, kin.shares.T, strict=True)
        )
        return scores

    def contributions(self, query: Histories, items: npt.NDArray[np.int32]) -> Floats:
        """What each event of one history adds to the scores of `items`, shape (len(items), n_events)."""
        kin = self.kin
        found = np.array(self.model.contributions(query, items))
        is_new = np.isin(items, kin.new)
        places = np.searchsorted(kin.new, items[is_new])
        nearest = kin.nearest[places]
        lent = self.model.contributions(query, nearest.ravel()).reshape(*nearest.shape, found.shape[1])
        found[is_new] = np.einsum("nke,nk->ne", lent, kin.shares[places])
        return found
