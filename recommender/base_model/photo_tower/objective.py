"""What training asks of a photo's vector: to lie by the texts that describe the photo, away from those of others."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from recommender.base_model.photo_tower.data import Labelled
from recommender.base_model.photo_tower.prompts import PROMPTS
from recommender.base_model.protocols import Embeddings

EmbedText = Callable[[Sequence[str]], Embeddings]

NO_VALUE: Final = -1
FIRST_SCALE: Final = 20.0
MAX_SCALE: Final = 100.0
TITLE_WEIGHT: Final = 0.5
CAPTION_WEIGHT: Final = 1.0
NEARNESS_WEIGHT: Final = 1.0


class Texts:
    """Distinct texts, embedded once, and which of them belongs to each photo."""

    def __init__(self, embed: EmbedText, texts: Sequence[str]) -> None:
        distinct = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        self.vectors = torch.from_numpy(embed(list(distinct)))
        self.of_photo = torch.tensor([distinct[text] for text in texts])


class Field:
    """One field's values among the photos of one origin. Values of two origins never compete: Navy and Navy Blue."""

    def __init__(self, embed: EmbedText, field: str, values: Sequence[str | None]) -> None:
        self.name = field
        distinct = {value: place for place, value in enumerate(dict.fromkeys(v for v in values if v is not None))}
        texts = [prompt.format(value.lower()) for prompt in PROMPTS[field] for value in distinct]
        vectors = embed(texts).reshape(len(PROMPTS[field]), len(distinct), -1)
        self.prompts = torch.from_numpy(vectors)
        self.of_photo = torch.tensor([NO_VALUE if value is None else distinct[value] for value in values])


class Objective(nn.Module):
    """The loss of a batch. The scales of the comparisons are learned, one for each kind (Radford et al. 2021, CLIP)."""

    def __init__(self, embed: EmbedText, labels: Sequence[Labelled]) -> None:
        super().__init__()
        self.titles = Texts(embed, [label.title for label in labels])
        self.captions = Texts(embed, [label.caption for label in labels])
        self.fields = [
            Field(embed, field, [label.values.get(field) if label.origin == origin else None for label in labels])
            for origin in dict.fromkeys(label.origin for label in labels)
            for field in PROMPTS
            if any(field in label.values for label in labels if label.origin == origin)
        ]
        self.scales = nn.Parameter(torch.full((2 + len(self.fields),), float(np.log(FIRST_SCALE))))

    def forward(self, vectors: Tensor, photos: Tensor, rng: Generator) -> Tensor:
        """`vectors` of the photos with these indexes, shape (n, size) and (n,)."""
        scales = self.scales.exp().clamp(max=MAX_SCALE)
        loss = TITLE_WEIGHT * _contrast(vectors, self.titles, photos, scales[0])
        loss = loss + CAPTION_WEIGHT * _contrast(vectors, self.captions, photos, scales[1])
        loss = loss + NEARNESS_WEIGHT * _distance(vectors, self.titles, self.captions, photos)
        for field, scale in zip(self.fields, scales[2:], strict=True):
            loss = loss + _choice(vectors, field, photos, scale, rng)
        return loss


def _contrast(vectors: Tensor, texts: Texts, photos: Tensor, scale: Tensor) -> Tensor:
    """Each photo finds its text among the batch's, and each text its photo; photos of one text share it."""
    own = texts.of_photo[photos]
    logits = scale * vectors @ texts.vectors[own].to(vectors.device).T
    same = (own[:, None] == own[None, :]).to(logits)
    wanted = same / same.sum(1, keepdim=True)
    return (functional.cross_entropy(logits, wanted) + functional.cross_entropy(logits.T, wanted)) / 2


def _distance(vectors: Tensor, titles: Texts, captions: Texts, photos: Tensor) -> Tensor:
    """One less the cosine with the middle between title and caption."""
    middle = titles.vectors[titles.of_photo[photos]] + captions.vectors[captions.of_photo[photos]]
    return 1 - (vectors * functional.normalize(middle, dim=-1).to(vectors.device)).sum(-1).mean()


def _choice(vectors: Tensor, field: Field, photos: Tensor, scale: Tensor, rng: Generator) -> Tensor:
    """Each photo finds its value among all values of the field, under a prompt drawn for the batch."""
    prompt = int(torch.randint(len(field.prompts), (1,), generator=rng))
    wanted = field.of_photo[photos].to(vectors.device)
    known = wanted != NO_VALUE
    logits = scale * vectors[known] @ field.prompts[prompt].to(vectors.device).T
    return functional.cross_entropy(logits, wanted[known], reduction="sum") / len(photos)
