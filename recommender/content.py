"""What a request says and shows, compared with what each product says and shows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

import numpy as np

from recommender.catalog import Mask
from recommender.dataset import Floats
from recommender.embeddings import ItemEmbeddings, Kind, NearPhotos
from recommender.explain import REASONS_PER_ITEM
from recommender.ids import Indexes
from recommender.ranking import Nearby
from recommender.text import words
from schemas import ProductRow, Reason, ReasonKind

TEXT_WEIGHT = 4.0
"""How many standard deviations of behaviour one of similarity is worth.

By NDCG@10 on what shoppers of a simulated shop (450 products) looked at after 1,373 searches of its held-out days; mean
of known and new shoppers: 0.19 with 0, 0.44 with 1, 0.61 with 3, 0.62 with 5, 0.49 for the text alone.
"""
READ_TEXT_WEIGHT = 0.25
"""The same where constraints hold all that the text says: 0.78 with 0 and 0.25, 0.76 with 1, 0.56 for it alone."""
PHOTO_WEIGHT = 4.0
"""The same for 800 changed product photos: 0.12 with 0, 0.61 with 2, 0.81 with 4, 0.86 for the photo alone where the
product on it is sought; 0.09, 0.15, 0.14 and 0.12 where it is what the shopper looks at after that product.
"""
BLOCK: Final = 65_536
"""Items whose vectors are looked at together."""
DECIMALS = 5
LEAST_SPREAD = 10.0**-DECIMALS
CLEARLY = 2.0
"""Standard deviations above the catalogue's mean from which a similarity is given as a reason."""


@dataclass(frozen=True)
class Likeness:
    """How near a text and a photo are to some items. Each similarity has mean 0 and deviation 1 over the catalogue.

    Attributes
    ----------
    text, photo : float32, shape (n,); zeros where the request has no text, or no photo
    alike : shape (n,), which items have a photo that looks like the request's
    """

    text: Floats
    photo: Floats
    alike: Mask


class Compared:
    """A text and a photo beside the products: with all of them at once, or with few of very many."""

    def __init__(self, embeddings: ItemEmbeddings, text: Floats | None, photo: Floats | None) -> None:
        self.embeddings, self.text, self.photo = embeddings, text, photo

    @cached_property
    def whole(self) -> Likeness:
        """Of every item.

        An item without a photo is compared with the request's photo by its text, which lies in the same space.
        """
        nothing = np.zeros(len(self.embeddings), dtype=np.float32)
        said = nothing if self.text is None else _deviations(_cosines(self.embeddings, "text", self.text))
        if self.photo is None:
            return Likeness(said, nothing, nothing.astype(np.bool_))
        return Likeness(said, *_photo_deviations(self.embeddings, self.photo))

    @property
    def nearby(self) -> NearPhotos | None:
        """What finds the nearest items; None where all are compared: there are not so many, or words are asked for."""
        return self.embeddings.neighbors if self.text is None and self.photo is not None else None

    def of(self, items: Indexes) -> Likeness:
        """Of `items`."""
        if self.photo is None or self.nearby is None:
            whole = self.whole
            return Likeness(whole.text[items], whole.photo[items], whole.alike[items])
        has_photo, shown = self.embeddings.has_photo[items], np.empty(len(items), dtype=np.float32)
        cosines = self._cosines("photo", self.photo, items[has_photo])
        shown[has_photo] = self._scaled("photo", self.photo, cosines)
        shown[~has_photo] = self._scaled("text", self.photo, self._cosines("text", self.photo, items[~has_photo]))
        alike = np.zeros(len(items), dtype=np.bool_)
        alike[has_photo] = cosines >= self.embeddings.alike
        return Likeness(np.zeros_like(shown), shown, alike)

    def _cosines(self, kind: Kind, vector: Floats, items: Indexes) -> Floats:
        found = np.empty(len(items), dtype=np.float32)
        for start in range(0, len(items), BLOCK):
            found[start : start + BLOCK] = self.embeddings.of(kind, items[start : start + BLOCK]) @ vector
        return np.round(found, DECIMALS)

    def _scaled(self, kind: Kind, vector: Floats, cosines: Floats) -> Floats:
        if not len(cosines):
            return cosines
        mean, spread = self.embeddings.moments(kind, vector)
        return ((cosines - mean) / spread).astype(np.float32) if spread > LEAST_SPREAD else np.zeros_like(cosines)


