"""Replies of practice as a shopper reads them: checked, tried again, replaced where they fail, as in a conversation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.compact.practice.shelves import Shelf
from recommender.base_model.protocols import Writer
from recommender.conversation.context import WritingContext
from recommender.conversation.model_writer import ModelWriter
from recommender.conversation.patience import Patience, PatientWriter
from recommender.conversation.release import Release
from recommender.conversation.template import TemplateWriter

_WITHOUT_HASTE: Final = Patience(first_seconds=3_600, reply_seconds=3_600)


def requests_to_read(shelves: Sequence[Shelf], count: int, seed: int) -> list[WritingContext]:
    """Requests of all kinds, each with a product at least, of one shelf after the other."""
    rng = np.random.default_rng(seed)
    drawn: list[WritingContext] = []
    while len(drawn) < count:
        context = draw_request(shelves[len(drawn) % len(shelves)], rng)
        if context.items:
            drawn.append(replace(context, session_id=f"read-{len(drawn)}"))
    return drawn


def read_reply(context: WritingContext, writer: Writer | None) -> str:
    """``writer`` None: the template alone."""
    template = TemplateWriter(np.random.default_rng(context.draw(0)))
    release = Release(context, list(template.write(context)), question=template.question(context))
    for _ in release.sentences(None if writer is None else PatientWriter(ModelWriter(writer), _WITHOUT_HASTE)):
        pass
    return release.text
