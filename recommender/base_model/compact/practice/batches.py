"""Examples as padded tensors, made ahead in a process of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset
from transformers import PreTrainedTokenizerFast

from recommender.base_model.compact.architecture import END
from recommender.base_model.compact.practice.examples import Example, draw_examples, practice_shelves

POOL: Final = 256
IGNORED: Final = -100


@dataclass(frozen=True)
class Batch:
    """``ids`` and ``labels`` int64 of shape (n, length), padded at the end; ``photos`` float32 (n_photos, 3, s, s)."""

    ids: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor
    photos: torch.Tensor | None

    def to(self, device: str) -> "Batch":
        moved = [None if part is None else part.to(device) for part in (self.ids, self.mask, self.labels, self.photos)]
        return Batch(*moved)  # type: ignore[arg-type]


class Practice(IterableDataset[Batch]):
    """Batches of about ``tokens`` tokens without end, from pool number ``first`` on; a seed always gives the same."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, seed: int, tokens: int, first: int = 0) -> None:
        self._tokenizer = tokenizer
        self._seed = seed
        self._tokens = tokens
        self._first = first

    def __iter__(self) -> Iterator[tuple[int, Batch]]:  # type: ignore[override]
        """The number of the pool that a batch is from, and the batch."""
        shelves = practice_shelves(self._seed)
        pool = self._first
        while True:
            rng = np.random.default_rng([self._seed, pool])
            examples = list(islice(draw_examples(shelves, rng), POOL))
            order = list(_by_length(examples, self._tokens, self._tokenizer))
            for index in rng.permutation(len(order)):
                yield pool, collate(order[int(index)], self._tokenizer)
            pool += 1


def practice_loader(dataset: Practice) -> DataLoader[tuple[int, Batch]]:
    return DataLoader(dataset, batch_size=None, num_workers=1, prefetch_factor=32)  # type: ignore[arg-type]


def collate(examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast) -> Batch:
    rows = [_tokens(example, tokenizer) for example in examples]
    length = max(len(prompt) + len(reply) for prompt, reply in rows)
    ids = torch.full((len(rows), length), int(tokenizer.pad_token_id or 0))
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, IGNORED)
    for row, (prompt, reply) in enumerate(rows):
        end = len(prompt) + len(reply)
        ids[row, :end] = torch.tensor(prompt + reply)
        mask[row, :end] = 1
        labels[row, len(prompt) : end] = torch.tensor(reply)
    photos = [torch.from_numpy(example.photo) for example in examples if example.photo is not None]
    pixels = torch.stack(photos).permute(0, 3, 1, 2).float() / 127.5 - 1 if photos else None
    return Batch(ids, mask, labels, pixels)


def _tokens(example: Example, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[int]]:
    prompt = tokenizer(example.prompt, add_special_tokens=False).input_ids
    return prompt, tokenizer(example.reply + END, add_special_tokens=False).input_ids


def _by_length(examples: Sequence[Example], tokens: int, tokenizer: PreTrainedTokenizerFast) -> Iterator[list[Example]]:
    """Examples of like length together, at most ``tokens`` padded tokens a batch."""
    lengths = [sum(map(len, _tokens(example, tokenizer))) for example in examples]
    batch: list[Example] = []
    for index in np.argsort(lengths, kind="stable"):
        if batch and (len(batch) + 1) * lengths[index] > tokens:
            yield batch
            batch = []
        batch.append(examples[index])
    if batch:
        yield batch
