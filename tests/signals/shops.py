"""Small shops to test with: products and events with as little to write as possible."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from schemas.catalog import Product
from schemas.events import Event
from signals.catalog import CatalogStore
from signals.event_table import event_table
from signals.events import EventStore

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
FAR = NOON + timedelta(days=3650)


def event(
    number: object, kind: str = "purchase", user: str | None = "ann", item: str | None = "mug", **more: Any
) -> Event:
    """An event at noon plus ``hours``; ``number`` is its id."""
    occurred_at = NOON + timedelta(hours=more.pop("hours", 0))
    return Event.model_validate(
        {"event_id": str(number), "kind": kind, "user_id": user, "item_id": item, "occurred_at": occurred_at, **more}
    )


def alias(number: object, user: str, anonymous: str, hours: float = 0) -> Event:
    return event(number, "alias", user, None, anonymous_id=anonymous, hours=hours)


def store(engine: Engine, *events: Event) -> tuple[int, int]:
    report = EventStore(engine).append(event_table(events))
    return report.accepted, report.duplicated


def product(item_id: str = "mug", **more: Any) -> Product:
    return Product.model_validate(
        {"item_id": item_id, "title": item_id.title(), "price": "9.50", "currency": "GBP", **more}
    )


def stock(engine: Engine, *products: Product) -> None:
    CatalogStore(engine).upsert(products)
