"""Listings of one item put together: the product, its variants, and its prices over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.catalog import Attributes, Product, Variant
from schemas.money import Money
from signals.adapters.feed_sales import Sale
from signals.adapters.feed_titles import common_title
from signals.catalog_entries import CatalogEntry, Offer
from signals.validation import product_of


@dataclass(frozen=True, slots=True)
class Listing:
    """One row in our terms: a variant, or, without ``variant_id``, what the variants of an item share.

    ``fields`` are those of `schemas.Product` but for the ids, the price and the variants. ``group_title`` is the item's
    title where the row has one beside its own.
    """

    item_id: str
    variant_id: str | None
    fields: Mapping[str, Any]
    price: Money | None = None
    sale: Sale | None = None
    group_title: str = ""

    def price_at(self, moment: datetime) -> Money | None:
        return self.sale.price if self.sale is not None and self.sale.holds(moment) else self.price

    def product(self, now: datetime) -> Product:
        """The item as if this were all of it; raises `InvalidRecordError` where it breaks the contract."""
        price = self.price_at(now)
        named = {name: value for name, value in self.fields.items() if value is not None}
        if price is not None:
            named |= {"price": price.amount, "currency": price.currency}
        if self.variant_id is not None:
            named["variants"] = [{"variant_id": self.variant_id}]
        return product_of({"item_id": self.item_id, **named})


@dataclass(frozen=True, slots=True)
class Member:
    """A listing, its line, and the product it is by itself."""

    line: int
    listing: Listing
    product: Product


def entry_of(head: Member | None, members: Sequence[Member], now: datetime) -> CatalogEntry:
    """One item of at least one variant. What ``head`` says of it goes before what its variants say."""
    (first, *others), every = members, [member for member in (head, *members) if member is not None]
    alone = head is None and not others and first.listing.variant_id == first.listing.item_id
    product = first.product.model_copy(update={"variants": ()}) if alone else _product(head, members)
    return CatalogEntry(min(member.line for member in every), product, _offers(members, now))


def _product(head: Member | None, members: Sequence[Member]) -> Product:
    sources = [member.product for member in (head, *members) if member is not None]
    shared = {**_shared([member.product.attributes for member in members]), **(head.product.attributes if head else {})}
    product = Product(
        item_id=sources[0].item_id,
        title=head.product.title if head else _title(members),
        description=next((source.description for source in sources if source.description), ""),
        brand=next((source.brand for source in sources if source.brand), None),
        category=next((source.category for source in sources if source.category), ()),
        url=next((source.url for source in sources if source.url), None),
        image=next((source.image for source in sources if source.image), None),
        attributes=shared,
    )
    variants = tuple(_variant(member, product) for member in members)
    return product.model_copy(update={"variants": variants})


def _variant(member: Member, product: Product) -> Variant:
    own = member.product
    attributes = {name: values for name, values in own.attributes.items() if product.attributes.get(name) != values}
    return Variant(
        variant_id=member.product.variants[0].variant_id,
        attributes=attributes,
        price=own.price,
        currency=own.currency,
        availability=own.availability,
        quantity=own.quantity,
        image=own.image if own.image != product.image else None,
    )


def _title(members: Sequence[Member]) -> str:
    given = next((member.listing.group_title for member in members if member.listing.group_title), "")
    return given or common_title([member.product.title for member in members])


def _shared(attributes: Sequence[Attributes]) -> Attributes:
    first, *others = attributes
    return {name: values for name, values in first.items() if all(other.get(name) == values for other in others)}


def _offers(members: Sequence[Member], now: datetime) -> tuple[Offer, ...]:
    """Those of every variant where one has a sale with dates; none where the product's own prices say it all."""
    sales = [member.listing.sale for member in members]
    if all(sale is None or sale.start is sale.end is None for sale in sales):
        return ()
    return tuple(offer for member in members for offer in _timeline(member, now))


def _timeline(member: Member, now: datetime) -> list[Offer]:
    listing, sale = member.listing, member.listing.sale
    prices = {now: listing.price_at(now)}
    if sale is not None and sale.start is not None:
        prices[sale.start] = sale.price
    if sale is not None and sale.end is not None:
        prices[sale.end] = listing.price
    return [_offer(member.product, moment, prices[moment]) for moment in sorted(prices)]


def _offer(product: Product, valid_from: datetime, price: Money | None) -> Offer:
    return Offer(
        variant_id=product.variants[0].variant_id,
        valid_from=valid_from,
        price=price.amount if price else None,
        currency=price.currency if price else None,
        availability=product.availability,
        quantity=product.quantity,
    )
