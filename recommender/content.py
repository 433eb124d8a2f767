"""What a request says and shows, compared with what each product says and shows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats
from recommender.embeddings import ItemEmbeddings, Kind
from recommender.explain import REASONS_PER_ITEM
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
DECIMALS = 5
LEAST_SPREAD = 10.0**-DECIMALS
CLEARLY = 2.0
"""Standard deviations above the catalogue's mean from which a similarity is given as a reason."""


@dataclass(frozen=True)
class Content:
    """How well each item fits a text and a photo. Each similarity has mean 0 and deviation 1 over the catalogue.

    Attributes
    ----------
    text, photo : float32, shape (n_items,); zeros where the request has no text, or no photo
    alike : shape (n_items,), which items have a photo that looks like the request's
    words : folded words of the text that say what is wanted
    text_weight : how much the text counts
    text_vector, photo_vector : what was compared, shape (size,); None where the request has none
    """

    text: Floats
    photo: Floats
    alike: npt.NDArray[np.bool_]
    words: frozenset[str] = frozenset()
    text_weight: float = TEXT_WEIGHT
    text_vector: Floats | None = None
    photo_vector: Floats | None = None

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

        An item without a photo is compared with the request's photo by its text, which lies in the same space.
        `wanted` are the words of the text that say what is wanted.
        """
        nothing = np.zeros(len(embeddings), dtype=np.float32)
        said = nothing if text is None else _deviations(_cosines(embeddings, "text", text))
        if photo is None:
            shown, alike = nothing, nothing.astype(np.bool_)
        else:
            shown, alike = _photo_deviations(embeddings, photo)
        said_words = frozenset(word for phrase in wanted for word in words(phrase))
        return cls(said, shown, alike, said_words, text_vector=text, photo_vector=photo)

    @cached_property
    def scores(self) -> Floats:
        """The weighted sum that the ranking adds to behaviour; float32, shape (n_items,)."""
        return np.float32(self.text_weight) * self.text + np.float32(PHOTO_WEIGHT) * self.photo

    def as_read(self) -> "Content":
        """The same where constraints hold all that the text says, so that its meaning has little to add."""
        return replace(self, text_weight=READ_TEXT_WEIGHT)

    def reasons(self, item: int, row: ProductRow) -> list[tuple[ReasonKind, float]]:
        """What may truly be said of an item that content put where it is, with what it added to the score.

        Both need a similarity far above the catalogue's; the photo also two photos that look alike in this catalogue,
        the words one that the product's row has.
        """
        found = []
        if self.alike[item] and self.photo[item] >= CLEARLY:
            found.append((ReasonKind.PHOTO, PHOTO_WEIGHT * float(self.photo[item])))
        if self.text[item] >= CLEARLY and not self.words.isdisjoint(_words_of(row)):
            found.append((ReasonKind.WORDS, self.text_weight * float(self.text[item])))
        return found

    def explained(self, item: int, score: float, row: ProductRow, why: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """The reasons of an item with those of content among them; `why` are those of its behaviour alone."""
        added = self.reasons(item, row)
        content = max(float(self.scores[item]), 0.0)
        whole = max(score - float(self.scores[item]), 0.0) + content
        if whole <= 0:
            return why
        kept = [one.model_copy(update={"contribution": one.contribution * (1 - content / whole)}) for one in why]
        found = [*(Reason(kind=kind, contribution=min(part / whole, 1.0)) for kind, part in added), *kept]
        return tuple(sorted(found, key=lambda reason: -reason.contribution)[:REASONS_PER_ITEM])


def _photo_deviations(embeddings: ItemEmbeddings, photo: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
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
