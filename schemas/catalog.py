"""The catalogue: products, their variants, and the row that is quoted to a shopper."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from schemas.base import Contract, UtcDatetime
from schemas.ids import Identifier
from schemas.money import Amount, Currency, Money


class Availability(StrEnum):
    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"
    DISCONTINUED = "discontinued"


def as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
AttributeValue = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Attributes = dict[AttributeName, Annotated[tuple[AttributeValue, ...], BeforeValidator(as_tuple)]]
"""Attribute name -> its values; a single string is read as one value."""


class Variant(Contract):
    """One colour and size of an item. What it leaves out, it has from its product."""

    variant_id: Identifier
    attributes: Attributes = Field(default_factory=dict)
    price: Amount | None = None
    currency: Currency | None = None
    availability: Availability | None = None
    quantity: int | None = Field(default=None, ge=0)
    image: str | None = None


class Product(Contract):
    """An item: what the shopper sees once in a list. Without ``variants`` it is its own only variant."""

    item_id: Identifier
    title: str = Field(min_length=1, max_length=500)
    description: str = Field(default="", max_length=20_000)
    brand: str | None = Field(default=None, max_length=200)
    category: tuple[AttributeValue, ...] = ()
    price: Amount | None = None
    currency: Currency | None = None
    availability: Availability = Availability.IN_STOCK
    quantity: int | None = Field(default=None, ge=0)
    url: str | None = None
    image: str | None = None
    attributes: Attributes = Field(default_factory=dict)
    variants: tuple[Variant, ...] = ()

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        ids = [variant.variant_id for variant in self.variants]
        if len(set(ids)) != len(ids):
            raise ValueError(f"variant_id repeats within item {self.item_id!r}")
        for variant in self.offers():
            if variant.price is not None and variant.currency is None:
                raise ValueError(f"price of {variant.variant_id!r} needs a currency")
        return self

    def offers(self) -> tuple[Variant, ...]:
        """The variants with everything inherited filled in; attributes of the variant win over the product's."""
        variants = self.variants or (Variant(variant_id=self.item_id),)
        return tuple(self._inherit(variant) for variant in variants)

    def _inherit(self, variant: Variant) -> Variant:
        own_price = variant.price is not None
        return Variant(
            variant_id=variant.variant_id,
            attributes=merge_attributes(self.attributes, variant.attributes),
            price=variant.price if own_price else self.price,
            currency=(variant.currency or self.currency) if own_price else self.currency,
            availability=variant.availability or self.availability,
            quantity=self.quantity if variant.quantity is None and not self.variants else variant.quantity,
            image=variant.image or self.image,
        )


def merge_attributes(product: Mapping[str, tuple[str, ...]], variant: Mapping[str, tuple[str, ...]]) -> Attributes:
    """Attributes of a variant: its own, and the product's where it has none of that name."""
    return {**product, **variant}


class ProductRow(Contract):
    """The row quoted to a shopper: one variant of one item with its price and stock as read at ``as_of``."""

    item_id: Identifier
    variant_id: Identifier
    title: str
    description: str = ""
    brand: str | None = None
    category: tuple[str, ...] = ()
    price: Money | None = None
    availability: Availability
    quantity: int | None = None
    url: str | None = None
    image: str | None = None
    attributes: Attributes = Field(default_factory=dict)
    as_of: UtcDatetime

    @property
    def in_stock(self) -> bool:
        return self.availability is Availability.IN_STOCK and self.quantity != 0
