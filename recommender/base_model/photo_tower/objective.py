"""What training asks of a photo's vector: to lie by the texts that describe the photo, away from those of others."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recommender.base_model.photo_tower.data import Labelled
from recommender.base_model.photo_tower.prompts import PROMPTS, prompted
from recommender.base_model.protocols import Embeddings

EmbedText = Callable[[Sequence[str]], Embeddings]

NO_VALUE: Final = -1
FIRST_SCALE: Final = 20.0
MAX_SCALE: Final = 100.0
TITLE_WEIGHT: Final = 1.0
CAPTION_WEIGHT: Final = 1.0
NEARNESS_WEIGHT: Final = 1.0
SMOOTHING: Final = 0.1
"""The share of a label that is spread over all values of its field: labels are a matter of taste, now and then."""


def texts_of(labels: Sequence[Labelled]) -> list[str]:
    """All texts that the objective asks for, each once."""
    values = dict.fromkeys(one for label in labels for one in label.values.items())
    texts = [text for label in labels for text in (label.title, label.caption)]
    return list(dict.fromkeys(texts + [text for field, value in values for text in prompted(field, [value])]))


class Texts:
    """Distinct texts, embedded once, and which of them belongs to each photo."""

    def __init__(self, embed: EmbedText, texts: Sequence[str], device: str) -> None:
        distinct = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        self.vectors = torch.from_numpy(embed(list(distinct))).to(device)
        self.of_photo = torch.tensor([distinct[text] for text in texts], device=device)


class Field:
    """One field's values among the photos of one origin. Values of two origins never compete: Navy and Navy Blue."""

    def __init__(self, embed: EmbedText, field: str, values: Sequence[str | None], device: str) -> None:
        distinct = {value: place for place, value in enumerate(dict.fromkeys(v for v in values if v is not None))}
        vectors = embed(prompted(field, list(distinct))).reshape(len(PROMPTS[field]), len(distinct), -1)
        self.prompts = torch.from_numpy(vectors).to(device)
        places = [NO_VALUE if value is None else distinct[value] for value in values]
        self.of_photo = torch.tensor(places, device=device)


class Objective(nn.Module):
    """The loss of a batch. The scales of the comparisons are learned, one for each kind (Radford et al. 2021, CLIP)."""

    def __init__(self, embed: EmbedText, labels: Sequence[Labelled], device: str) -> None:
        super().__init__()
        self._titles = Texts(embed, [label.title for label in labels], device)
        self._captions = Texts(embed, [label.caption for label in labels], device)
        self._fields = [
            Field(embed, field, _values(labels, origin, field), device)
            for origin in dict.fromkeys(label.origin for label in labels)
            for field in PROMPTS
            if any(field in label.values for label in labels if label.origin == origin)
        ]
        self.scales = nn.Parameter(torch.full((2 + len(self._fields),), float(np.log(FIRST_SCALE)), device=device))

    def forward(self, vectors: Tensor, photos: Tensor) -> Tensor:
        """`vectors` of the photos with these indexes, shape (n, size) and (n,)."""
        scales = self.scales.exp().clamp(max=MAX_SCALE)
        loss = TITLE_WEIGHT * _contrast(vectors, self._titles, photos, scales[0])
        loss = loss + CAPTION_WEIGHT * _contrast(vectors, self._captions, photos, scales[1])
        loss = loss + NEARNESS_WEIGHT * _distance(vectors, self._titles, self._captions, photos)
        for field, scale in zip(self._fields, scales[2:], strict=True):
            loss = loss + _choice(vectors, field, photos, scale)
        return loss


def _values(labels: Sequence[Labelled], origin: str, field: str) -> list[str | None]:
    return [label.values.get(field) if label.origin == origin else None for label in labels]


def _contrast(vectors: Tensor, texts: Texts, photos: Tensor, scale: Tensor) -> Tensor:
    """Each photo finds its text among the batch's, and each text its photo; photos of one text share it."""
    own = texts.of_photo[photos]
    logits = scale * vectors @ texts.vectors[own].T
    same = (own[:, None] == own[None, :]).to(logits)
    wanted = same / same.sum(1, keepdim=True)
    return (functional.cross_entropy(logits, wanted) + functional.cross_entropy(logits.T, wanted)) / 2


def _distance(vectors: Tensor, titles: Texts, captions: Texts, photos: Tensor) -> Tensor:
    """One less the cosine with the middle between title and caption."""
    middle = titles.vectors[titles.of_photo[photos]] + captions.vectors[captions.of_photo[photos]]
    return 1 - (vectors * functional.normalize(middle, dim=-1)).sum(-1).mean()


def _choice(vectors: Tensor, field: Field, photos: Tensor, scale: Tensor) -> Tensor:
    """Each photo finds its value among all values of the field, under each prompt."""
    logits = torch.einsum("ns,pvs->pnv", scale * vectors, field.prompts)
    n_prompts, n_photos, _ = logits.shape
    wanted = field.of_photo[photos].repeat(n_prompts)
    loss = functional.cross_entropy(
        logits.flatten(0, 1), wanted, ignore_index=NO_VALUE, reduction="sum", label_smoothing=SMOOTHING
    )
    return loss / (n_prompts * n_photos)
