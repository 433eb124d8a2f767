"""Networks that project vectors of collaborative filtering to soft tokens, and how a frozen writer chooses by them."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, layer_norm

from recommender.dataset import Floats
from tests.benchmarks.frozen_writer import BATCH, SOFT, FrozenWriter, Read, parts
from tests.benchmarks.held_out_purchases import CANDIDATES, Choice, Shelf

SHOPPER_TOKENS: Final = 4
"""A product has one."""
HIDDEN: Final = 128
LEARNING_RATE: Final = 1e-3
STEPS: Final = 2_000
CHECK_STEPS: Final = 50
PATIENCE: Final = 6
"""Checks without a lower loss on the validation purchases."""


@dataclass(frozen=True)
class Arm:
    """What the prompt says of the shopper: signals in words, soft tokens of the shopper, one of each product."""

    name: str
    signals: bool = False
    shopper: bool = False
    products: bool = False

    @property
    def said(self) -> str:
        """The lines with the soft tokens."""
        products = "".join(f"\nP{number}: {SOFT}" for number in range(1, CANDIDATES + 1)) if self.products else ""
        return products + (f"\nShopper: {SOFT * SHOPPER_TOKENS}" if self.shopper else "")


ARMS: Final = (
    Arm("nothing"),
    Arm("adapter", shopper=True),
    Arm("adapter with products", shopper=True, products=True),
    Arm("signals", signals=True),
    Arm("adapter and signals", signals=True, shopper=True),
)


@dataclass(frozen=True)
class Told:
    """Choices with what the writer made of the prompt of each.

    Attributes
    ----------
    read : of each choice
    shoppers : float32, shape (n, vectors)
    products : float32, shape (n, CANDIDATES, vectors)
    answers : int64, shape (n,)
    """

    read: Sequence[Read]
    shoppers: torch.Tensor
    products: torch.Tensor
    answers: torch.Tensor

    @classmethod
    def of(cls, choices: Sequence[Choice], writer: FrozenWriter, shelf: Shelf, factors: Floats, signals: bool) -> Self:
        """``factors`` are the products' vectors, shape (n_items, vectors)."""
        return cls(
            writer.read([shelf.prompt(one, signals=signals) for one in choices]),
            torch.from_numpy(np.stack([one.purchase.shopper for one in choices])).float(),
            torch.from_numpy(factors[np.stack([one.items for one in choices])]).float(),
            torch.tensor([one.answer for one in choices]),
        )

    def __len__(self) -> int:
        return len(self.read)

    def take(self, rows: Sequence[int]) -> "Told":
        at = torch.tensor(rows)
        return Told([self.read[row] for row in rows], self.shoppers[at], self.products[at], self.answers[at])


class Adapter(nn.Module):
    """Networks from vectors to soft tokens of the size and the spread of the writer's embeddings.

    ``offsets`` are added to the likelihoods of the places: the writer mostly names the first product, whatever it is,
    and is judged without that (Zhao et al., "Calibrate Before Use", ICML 2021).
    """

    def __init__(self, arm: Arm, writer: FrozenWriter, example: Told) -> None:
        super().__init__()
        self._arm, self._writer = arm, writer
        self._size, self._spread = writer.embeddings.shape[1], writer.embeddings.std()
        self._scales = example.shoppers.std(), example.products.std()
        vectors = example.shoppers.shape[1]
        self.offsets = nn.Parameter(torch.zeros(CANDIDATES))
        self.shopper = self._network(vectors, SHOPPER_TOKENS) if arm.shopper else None
        self.product = self._network(vectors, 1) if arm.products else None

    def _network(self, vectors: int, tokens: int) -> nn.Sequential:
        out = nn.Linear(HIDDEN, tokens * self._size)
        return nn.Sequential(nn.Linear(vectors, HIDDEN), nn.GELU(), out, nn.Unflatten(-1, (tokens, self._size)))

    def forward(self, told: Told) -> torch.Tensor:
        """Scores of the products of each choice, shape (len(told), CANDIDATES)."""
        soft = [torch.empty((len(told), 0, self._size))]
        if self.product is not None:
            soft.append(self.product(told.products / self._scales[1]).flatten(1, 2))
        if self.shopper is not None:
            soft.append(self.shopper(told.shoppers / self._scales[0]))
        made = self._spread * layer_norm(torch.cat(soft, dim=1), (self._size,))
        return self._writer.likelihoods(told.read, self._arm.said, made) + self.offsets

    def scores(self, told: Told) -> Floats:
        """float32, shape (len(told), CANDIDATES)."""
        with torch.no_grad():
            return torch.cat([self(told.take(rows)) for rows in parts(range(len(told)))]).numpy()

    def loss(self, told: Told) -> float:
        return float(cross_entropy(torch.from_numpy(self.scores(told)), told.answers))


def train(adapter: Adapter, training: Told, validation: Told) -> dict[str, object]:
    """Offsets that even out the places on `validation`; then the networks, if there are any, kept at their best."""
    with torch.no_grad():
        adapter.offsets -= torch.from_numpy(adapter.scores(validation)).mean(dim=0)
    best, kept, kept_at, step = adapter.loss(validation), deepcopy(adapter.state_dict()), 0, 0
    size = sum(weights.numel() for weights in adapter.parameters()) - CANDIDATES
    if not size:
        return {"validation_loss": round(best, 3)}
    optimizer = torch.optim.AdamW(adapter.parameters(), lr=LEARNING_RATE)
    for step, rows in enumerate(_batches(len(training)), start=1):
        batch = training.take(rows)
        cross_entropy(adapter(batch), batch.answers).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % CHECK_STEPS == 0 and (now := adapter.loss(validation)) < best:
            best, kept, kept_at = now, deepcopy(adapter.state_dict()), step
        if step == STEPS or step - kept_at == PATIENCE * CHECK_STEPS:
            break
    adapter.load_state_dict(kept)
    return {"parameters": size, "steps": step, "best_step": kept_at, "validation_loss": round(best, 3)}


def _batches(count: int) -> Iterator[list[int]]:
    """Without end; each time round in another order."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(count).tolist()
        yield from (order[start : start + BATCH] for start in range(0, count - BATCH + 1, BATCH))
