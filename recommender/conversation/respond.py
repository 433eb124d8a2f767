"""Messages in, a grounded reply out: rank, hand over the items, then release sentence by sentence what passes."""

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np
from PIL.Image import Image

from recommender.conversation.agents.contemplating import Contemplation, without_needs
from recommender.conversation.agents.needs import Needs, read_needs
from recommender.conversation.asking import CANDIDATES, best_question, doubt
from recommender.conversation.comparing import compare, table_lines
from recommender.conversation.context import WritingContext
from recommender.conversation.critiques import Move
from recommender.conversation.dialogue import Dialogue, Leaning, PastTurn, Rows, no_rows, read_dialogue
from recommender.conversation.hearing import said_of
from recommender.conversation.languages import is_english
from recommender.conversation.patience import Patience, PatientWriter
from recommender.conversation.relaxing import Found, Rank, find, to_constraints
from recommender.conversation.release import Release
from recommender.conversation.template import TemplateWriter
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.vocabulary import CATEGORY, Vocabulary
from recommender.conversation.writer import SentenceWriter
from schemas import (
    Comparison,
    Constraints,
    Heard,
    Message,
    Mode,
    ProductRow,
    Question,
    Reply,
    ReplyChunk,
    Seen,
    Surface,
)
from schemas.conversation import DoneChunk, ItemsChunk, SentenceChunk

_CONTEMPLATED = (None, Move.COMPLEMENT)
"""Moves that look for items; the others are about items that were found before."""


def _nobody(_: Dialogue) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Resources:
    """What a shop knows beside a ranking.

    Attributes
    ----------
    past : the turns of the conversation so far, as for `read_dialogue`
    rows : the rows of items as they are now
    lean : the ranking with a leaning; None: every list is ranked the same
    bought : the items that the shopper bought before
    doubtful : the likeliest values of fields of which a photo says nothing for sure
    candidates : the best n under a leaning and constraints, for choosing a question; None: nothing is asked
    heard : told what was understood, before anything is ranked
    """

    past: Sequence[PastTurn] = ()
    rows: Rows = no_rows
    lean: Callable[[Leaning], Rank] | None = None
    bought: Callable[[], Sequence[str]] = tuple
    doubtful: Mapping[str, Sequence[str]] = field(default_factory=dict)
    candidates: Callable[[Leaning, Constraints, int], Sequence[ProductRow]] | None = None
    heard: Callable[[Dialogue], None] = _nobody


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
    several_in_photo: bool = False,
    notes: Sequence[str] = (),
    heard: Heard | None = None,
    writer: SentenceWriter | None = None,
    patience: Patience | None = None,
    contemplation: Contemplation | None = None,
    resources: Resources | None = None,
) -> Generator[ReplyChunk, None, None]:
    """The answer piece by piece: the items before a word is written, each sentence once checked, then the whole reply.

    Parameters
    ----------
    rank : ranks with hard constraints; called again with fewer of them while nothing is eligible
    k : how many items are asked of ``rank``
    seed : with session and request it decides the template's phrasing
    photos, seen : the shopper's photos, and what they were found to show
    several_in_photo : one of them shows several products
    notes : what went wrong before, for the reply
    heard : what the voice note of the last message was understood to say; its text stands in that message
    writer : None: the template writer
    patience : one for each writer, kept as long as it; None: a new one, which knows of no earlier replies
    contemplation : agents and the deadline of the whole reply; None: ``rank`` alone finds the items
    resources : what the shop knows beside a ranking; None: nothing of earlier turns

    Raises
    ------
    BadMessagesError
        At the call, before anything is ranked.
    """
    known = Resources() if resources is None else resources
    dialogue = read_dialogue(messages, vocabulary, known.past, known.rows)
    needs = None
    if contemplation is not None and dialogue.move in _CONTEMPLATED:
        needs = Needs(dialogue.request) if dialogue.state.beside else read_needs(dialogue.request, vocabulary)
        wished = read_dialogue(without_needs(messages, needs), vocabulary, known.past, known.rows)
        dialogue = replace(wished, request=dialogue.request)
    known.heard(dialogue)
    ranking = rank if known.lean is None else known.lean(dialogue.leaning)

    def chunks() -> Generator[ReplyChunk, None, None]:
        contemplated, move = None, dialogue.move
        if contemplation is not None and needs is not None:
            contemplated = contemplation.find(dialogue, needs, vocabulary, seen, k)
            found = contemplated.found
        else:
            found, move = _find(dialogue, ranking, vocabulary, k, known)
        in_english, spoken = is_english(dialogue.request, dialogue.wishes), surface is Surface.GLASSES
        ranked = found.recommendations
        yield ItemsChunk(request_id=ranked.request_id, items=ranked.items)
        context = WritingContext(
            request_id=ranked.request_id,
            session_id=session_id,
            as_of=ranked.as_of,
            items=ranked.items,
            k=ranked.k,
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
            move=move,
            question=_question(dialogue, found, known, vocabulary, k) if in_english and not spoken else None,
            in_english=in_english,
            photos=tuple(photos),
            seen=tuple(seen),
            several_in_photo=several_in_photo,
            total=None if contemplated is None else contemplated.total,
        )
        comparison = compare(context) if dialogue.move is Move.COMPARE and context.items else None
        missing = () if contemplated is None else contemplated.notes
        release = _release(context, comparison, seed, [*notes, *missing])
        release.opening = said_of(heard, context.request_id, context.as_of)
        until = math.inf
        if contemplation is not None:
            until = contemplation.deadline.writer_until
            release.check_ahead()
        patient = (
            None if writer is None or _is_by_template(context) else PatientWriter(writer, patience or Patience(), until)
        )
        with closing(release.sentences(patient)) as sentences:
            for sentence in sentences:
                yield SentenceChunk(sentence=sentence)
        trace = None if contemplated is None else contemplated.trace
        reply = _reply(context, release, dialogue, comparison)
        yield DoneChunk(reply=reply.model_copy(update={"heard": heard, "trace": trace}))

    return chunks()