@dataclass(frozen=True)
class Content:
    """How well each item fits a text and a photo.

    Attributes
    ----------
    words : folded words of the text that say what is wanted
    text_weight : how much the text counts
    """

    compared: Compared
    words: frozenset[str] = frozenset()
    text_weight: float = TEXT_WEIGHT

    @classmethod
    def of(
        cls,
        embeddings: ItemEmbeddings,
        *,
        text: Floats | None = None,
        photo: Floats | None = None,
        wanted: Iterable[str] = (),
    ) -> "Content":
        """Compare the vectors of a request, each of shape (size,), by the encoder of `embeddings`.

        `wanted` are the words of the text that say what is wanted.
        """
        said_words = frozenset(word for phrase in wanted for word in words(phrase))
        return cls(Compared(embeddings, text, photo), said_words)

    @property
    def text_vector(self) -> Floats | None:
        return self.compared.text

    @property
    def photo_vector(self) -> Floats | None:
        return self.compared.photo

    @property
    def text(self) -> Floats:
        return self.compared.whole.text

    @property
    def photo(self) -> Floats:
        return self.compared.whole.photo

    @property
    def alike(self) -> Mask:
        return self.compared.whole.alike

    @cached_property
    def scores(self) -> Floats:
        """The weighted sum that the ranking adds to behaviour; float32, shape (n_items,)."""
        return self._sum(self.compared.whole)

    def scores_of(self, items: Indexes) -> Floats:
        """The same of `items` alone."""
        return self._sum(self.compared.of(items))

    def _sum(self, likeness: Likeness) -> Floats:
        return np.float32(self.text_weight) * likeness.text + np.float32(PHOTO_WEIGHT) * likeness.photo

    @property
    def nearby(self) -> Nearby | None:
        """What ranks the nearest of very many items; None where every item is compared."""
        found, photo = self.compared.nearby, self.compared.photo
        return None if found is None or photo is None else Nearby(partial(found.nearest, photo), self.scores_of)

    def as_read(self) -> "Content":
        """The same where constraints hold all that the text says, so that its meaning has little to add."""
        return replace(self, text_weight=READ_TEXT_WEIGHT)

    def reasons(self, item: int, row: ProductRow) -> list[tuple[ReasonKind, float]]:
        """What may truly be said of an item that content put where it is, with what it added to the score.

        Both need a similarity far above the catalogue's; the photo also two photos that look alike in this catalogue,
        the words one that the product's row has.
        """
        own, found = self.compared.of(np.array([item], dtype=np.int32)), []
        text, photo = float(own.text[0]), float(own.photo[0])
        if own.alike[0] and photo >= CLEARLY:
            found.append((ReasonKind.PHOTO, PHOTO_WEIGHT * photo))
        if text >= CLEARLY and not self.words.isdisjoint(_words_of(row)):
            found.append((ReasonKind.WORDS, self.text_weight * text))
        return found

    def explained(self, item: int, score: float, row: ProductRow, why: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """The reasons of an item with those of content among them; `why` are those of its behaviour alone."""
        added = self.reasons(item, row)
        said = float(self.scores_of(np.array([item], dtype=np.int32))[0])
        content = max(said, 0.0)
        whole = max(score - said, 0.0) + content
        if whole <= 0:
            return why
        kept = [one.model_copy(update={"contribution": one.contribution * (1 - content / whole)}) for one in why]
        found = [*(Reason(kind=kind, contribution=min(part / whole, 1.0)) for kind, part in added), *kept]
        return tuple(sorted(found, key=lambda reason: -reason.contribution)[:REASONS_PER_ITEM])


def _photo_deviations(embeddings: ItemEmbeddings, photo: Floats) -> tuple[Floats, Mask]:
    """By photo where there is one, by text elsewhere: each on its own scale, as cosines between the two are lower."""
    has_photo = embeddings.has_photo
    shown, alike = np.zeros(len(has_photo), dtype=np.float32), np.zeros(len(has_photo), dtype=np.bool_)
    if has_photo.any():
        cosines = _cosines(embeddings, "photo", photo)
        shown[has_photo] = _deviations(cosines[has_photo])
        alike = has_photo & (cosines >= embeddings.alike)
    if not has_photo.all():
        shown[~has_photo] = _deviations(_cosines(embeddings, "text", photo))[~has_photo]
    return shown, alike


def _cosines(embeddings: ItemEmbeddings, kind: Kind, vector: Floats) -> Floats:
    """Rounded to what float32 sums agree on: equal rows must tie, wherever in the matrix they are."""
    return np.round(embeddings.cosines(kind, vector), DECIMALS)


def _deviations(values: Floats) -> Floats:
    """Standard deviations from the mean; zeros where all are equal."""
    spread = values.std()
    centred = values - values.mean()
    return np.divide(centred, spread) if spread > LEAST_SPREAD else np.zeros_like(values)


def _words_of(row: ProductRow) -> frozenset[str]:
    values = (value for several in row.attributes.values() for value in several)
    text = " ".join([row.title, row.brand or "", *row.category, *values, row.description])
    return frozenset(words(text))
