"""What a conversation asks of ranking beside constraints: a shopper who liked something just now, an item's like."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from recommender.content import Content
from recommender.conversation.dialogue import Leaning
from recommender.explain import Deed
from recommender.shop.requests import Request, Requests
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from schemas import EventKind


def leaned(request: Request, leaning: Leaning, requests: Requests) -> Request:
    """The request with a conversation's leaning. Items that the artifacts do not know lean nothing."""
    view = request.view
    beside = leaning.beside if leaning.beside is not None and len(request.indexes([leaning.beside])) else None
    shopper = leaning_shopper(requests, view, request.shopper, leaning.liked, beside)
    content = alike(view, leaning.like) if leaning.like is not None and request.content is None else request.content
    return replace(request, shopper=shopper, liked=leaning.liked, beside=beside, content=content)


def leaning_shopper(
    requests: Requests, view: View, shopper: Shopper, liked: Sequence[str], beside: str | None
) -> Shopper:
    """The shopper with what was liked in the conversation; with `beside`, somebody of whom only that item is known."""
    if beside is not None:
        alone = Shopper.of(requests.item(view, beside))
        return replace(alone, bought=shopper.bought, disliked=shopper.disliked)
    now = datetime.now(UTC)
    return shopper.liking([Deed(one, view.titles.get(one), EventKind.LIKE, now) for one in liked], view.artifacts.items)


def alike(view: View, item_id: str) -> Content | None:
    """What is like an item: by its text and, where it has one, its photo."""
    embeddings = view.artifacts.embeddings
    index = int(view.artifacts.items.find([item_id])[0])
    if embeddings is None or index < 0:
        return None
    at = np.array([index], dtype=np.int32)
    photo = embeddings.of("photo", at)[0] if embeddings.has_photo[index] else None
    return Content.of(embeddings, text=embeddings.of("text", at)[0], photo=photo)
