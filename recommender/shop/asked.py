"""What is kept of a request so that ranking can be asked the same again: vectors, never the words or the photo."""

import base64
from dataclasses import replace

import numpy as np

from recommender.content import Content
from recommender.dataset import Floats
from recommender.embeddings import ItemEmbeddings
from recommender.shop.requests import Request
from schemas import Asked, Recommendations
from signals.impressions import ImpressionLog

FLOAT32 = "<f4"


def log_answer(
    log: ImpressionLog, answer: Recommendations, request: Request, *, endpoint: str, session_id: str | None = None
) -> None:
    """Keep an answer with the request that it is of."""
    log.log(answer, endpoint=endpoint, session_id=session_id, constraints=request.constraints, asked=asked_of(request))


def asked_of(request: Request) -> Asked:
    """What a request asked, beside its constraints."""
    asked = Asked(personalize=request.personalize, within=request.within, rules=request.rules, capped=request.capped)
    asked = asked.model_copy(update={"liked": request.liked, "dwelt_on": request.dwelt_on, "beside": request.beside})
    content = request.content
    if content is None:
        return asked
    vectors = {"text": _packed(content.text_vector), "photo": _packed(content.photo_vector)}
    return asked.model_copy(update={**vectors, "text_weight": content.text_weight})


def content_again(asked: Asked, embeddings: ItemEmbeddings | None) -> Content | None:
    """What the items were to be like, from the embeddings that it was compared with; None where that was nothing."""
    if embeddings is None or asked.text_weight is None:
        return None
    content = Content.of(embeddings, text=_unpacked(asked.text), photo=_unpacked(asked.photo))
    return replace(content, text_weight=asked.text_weight)


def _packed(vector: Floats | None) -> str | None:
    return None if vector is None else base64.b64encode(vector.astype(FLOAT32).tobytes()).decode()


def _unpacked(packed: str | None) -> Floats | None:
    return None if packed is None else np.frombuffer(base64.b64decode(packed), FLOAT32)
