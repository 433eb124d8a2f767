"""What has come back and what costs less since a moment, and who had wanted it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Engine

from recommender.catalog import is_in_stock
from recommender.errors import BadRequestError
from schemas import Columns, Money
from signals.aggregation import update_interactions
from signals.catalog import CatalogStore
from signals.interest import STRONGEST_FIRST, Interest, interests

LEAST_PERCENT: Final = 5
PER_SHOPPER: Final = 3
INTEREST_DAYS: Final = 90.0


@dataclass(frozen=True)
class Standing:
    """A product at a moment: its cheapest price among what is in stock, or among all where nothing is."""

    title: str
    in_stock: bool
    price: Money | None


@dataclass(frozen=True)
class Notice:
    """One line of a campaign: a shopper, a product that they had wanted, and what has changed about it."""

    user_id: str
    item_id: str
    title: str
    before: Standing
    now: Standing
    interest: Interest

    def as_row(self) -> dict[str, str | None]:
        """As one row of a table."""
        prices = {
            name: None if one.price is None else f"{one.price.amount} {one.price.currency}"
            for name, one in (("price_before", self.before), ("price", self.now))
        }
        did = {"did": self.interest.kind.value, "last_at": self.interest.last_at.isoformat()}
        return {"user_id": self.user_id, "item_id": self.item_id, "title": self.title, **prices, **did}


Changed = Callable[[Standing, Standing], bool]


def came_back(before: Standing, now: Standing) -> bool:
    """Whether it was out of stock and no longer is."""
    return now.in_stock and not before.in_stock


def dropped_by(least_percent: float) -> Changed:
    """Whether the price fell by at least so many percent, in the same currency, of what is in stock now.

    Raises
    ------
    BadRequestError : a percentage not above 0 and below 100
    """
    if not 0 < least_percent < 100:
        raise BadRequestError(f"a drop is above 0 and below 100 percent, got {least_percent:g}")
    kept = 1 - Decimal(str(least_percent)) / 100

    def dropped(before: Standing, now: Standing) -> bool:
        if not now.in_stock or now.price is None or before.price is None:
            return False
        return now.price.currency == before.price.currency and now.price.amount <= before.price.amount * kept

    return dropped


def notices(
    engine: Engine,
    changed: Changed,
    since: datetime,
    *,
    per_shopper: int = PER_SHOPPER,
    interest_days: float = INTEREST_DAYS,
) -> list[Notice]:
    """By shopper: at most `per_shopper` products that have `changed` since then, the most wanted first.

    Wanted is what was looked at, carted, liked or wished for in the last `interest_days` and is not owned.

    Raises
    ------
    BadRequestError : `since` is not in the past
    """
    now = datetime.now(UTC)
    if since >= now:
        raise BadRequestError(f"--since must be in the past, got {since:%Y-%m-%d %H:%M}; now is {now:%Y-%m-%d %H:%M}")
    update_interactions(engine)
    catalog = CatalogStore(engine)
    earlier, current = standings(catalog, since), standings(catalog, now)
    chosen = {item for item, one in current.items() if item in earlier and changed(earlier[item], one)}
    if not chosen:
        return []
    wanted = interests(engine, chosen, now - timedelta(days=interest_days))
    return [
        Notice(one.user_id, one.item_id, current[one.item_id].title, earlier[one.item_id], current[one.item_id], one)
        for one in _first(wanted, per_shopper)
    ]


def standings(catalog: CatalogStore, as_of: datetime) -> dict[str, Standing]:
    """Every product as of a time, by item id."""
    frame = catalog.rows(as_of=as_of)
    names = (Columns.ITEM, Columns.TITLE, Columns.PRICE, Columns.CURRENCY, Columns.AVAILABILITY, Columns.QUANTITY)
    titles, prices = dict[str, str](), defaultdict[tuple[str, bool], list[Money | None]](list)
    for item, title, price, currency, availability, quantity in zip(*(frame[name] for name in names), strict=True):
        titles[item] = title
        there = is_in_stock(availability, quantity)
        prices[item, there].append(Money(price, currency) if isinstance(price, Decimal) and currency else None)
    return {item: _standing(title, prices[item, True], prices[item, False]) for item, title in titles.items()}


def _standing(title: str, in_stock: list[Money | None], others: list[Money | None]) -> Standing:
    priced = [price for price in in_stock or others if price is not None]
    return Standing(title, bool(in_stock), min(priced, key=lambda price: price.amount, default=None))


def _first(wanted: Iterable[Interest], per_shopper: int) -> Iterator[Interest]:
    by_user: defaultdict[str, list[Interest]] = defaultdict(list)
    for one in wanted:
        by_user[one.user_id].append(one)
    for _, own in sorted(by_user.items()):
        own.sort(key=lambda one: (STRONGEST_FIRST.index(one.kind), -one.last_at.timestamp(), one.item_id))
        yield from own[:per_shopper]
