"""Two or more products side by side: what differs, each cell from a row."""

from collections.abc import Iterator, Sequence
from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.slots import AVAILABILITY, PRICE, TITLE, ProductSlot, written
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.text import clean
from recommender.wording import MAX_VALUE
from schemas import Comparison
from schemas.conversation import ComparedField

MAX_FIELDS: Final = 12
NOTHING: Final = "\u2013"


def compare(context: WritingContext) -> Comparison:
    """The fields in which the items of a context differ, prices first; and the price and stock in any case."""
    always = (PRICE, AVAILABILITY)
    lines = [ComparedField(field=name, values=_values(name, context)) for name in _fields(context)]
    differing = [line for line in lines if line.field in always or len(set(line.values)) > 1]
    return Comparison(item_ids=tuple(item.item_id for item in context.items), fields=tuple(differing[:MAX_FIELDS]))


def table_lines(comparison: Comparison) -> Iterator[str]:
    """The lines of a Markdown table, with a slot in every cell."""
    numbers = range(1, len(comparison.item_ids) + 1)
    yield _line("", [written(ProductSlot(number, TITLE)) for number in numbers])
    yield _line("---", ["---" for _ in numbers])
    for line in comparison.fields:
        yield _line(_label(line.field), [_cell(line, number) for number in numbers])


def _fields(context: WritingContext) -> Iterator[str]:
    yield from (PRICE, AVAILABILITY, BRAND, CATEGORY)
    names = (name for item in context.items for name in item.row.attributes)
    yield from (name for name in dict.fromkeys(names) if name not in (BRAND, CATEGORY))


def _values(name: str, context: WritingContext) -> tuple[str | None, ...]:
    values = (value_of(ProductSlot(number, name), context) for number in range(1, len(context.items) + 1))
    return tuple(value.text if value else None for value in values)


def _cell(line: ComparedField, number: int) -> str:
    return NOTHING if line.values[number - 1] is None else written(ProductSlot(number, line.field))


def _label(name: str) -> str:
    return clean(name, MAX_VALUE).capitalize()


def _line(label: str, cells: Sequence[str]) -> str:
    return "| " + " | ".join([label, *cells]) + " |"
