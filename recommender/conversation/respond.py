"""Messages in, a grounded reply out: rank, hand over the items, then release sentence by sentence what passes."""

from collections.abc import Generator, Sequence
from contextlib import closing

import numpy as np
from PIL.Image import Image

from recommender.conversation.context import WritingContext
from recommender.conversation.dialogue import read_dialogue
from recommender.conversation.hearing import said_of
from recommender.conversation.patience import Patience, PatientWriter
from recommender.conversation.relaxing import Rank, find
from recommender.conversation.release import Release
from recommender.conversation.template import TemplateWriter
from recommender.conversation.vocabulary import Vocabulary
from recommender.conversation.writer import SentenceWriter
from schemas import Heard, Message, Mode, Reply, ReplyChunk, Seen, Surface
from schemas.conversation import DoneChunk, ItemsChunk, SentenceChunk


def stream(
    messages: Sequence[Message],
    *,
    rank: Rank,
    vocabulary: Vocabulary,
    session_id: str,
    mode: Mode = Mode.SHOPPING,
    surface: Surface = Surface.WEB,
    k: int = 5,
    seed: int = 0,
    photos: Sequence[Image] = (),
    seen: Sequence[Seen] = (),
    notes: Sequence[str] = (),
    heard: Heard | None = None,
    writer: SentenceWriter | None = None,
    patience: Patience | None = None,
) -> Generator[ReplyChunk, None, None]:
    """The answer piece by piece: the items before a word is written, each sentence once checked, then the whole reply.

    Parameters
    ----------
    rank : ranks with hard constraints; called again with fewer of them while nothing is eligible
    k : how many items are asked of ``rank``
    seed : with session and request it decides the template's phrasing
    photos, seen : the shopper's photos, and what they were found to show
    notes : what went wrong before, for the reply
    heard : what the voice note of the last message was understood to say; its text stands in that message
    writer : None: the template writer
    patience : one for each writer, kept as long as it; None: a new one, which knows of no earlier replies

    Raises
    ------
    BadMessagesError
        At the call, before anything is ranked.
    """
    dialogue = read_dialogue(messages, vocabulary)

    def chunks() -> Generator[ReplyChunk, None, None]:
        found = find(dialogue.wishes, rank, vocabulary, k)
        ranked = found.recommendations
        yield ItemsChunk(request_id=ranked.request_id, items=ranked.items)
        context = WritingContext(
            request_id=ranked.request_id,
            session_id=session_id,
            as_of=ranked.as_of,
            items=ranked.items,
            k=k,
            shortfall=ranked.shortfall,
            cold_start=ranked.cold_start,
            wishes=dialogue.wishes,
            relaxed=found.relaxed,
            foreign_prices=found.foreign_prices,
            small_talk=dialogue.small_talk,
            mode=mode,
            surface=surface,
            vocabulary=vocabulary,
            request=dialogue.request,
            photos=tuple(photos),
            seen=tuple(seen),
        )
        release = Release(context, list(TemplateWriter(_rng(context, seed)).write(context)), notes=list(notes))
        about = said_of(heard, context.request_id, context.as_of)
        if about is not None:
            yield SentenceChunk(sentence=release.open(about))
        patient = None if writer is None else PatientWriter(writer, patience or Patience())
        with closing(release.sentences(patient)) as sentences:
            for sentence in sentences:
                yield SentenceChunk(sentence=sentence)
        yield DoneChunk(reply=_reply(context, release, heard))

    return chunks()


def _rng(context: WritingContext, seed: int) -> np.random.Generator:
    return np.random.default_rng(context.draw(seed))


def _reply(context: WritingContext, release: Release, heard: Heard | None) -> Reply:
    return Reply(
        request_id=context.request_id,
        session_id=context.session_id,
        mode=context.mode,
        text=release.text,
        items=context.items,
        sentences=tuple(release.released),
        wishes=context.wishes,
        relaxed=tuple(str(dropped) for dropped in (*context.foreign_prices, *context.relaxed)),
        shortfall=context.shortfall,
        notes=tuple(release.notes),
        heard=heard,
        as_of=context.as_of,
    )
