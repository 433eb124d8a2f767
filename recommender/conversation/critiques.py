"""What a message says of the products shown before: cheaper, bigger, not this brand, like the second one, compare them.

A critique changes the state of the conversation exactly; what it says is marked as read, so that the rest of the
message is understood as any other.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.pointing import Pointed, read_pointers
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import TokenKind, fold, word_set
from schemas import ProductRow

Phrases = Collection[tuple[str, ...]]


class Move(StrEnum):
    """What is asked other than a search. ``NOT_BOUGHT``: something again that the shopper has not bought."""

    COMPARE = "compare"
    DETAIL = "detail"
    COMPLEMENT = "complement"
    REORDER = "reorder"
    NOT_BOUGHT = "not_bought"


class Back(StrEnum):
    FIRST = "first"
    PREVIOUS = "previous"


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase in text.replace("\n", " ").split(";"))


def _pairs(firsts: str, seconds: str) -> frozenset[tuple[str, ...]]:
    return frozenset(
        (*first.split(), *second.split()) for first, second in product(firsts.split("; "), seconds.split("; "))
    )


_CHEAPER: Final = _phrases(
    "cheaper; less expensive; less pricey; less costly; more affordable; lower price; lower priced; costs less; "
    "too expensive; too pricey; too dear; too costly; not so expensive; not as expensive; more reasonable; "
    "less money"
)
_DEARER: Final = _phrases("more expensive; pricier; dearer; too cheap; more costly; more upmarket; more luxurious")
_LARGER: Final = _phrases(
    "bigger; larger; wider; longer; taller; roomier; too small; too short; too narrow; too tight; a size up; "
    "one size up"
)
_SMALLER: Final = _phrases(
    "smaller; shorter; narrower; tinier; too big; too large; too long; too wide; too loose; a size down; one size down"
)
_SET_ASIDE: Final = _phrases(
    "something else; anything else; something different; others; other ones; different ones; another one; "
    "more options; other options; show me more; show more; more please; see more; what else; next ones; "
    "none of these; none of those; none of them; not these; not those; show me others; show others; "
    "other suggestions; other ideas; different options"
)
_TO_FIRST: Final = _pairs(
    "back to the; return to the; back to my; back to",
    "first; first list; first ones; first search; first results; start; beginning; original; original list",
)
_TO_PREVIOUS: Final = _pairs(
    "back to the; return to the", "previous; last; previous ones; previous list; last list"
) | (_phrases("go back; undo that; undo"))
_COMPARE: Final = _phrases(
    "compare; difference between; differences between; how do; versus; vs; which of; which is better; "
    "which one is; which one; which is; what is the difference; whats the difference"
)
_MANY: Final = _phrases("them; these; those; all; all of them; all of these")
_DETAIL: Final = _phrases(
    "tell me more; more about; more details; details; tell me about; what about; how about; describe"
)
_COMPLEMENT: Final = _phrases(
    "goes with; go with; going with; goes well with; go well with; matches; match with; matching; pair with; "
    "pairs with; accessories for; accessory for; to wear with; wear with; complements; complement; fits with; "
    "to use with"
)
_REORDER: Final = _phrases(
    "as last time; same again; reorder; re-order; buy again; order again; my usual; the usual; bought last time; "
    "bought before; had last time; got last time; ordered last time; ordered before; as before; like last time"
)
_LIKING: Final = word_set("like love prefer want take adore favourite favorite keep choose")
_PRAISE: Final = word_set("nice lovely great perfect good beautiful pretty wonderful gorgeous cute best fine amazing")
_BLAME: Final = word_set("ugly awful horrible boring bad terrible hideous dull wrong worst")
_REFUSING: Final = frozenset({*lexicon.NEGATORS, *_phrases("dont like; do not like; didnt like; not; no; dont fancy")})
_SUBJECTS: Final = word_set("i we id really do also would he she they ill dont not didnt")
_LIKENESS: Final = _phrases("similar to; more like; something like; resembling; alike to; in the style of")
_DEGREES: Final = word_set("bit little slightly much way lot somewhat far")
_BEFORE_A_FIELD: Final = {"same": True, "different": False, "another": False, "other": False}
_THIS: Final = frozenset({"this", "that"})
_REACH: Final = 4
"""Words between a verb and what it points at."""


@dataclass(slots=True)
class Critique:
    """What is said of the shown products. Directions are 1 for more, -1 for less, 0 where nothing is said.

    ``of`` is the item that a direction or a field is compared with; ``fields`` are fields that are to stay as they are
    in it (True) or to change (False).
    """

    price: int = 0
    size: int = 0
    of: str | None = None
    fields: dict[str, bool] = field(default_factory=dict)
    pointed: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    like: str | None = None
    set_aside: bool = False
    back: Back | None = None
    move: Move | None = None


def read_critique(
    tokens: Tokens, shown: Sequence[ProductRow], focus: ProductRow | None, vocabulary: Vocabulary
) -> Critique:
    """What a message says of the latest list; whatever says it is marked as read.

    Before anything was shown, all that can be said is that something is wanted again.
    """
    critique = Critique()
    if tokens.mark_phrases(_REORDER):
        critique.move = Move.REORDER
    if not shown:
        return critique
    pointers = read_pointers(tokens, shown, focus)
    critique.back = _read_back(tokens)
    _read_directions(critique, tokens, pointers)
    critique.fields = dict(_read_fields(tokens, vocabulary))
    _read_pointers(critique, tokens, pointers)
    _read_move(critique, tokens, shown, focus)
    critique.set_aside = tokens.mark_phrases(_SET_ASIDE)
    critique.of = next(iter(critique.pointed), focus.item_id if focus else shown[0].item_id)
    return critique


def _read_back(tokens: Tokens) -> Back | None:
    if tokens.mark_phrases(_TO_FIRST):
        return Back.FIRST
    return Back.PREVIOUS if tokens.mark_phrases(_TO_PREVIOUS) else None


def _read_directions(critique: Critique, tokens: Tokens, pointers: Sequence[Pointed]) -> None:
    starts = {pointed.start for pointed in pointers}
    inside = {place for pointed in pointers for place in range(pointed.start, pointed.end)}
    for name, phrases, direction in (
        ("price", _CHEAPER, -1),
        ("price", _DEARER, 1),
        ("size", _LARGER, 1),
        ("size", _SMALLER, -1),
    ):
        for start, end in _found(tokens, phrases):
            compared = tokens.text_at(end) == "than"
            if start not in inside and (not compared or end + 1 in starts):
                tokens.mark(start - (tokens.text_at(start - 1) in _DEGREES), end + compared)
                setattr(critique, name, direction)


def _read_fields(tokens: Tokens, vocabulary: Vocabulary) -> Iterator[tuple[str, bool]]:
    """ "not this brand", "another colour", "the same material"."""
    for at in range(1, len(tokens.all)):
        name = vocabulary.names.get(tokens.folded_at(at)) or lexicon.FIELD_WORDS.get(fold(tokens.text_at(at)))
        before = tokens.text_at(at - 1)
        if name is None or name in ("price", "in_stock") or tokens.is_read(at):
            continue
        start = at - 1
        if before in _BEFORE_A_FIELD:
            wanted = _BEFORE_A_FIELD[before]
        elif before in _THIS:
            wanted = not _refused(tokens, start)
            start -= not wanted
        else:
            continue
        tokens.mark(max(start, 0), at + 1)
        yield name, wanted


def _refused(tokens: Tokens, start: int) -> bool:
    return tokens.text_at(start - 1) in ("not", "no", "without", "except", "dislike", "hate") or (
        tokens.text_at(start - 2) in ("dont", "not") and tokens.text_at(start - 1) in ("like", "want")
    )


def _read_pointers(critique: Critique, tokens: Tokens, pointers: Sequence[Pointed]) -> None:
    for pointed in (one for one in pointers if not tokens.is_read(one.start)):
        critique.pointed = tuple(dict.fromkeys((*critique.pointed, *pointed.item_ids)))
        likeness = _likeness(tokens, pointed.start)
        if likeness is not None:
            critique.like = pointed.item_ids[0]
            tokens.mark(likeness, pointed.start)
        elif _is_disliked(tokens, pointed):
            critique.disliked += pointed.item_ids
        elif _is_liked(tokens, pointed):
            critique.liked += pointed.item_ids
    for pointed in pointers:
        tokens.mark(pointed.start, pointed.end)


def _likeness(tokens: Tokens, start: int) -> int | None:
    """Where "like the second one", "something like that one" begins; in "I like the second one" it is a liking."""
    for begin, end in _found(tokens, _LIKENESS):
        if end == start:
            return begin
    said = tokens.text_at(start - 1) == "like" and tokens.text_at(start - 2) not in _SUBJECTS
    return start - 1 if said else None


def _is_disliked(tokens: Tokens, pointed: Pointed) -> bool:
    if _praised(tokens, pointed.end, _BLAME):
        return True
    return any(
        start >= pointed.start - _REACH and pointed.start - end <= 1 and end <= pointed.start
        for start, end in _found(tokens, _REFUSING)
    )


def _is_liked(tokens: Tokens, pointed: Pointed) -> bool:
    before = [tokens.text_at(place) for place in range(max(pointed.start - _REACH, 0), pointed.start)]
    return bool(before and before[-1] in _LIKING) or _praised(tokens, pointed.end, _PRAISE)


def _praised(tokens: Tokens, end: int, praise: Collection[str]) -> bool:
    """Whether "is nice", "looks really great" follows."""
    if tokens.text_at(end) not in ("is", "are", "looks", "look", "seems", "was"):
        return False
    return any(tokens.text_at(place) in praise for place in range(end + 1, end + _REACH))


def _read_move(critique: Critique, tokens: Tokens, shown: Sequence[ProductRow], focus: ProductRow | None) -> None:
    several = len(critique.pointed) > 1
    joined = several and _any_text(tokens, ("or",))
    if (tokens.mark_phrases(_COMPARE) and (several or _is_comparison(tokens))) or joined:
        critique.move = Move.COMPARE
        everything = tuple(row.item_id for row in shown[: 5 if _any_text(tokens, ("all",)) else 2])
        critique.pointed = critique.pointed if several else everything
    elif tokens.mark_phrases(_COMPLEMENT):
        critique.move = Move.COMPLEMENT
        critique.pointed = critique.pointed or ((focus or shown[0]).item_id,)
    elif critique.pointed and not _changes(critique) and (tokens.mark_phrases(_DETAIL) or _says_nothing_else(tokens)):
        critique.move = Move.DETAIL


def _is_comparison(tokens: Tokens) -> bool:
    """Whether "compare", "which is better" stands without naming what; not "which is in stock", which is a wish."""
    return _any_text(tokens, ("compare", "difference", "differences", "better", "best", "them", "these", "those", "of"))


def _changes(critique: Critique) -> bool:
    said = (critique.price, critique.size, critique.fields, critique.disliked, critique.like, critique.back)
    return any(said)


def _says_nothing_else(tokens: Tokens) -> bool:
    return all(
        tokens.is_read(place)
        or token.kind is TokenKind.MARK
        or token.text in lexicon.PASSED
        or token.text in _LIKING | _PRAISE
        for place, token in enumerate(tokens.all)
    )


def _any_text(tokens: Tokens, texts: Collection[str]) -> bool:
    return any(token.text in texts for token in tokens.all)


def _found(tokens: Tokens, phrases: Phrases) -> Iterator[tuple[int, int]]:
    for position in range(len(tokens.all)):
        length = tokens.phrase_at(position, phrases)
        if length:
            yield position, position + length