def _find(
    dialogue: Dialogue, rank: Rank, vocabulary: Vocabulary, k: int, resources: Resources
) -> tuple[Found, Move | None]:
    """The list: of the items that a look or a comparison is about, else of what the wishes leave; and what it is."""
    if dialogue.move in (Move.COMPARE, Move.DETAIL):
        these = Constraints(items=dialogue.items, in_stock=False, include_bought=True)
        return Found(rank(these, len(dialogue.items)), (), ()), dialogue.move
    if dialogue.move is not Move.REORDER:
        return find(dialogue.wishes, rank, vocabulary, k, exclude=dialogue.excluded), dialogue.move
    bought = resources.bought()
    if bought:
        found = find(dialogue.wishes, rank, vocabulary, k, exclude=dialogue.excluded, bought=bought)
        if found.recommendations.items and not any(one.field in (CATEGORY, KEYWORDS) for one in found.relaxed):
            return found, Move.REORDER
    return find(dialogue.wishes, rank, vocabulary, k, exclude=dialogue.excluded), Move.NOT_BOUGHT


def _question(
    dialogue: Dialogue,
    found: Found,
    resources: Resources,
    vocabulary: Vocabulary,
    k: int,
) -> Question | None:
    """What to ask, if anything: nothing where the list is short, a wish gave way, or no search was asked for."""
    doubted = doubt(resources.doubtful, dialogue.state)
    if doubted is not None:
        return doubted
    plain = dialogue.move is None and dialogue.small_talk is None and not found.relaxed
    if resources.candidates is None or not plain or len(found.recommendations.items) < k:
        return None
    constraints = to_constraints(dialogue.wishes, vocabulary, dialogue.excluded)
    return best_question(resources.candidates(dialogue.leaning, constraints, CANDIDATES), dialogue.state, k)


def _release(context: WritingContext, comparison: Comparison | None, seed: int, notes: Sequence[str]) -> Release:
    template = TemplateWriter(_rng(context, seed))
    table = () if comparison is None or context.surface is not Surface.WEB else tuple(table_lines(comparison))
    return Release(
        context,
        list(template.write(context)),
        table=table,
        question=template.question(context),
        notes=list(notes),
    )


def _is_by_template(context: WritingContext) -> bool:
    """Whether the template writes the reply whatever writer there is: a table, or one sentence that is spoken."""
    return context.move is Move.COMPARE or context.surface is Surface.GLASSES


def _rng(context: WritingContext, seed: int) -> np.random.Generator:
    return np.random.default_rng(context.draw(seed))


def _reply(context: WritingContext, release: Release, dialogue: Dialogue, comparison: Comparison | None) -> Reply:
    question = context.question if release.asked else None
    asked = None if question is None else question.field
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
        question=question,
        comparison=comparison,
        state=dialogue.answered([item.item_id for item in context.items], asked),
        notes=tuple(release.notes),
        as_of=context.as_of,
    )
