"""A price for a time, in place of the regular one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.money import Money
from signals.adapters.feed_times import interval_of

DATES: Final = "sale_price_effective_date"


@dataclass(frozen=True, slots=True)
class Sale:
    """The price from ``start`` (None: since ever) until ``end`` (None: for good), in place of the regular one."""

    price: Money
    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)


def sale_of(price: Money | None, dates: str) -> Sale | None:
    """The sale at a price, within an interval of ISO 8601 if there are dates; raises as `interval_of` does."""
    if price is None:
        return None
    return Sale(price, *interval_of(dates, DATES)) if dates else Sale(price)
