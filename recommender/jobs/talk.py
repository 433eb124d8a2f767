"""A talk of the demo: one shopper's questions in turn, each answer with how long it took."""

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Final

from recommender.jobs.report import Timing, Turn
from recommender.shop import Shop
from schemas import Message, Mode, Reply
from schemas.conversation import PhotoPart, PhotoUrl, TextPart

K: Final = 5


class Talk:
    def __init__(self, shop: Shop, user: str, mode: Mode) -> None:
        self._shop = shop
        self._user = user
        self._mode = mode
        self._session = uuid.uuid4().hex
        self._messages: list[Message] = []

    def ask(self, text: str, *, photo: bytes = b"", before: str = "") -> Iterator[Turn]:
        """The shopper's turn and the shop's; `photo` is a PNG, `before` is shown before the text and not asked."""
        shown = (_part(photo),) if photo else ()
        self._messages.append(Message(role="user", content=(TextPart(text=text), *shown)))
        reply, timing = self._answer()
        self._messages.append(Message(role="assistant", content=reply.text))
        yield Turn("shopper", before + text, photo)
        yield Turn("shop", reply.text, items=reply.items, sentences=reply.sentences, notes=reply.notes, timing=timing)

    def _answer(self) -> tuple[Reply, Timing]:
        start = time.perf_counter()
        times: dict[str, float] = {}
        for chunk in self._shop.stream(self._messages, user_id=self._user, session_id=self._session, mode=self._mode):
            times.setdefault(chunk.type, time.perf_counter() - start)
            if chunk.type == "done":
                first = times.get("sentence", times["done"])
                return chunk.reply, Timing(times["items"], first, times["done"])
        raise RuntimeError("a stream ended without its last chunk")


def _part(photo: bytes) -> PhotoPart:
    return PhotoPart(image_url=PhotoUrl(url=f"data:image/png;base64,{base64.b64encode(photo).decode('ascii')}"))
