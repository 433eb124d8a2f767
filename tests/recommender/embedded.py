"""Embeddings of a few products, by the encoder for tests."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from recommender.embeddings import ItemEmbeddings, alike_cosine
from tests.recommender.fake_encoder import COLOURS, FakeEncoder


def photo(colour: str, size: int = 32) -> Image.Image:
    return Image.new("RGB", (size, size), COLOURS[colour])


def embeddings(texts: Sequence[str], photos: Mapping[int, str] | None = None) -> ItemEmbeddings:
    """``photos``: item index -> the colour of its photo."""
    encoder, shown = FakeEncoder(), photos or {}
    vectors = np.zeros((len(texts), encoder.size), dtype=np.float32)
    hashes = np.zeros((len(texts), 16), dtype=np.uint8)
    for item, colour in shown.items():
        vectors[item] = encoder.embed_photos([photo(colour)])[0]
        hashes[item] = item + 1
    alike = alike_cosine(vectors[sorted(shown)], np.random.default_rng(0))
    text_hashes = np.ones_like(hashes)
    return ItemEmbeddings(encoder.name, encoder.digest, encoder.embed_text(texts), vectors, text_hashes, hashes, alike)
