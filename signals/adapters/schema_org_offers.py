"""What schema.org's offers of one product come to: one price now, perhaps another one after it, and the stock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.catalog import Availability
from schemas.money import Money
from signals.adapters.feed_prices import price_of
from signals.adapters.feed_sales import Sale
from signals.adapters.feed_times import end_of
from signals.adapters.feed_values import availability_of, text_of
from signals.adapters.json_ld import as_list

REFERENCE_PRICES: Final = ("ListPrice", "StrikethroughPrice", "SRP", "MSRP")
CAN_BE_BOUGHT: Final = frozenset({None, Availability.IN_STOCK, Availability.PREORDER, Availability.BACKORDER})


@dataclass(frozen=True, slots=True)
class Terms:
    """``sale``: a price with an end, where it is known what the price is afterwards."""

    price: Money | None = None
    sale: Sale | None = None
    availability: Availability | None = None
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    price: Money
    until: datetime | None
    availability: Availability | None
    quantity: str | None


def terms_of(offers: Any) -> Terms:
    """The terms of ``offers``: of those that can be bought the cheapest, in the currency of the first.

    Raises
    ------
    InvalidRecordError
        A price, a currency, a date or a stock cannot be read.
    """
    plain = list(_plain_offers(offers))
    priced = [offer for offer in map(_offer, plain) if offer is not None]
    if not priced:
        return Terms(availability=availability_of(plain[0].get("availability")) if plain else None)
    open_offers = [offer for offer in priced if offer.availability in CAN_BE_BOUGHT] or priced
    alike = [offer for offer in open_offers if offer.price.currency == open_offers[0].price.currency]
    lasting = _cheapest([offer for offer in alike if offer.until is None])
    ending = _cheapest([offer for offer in alike if offer.until is not None])
    if lasting is not None and ending is not None and ending.price < lasting.price:
        sale = Sale(ending.price, end=ending.until)
        return Terms(lasting.price, sale, ending.availability, ending.quantity)
    best = lasting or ending or alike[0]
    return Terms(best.price, None, best.availability, best.quantity)


def _cheapest(offers: Sequence[_Offer]) -> _Offer | None:
    return min(offers, key=lambda offer: offer.price.amount, default=None)


def _plain_offers(offers: Any) -> Iterator[Mapping[str, Any]]:
    """The offers, those of an aggregate in its place where it has any."""
    for offer in as_list(offers):
        if isinstance(offer, Mapping):
            yield from [part for part in as_list(offer.get("offers")) if isinstance(part, Mapping)] or [offer]


def _offer(offer: Mapping[str, Any]) -> _Offer | None:
    stated = [offer, *filter(_is_asked, as_list(offer.get("priceSpecification")))]
    found = next((part for part in stated if text_of(part.get("price"))), {"price": offer.get("lowPrice")})
    currency = text_of(found.get("priceCurrency")) or text_of(offer.get("priceCurrency"))
    price = price_of(text_of(found.get("price")), "offers.price", currency.upper() or None)
    if price is None:
        return None
    until = text_of(offer.get("priceValidUntil"))
    return _Offer(
        price,
        end_of(until, "offers.priceValidUntil") if until else None,
        availability_of(offer.get("availability"), "offers.availability"),
        _quantity(offer.get("inventoryLevel")),
    )


def _is_asked(specification: Any) -> bool:
    """Whether a price is asked, and not one that is struck through beside it."""
    return isinstance(specification, Mapping) and not text_of(specification.get("priceType")).endswith(REFERENCE_PRICES)


def _quantity(level: Any) -> str | None:
    return text_of(level.get("value") if isinstance(level, Mapping) else level) or None
