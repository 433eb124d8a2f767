"""A causal transformer over item sequences, and its training: the network behind `recommender.models.sequence`.

Kang and McAuley, "Self-attentive sequential recommendation" (ICDM 2018), with normalisation before each part and the
softmax over shared sampled negatives, as in Klenitskiy and Vasilev, "Turning dross into gold loss: is BERT4Rec really
better than SASRec?" (RecSys 2023).
"""

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

Tokens = npt.NDArray[np.int64]
"""Items + 1, newest last, shape (n, max_length); 0 where there is nothing."""
K = 10
LOG = logging.getLogger(__name__)


class Block(nn.Module):
    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before_attention, self.before_forward = nn.LayerNorm(size), nn.LayerNorm(size)
        self.queries_keys_values, self.joined = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.forward_part = nn.Sequential(
            nn.Linear(size, 4 * size), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * size, size), nn.Dropout(dropout)
        )

    def forward(self, states: Tensor) -> Tensor:
        n, length, size = states.shape
        parts = self.queries_keys_values(self.before_attention(states)).view(n, length, 3, self.heads, -1)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        seen = functional.scaled_dot_product_attention(queries, keys, values, dropout_p=dropout, is_causal=True)
        joined = self.joined(seen.transpose(1, 2).reshape(n, length, size))
        states = states + functional.dropout(joined, self.dropout, self.training)
        return states + self.forward_part(self.before_forward(states))


class Transformer(nn.Module):
    """From tokens to the state after each of them; an item's score is its embedding times the state."""

    def __init__(self, n_items: int, size: int, layers: int, heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items + 1, size, padding_idx=0)
        self.places = nn.Parameter(torch.zeros(max_length, size))
        self.blocks = nn.Sequential(*(Block(size, heads, dropout) for _ in range(layers)))
        self.last = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.items.weight, std=size**-0.5)
        nn.init.normal_(self.places, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """Int64, shape (n, max_length), to float, shape (n, max_length, size)."""
        states = self.items(tokens) * math.sqrt(self.places.shape[1]) + self.places
        return self.last(self.blocks(self.dropout(states)))


@dataclass(frozen=True)
class Schedule:
    """How a network is trained.

    Attributes
    ----------
    patience : epochs without a better validation figure after which training ends
    seconds : after which it ends at the latest
    checkpoint : where the best weights so far are written, and taken from where an earlier training left them
    """

    learning_rate: float
    weight_decay: float
    batch_size: int
    negatives: int
    epochs: int
    patience: int
    seconds: float
    checkpoint: Path | None


def train(
    network: Transformer, tokens: Tokens, held_out: npt.NDArray[np.bool_], schedule: Schedule, rng: np.random.Generator
) -> float:
    """Train in place; the weights of the best epoch stay. Returns its NDCG@10.

    Parameters
    ----------
    held_out : shape (n,), whose last item is not learned from but validated on, among all items
    """
    device = next(network.parameters()).device
    sequences, held = torch.from_numpy(tokens).to(device), torch.from_numpy(held_out).to(device)
    learned = sequences.clone()
    learned[held, -1] = 0
    optimizer = torch.optim.AdamW(
        network.parameters(), schedule.learning_rate, betas=(0.9, 0.98), weight_decay=schedule.weight_decay
    )
    generator = torch.Generator(device=device).manual_seed(int(rng.integers(2**31)))
    if schedule.checkpoint is not None and schedule.checkpoint.exists():
        _resume(network, schedule.checkpoint)
    best, waited, began = validate(network, sequences[held]), 0, time.monotonic()
    best_weights = _weights(network)
    for epoch in range(schedule.epochs):
        network.train()
        for rows in _batches(len(tokens), schedule.batch_size, rng):
            loss = sampled_softmax(network, learned[torch.from_numpy(rows).to(device)], schedule.negatives, generator)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
        ndcg, waited = validate(network, sequences[held]), waited + 1
        LOG.info("epoch %d: validation NDCG@%d %.4f", epoch, K, ndcg)
        if ndcg > best:
            best, waited, best_weights = ndcg, 0, _weights(network)
            if schedule.checkpoint is not None:
                save_file(best_weights, schedule.checkpoint)
        if waited >= schedule.patience or time.monotonic() - began > schedule.seconds:
            break
    network.load_state_dict(best_weights)
    network.eval()
    return best


def _weights(network: Transformer) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _resume(network: Transformer, checkpoint: Path) -> None:
    """Weights of another catalogue or size are of no use, and no harm."""
    try:
        network.load_state_dict(load_file(checkpoint))
    except (RuntimeError, SafetensorError) as error:
        LOG.warning("checkpoint %s does not fit, training begins anew: %s", checkpoint, error)


def sampled_softmax(network: Transformer, tokens: Tensor, negatives: int, generator: torch.Generator) -> Tensor:
    """Cross-entropy of each next item among itself and `negatives` items drawn evenly for the whole batch."""
    asked = _before(tokens)
    kept = (asked > 0) & (tokens > 0)
    with torch.autocast(tokens.device.type, torch.bfloat16):
        states = network(asked)[kept]
    wanted = tokens[kept]
    n_items = network.items.num_embeddings - 1
    drawn = torch.randint(1, n_items + 1, (min(negatives, n_items),), generator=generator, device=tokens.device)
    states = states.float()
    with torch.autocast(tokens.device.type, torch.bfloat16):
        others = states @ network.items(drawn).T
        own = (states * network.items(wanted)).sum(-1, keepdim=True)
    others = others.float().masked_fill(drawn[None, :] == wanted[:, None], -torch.inf)
    logits = torch.cat([own.float(), others], dim=1)
    return functional.cross_entropy(logits, torch.zeros(len(wanted), dtype=torch.int64, device=tokens.device))


@torch.inference_mode()
def validate(network: Transformer, tokens: Tensor, block: int = 512) -> float:
    """NDCG@10 of the last item given those before it, which are taken out of the ranking; ties count against it."""
    network.eval()
    gains = [torch.zeros(0, device=tokens.device)]
    for part in torch.split(tokens, block):
        asked, wanted = _before(part), part[:, -1]
        scores = network(asked)[:, -1] @ network.items.weight.T
        scores.scatter_(1, asked, -torch.inf)
        scores[:, 0] = -torch.inf
        own = scores.gather(1, wanted[:, None])
        ranks = (scores >= own).sum(1) - 1
        gains.append(torch.where((ranks < K) & torch.isfinite(own[:, 0]), 1 / torch.log2(ranks + 2.0), 0.0))
    return float(torch.cat(gains).sum()) / max(len(tokens), 1)


def _before(tokens: Tensor) -> Tensor:
    """What precedes each token, in its place: the newest item is asked with where it stands in a request."""
    return functional.pad(tokens[:, :-1], (1, 0))


def _batches(n: int, size: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]
