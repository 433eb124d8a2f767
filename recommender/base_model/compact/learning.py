"""What a step of the compact writer's training is made of: the loss of its replies, the optimizers, the rate."""

import math

import torch
from torch.nn.functional import cross_entropy
from transformers import LlavaForConditionalGeneration

from recommender.base_model.compact.practice.batches import Batch


def reply_losses(model: LlavaForConditionalGeneration, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Cross-entropy of each token of the replies in nats, its weight, and whether it is the likeliest; each (n,).

    Padding at the end needs no mask: what comes before does not look at it.
    """
    with torch.autocast(batch.ids.device.type, dtype=torch.bfloat16):
        hidden = model.model(input_ids=batch.ids, pixel_values=batch.photos, use_cache=False).last_hidden_state
        counted = batch.weights[:, 1:] > 0
        scores = model.lm_head(hidden[:, :-1][counted]).float()
    truth = batch.ids[:, 1:][counted]
    losses = cross_entropy(scores, truth, reduction="none")
    return losses, batch.weights[:, 1:][counted], scores.argmax(1) == truth


def optimizers_of(
    model: LlavaForConditionalGeneration, learning_rate: float, weight_decay: float
) -> tuple[torch.optim.Optimizer, ...]:
    """Muon (Jordan et al. 2024) for the matrices within the layers, AdamW for what is looked up, scales and shifts."""
    named = list(model.named_parameters())
    inner = [weight for name, weight in named if weight.ndim == 2 and "embed" not in name]
    rest = [weight for name, weight in named if weight.ndim != 2 or "embed" in name]
    groups = [
        {"params": [weight for weight in rest if weight.ndim >= 2], "weight_decay": weight_decay},
        {"params": [weight for weight in rest if weight.ndim < 2], "weight_decay": 0.0},
    ]
    adam = torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.98), fused=True)
    muon = torch.optim.Muon(inner, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
    return (muon, adam)


def rate_at(step: int, done: float, *, highest: float, warmup: int) -> float:
    """Linear up for ``warmup`` steps, and a cosine down to a fiftieth; ``done`` is the share of all that is behind."""
    up = min(1.0, (step + 1) / warmup)
    return highest * up * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))
