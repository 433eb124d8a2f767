"""Two shoppers of the demo: what they did, what they are recommended, and chats with each."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine

from recommender.errors import NotEnoughDataError
from recommender.jobs.report import Chat, ShopperStory, Signal, Turn
from recommender.jobs.talk import Talk
from recommender.shop import Shop
from schemas import Columns, Event, EventKind, Mode, RankedItem
from signals.events import EventStore
from signals.interactions import histories

SHOWN = 6
SIGNALS_SHOWN = 8


def two_shoppers(shop: Shop, engine: Engine) -> tuple[str, str]:
    """Two loyal shoppers: the one with the median number of purchases, and who is shown the least of the same."""
    deeds = histories(engine, datetime.now(UTC))
    bought = deeds[deeds[Columns.KIND] == EventKind.PURCHASE]
    purchases = {str(user): int(count) for user, count in bought[Columns.USER].value_counts().items()}
    loyal = [user for user, count in purchases.items() if 5 <= count <= 60] or list(purchases)
    if len(loyal) < 2:
        raise NotEnoughDataError("the demo needs two shoppers who bought something")
    first = sorted(loyal, key=lambda user: (purchases[user], user))[len(loyal) // 2]
    shown = _shown(shop, first)
    others = sorted(user for user in loyal if user != first)[:: max(1, len(loyal) // 40)]
    return first, min(others, key=lambda user: (len(shown & _shown(shop, user)), user))


def _shown(shop: Shop, user: str) -> set[str]:
    return {item.item_id for item in shop.recommend(user, k=20).items}


def story_of(
    shop: Shop, engine: Engine, user: str, *, now: datetime, photo: bytes | None, question: str
) -> ShopperStory:
    """A shopper's signals, recommendations and chats.

    One chat in each mode, the second with a purchase at `now`; before it, where there is a `photo` (PNG), `question`
    about it, which another shopper may be asked about too.
    """
    signals = tuple(_signals(shop, engine, user))
    items = shop.recommend(user, k=SHOWN).items
    return ShopperStory(user, signals, items, tuple(_chats(shop, user, items, now=now, photo=photo, question=question)))


def _signals(shop: Shop, engine: Engine, user: str) -> Iterator[Signal]:
    titles = shop.titles()
    history = EventStore(engine).history(user, limit=SIGNALS_SHOWN)
    for row in history.to_dict("records"):
        item = row[Columns.ITEM]
        known = isinstance(item, str)
        title = titles.get(item, item) if known else str(row["query"])
        yield Signal(EventKind(row[Columns.KIND]), title, row[Columns.OCCURRED_AT], item if known else None)


def _chats(
    shop: Shop, user: str, items: tuple[RankedItem, ...], *, now: datetime, photo: bytes | None, question: str
) -> Iterator[Chat]:
    if photo is not None:
        talk = Talk(shop, user, Mode.SHOPPING)
        yield Chat("A question with a photo", tuple(talk.ask(question, photo=photo)))
    if items:
        first, *more = _questions(items)
        yield Chat("A chat in fast mode", tuple(Talk(shop, user, Mode.FAST).ask(first)))
        yield Chat("A chat in shopping mode", tuple(_shopping(shop, user, [first, *more], items[0], now)))


def _shopping(shop: Shop, user: str, questions: Sequence[str], bought: RankedItem, now: datetime) -> Iterator[Turn]:
    """A request, a second wish on top of it, and the answer after a purchase of what came first."""
    talk = Talk(shop, user, Mode.SHOPPING)
    for text in questions:
        yield from talk.ask(text)
    shop.record([_purchase(user, bought, now)])
    question = "What else would you recommend?"
    yield from Talk(shop, user, Mode.SHOPPING).ask(question, before=f"[has just bought {bought.row.title}] ")


def _questions(items: tuple[RankedItem, ...]) -> Iterator[str]:
    """What somebody with such recommendations might ask for."""
    first = items[0].row
    kind = first.category[-1].lower() if first.category else first.title.split()[-1].strip(".,").lower()
    limit = "" if first.price is None else f" under {int(first.price.amount * 2) + 1} pounds"
    yield f"I am looking for {kind}{limit}"
    colours = [row.attributes["color"][0] for row in (item.row for item in items) if "color" in row.attributes]
    if colours:
        yield f"Do you have something in {colours[0].lower()}?"


def _purchase(user: str, item: RankedItem, now: datetime) -> Event:
    return Event(
        event_id=f"demo-{user}-{item.item_id}",
        source="demo",
        kind=EventKind.PURCHASE,
        user_id=user,
        item_id=item.item_id,
        variant_id=item.row.variant_id,
        occurred_at=now,
        unit_price=item.row.price.amount if item.row.price else None,
        currency=item.row.price.currency if item.row.price else None,
    )
