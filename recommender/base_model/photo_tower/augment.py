"""Photos changed in ways that leave what they show the same: place, size, tilt, light, backdrop, noise."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Changes:
    """How far photos are changed. Lengths are shares of the side, angles degrees; light as factors around 1."""

    zoom: float = 0.2
    shift: float = 0.08
    tilt: float = 12.0
    light: float = 0.15
    cast: float = 0.04
    noise: float = 0.02
    new_backdrop: float = 0.4
    """The share of photos on white that get a backdrop of another colour."""


def augment(pixels: Tensor, on_white: Tensor, changes: Changes, rng: Generator) -> Tensor:
    """`pixels`: float RGB in [0, 1], shape (n, 3, side, side); `on_white`: whose white is backdrop, shape (n,)."""
    changed = _moved(_on_backdrop(pixels, on_white, changes, rng), changes, rng)
    changed = changed * _factors(pixels, changes.light, (1, 1, 1), rng) * _factors(pixels, changes.cast, (3, 1, 1), rng)
    changed = (changed - 0.5) * _factors(pixels, changes.light, (1, 1, 1), rng) + 0.5
    return (changed + changes.noise * torch.randn(changed.shape, generator=rng, device=rng.device)).clamp(0, 1)


def _on_backdrop(pixels: Tensor, on_white: Tensor, changes: Changes, rng: Generator) -> Tensor:
    """White replaced by a colour, softly, as white shades into what stands before it."""
    count = len(pixels)
    chosen = on_white & (torch.rand(count, generator=rng, device=rng.device) < changes.new_backdrop)
    white = ((pixels.amin(1, keepdim=True) - 0.9) / 0.08).clamp(0, 1) * chosen.view(-1, 1, 1, 1)
    color = torch.rand(count, 3, 1, 1, generator=rng, device=rng.device)
    return pixels * (1 - white) + color * white


def _moved(pixels: Tensor, changes: Changes, rng: Generator) -> Tensor:
    count = len(pixels)
    zoom = 1 + changes.zoom * _between(count, rng)
    angle = math.radians(changes.tilt) * _between(count, rng)
    mirrored = torch.where(torch.rand(count, generator=rng, device=rng.device) < 0.5, -1.0, 1.0)
    cos, sin = zoom * angle.cos(), zoom * angle.sin()
    shift = 2 * changes.shift * _between(2 * count, rng).view(count, 2)
    rows = torch.stack([cos * mirrored, -sin, shift[:, 0], sin * mirrored, cos, shift[:, 1]], dim=1)
    grid = functional.affine_grid(rows.view(count, 2, 3), list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def _factors(pixels: Tensor, spread: float, shape: tuple[int, int, int], rng: Generator) -> Tensor:
    count = len(pixels)
    return 1 + spread * (2 * torch.rand(count, *shape, generator=rng, device=rng.device) - 1)


def _between(count: int, rng: Generator) -> Tensor:
    """Evenly in [-1, 1]."""
    return 2 * torch.rand(count, generator=rng, device=rng.device) - 1
