"""The training of the photo tower, one batch after another."""

import math
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Generator, Tensor

from recommender.base_model.photo_tower.augment import Changes, augment
from recommender.base_model.photo_tower.data import CLOTHING, FASHION, MAGENTO, SIMULATOR, Labelled, PhotoSet
from recommender.base_model.photo_tower.designs import PhotoNetwork
from recommender.base_model.photo_tower.model import to_tensor
from recommender.base_model.photo_tower.objective import EmbedText, Objective
from recommender.base_model.photo_tower.prompts import CATEGORY, COLOR

ORIGINS: Final = {FASHION: 0.7, SIMULATOR: 0.17, CLOTHING: 0.1, MAGENTO: 0.03}
"""How large a part of what is learned from each is, in relation to the others that there are."""
PALE: Final = ("White", "Silver", "Cream", "Beige", "Grey", "Steel", "Skin", "Nude", "Multi", "Metallic")
"""Colours whose products cannot be told from a white backdrop."""


@dataclass(frozen=True)
class Settings:
    design: str = "separable"
    steps: int = 2800
    batch: int = 768
    learning_rate: float = 2e-3
    warm_up: int = 100
    weight_decay: float = 0.05
    rarity: float = 0.3
    """How much more often rare categories are drawn than they occur: at 0 not at all, at 1 all categories alike."""
    seed: int = 0
    device: str = "cpu"
    changes: Changes = field(default_factory=Changes)

    def learning_rate_at(self, step: int) -> float:
        """Up along a line, then down along half a cosine."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class Training:
    """A network on its way: ``step`` tells how far. Photos and texts are kept where it is trained."""

    def __init__(self, photos: PhotoSet, embed: EmbedText, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        device = settings.device
        self.settings = settings
        self.step = 0
        self._pixels = torch.from_numpy(photos.pixels).to(device)
        self._shares = sampling_shares(photos, settings.rarity).to(device)
        self._on_white = torch.tensor([_is_on_white(label) for label in photos.labels], device=device)
        self.network = PhotoNetwork(settings.design).to(device)
        self._objective = Objective(embed, photos.labels, device)
        groups = [
            {"params": list(self.network.parameters()), "weight_decay": settings.weight_decay},
            {"params": list(self._objective.parameters()), "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, settings.learning_rate)

    def run_step(self) -> Tensor:
        """One batch; returns its loss. What is drawn depends on the seed and the step alone."""
        settings = self.settings
        for group in self._optimizer.param_groups:
            group["lr"] = settings.learning_rate_at(self.step)
        rng = Generator(settings.device).manual_seed(settings.seed * 1_000_003 + self.step)
        chosen = torch.multinomial(self._shares, settings.batch, replacement=True, generator=rng)
        loss = self._loss(chosen, rng)
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self._optimizer.step()
        self.step += 1
        return loss.detach()

    def _loss(self, chosen: Tensor, rng: Generator) -> Tensor:
        changed = augment(to_tensor(self._pixels[chosen]), self._on_white[chosen], self.settings.changes, rng)
        with torch.autocast(self.settings.device, torch.bfloat16):
            vectors = self.network(changed.contiguous(memory_format=torch.channels_last))
        loss: Tensor = self._objective(vectors, chosen)
        return loss

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "objective": self._objective.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        partial = path.with_suffix(".part")
        torch.save(state, partial)
        os.replace(partial, path)

    def resume(self, path: Path) -> None:
        state: dict[str, Any] = torch.load(path, map_location=self.settings.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self._objective.load_state_dict(state["objective"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]


def sampling_shares(photos: PhotoSet, rarity: float) -> Tensor:
    """How often each photo is drawn: origins at fixed shares, rare categories more often than they occur."""
    kinds = [(label.origin, label.values[CATEGORY]) for label in photos.labels]
    counts = Counter(kinds)
    shares = np.array([float(counts[kind]) ** -rarity for kind in kinds])
    origins = np.array([label.origin for label in photos.labels])
    for origin, share in ORIGINS.items():
        chosen = origins == origin
        shares[chosen] *= share / max(shares[chosen].sum(), 1e-9)
    return torch.from_numpy(shares)


def _is_on_white(label: Labelled) -> bool:
    """Whether white in this photo is surely backdrop."""
    return label.origin == FASHION and not any(pale in label.values.get(COLOR, "White") for pale in PALE)
