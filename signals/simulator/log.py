"""The event log: a few integer columns per event, turned into canonical rows only when they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas import EventKind
from signals.simulator.market import IntArray, Market

NONE = -1
KINDS = tuple(EventKind)
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Log:
    """Parallel columns; -1 stands for none. ``at`` is in microseconds since 1970, ``session`` numbers sessions.

    ``visitor`` is the number of an anonymous visitor: alone it names the shopper, in an alias beside the shopper.
    """

    at: IntArray
    kind: IntArray
    shopper: IntArray
    visitor: IntArray
    session: IntArray
    item: IntArray
    offer: IntArray
    quantity: IntArray
    order: IntArray
    query: IntArray

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: IntArray) -> "Log":
        return Log(*(getattr(self, field.name)[rows] for field in fields(self)))


def entries(kind: EventKind, *, at: IntArray, session: IntArray, **columns: IntArray) -> Log:
    """A log of events of one kind; the columns left out are none, the quantity 1."""
    empty = np.full(len(at), NONE, dtype=np.int64)
    given = {"quantity": np.ones(len(at), dtype=np.int64), **columns}
    names = [field.name for field in fields(Log)]
    filled = {name: given.get(name, empty) for name in names}
    return Log(**filled | {"at": at, "session": session, "kind": np.full(len(at), KIND_CODES[kind])})


def merged(logs: Sequence[Log]) -> Log:
    """All logs as one, in the order of time; at the same time, in the order of ``logs``."""
    joined = Log(*(np.concatenate([getattr(log, field.name) for log in logs]) for field in fields(Log)))
    return joined.take(np.argsort(joined.at, kind="stable"))


class EventRows:
    """The log as canonical event rows."""

    def __init__(self, log: Log, market: Market, currency: str) -> None:
        self._log = log
        self._currency = currency
        self._items = pa.array([product.item_id for product in market.products])
        self._variants = pa.array(market.offer_variants, type=pa.string())
        self._prices = pa.array(market.offer_prices)
        self._queries = pa.array(market.queries)
        self._kinds = pa.array([kind.value for kind in KINDS])

    def __len__(self) -> int:
        return len(self._log)

    def tables(self, rows: int) -> Iterator[pa.Table]:
        """The events in order of time, ``rows`` at a time."""
        for start in range(0, len(self), rows):
            yield self._table(np.arange(start, min(start + rows, len(self))))

    def frame(self) -> pd.DataFrame:
        """All events as one frame."""
        return self._table(np.arange(len(self))).to_pandas()

    def _table(self, rows: IntArray) -> pa.Table:
        log = self._log.take(rows)
        priced = log.order != NONE
        return pa.table(
            {
                "event_id": numbered("e", rows, 9),
                "kind": self._kinds.take(pa.array(log.kind)),
                "user_id": numbered("shopper-", log.shopper, 5),
                "anonymous_id": numbered("visitor-", log.visitor, 6),
                "session_id": numbered("s", log.session, 7),
                "item_id": taken(self._items, log.item),
                "variant_id": taken(self._variants, log.offer),
                "occurred_at": pa.array(log.at).cast(pa.timestamp("us", tz="UTC")),
                "quantity": pa.array(log.quantity),
                "unit_price": taken(self._prices, np.where(priced, log.offer, NONE)),
                "currency": taken(pa.array([self._currency]), np.where(priced, 0, NONE)),
                "order_id": numbered("o", log.order, 7),
                "query": taken(self._queries, log.query),
            }
        )


def _codes(values: IntArray) -> pa.Array:
    return pa.array(values, mask=values == NONE)


def taken(names: pa.Array, codes: IntArray) -> pa.Array:
    """The name of each code; null for none."""
    return names.take(_codes(codes))


def numbered(prefix: str, numbers: IntArray, width: int) -> pa.Array:
    """Each number behind the prefix, with at least `width` digits; null for none."""
    digits = pc.utf8_lpad(_codes(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")
