"""The photos of a question: decoded, compared with the products, and looked at for what the catalogue has words for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL.Image import Image

from recommender.base_model.photo_pixels import as_rgb, orientation, transposed
from recommender.base_model.photo_things import photo_vector
from recommender.base_model.photos import DEFAULT_LIMITS, decode_data_url, decode_photo
from recommender.base_model.protocols import Embeddings, Encoder
from recommender.base_model.recogniser import Recogniser
from recommender.content import Content
from recommender.conversation.lexicon import COLOUR
from recommender.conversation.vocabulary import CATEGORY, Vocabulary
from recommender.dataset import Floats
from recommender.errors import ArtifactError, BadPhotoError, BadRequestError, RecommenderError
from recommender.shop.serving import View
from recommender.text import clean, words
from schemas import Message, Seen

MAX_PHOTOS: Final = 4
MAX_REASON: Final = 200


Photo = bytes | Image | str
"""The bytes of a file, a Pillow image, or a data URL."""


def decoded(photo: Photo) -> Image:
    """One photo, RGB and bounded in size; raises BadPhotoError for what is none."""
    match photo:
        case str():
            return decode_data_url(photo)
        case bytes():
            return decode_photo(photo)
        case Image():
            return _plain(photo)
        case _:
            raise BadPhotoError(f"a photo is bytes, a Pillow image or a data URL, got {type(photo).__name__}")


def _plain(image: Image) -> Image:
    try:
        return transposed(as_rgb(image, DEFAULT_LIMITS.max_side), orientation(image))
    except Exception as error:  # Pillow reads an image late, and raises what its decoders raise
        raise BadPhotoError(f"the image cannot be read: {type(error).__name__}: {error}") from error


def photos_of(message: Message) -> tuple[Image, ...]:
    """The photos of one message.

    Raises
    ------
    BadRequestError : more than ``MAX_PHOTOS``
    BadPhotoError : one that is no data URL, or whose data is no photo that can be read
    """
    urls = message.photo_urls
    if len(urls) > MAX_PHOTOS:
        raise BadRequestError(f"a message has {len(urls)} photos; at most {MAX_PHOTOS} are looked at, send fewer")
    return tuple(decode_data_url(url) for url in urls)


@dataclass(frozen=True)
class Look:
    """What photos say to ranking (``content``) and to the reply; ``notes`` say why where they say nothing.

    ``several``: one shows several products, of which the largest was looked at; ``doubtful`` are the likeliest values
    of the fields in which nothing was ``seen`` for sure.
    """

    content: Content | None = None
    seen: tuple[Seen, ...] = ()
    several: bool = False
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class PhotoQuestions:
    """Looks at photos with an encoder; thread-safe. `encoder` is called once per question: let it keep one."""

    def __init__(self, encoder: Callable[[], Encoder]) -> None:
        self._encoder = encoder
        self._recogniser: tuple[Vocabulary, Recogniser] | None = None

    def look(self, view: View, photos: Sequence[Image]) -> Look:
        """What `photos` say together. Whatever keeps them from being looked at is a note: a question has words too."""
        if not photos:
            return Look()
        try:
            encoder = self._encoder()
            looked = [photo_vector(encoder, photo) for photo in photos]
            vector, several = _middle(np.stack([one for one, _ in looked])), any(more for _, more in looked)
            recogniser = self._recogniser_for(view.vocabulary, encoder)
            seen, doubtful = recogniser.seen(vector), recogniser.doubtful(vector)
        except Exception as error:  # noqa: BLE001  # an encoder may be missing, broken or out of memory
            return Look(notes=(f"the photo could not be looked at: {_reason(error)}",))
        try:
            return Look(Content.of(view.embeddings_of(encoder), photo=vector), seen, several, doubtful)
        except ArtifactError as error:
            notes = (f"the photo had no say in the ranking: {error}",)
            return Look(None, seen, several, doubtful, notes)

    def _recogniser_for(self, vocabulary: Vocabulary, encoder: Encoder) -> Recogniser:
        """Made once for each vocabulary; two threads may make the same one."""
        kept = self._recogniser
        if kept is None or kept[0] is not vocabulary:
            kept = self._recogniser = (vocabulary, Recogniser(encoder, visible_values(vocabulary)))
        return kept[1]


def visible_values(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """What a photo may show: field -> the catalogue's values. Categories that others stand below show nothing alone."""
    terms = [term for meanings in vocabulary.terms.values() for term in meanings]
    general = frozenset[str]().union(*vocabulary.ancestors.values())
    values: dict[str, set[str]] = {}
    for term in terms:
        if term.field == CATEGORY or words(term.field) == [COLOUR]:
            values.setdefault(term.field, set()).update(value for value in term.values if value not in general)
    return {field: tuple(sorted(own)) for field, own in values.items() if own}


def _middle(vectors: Embeddings) -> Floats:
    """The mean of the vectors, of length 1."""
    mean = vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length else mean


def _reason(error: Exception) -> str:
    if isinstance(error, RecommenderError):
        return str(error)
    return f"{type(error).__name__}: {clean(str(error), MAX_REASON)}"
