"""A reply of practice as a shopper reads it: checked, tried again, replaced where it fails, as in a conversation."""

from typing import Final

import numpy as np

from recommender.conversation.context import WritingContext
from recommender.conversation.patience import Patience, PatientWriter
from recommender.conversation.release import Release
from recommender.conversation.template import TemplateWriter
from recommender.conversation.writer import SentenceWriter
from schemas import Sentence

_WITHOUT_HASTE: Final = Patience(first_seconds=3_600, reply_seconds=3_600)


def read_reply(context: WritingContext, writer: SentenceWriter | None) -> tuple[str, tuple[Sentence, ...]]:
    """The text and its sentences, each with where it is from; ``writer`` None: the template alone."""
    template = TemplateWriter(np.random.default_rng(context.draw(0)))
    release = Release(context, list(template.write(context)), question=template.question(context))
    sentences = release.sentences(None if writer is None else PatientWriter(writer, _WITHOUT_HASTE))
    released = tuple(sentences)
    return release.text, released
