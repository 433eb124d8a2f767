"""What the colours of a photo's pixels say: how many there are of each, and which words for colours that means."""

from typing import Final

import torch
from torch import Tensor, nn

LEVELS: Final = 8
"""Steps of red, of green and of blue over the whole photo, where white is almost left out."""
MIDDLE_LEVELS: Final = 6
"""The same in the middle, where the product is and white is a colour."""
BINS: Final = LEVELS**3 + MIDDLE_LEVELS**3
WHITE: Final = 0.92
HIDDEN: Final = 384
CONTRAST: Final = 5.0


class Palette(nn.Module):
    """Two layers over counted colours; their answer is a mix of ``words``, the vectors of colours, shape (n, size)."""

    words: Tensor

    def __init__(self, n_colors: int, size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(BINS, HIDDEN), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(HIDDEN, n_colors)
        )
        self.register_buffer("words", torch.zeros(n_colors, size))

    def forward(self, pixels: Tensor) -> Tensor:
        """From float RGB in [0, 1], shape (n, 3, side, side), to rows of shape (n, size)."""
        said: Tensor = self.layers(counted(pixels))
        return said.softmax(dim=-1) @ self.words


def counted(pixels: Tensor) -> Tensor:
    """Square roots of the shares of each colour, in the whole photo and in its middle, shape (n, BINS)."""
    side = pixels.shape[-1]
    middle = pixels[:, :, side * 3 // 10 : side * 7 // 10, side * 7 // 20 : side * 13 // 20]
    no_backdrop = (pixels.amin(1) < WHITE).float() + 1e-3
    shares = _shares(pixels, no_backdrop, LEVELS), _shares(middle, torch.ones_like(middle[:, 0]), MIDDLE_LEVELS)
    return CONTRAST * torch.cat(shares, dim=1).sqrt()


def _shares(pixels: Tensor, weights: Tensor, levels: int) -> Tensor:
    red, green, blue = (pixels * levels).long().clamp(max=levels - 1).unbind(1)
    bins = ((red * levels + green) * levels + blue).flatten(1)
    found = torch.zeros(len(pixels), levels**3, device=pixels.device).scatter_add_(1, bins, weights.flatten(1))
    return found / found.sum(1, keepdim=True)
