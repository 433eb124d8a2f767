"""Whether a question would help, and which: the one whose answer is expected to bring what is wanted into the list.

The candidates are the best of what fulfils the wishes. How likely each is to be the one that is wanted is taken to fall
with its rank as in DCG, 1 / log2(rank + 1). A list of k holds the wanted one with the share of its k best; once the
shopper has named one of the values offered, the k best with that value take its place. The expected rise is the gain of
the question: the value of information, as in Zou, Chen and Kanoulas (SIGIR 2020). Whoever wants another value gains
nothing by it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log2
from typing import Final

from recommender.conversation.vocabulary import BRAND, CATEGORY
from schemas import DialogueState, ProductRow, Question

CANDIDATES: Final = 50
LEAST_GAIN: Final = 0.2
"""Of the chance that what is wanted is in the next list; below it the shopper is not bothered."""
MAX_OPTIONS: Final = 4
_LEAST_COVERAGE: Final = 0.8
"""The share of the candidates that must have a value of the field."""


def best_question(candidates: Sequence[ProductRow], state: DialogueState, k: int) -> Question | None:
    """The question with the greatest expected gain, None where none is worth asking.

    What was said or asked already is not asked, and nothing where a list holds all the candidates.

    Parameters
    ----------
    candidates : the best that fulfil the wishes, in their order
    k : how many a list shows
    """
    if len(candidates) <= k:
        return None
    weights = [1 / log2(rank + 1) for rank in range(1, len(candidates) + 1)]
    asked = {*state.asked, *_stated(state)}
    questions = [_question(name, candidates, weights, k) for name in _fields(candidates) if name not in asked]
    worth = [question for question in questions if question is not None and question.gain >= LEAST_GAIN]
    return max(worth, key=lambda question: (question.gain, question.field), default=None)


def doubt(likeliest: Mapping[str, Sequence[str]], state: DialogueState) -> Question | None:
    """What to ask where a photo does not show for sure what kind of thing it is: which of the likeliest it is.

    Parameters
    ----------
    likeliest : the likeliest values of each field that is not sure, best first
    """
    options = likeliest.get(CATEGORY, ())
    known = {*state.asked, *_stated(state)}
    return (
        Question(field=CATEGORY, options=tuple(options), gain=0.0)
        if len(options) > 1 and CATEGORY not in known
        else None
    )


def _question(name: str, rows: Sequence[ProductRow], weights: Sequence[float], k: int) -> Question | None:
    having: defaultdict[str, list[float]] = defaultdict(list)
    shown: defaultdict[str, float] = defaultdict(float)
    covered = 0
    for place, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        values = _values(row, name)
        covered += bool(values)
        for value in values[:1]:
            having[value].append(weight)
            shown[value] += weight if place < k else 0
    if covered < _LEAST_COVERAGE * len(rows) or len(having) < 2:
        return None
    options = sorted(having, key=lambda value: (-sum(having[value]), value))[:MAX_OPTIONS]
    rise = sum(sum(having[value][:k]) - shown[value] for value in options)
    return Question(field=name, options=tuple(options), gain=round(rise / sum(weights), 4))


def _fields(rows: Sequence[ProductRow]) -> Iterator[str]:
    names = (name for row in rows for name in (CATEGORY, BRAND, *row.attributes))
    yield from dict.fromkeys(names)


def _values(row: ProductRow, name: str) -> tuple[str, ...]:
    if name == CATEGORY:
        return row.category[-1:]
    if name == BRAND:
        return (row.brand,) if row.brand else ()
    return row.attributes.get(name, ())


def _stated(state: DialogueState) -> Iterator[str]:
    """The fields of which something is wished already; keywords say what kind of thing it is."""
    wishes = state.wishes
    yield from (*wishes.attributes, *wishes.without)
    if wishes.brand:
        yield BRAND
    if wishes.category or wishes.keywords:
        yield CATEGORY
