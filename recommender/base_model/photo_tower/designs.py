"""The networks that were compared: maps of halving side with blocks on them, mean over places, 384 numbers out."""

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn

from recommender.base_model.photo_tower.palette import Palette

SIZE: Final = 384
MEAN: Final = (0.85, 0.83, 0.82)
SPREAD: Final = (0.22, 0.23, 0.23)
PALETTE_SHARE: Final = 0.3
"""How far the palette moves a vector, whose length is 1."""
HEAD: Final = 32
"""Numbers of each head of attention."""


class Residual(nn.Module):
    """Two convolutions (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_convolution(width, width, 1), nn.ReLU(inplace=True), *_convolution(width, width, 1)
        )

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(maps + self.layers(maps))


class Separable(nn.Module):
    """A wide look at each map alone, then at all maps of a place (Liu et al. 2022, ConvNeXt)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 7, padding=3, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, 4 * width, 1),
            nn.GELU(),
            nn.Conv2d(4 * width, width, 1),
        )

    def forward(self, maps: Tensor) -> Tensor:
        return maps + self.layers(maps)


class Attention(nn.Module):
    """Every place looks at every other (Dosovitskiy et al. 2021, on maps of convolutions)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(
            width, width // HEAD, 4 * width, activation="gelu", batch_first=True, norm_first=True
        )

    def forward(self, maps: Tensor) -> Tensor:
        tokens: Tensor = self.layer(maps.flatten(2).transpose(1, 2))
        return tokens.transpose(1, 2).reshape(maps.shape)


Stage = tuple[int, int, Callable[[int], nn.Module]]
"""After the side is halved: how many maps, how many blocks, and of which kind."""

DESIGNS: Final[dict[str, tuple[Stage, ...]]] = {
    "small": ((24, 0, Residual), (48, 1, Residual), (96, 1, Residual), (176, 1, Residual)),
    "residual": ((40, 1, Residual), (80, 2, Residual), (160, 2, Residual), (288, 1, Residual)),
    "separable": ((48, 1, Separable), (96, 2, Separable), (192, 4, Separable), (320, 2, Separable)),
    "hybrid": ((40, 1, Residual), (80, 2, Residual), (192, 4, Attention)),
}


class PhotoNetwork(nn.Module):
    mean: Tensor
    spread: Tensor

    def __init__(self, design: str, n_colors: int = 0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width, depth, block in DESIGNS[design]:
            layers += [*_convolution(before, width, 2), nn.ReLU(inplace=True), *(block(width) for _ in range(depth))]
            before = width
        self.design = design
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(SPREAD).view(3, 1, 1), persistent=False)
        self.maps = nn.Sequential(*layers)
        self.out = nn.Linear(before, SIZE)
        self.palette = Palette(n_colors, SIZE) if n_colors else None

    def forward(self, pixels: Tensor) -> Tensor:
        """From float RGB in [0, 1], shape (n, 3, SIDE, SIDE), to rows of length 1, shape (n, 384)."""
        maps = self.maps((pixels - self.mean) / self.spread)
        vectors = nn.functional.normalize(self.out(maps.mean((2, 3))).float(), dim=-1)
        if self.palette is None:
            return vectors
        return nn.functional.normalize(vectors + PALETTE_SHARE * self.palette(pixels), dim=-1)


def _convolution(before: int, width: int, stride: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
