"""Two shoppers of the demo: what they did, what they are recommended, and a chat with each."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Engine

from recommender.errors import NotEnoughDataError
from recommender.jobs.report import ShopperStory, Signal, Turn
from recommender.shop import Shop
from schemas import Columns, Event, EventKind, Message, RankedItem
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


def story_of(shop: Shop, engine: Engine, user: str, now: datetime) -> ShopperStory:
    """A shopper's signals, recommendations and a chat that ends with a purchase at `now`."""
    signals = tuple(_signals(shop, engine, user))
    items = shop.recommend(user, k=SHOWN).items
    chat = tuple(_chat(shop, user, items, now))
    return ShopperStory(user, signals, items, chat)


def _signals(shop: Shop, engine: Engine, user: str) -> Iterator[Signal]:
    titles = shop.titles()
    history = EventStore(engine).history(user, limit=SIGNALS_SHOWN)
    for row in history.to_dict("records"):
        item = row[Columns.ITEM]
        known = isinstance(item, str)
        title = titles.get(item, item) if known else str(row["query"])
        yield Signal(EventKind(row[Columns.KIND]), title, row[Columns.OCCURRED_AT], item if known else None)


def _chat(shop: Shop, user: str, items: tuple[RankedItem, ...], now: datetime) -> Iterator[Turn]:
    """A request, a second wish on top of it, and the answer after a purchase of what came first."""
    if not items:
        return
    messages: list[Message] = []
    for text in _questions(items):
        messages.append(Message(role="user", content=text))
        reply = shop.chat(messages, user_id=user)
        messages.append(Message(role="assistant", content=reply.text))
        yield Turn("shopper", text)
        yield Turn("shop", reply.text, reply.items)
    shop.record([_purchase(user, items[0], now)])
    question = "What else would you recommend?"
    reply = shop.chat([Message(role="user", content=question)], user_id=user)
    yield Turn("shopper", f"[has just bought {items[0].row.title}] {question}")
    yield Turn("shop", reply.text, reply.items)


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
