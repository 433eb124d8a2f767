"""The catalogue as columns beside the item indexes, so that constraints become masks over the whole catalogue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.ids import IdMap
from recommender.sensitive import SENSITIVE_WORDS
from recommender.text import words
from schemas import Availability, Columns, Constraints, Filter, Money, ProductRow
from schemas.money import AMOUNT_DECIMALS

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
Table = dict[str, list[Any]]
"""Column name -> one value per variant; None where there is none."""

_OFFER = (Columns.PRICE, Columns.CURRENCY, Columns.AVAILABILITY, Columns.QUANTITY)

NO_PRICE = -1
NO_GROUP = -1
_SCALE = 10**AMOUNT_DECIMALS


class Offer(Protocol):
    """Price and stock of one variant, as the catalogue store reads them."""

    @property
    def price(self) -> Decimal | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def availability(self) -> Availability: ...
    @property
    def quantity(self) -> int | None: ...


class _StoredOffer(NamedTuple):
    price: Decimal | None
    currency: str | None
    availability: Availability
    quantity: int | None


class CatalogColumns:
    """One row per variant, in the order of items; immutable, so that many requests may read it at once.

    Attributes
    ----------
    item : int32, shape (n_variants,), item index of each variant, ascending
    price : int64, shape (n_variants,), in 1/10,000 of the currency, -1 where there is none
    in_stock : bool, shape (n_variants,)
    content : the same object in columns that differ in price and stock alone
    """

    def __init__(self, frame: pd.DataFrame, items: IdMap) -> None:
        index = items.find(frame[Columns.ITEM].tolist())
        order = np.argsort(index, kind="stable")[np.count_nonzero(index < 0) :]
        self.n_items = len(items)
        self.item: Rows = index[order]
        self._table = {name: [values[row] for row in order] for name, values in _as_lists(frame).items()}
        self._row = {variant: row for row, variant in enumerate(self._table[Columns.VARIANT])}
        self.content = object()
        self._find_values()
        self.price, self._currency, self.in_stock = _offer_arrays(self._table)

    def _find_values(self) -> None:
        """Inverted lists: field and case-folded value -> variants, word -> variants.

        Variants that differ in their title alone are looked at as one.
        """
        values: defaultdict[tuple[str, str], list[Rows]] = defaultdict(list)
        in_values: defaultdict[str, list[Rows]] = defaultdict(list)
        for rows in self._alike():
            pairs = set(self._pairs(int(rows[0])))
            for pair in pairs:
                values[pair].append(rows)
            for word in set(words(" ".join(value for _, value in pairs))):
                in_values[word].append(rows)
        found: defaultdict[str, list[int]] = defaultdict(list)
        for row, title in enumerate(self._table[Columns.TITLE]):
            for word in set(words(title)):
                found[word].append(row)
        self._values = {key: np.sort(np.concatenate(parts)) for key, parts in values.items()}
        self._words = {word: np.array(rows, dtype=np.int32) for word, rows in found.items()}
        for word, parts in in_values.items():
            self._words[word] = np.unique(np.concatenate([*parts, self._words.get(word, parts[0])]))

    def _alike(self) -> list[Rows]:
        """The variants by what they share: brand, category and attributes."""
        found: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
        attributes = (tuple(own.items()) for own in self._table[Columns.ATTRIBUTES])
        shared = zip(self._table[Columns.BRAND], self._table[Columns.CATEGORY], attributes, strict=True)
        for row, key in enumerate(shared):
            found[key].append(row)
        return [np.array(rows, dtype=np.int32) for rows in found.values()]

    def _kind(self, row: int) -> Iterable[tuple[str, str]]:
        """The brand and the levels of the category."""
        table = self._table
        if table[Columns.BRAND][row]:
            yield Columns.BRAND, table[Columns.BRAND][row].casefold()
        for level in table[Columns.CATEGORY][row]:
            yield Columns.CATEGORY, level.casefold()

    def _pairs(self, row: int) -> Iterable[tuple[str, str]]:
        yield from self._kind(row)
        for name, values in self._table[Columns.ATTRIBUTES][row].items():
            for value in values:
                yield name.casefold(), value.casefold()

    def with_changes(self, changed: pd.DataFrame, items: IdMap) -> "CatalogColumns":
        """New columns in which the items of `changed` (all their variants) take the place of the old ones.

        `items` are those that the columns are of, or others among which each of them has its index.
        """
        table = _as_lists(changed[items.find(changed[Columns.ITEM].tolist()) >= 0])
        if len(items) == self.n_items and self._describes(table):
            return self._with_offers(table)
        frame = pd.DataFrame(self._table)
        kept = frame[~frame[Columns.ITEM].isin(set(table[Columns.ITEM]))]
        return CatalogColumns(pd.concat([kept, pd.DataFrame(table)]) if len(kept) else pd.DataFrame(table), items)

    def _describes(self, table: Table) -> bool:
        """Whether `table` has just the variants of its items that are here, and only price and stock differ."""
        rows = [self._row[variant] for variant in table[Columns.VARIANT] if variant in self._row]
        if len(rows) < len(table[Columns.VARIANT]) or len(rows) < np.isin(self.item, self.item[rows]).sum():
            return False
        described = [name for name in self._table if name not in _OFFER]
        return all(self._table[name][row] == table[name][at] for name in described for at, row in enumerate(rows))

    def _with_offers(self, table: Table) -> "CatalogColumns":
        """The same content with the prices and stock of `table`: nothing else is built again."""
        new = copy(self)
        new._take_offers(table)  # noqa: SLF001  # of its own class
        return new

    def _take_offers(self, table: Table) -> None:
        rows = [self._row[variant] for variant in table[Columns.VARIANT]]
        self._table = {**self._table, **{name: list(self._table[name]) for name in _OFFER}}
        for name in _OFFER:
            for row, value in zip(rows, table[name], strict=True):
                self._table[name][row] = value
        self.price, self._currency, self.in_stock = self.price.copy(), self._currency.copy(), self.in_stock.copy()
        self.price[rows], self._currency[rows], self.in_stock[rows] = _offer_arrays(table)

    def satisfying(self, constraints: Constraints) -> Mask:
        """Which variants satisfy all of `constraints` (exclusions and bought items apart); shape (n_variants,)."""
        mask = self.in_stock.copy() if constraints.in_stock else np.ones(len(self.item), dtype=np.bool_)
        self._limit_price(mask, constraints)
        mask &= self.matching(constraints)
        for name, values in constraints.without.items():
            mask &= ~self._having(name, values)
        for word in (word for keyword in constraints.keywords for word in words(keyword)):
            mask &= self._mask(self._words.get(word))
        return mask

    def matching(self, wanted: Constraints | Filter) -> Mask:
        """Which variants have one of the categories, of the brands and of each attribute's values; (n_variants,)."""
        fields: list[tuple[str, Sequence[str]]] = [
            (Columns.CATEGORY, wanted.category),
            (Columns.BRAND, wanted.brand),
            *wanted.attributes.items(),
        ]
        masks = [self._having(name, values) for name, values in fields if values]
        return np.logical_and.reduce(masks) if masks else np.ones(len(self.item), dtype=np.bool_)

    def _limit_price(self, mask: Mask, constraints: Constraints) -> None:
        for limit, keeps in ((constraints.min_price, np.greater_equal), (constraints.max_price, np.less_equal)):
            if limit is not None:
                mask &= self._currency == _number(limit.currency)
                mask &= (self.price != NO_PRICE) & keeps(self.price, _scaled(limit.amount))

    def _having(self, name: str, values: Sequence[str]) -> Mask:
        mask = np.zeros(len(self.item), dtype=np.bool_)
        for value in values:
            mask |= self._mask(self._values.get((name.casefold(), value.casefold())))
        return mask

    def _mask(self, rows: Rows | None) -> Mask:
        mask = np.zeros(len(self.item), dtype=np.bool_)
        if rows is not None:
            mask[rows] = True
        return mask

    def items_of(self, variants: Mask) -> Mask:
        """Which items have one of `variants`; shape (n_items,)."""
        if self._one_each:
            return variants.copy()
        mask = np.zeros(self.n_items, dtype=np.bool_)
        mask[self.item[variants]] = True
        return mask

    @cached_property
    def _one_each(self) -> bool:
        """Whether a variant is an item: every item has one."""
        return np.array_equal(self.item, np.arange(self.n_items))

    def rows_of(self, item: int, variants: Mask) -> Rows:
        """The rows of `item` among `variants`, in the product's order."""
        start, stop = np.searchsorted(self.item, np.array([item, item + 1], dtype=np.int32))
        return (start + np.flatnonzero(variants[start:stop])).astype(np.int32)

    @cached_property
    def sensitive(self) -> Mask:
        """Which items say something private of whoever looks at them; shape (n_items,)."""
        mask = np.zeros(len(self.item), dtype=np.bool_)
        for word in SENSITIVE_WORDS:
            mask |= self._mask(self._words.get(word))
        return self.items_of(mask)

    @cached_property
    def brands(self) -> Rows:
        """A number for the brand of each item, -1 where it has none; shape (n_items,)."""
        return self._numbered([(brand or "").casefold() for brand in self._table[Columns.BRAND]])

    @cached_property
    def categories(self) -> Rows:
        """A number for the category of each item, the whole path, -1 where it has none; shape (n_items,)."""
        return self._numbered(["\n".join(path).casefold() for path in self._table[Columns.CATEGORY]])

    def _numbered(self, names: Sequence[str]) -> Rows:
        """The place of each item's name among the distinct ones, -1 for an empty name and for an item without row."""
        found: dict[str, int] = {"": NO_GROUP}
        numbers = [found.setdefault(name, len(found) - 1) for name in names]
        by_item = np.full(self.n_items, NO_GROUP, dtype=np.int32)
        by_item[self.item] = numbers
        return by_item

    def kinds(self, items: Rows) -> npt.NDArray[np.float32]:
        """Vectors of length 1, or 0, whose cosine is the overlap of two items' category levels and brands.

        The overlap of two sets is what they share over the root of the product of their sizes (Ochiai 1957).
        float32, shape (len(items), number of levels and brands).
        """
        number: dict[tuple[str, str], int] = {}
        rows = np.searchsorted(self.item, items)
        of_items = [sorted({number.setdefault(one, len(number)) for one in self._kind(int(row))}) for row in rows]
        vectors = np.zeros((len(items), len(number)), dtype=np.float32)
        for vector, own in zip(vectors, of_items, strict=True):
            vector[own] = len(own) ** -0.5 if own else 0
        return vectors

    def variant_id(self, row: int) -> str:
        return str(self._table[Columns.VARIANT][row])

    def product_row(self, row: int, offer: Offer, as_of: datetime) -> ProductRow:
        """The row as quoted: the product's description, and price and stock from `offer`."""
        table = self._table
        return ProductRow(
            item_id=table[Columns.ITEM][row],
            variant_id=table[Columns.VARIANT][row],
            title=table[Columns.TITLE][row],
            description=table[Columns.DESCRIPTION][row],
            brand=table[Columns.BRAND][row],
            category=table[Columns.CATEGORY][row],
            price=_money(offer),
            availability=offer.availability,
            quantity=offer.quantity,
            url=table[Columns.URL][row],
            image=table[Columns.IMAGE][row],
            attributes=table[Columns.ATTRIBUTES][row],
            as_of=as_of,
        )

    def product_rows(self, as_of: datetime) -> Iterator[ProductRow]:
        """Every variant's row with the price and stock in memory."""
        for row in range(len(self.item)):
            yield self.product_row(row, self._offer(row), as_of)

    def _offer(self, row: int) -> _StoredOffer:
        table = self._table
        quantity = table[Columns.QUANTITY][row]
        return _StoredOffer(
            table[Columns.PRICE][row],
            table[Columns.CURRENCY][row],
            Availability(table[Columns.AVAILABILITY][row]),
            None if quantity is None else int(quantity),
        )

    def quoted(self, items: Sequence[int], as_of: datetime, variants: Mask | None = None) -> list[ProductRow]:
        """The row of the cheapest of the `variants` of each of `items` that has one, with price and stock in memory."""
        among = np.ones(len(self.item), dtype=np.bool_) if variants is None else variants
        found = []
        for item in items:
            own = [(row, self._offer(row)) for row in self.rows_of(item, among).tolist()]
            if own:
                row, offer = min(own, key=lambda one: cheapest_first(one[1]))
                found.append(self.product_row(row, offer, as_of))
        return found

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Title of each item id."""
        return dict(zip(self._table[Columns.ITEM], self._table[Columns.TITLE], strict=True))


def offer_satisfies(offer: Offer, constraints: Constraints) -> bool:
    """Whether price and stock keep to `constraints`; the rest of a row cannot change between two reads."""
    if constraints.in_stock and not is_in_stock(offer.availability, offer.quantity):
        return False
    low, high = constraints.min_price, constraints.max_price
    if low is None and high is None:
        return True
    if offer.price is None or any(limit.currency != offer.currency for limit in (low, high) if limit is not None):
        return False
    return (low is None or low.amount <= offer.price) and (high is None or offer.price <= high.amount)


def cheapest_first(offer: Offer) -> Decimal:
    """Sorts offers by price; one without a price comes last."""
    return Decimal("Infinity") if offer.price is None else offer.price


def _money(offer: Offer) -> Money | None:
    return None if offer.price is None or offer.currency is None else Money(offer.price, offer.currency)


def _offer_arrays(table: Table) -> tuple[npt.NDArray[np.int64], Rows, Mask]:
    """Scaled price, number of the currency and whether it is in stock, one entry per variant."""
    price = np.array([_scaled(price) for price in table[Columns.PRICE]], dtype=np.int64)
    currency = np.array([_number(code or "") for code in table[Columns.CURRENCY]], dtype=np.int32)
    stock = zip(table[Columns.AVAILABILITY], table[Columns.QUANTITY], strict=True)
    return price, currency, np.array([is_in_stock(state, left) for state, left in stock], dtype=np.bool_)


def _as_lists(frame: pd.DataFrame) -> Table:
    return {str(name): [None if _missing(one) else one for one in frame[name].tolist()] for name in frame.columns}


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _scaled(price: Decimal | None) -> int:
    return NO_PRICE if _missing(price) or price is None else int(price * _SCALE)


def _number(currency: str) -> int:
    """The letters of a currency as one number, which compares faster; 0 for none."""
    return int.from_bytes(currency.encode())


def is_in_stock(availability: str, quantity: float | None) -> bool:
    return availability == Availability.IN_STOCK and (_missing(quantity) or quantity != 0)
