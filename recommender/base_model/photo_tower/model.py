"""The trained network, read from its weights, and what it makes of photos."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL.Image import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from recommender.base_model.photo_tower import WEIGHTS
from recommender.base_model.photo_tower.designs import PhotoNetwork
from recommender.base_model.photo_tower.pixels import Pixels, to_pixels
from recommender.base_model.protocols import Embeddings
from recommender.errors import EncoderError

BATCH: Final = 32
DESIGN: Final = "design"
"""What the weights' file calls the name of the network they are of."""
COLOR_WORDS: Final = "palette.words"
"""Only in the weights of a tower that has a palette."""


class PhotoTower:
    """A trained network that embeds photos. Thread-safe."""

    def __init__(self, network: PhotoNetwork, digest: str) -> None:
        self.digest = digest
        self._network = network.eval()

    def embed(self, photos: Sequence[Image]) -> Embeddings:
        """Rows of length 1, shape (n, 384)."""
        return np.concatenate(
            [self._embed_batch(to_pixels(photos[at : at + BATCH])) for at in range(0, len(photos), BATCH)]
        )

    def embed_pixels(self, pixels: Pixels) -> Embeddings:
        return np.concatenate([self._embed_batch(pixels[at : at + BATCH]) for at in range(0, len(pixels), BATCH)])

    def _embed_batch(self, pixels: Pixels) -> Embeddings:
        with torch.inference_mode():
            return self._network(to_tensor(torch.from_numpy(pixels))).numpy()


def to_tensor(pixels: Tensor) -> Tensor:
    """Float RGB in [0, 1], shape (n, 3, SIDE, SIDE), with the colours of a place side by side in memory."""
    return pixels.permute(0, 3, 1, 2).float().div_(255)


def save_tower(network: PhotoNetwork, path: Path) -> None:
    """In half precision: the package carries the weights."""
    state = {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    path.write_bytes(save(state, {DESIGN: network.design}))


def load_tower(path: Path = WEIGHTS) -> PhotoTower:
    """Raises `EncoderError` where the weights are missing or not those of a network of ours."""
    network = load_network(path)
    return PhotoTower(network, hashlib.sha256(path.read_bytes()).hexdigest())


def load_network(path: Path) -> PhotoNetwork:
    """As `load_tower`, to be trained further."""
    try:
        with safe_open(path, "pt") as file:
            design = file.metadata()[DESIGN]
        state = {name: value.float() for name, value in load_file(path).items()}
        network = PhotoNetwork(design, len(state.get(COLOR_WORDS, ())))
        network.load_state_dict(state)
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError) as error:
        raise EncoderError(
            f"the photo tower's weights {path} cannot be used: {error}; install this package again"
        ) from None
    return network
