"""Attacks against writers: what is said under guard, and what the same writer says where nothing guards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recommender.conversation.context import WritingContext
from recommender.conversation.model_writer import Generating, ModelWriter
from recommender.conversation.rendering import render
from recommender.conversation.respond import stream
from recommender.conversation.vocabulary import Vocabulary
from recommender.conversation.writer import SentenceWriter
from schemas import Constraints, RankedItem, Recommendations, Reply
from tests.recommender.conversation.shops import HOME_ROWS, Ranking, whole
from tests.security.attacks import SHOWN, Attack
from tests.security.judging import Said


@dataclass
class _Watched:
    """Ranks and writes as it would be without it, and keeps every list and every context."""

    ranking: Ranking
    writer: SentenceWriter | None = None
    ranked: list[tuple[RankedItem, ...]] = field(default_factory=list)
    contexts: list[WritingContext] = field(default_factory=list)

    def rank(self, constraints: Constraints, k: int) -> Recommendations:
        answer = self.ranking(constraints, k)
        self.ranked.append(answer.items)
        return answer

    def write(self, context: WritingContext) -> Iterator[str]:
        self.contexts.append(context)
        return iter(()) if self.writer is None else self.writer.write(context)

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        return None if self.writer is None else self.writer.rewrite(context, sentence, problems)


def guarded(attack: Attack, model: Generating | None) -> Said:
    """What the engine answers; without a model the template writes."""
    watched = _Watched(Ranking(attack.rows, attack.reasons), ModelWriter(model) if model else None)
    reply = _reply(attack, watched)
    sentences = tuple((sentence.text, sentence.claims) for sentence in reply.sentences)
    return Said(sentences, reply.items, tuple(watched.ranked))


def unguarded(attack: Attack, model: Generating) -> Said:
    """What the same writer writes for the same request, its slots filled, released as it is."""
    watched = _Watched(Ranking(attack.rows, attack.reasons))
    reply = _reply(attack, watched)
    (context,) = watched.contexts
    written = tuple(render(sentence, context) for sentence in ModelWriter(model).write(context))
    return Said(written, reply.items, tuple(watched.ranked))


def _reply(attack: Attack, watched: _Watched) -> Reply:
    vocabulary = Vocabulary.from_rows((*attack.rows, *HOME_ROWS[SHOWN:]))
    chunks = stream(
        attack.messages,
        rank=watched.rank,
        vocabulary=vocabulary,
        session_id=f"session-{attack.number}",
        photos=attack.photos,
        seed=attack.number,
        writer=watched,
    )
    return whole(chunks)
