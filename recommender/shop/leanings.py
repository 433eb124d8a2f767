"""What a conversation says of a shopper: to ranking, who liked something just now, and as behaviour, to be kept."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from recommender.content import Content
from recommender.conversation.dialogue import Dialogue, Leaning
from recommender.explain import Deed
from recommender.shop.requests import Request, Requests
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from schemas import Event, EventKind

SOURCE = "conversation"


def leaned(request: Request, leaning: Leaning, requests: Requests) -> Request:
    """The request with a conversation's leaning. Items that the artifacts do not know lean nothing."""
    view = request.view
    beside = leaning.beside if leaning.beside is not None and len(request.indexes([leaning.beside])) else None
    shopper = leaning_shopper(requests, view, request.shopper, leaning.liked, leaning.dwelt_on, beside)
    content = alike(view, leaning.like) if leaning.like is not None and request.content is None else request.content
    return replace(
        request, shopper=shopper, liked=leaning.liked, dwelt_on=leaning.dwelt_on, beside=beside, content=content
    )


def leaning_shopper(
    requests: Requests,
    view: View,
    shopper: Shopper,
    liked: Sequence[str],
    dwelt_on: Sequence[str],
    beside: str | None,
) -> Shopper:
    """The shopper with what the conversation liked and dwelt on; with `beside`, somebody of whom only it is known."""
    if beside is not None:
        alone = Shopper.of(requests.item(view, beside))
        return replace(alone, bought=shopper.bought, disliked=shopper.disliked)
    now = datetime.now(UTC)
    kinds = {**dict.fromkeys(dwelt_on, EventKind.DWELL), **dict.fromkeys(liked, EventKind.LIKE)}
    deeds = [Deed(one, view.titles.get(one), kind, now) for one, kind in kinds.items()]
    return shopper.doing(deeds, view.artifacts.items)


def behaviour(dialogue: Dialogue, user_id: str, session_id: str) -> list[Event]:
    """What the last message says by liking, disliking and dwelling, the last once for each item of a session."""
    kinds = {
        **dict.fromkeys(dialogue.dwelt_on, EventKind.DWELL),
        **{item_id: EventKind.LIKE if liked else EventKind.DISLIKE for item_id, liked in dialogue.opinions.items()},
    }
    now = datetime.now(UTC)
    return [
        Event(
            source=SOURCE,
            event_id=_once(user_id, session_id, item_id) if kind is EventKind.DWELL else uuid.uuid4().hex,
            kind=kind,
            user_id=user_id,
            session_id=session_id,
            item_id=item_id,
            occurred_at=now,
        )
        for item_id, kind in kinds.items()
    ]


def _once(*of: str) -> str:
    return hashlib.sha256("\x1f".join(of).encode()).hexdigest()


def alike(view: View, item_id: str) -> Content | None:
    """What is like an item: by its text and, where it has one, its photo."""
    embeddings = view.artifacts.embeddings
    index = int(view.artifacts.items.find([item_id])[0])
    if embeddings is None or index < 0:
        return None
    at = np.array([index], dtype=np.int32)
    photo = embeddings.of("photo", at)[0] if embeddings.has_photo[index] else None
    return Content.of(embeddings, text=embeddings.of("text", at)[0], photo=photo)
