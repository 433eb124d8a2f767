"""Two small shops, one with categories and attributes and one with titles only, and a ranking made by hand."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from recommender.conversation.context import Dropped, WritingContext
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.vocabulary import Vocabulary
from recommender.errors import WriterError
from recommender.text import words
from schemas import (
    Availability,
    Constraints,
    EventKind,
    Message,
    Mode,
    Money,
    ProductRow,
    RankedItem,
    Reason,
    ReasonKind,
    Recommendations,
    Reply,
    ReplyChunk,
    Surface,
    Wishes,
)

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(
    item_id: str,
    title: str,
    price: str | None = "5",
    *,
    brand: str | None = None,
    category: tuple[str, ...] = (),
    availability: Availability = Availability.IN_STOCK,
    **attributes: str,
) -> ProductRow:
    return ProductRow(
        item_id=item_id,
        variant_id=f"{item_id}-v",
        title=title,
        brand=brand,
        category=category,
        price=Money(Decimal(price), "GBP") if price else None,
        availability=availability,
        attributes={name: (value,) for name, value in attributes.items()},
        as_of=AS_OF,
    )


HOME_ROWS = (
    row("mug", "Stoneware Mug", "8.50", brand="Acme", category=("Kitchen", "Mugs"), color="Red", material="Ceramic"),
    row("glass", "Tall Tumbler", "12", brand="Best", category=("Kitchen", "Glasses"), color="Clear", material="Glass"),
    row("shoe", "Runner", "60", brand="North Star", category=("Sport", "Running Shoes"), color="Light Blue", size="10"),
    row("chair", "Office Chair", "99", brand="Acme", category=("Home & Garden", "Chairs"), material="Plastic"),
    row("shirt", "Crew T-Shirt", "15", category=("Clothing", "T-Shirts"), color="Grey", size="M", material="Cotton"),
    row("scarf", "Winter Scarf", "20", category=("Clothing", "Scarves"), color="Red", pattern="Polka Dot"),
)
TITLE_ROWS = (
    row("hottie", "RED WOOLLY HOTTIE WHITE HEART.", "3.39"),
    row("plates", "SET OF 6 RED SPOTTY TEA PLATES", "7.95"),
    row("holder", "WHITE HANGING HEART T-LIGHT HOLDER", "2.55"),
    row("giftbag", "CHRISTMAS GIFT BAG", "0.85"),
    row("jumbo", "JUMBO BAG PINK POLKADOT", "2.08"),
    row("candle", "BLUE SCENTED CANDLES", "4.25"),
)
HOME = Vocabulary.from_rows(HOME_ROWS)
TITLES = Vocabulary.from_rows(TITLE_ROWS)

BOUGHT = Reason(
    kind=ReasonKind.HISTORY, contribution=0.6, item_id="x", title="Blue Kettle", event_kind=EventKind.PURCHASE
)
POPULAR = Reason(kind=ReasonKind.POPULAR, contribution=0.4)


def ranked(rows: Sequence[ProductRow], reasons: Sequence[tuple[Reason, ...]] = ()) -> tuple[RankedItem, ...]:
    own = [*reasons, *([()] * len(rows))]
    return tuple(
        RankedItem(item_id=row.item_id, rank=number, score=1 / number, row=row, reasons=own[number - 1])
        for number, row in enumerate(rows, 1)
    )


class Ranking:
    """Keeps the rows in order and every constraint hard; remembers what it was asked."""

    def __init__(
        self, rows: Sequence[ProductRow], reasons: Sequence[tuple[Reason, ...]] = (), *, cold_start: bool = False
    ) -> None:
        self.rows = rows
        self.reasons = reasons
        self.cold_start = cold_start
        self.asked: list[Constraints] = []

    def __call__(self, constraints: Constraints, k: int) -> Recommendations:
        self.asked.append(constraints)
        items = ranked([row for row in self.rows if satisfies(row, constraints)][:k], self.reasons)
        return Recommendations(
            request_id="request-1",
            user_id="ann",
            items=items,
            k=k,
            shortfall=k - len(items),
            cold_start=self.cold_start,
            personalized=True,
            model_version="1",
            as_of=AS_OF,
        )


def satisfies(row: ProductRow, constraints: Constraints) -> bool:
    fields = {"category": row.category, "brand": (row.brand or "",), **row.attributes}
    wanted = {"category": constraints.category, "brand": constraints.brand, **constraints.attributes}
    texts = " ".join([row.title, *(value for values in fields.values() for value in values)])
    return all(
        (
            row.item_id not in constraints.exclude,
            not constraints.items or row.item_id in constraints.items,
            all(set(values) & set(fields.get(name, ())) for name, values in wanted.items() if values),
            not any(set(values) & set(fields.get(name, ())) for name, values in constraints.without.items()),
            all(set(words(word)) <= set(words(texts)) for word in constraints.keywords),
            _priced_within(row.price, constraints),
        )
    )


def _priced_within(price: Money | None, constraints: Constraints) -> bool:
    low, high = constraints.min_price, constraints.max_price
    if low is None and high is None:
        return True
    return price is not None and (low is None or low <= price) and (high is None or price <= high)


class ScriptedWriter:
    """Writes the sentences it was given; ``second`` answers every request for a second try."""

    def __init__(self, sentences: Sequence[str], second: str | None = None, *, fails: bool = False) -> None:
        self.sentences = sentences
        self.second = second
        self.fails = fails
        self.problems: list[Sequence[str]] = []

    def write(self, context: WritingContext) -> Iterator[str]:
        yield from self.sentences
        if self.fails:
            raise WriterError("the line went dead")

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        self.problems.append(problems)
        return self.second


def said(*texts: str) -> list[Message]:
    return [Message(role="user", content=text) for text in texts]


def whole(chunks: Iterable[ReplyChunk]) -> Reply:
    """The reply at the end of a stream."""
    *_, last = chunks
    if last.type != "done":
        raise ValueError(f"a stream ends with 'done', not {last.type!r}")
    return last.reply


def writing_context(
    rows: Sequence[ProductRow] = HOME_ROWS,
    *,
    reasons: Sequence[tuple[Reason, ...]] = ((BOUGHT,), (POPULAR,)),
    wishes: Wishes | None = None,
    relaxed: tuple[Dropped, ...] = (),
    foreign_prices: tuple[Dropped, ...] = (),
    vocabulary: Vocabulary = HOME,
    mode: Mode = Mode.SHOPPING,
    small_talk: SmallTalk | None = None,
    is_new: bool = False,
) -> WritingContext:
    return WritingContext(
        request_id="request-1",
        session_id="session-1",
        as_of=AS_OF,
        items=ranked(rows, reasons),
        k=max(len(rows), 1),
        shortfall=int(is_new),
        cold_start=is_new,
        wishes=wishes or Wishes(),
        relaxed=relaxed,
        foreign_prices=foreign_prices,
        small_talk=small_talk,
        mode=mode,
        surface=Surface.WEB,
        vocabulary=vocabulary,
    )
