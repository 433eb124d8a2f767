"""What a catalogue adapter hands over: products, with their past prices where the source knows them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schemas.catalog import Availability, Product
from signals.rows import Reject


@dataclass(frozen=True, slots=True)
class Offer:
    """Price and stock of one variant from a time on."""

    variant_id: str
    valid_from: datetime
    price: Decimal | None
    currency: str | None
    availability: Availability
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One product. ``offers``: its past prices, in place of its own price and stock, which hold from now on."""

    line: int
    product: Product
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True)
class CatalogChunk:
    entries: tuple[CatalogEntry, ...]
    rejects: tuple[Reject, ...]
