"""The bundled writer with fixed weights: what it makes of a prompt's lines is kept, and what follows them may vary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import torch
from transformers import DynamicCache

from recommender.base_model.checkpoints import load_checkpoint
from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.architecture import IMAGE
from recommender.base_model.compact.practice.examples import as_text
from recommender.prompts import Prompt

BATCH: Final = 16
SOFT: Final = IMAGE
"""Stands in a text where a soft token goes: a photo of the prompt would be put there in the same way."""
OPENING: Final = "Have a look at"
"""Of the ways to go on that the writer learned, one after which it nearly always names a product."""
_LAST_LINE: Final = "\nReply:"
T = TypeVar("T")


@dataclass(frozen=True)
class Read:
    """A prompt's last line, and keys and values of the others; float16, (layers, 2, heads, length, size)."""

    lines: torch.Tensor
    last: str


@dataclass(frozen=True)
class FrozenWriter:
    """``handles`` are the tokens that begin the names of the products, ``soft`` is the token of `SOFT`."""

    model: Any
    tokenizer: Any
    handles: tuple[int, ...]
    soft: int

    @classmethod
    def load(cls, products: int) -> Self:
        checkpoint = load_checkpoint(str(CHECKPOINT))
        model, tokenizer = checkpoint.model, checkpoint.tokenizer
        for weights in model.parameters():
            weights.requires_grad_(False)
        named = [f"{OPENING} [[P{number}" for number in range(1, products + 1)]
        handles = tuple(ids[-1] for ids in tokenizer(named, add_special_tokens=False).input_ids)
        return cls(model, tokenizer, handles, tokenizer.convert_tokens_to_ids(SOFT))

    @property
    def embeddings(self) -> torch.Tensor:
        """Shape (vocabulary, size)."""
        return self.model.get_input_embeddings().weight

    def read(self, prompts: Sequence[Prompt]) -> list[Read]:
        """Padding at the end needs no mask: what comes before does not look at it."""
        done: list[Read] = []
        for batch in parts(prompts):
            texts = [as_text(prompt).rsplit(_LAST_LINE, 1) for prompt in batch]
            rows = [self._ids(lines) for lines, _ in texts]
            ids = torch.zeros((len(rows), max(map(len, rows))), dtype=torch.long)
            for row, own in enumerate(rows):
                ids[row, : len(own)] = torch.tensor(own)
            with torch.inference_mode():
                made = self.model.model.language_model(input_ids=ids, use_cache=True).past_key_values
            kept = torch.stack([torch.stack([layer.keys, layer.values]) for layer in made.layers]).half()
            done += [
                Read(kept[:, :, row, :, : len(own)].clone(), _LAST_LINE + last)
                for row, (own, (_, last)) in enumerate(zip(rows, texts, strict=True))
            ]
        return done

    def likelihoods(self, prompts: Sequence[Read], said: str, soft: torch.Tensor) -> torch.Tensor:
        """Log-likelihood of each handle where a reply to the prompt goes on from `OPENING`; (len(prompts), products).

        Parameters
        ----------
        said : what stands before the last line of each prompt
        soft : what stands in the places of `SOFT` in it, shape (len(prompts), places, size)
        """
        ids = torch.tensor([self._ids(f"{said}{one.last}{OPENING}") for one in prompts])
        read = self.embeddings[ids].index_put((ids == self.soft).nonzero(as_tuple=True), soft.flatten(0, 1))
        lengths = torch.tensor([one.lines.shape[3] for one in prompts])
        longest = int(lengths.max())
        padded = torch.zeros((len(prompts), *prompts[0].lines.shape[:3], longest, prompts[0].lines.shape[4]))
        for row, one in enumerate(prompts):
            padded[row, :, :, :, : lengths[row]] = one.lines
        memory = DynamicCache()
        for layer in range(padded.shape[1]):
            memory.update(padded[:, layer, 0], padded[:, layer, 1], layer)
        places = torch.arange(longest + ids.shape[1])
        hidden = self.model.model.language_model(
            inputs_embeds=read,
            past_key_values=memory,
            attention_mask=((places < lengths[:, None]) | (places >= longest)).long(),
            position_ids=lengths[:, None] + torch.arange(ids.shape[1]),
        ).last_hidden_state
        return self.model.lm_head(hidden[:, -1]).log_softmax(dim=1)[:, list(self.handles)]

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False).input_ids


def parts(of: Sequence[T]) -> Iterator[Sequence[T]]:
    """Of `BATCH` each."""
    return (of[start : start + BATCH] for start in range(0, len(of), BATCH))
