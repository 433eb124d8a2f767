"""What each product's text and photo mean, as vectors: made in training and since, compared with in a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Literal, Protocol, Self, get_args

import numpy as np
import numpy.typing as npt

from recommender.base_model.protocols import Encoder
from recommender.catalog import Mask
from recommender.dataset import Floats, ItemVectors
from recommender.errors import ArtifactError
from recommender.ids import Indexes

SAMPLED: Final = 8_192
HASH_BYTES = 16
Kind = Literal["text", "photo"]
ARRAYS = ("text", "photos", "text_hashes", "photo_hashes", "alike")
Hashes = npt.NDArray[np.uint8]
"""Shape (n_items, 16): of what a row was made from; zeros where it was made from nothing."""


class NearPhotos(Protocol):
    def nearest(self, photo: Floats, n: int) -> Indexes:
        """About the `n` items whose photos are nearest to a photo's vector, in no order."""
        ...


@dataclass(frozen=True)
class ItemEmbeddings:
    """Vectors of length 1 for every item, by item index.

    Attributes
    ----------
    encoder, digest : whose vectors these are; those of another encoder cannot be compared with them
    text : float32, shape (n_items, size); zeros for a product without a row in the catalogue
    photos : float32, shape (n_items, size); zeros where ``has_photo`` is False
    text_hashes, photo_hashes : what each row was made from, so that a later training can take it over
    alike : the cosine from which two photos of this catalogue look alike; see `alike_cosine`
    neighbors : what finds the photos that are near to one, in a catalogue of very many
    """

    encoder: str
    digest: str
    text: Floats
    photos: Floats
    text_hashes: Hashes
    photo_hashes: Hashes
    alike: float
    neighbors: NearPhotos | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        n_items, size = self.text.shape
        shapes = {
            "photos": (n_items, size),
            "text_hashes": (n_items, HASH_BYTES),
            "photo_hashes": (n_items, HASH_BYTES),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, beside the texts it should be {shape}")

    @property
    def size(self) -> int:
        return int(self.text.shape[1])

    @cached_property
    def has_photo(self) -> Mask:
        """Shape (n_items,)."""
        return np.any(self.photo_hashes, axis=1)

    @property
    def vectors(self) -> ItemVectors:
        """What models are fitted on."""
        return ItemVectors(self.text, self.photos)

    def rows(self, kind: Kind) -> tuple[Floats, Hashes]:
        """Vectors and hashes of the texts, or of the photos."""
        return (self.text, self.text_hashes) if kind == "text" else (self.photos, self.photo_hashes)

    def __len__(self) -> int:
        return len(self.text)

    def cosines(self, kind: Kind, vector: Floats) -> Floats:
        """Of the texts, or of the photos, with a vector of length 1; shape (n_items,)."""
        return self.rows(kind)[0] @ vector

    def of(self, kind: Kind, items: Indexes) -> Floats:
        """The vectors of the texts, or of the photos, of `items`; shape (len(items), size)."""
        return self.rows(kind)[0][items]

    def moments(self, kind: Kind, vector: Floats) -> tuple[float, float]:
        """Mean and deviation of the cosines with a vector, by up to `SAMPLED` of the texts, or of the photos."""
        cosines = self._sampled[kind] @ vector
        return float(cosines.mean()), float(cosines.std())

    @cached_property
    def _sampled(self) -> dict[Kind, Floats]:
        found: dict[Kind, Floats] = {}
        for kind in get_args(Kind):
            vectors, hashes = self.rows(kind)
            there = np.flatnonzero(np.any(hashes, axis=1))
            found[kind] = vectors[there[np.linspace(0, len(there) - 1, min(SAMPLED, len(there))).astype(np.int64)]]
        return found

    def taken(self, rows: npt.NDArray[np.integer]) -> "ItemEmbeddings":
        """Copies of the `rows` of all arrays, in that order."""
        parts = (self.text[rows], self.photos[rows], self.text_hashes[rows], self.photo_hashes[rows])
        return ItemEmbeddings(self.encoder, self.digest, *parts, self.alike)

    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        alike = np.array([self.alike], dtype=np.float64)
        return dict(zip(ARRAYS, (self.text, self.photos, self.text_hashes, self.photo_hashes, alike), strict=True))

    @classmethod
    def from_arrays(cls, encoder: str, digest: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The embeddings again, from ``arrays`` (which may be memory-mapped); ValueError or KeyError if damaged."""
        text, photos, text_hashes, photo_hashes, alike = (arrays[name] for name in ARRAYS)
        return cls(encoder, digest, text, photos, text_hashes, photo_hashes, float(alike[0]))

    def require(self, encoder: Encoder) -> None:
        """Raises ArtifactError unless `encoder` made these."""
        if (encoder.name, encoder.digest) != (self.encoder, self.digest):
            raise ArtifactError(
                f"the artifacts were embedded by {self.encoder!r} ({self.digest:.12}), "
                f"this program has {encoder.name!r} ({encoder.digest:.12}); run `recommender train`, then reload"
            )


@dataclass(frozen=True)
class GrownEmbeddings(ItemEmbeddings):
    """Embeddings of a training with those that were made since laid over them; no array of the training is copied.

    Attributes
    ----------
    text, photos, text_hashes, photo_hashes : of the training
    places : int32, shape (n_newer,), ascending: the items that ``newer`` is of; those behind the training's are all
        among them
    """

    places: Indexes
    newer: ItemEmbeddings

    @classmethod
    def over(cls, base: ItemEmbeddings, places: Indexes, newer: ItemEmbeddings) -> Self:
        own = {one.name: getattr(base, one.name) for one in fields(ItemEmbeddings)}
        return cls(**own, places=places, newer=newer)

    @cached_property
    def has_photo(self) -> Mask:
        found = np.zeros(len(self), dtype=np.bool_)
        found[: len(self.photo_hashes)] = np.any(self.photo_hashes, axis=1)
        found[self.places] = self.newer.has_photo
        return found

    def __len__(self) -> int:
        return max(len(self.text), int(self.places[-1]) + 1)

    def cosines(self, kind: Kind, vector: Floats) -> Floats:
        found = np.empty(len(self), dtype=np.float32)
        found[: len(self.text)] = super().cosines(kind, vector)
        found[self.places] = self.newer.cosines(kind, vector)
        return found

    def of(self, kind: Kind, items: Indexes) -> Floats:
        at = np.minimum(np.searchsorted(self.places, items), len(self.places) - 1)
        is_newer = self.places[at] == items
        found = np.empty((len(items), self.size), dtype=np.float32)
        found[is_newer] = self.newer.of(kind, at[is_newer].astype(np.int32))
        found[~is_newer] = super().of(kind, items[~is_newer])
        return found


def alike_cosine(photos: Floats, rng: np.random.Generator, *, sample: int = 200, share: float = 0.25) -> float:
    """The cosine that 3 in 4 of a catalogue's photos reach with their nearest other one; 1.0 for fewer than two photos.

    It stands for "looks alike" whatever the encoder, whose cosines have a scale of their own.
    """
    if len(photos) < 2:
        return 1.0
    chosen = rng.choice(len(photos), min(sample, len(photos)), replace=False)
    nearest = [_nearest_other(photos, int(row)) for row in chosen]
    return float(np.quantile(nearest, share))


def _nearest_other(photos: Floats, row: int) -> float:
    cosines = photos @ photos[row]
    cosines[row] = -1.0
    return float(cosines.max())
