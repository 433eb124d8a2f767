"""The network: residual convolutions over 64 x 64 pixels, 384 numbers out."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL.Image import Image
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from recommender.base_model.photo_tower import WEIGHTS
from recommender.base_model.photo_tower.pixels import Pixels, to_pixels
from recommender.base_model.protocols import Embeddings
from recommender.errors import EncoderError

WIDTHS: Final = (24, 48, 96, 176)
SIZE: Final = 384
BATCH: Final = 32
MEAN: Final = (0.85, 0.83, 0.82)
SPREAD: Final = (0.22, 0.23, 0.23)


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_convolution(width, width, 1), nn.ReLU(inplace=True), *_convolution(width, width, 1)
        )

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(maps + self.layers(maps))


class PhotoNetwork(nn.Module):
    """Four halvings of the side, a residual block after all but the first (He et al. 2016), mean over places."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [*_convolution(3, WIDTHS[0], 2), nn.ReLU(inplace=True)]
        for before, width in pairwise(WIDTHS):
            layers += [*_convolution(before, width, 2), nn.ReLU(inplace=True), Residual(width)]
        self.maps = nn.Sequential(*layers)
        self.out = nn.Linear(WIDTHS[-1], SIZE)

    def forward(self, pixels: Tensor) -> Tensor:
        """From float RGB in [0, 1], shape (n, 3, SIDE, SIDE), to rows of length 1, shape (n, 384)."""
        mean, spread = (pixels.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, SPREAD))
        maps = self.maps((pixels - mean) / spread)
        return nn.functional.normalize(self.out(maps.mean((2, 3))).float(), dim=-1)


class PhotoTower:
    """A trained network that embeds photos. Thread-safe."""

    def __init__(self, network: PhotoNetwork, digest: str) -> None:
        self.digest = digest
        self._network = network.eval()

    def embed(self, photos: Sequence[Image]) -> Embeddings:
        """Rows of length 1, shape (n, 384)."""
        parts = [self.embed_pixels(to_pixels(photos[at : at + BATCH])) for at in range(0, len(photos), BATCH)]
        return np.concatenate(parts)

    def embed_pixels(self, pixels: Pixels) -> Embeddings:
        with torch.inference_mode():
            return self._network(to_tensor(pixels)).numpy()


def to_tensor(pixels: Pixels) -> Tensor:
    """Float RGB in [0, 1], shape (n, 3, SIDE, SIDE), with the colours of a place side by side in memory."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(255)


def load_tower(path: Path = WEIGHTS) -> PhotoTower:
    """Raises `EncoderError` where the weights are missing or not those of this network."""
    network = PhotoNetwork()
    try:
        weights = path.read_bytes()
        network.load_state_dict({name: value.float() for name, value in load(weights).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise EncoderError(
            f"the photo tower's weights {path} cannot be used: {error}; install this package again"
        ) from None
    return PhotoTower(network, hashlib.sha256(weights).hexdigest())


def _convolution(before: int, width: int, stride: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
