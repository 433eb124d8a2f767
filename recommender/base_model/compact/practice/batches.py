"""Examples as padded tensors, made ahead in a process of their own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from transformers import PreTrainedTokenizerFast

from recommender.base_model.compact.architecture import END
from recommender.base_model.compact.practice.examples import Example, Mixture, draw_examples
from recommender.base_model.compact.practice.shelves import Shelf

TOLD_WEIGHT: Final = 5.0
_TOLD: Final = re.compile(r"\[\[[^\]]*\]\]|[A-Za-z]+")


@dataclass(frozen=True)
class Batch:
    """Of shape (n, length), padded at the end; ``photos`` float32 (n_photos, 3, side, side).

    ``weights`` say how much the prediction of a token counts: nothing in the prompt, more for what is told there.
    """

    ids: torch.Tensor
    weights: torch.Tensor
    photos: torch.Tensor | None

    def to(self, device: str) -> "Batch":
        photos = None if self.photos is None else self.photos.to(device)
        return Batch(self.ids.to(device), self.weights.to(device), photos)


class Practice(IterableDataset[Batch]):
    """Batches of about ``tokens`` tokens without end; a seed always gives the same.

    Examples are drawn ``pool`` at a time, from pool number ``first`` on, and those of like length go together.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        shelves: Sequence[Shelf],
        mixture: Mixture,
        *,
        seed: int,
        tokens: int,
        pool: int,
        first: int = 0,
    ) -> None:
        self._tokenizer = tokenizer
        self._shelves = shelves
        self._mixture = mixture
        self._seed = seed
        self._tokens = tokens
        self._pool = pool
        self._first = first

    def __iter__(self) -> Iterator[tuple[int, Batch]]:  # type: ignore[override]
        """The number of the pool that a batch is from, and the batch; of several workers each makes its share."""
        worker = get_worker_info()
        place, every = (worker.id, worker.num_workers) if worker else (0, 1)
        for pool in count(self._first + place, every):
            rng = np.random.default_rng([self._seed, pool])
            examples = list(islice(draw_examples(self._shelves, rng, self._mixture), self._pool))
            order = list(_by_length(examples, self._tokens, self._tokenizer))
            for index in rng.permutation(len(order)):
                yield pool, collate(order[int(index)], self._tokenizer)


def practice_loader(dataset: Practice, workers: int) -> DataLoader[tuple[int, Batch]]:
    ahead = 32 if workers else None
    return DataLoader(dataset, batch_size=None, num_workers=workers, prefetch_factor=ahead)  # type: ignore[arg-type]


def drawn_batches(
    tokenizer: PreTrainedTokenizerFast, shelves: Sequence[Shelf], mixture: Mixture, count: int, seed: int = 0
) -> list[Batch]:
    """``count`` examples, the same for the same seed, those of like length together."""
    examples = sorted(
        islice(draw_examples(shelves, np.random.default_rng(seed), mixture), count),
        key=lambda example: len(example.prompt),
    )
    return [collate(examples[at : at + 16], tokenizer) for at in range(0, count, 16)]


def collate(examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast) -> Batch:
    rows = [_tokens(example, tokenizer) for example in examples]
    length = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), length), int(tokenizer.pad_token_id or 0))
    weights = torch.zeros(ids.shape)
    for row, (own_ids, own_weights) in enumerate(rows):
        ids[row, : len(own_ids)] = torch.tensor(own_ids)
        weights[row, : len(own_ids)] = torch.tensor(own_weights)
    photos = [torch.from_numpy(example.photo) for example in examples if example.photo is not None]
    pixels = torch.stack(photos).permute(0, 3, 1, 2).float() / 127.5 - 1 if photos else None
    return Batch(ids, weights, pixels)


def _tokens(example: Example, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[float]]:
    prompt = tokenizer(example.prompt, add_special_tokens=False).input_ids
    reply = tokenizer(example.reply + END, add_special_tokens=False, return_offsets_mapping=True)
    told = [match.span() for match in _TOLD.finditer(example.reply) if _is_told(match[0], example)]
    heavy = [any(start < end_of and end > begin for begin, end_of in told) for start, end in reply.offset_mapping]
    return prompt + reply.input_ids, [0.0] * len(prompt) + [TOLD_WEIGHT if more else 1.0 for more in heavy]


def _is_told(text: str, example: Example) -> bool:
    return text.startswith("[[") or text.lower() in example.told


def _by_length(examples: Sequence[Example], tokens: int, tokenizer: PreTrainedTokenizerFast) -> Iterator[list[Example]]:
    """Examples of like length together, at most ``tokens`` padded tokens a batch."""
    lengths = [len(_tokens(example, tokenizer)[0]) for example in examples]
    batch: list[Example] = []
    for index in np.argsort(lengths, kind="stable"):
        if batch and (len(batch) + 1) * lengths[index] > tokens:
            yield batch
            batch = []
        batch.append(examples[index])
    if batch:
        yield batch
