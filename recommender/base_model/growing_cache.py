"""A cache of keys and values with room to grow: a token is written behind the others, and nothing is copied for it.

The layers of transformers concatenate; for a small model with many answers at once that costs as much as its products.
"""

from typing import Any, Final

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

ROOM: Final = 64
"""Tokens that there is room for whenever it runs out."""


class GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """As `DynamicLayer`; ``keys`` and ``values`` are the filled part of a longer array."""

    _room: tuple[torch.Tensor, ...] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        filled, new = self.get_seq_length(), key_states.shape[-2]
        if self._room is None or filled + new > self._room[0].shape[-2]:
            self._room = tuple(map(_longer, super().update(key_states, value_states, *args, **kwargs)))
        else:
            for room, states in zip(self._room, (key_states, value_states), strict=True):
                room[..., filled : filled + new, :] = states
        self.keys, self.values = (room[..., : filled + new, :] for room in self._room)
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        super().batch_select_indices(indices)
        self._room = None


def _longer(states: torch.Tensor) -> torch.Tensor:
    shape = (*states.shape[:-2], states.shape[-2] + ROOM, states.shape[-1])
    room = states.new_empty(shape)
    room[..., : states.shape[-2], :] = states
    return room


def with_room(cache: Any) -> bool:
    """Let a cache that nothing is in yet grow so; False where its layers are of another kind."""
    if type(cache) is not DynamicCache or any(type(layer) is not DynamicLayer for layer in cache.layers):
        return False
    cache.layers = [GrowingLayer() for _ in cache.layers]  # type: ignore[no-untyped-call]
    if cache.layer_class_to_replicate is DynamicLayer:
        cache.layer_class_to_replicate = GrowingLayer
    return True
