"""Slots filled, once: what a value says, slots included, is never read again."""

from collections.abc import Sequence

from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import Literal
from recommender.conversation.slots import Part, parse
from recommender.conversation.values import Value, value_of
from schemas import Claim


def render(sentence: str, context: WritingContext, literals: Sequence[Literal] = ()) -> tuple[str, tuple[Claim, ...]]:
    """The text of a checked sentence and a claim for each of its facts; the spans index that text."""
    texts: list[str] = []
    claims: list[Claim] = []
    length = 0
    for part in parse(sentence):
        claim = _claim(part, length, context)
        if claim is None:
            own = (literal for literal in literals if part.start <= literal.start < part.start + len(part.text))
            claims += filter(None, (_literal_claim(literal, sentence, length - part.start, context) for literal in own))
        else:
            claims.append(claim)
        texts.append(claim.value if claim else part.text)
        length += len(texts[-1])
    return "".join(texts), tuple(claims)


def shifted(claims: Sequence[Claim], offset: int) -> tuple[Claim, ...]:
    """The claims of a sentence that begins at ``offset`` of the reply."""
    return tuple(
        claim.model_copy(update={"span": (claim.span[0] + offset, claim.span[1] + offset)}) for claim in claims
    )


def _claim(part: Part, start: int, context: WritingContext) -> Claim | None:
    value = value_of(part.slot, context) if part.slot is not None else None
    return None if value is None else _claim_of(value, value.text, start)


def _claim_of(value: Value, text: str, start: int) -> Claim:
    return Claim(
        kind=value.kind,
        subject=value.subject,
        field=value.field,
        value=text,
        source=value.source,
        as_of=value.as_of,
        confidence=value.confidence,
        span=(start, start + len(text)),
    )


def _literal_claim(literal: Literal, sentence: str, shift: int, context: WritingContext) -> Claim | None:
    value = value_of(literal.slot, context)
    if value is None:
        return None
    text = sentence[literal.start : literal.end]
    return _claim_of(value, text, literal.start + shift)
