"""The invoice lines of Online Retail, typed, each with what it is: a sale, a refund, or the reason it is neither."""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from schemas.events import MAX_QUANTITY
from signals.adapters.files import check_columns, is_parquet, read_rows, readable
from signals.event_frame import ObjectArray, missing
from signals.rows import LINE, Reject, in_chunks

INVOICE: Final = "InvoiceNo"
STOCK_CODE: Final = "StockCode"
TITLE: Final = "Description"
QUANTITY: Final = "Quantity"
TIME: Final = "InvoiceDate"
PRICE: Final = "UnitPrice"
CUSTOMER: Final = "CustomerID"
COUNTRY: Final = "Country"
COLUMNS: Final = (INVOICE, STOCK_CODE, TITLE, QUANTITY, TIME, PRICE, CUSTOMER, COUNTRY)
TEXT_COLUMNS: Final = (INVOICE, STOCK_CODE, TITLE, CUSTOMER, COUNTRY)

ITEM: Final = "item"
AMOUNT: Final = "amount"
IS_REFUND: Final = "is_refund"
REASON: Final = "reason"

LONDON: Final = "Europe/London"
CHUNK_ROWS: Final = 50_000
CENT_OF_CENT: Final = Decimal("0.0001")
AMERICAN_TIME: Final = "%m/%d/%Y %H:%M"
PRODUCT_CODE: Final = r"\d{5}[A-Z]*|DCGS\w+"
NOT_PRODUCTS: Final = {
    "POST": "no product: postage",
    "DOT": "no product: postage",
    "C2": "no product: carriage",
    "23444": "no product: carriage",
    "23574": "no product: packing",
    "M": "no product: a manual entry",
    "D": "no product: a discount",
    "S": "no product: samples",
    "B": "no product: a bad debt",
    "BANK CHARGES": "no product: bank charges",
    "AMAZONFEE": "no product: a marketplace fee",
    "CRUK": "no product: a donation",
    "PADS": "no product: filling pads",
}
VOUCHER: Final = "no product: a gift voucher"
OTHER_CODE: Final = "StockCode: not the code of a product"


def read_lines(path: Path) -> Iterator[tuple[pd.DataFrame, list[Reject]]]:
    """Chunks of lines with ``line``, the columns of the source (text, float64, naive datetime64[us]), the item's code,
    the exact price, whether it is a refund, and why it is neither sale nor refund (None if it is one).
    """
    chunks = _parquet_chunks(path) if is_parquet(path) else _text_chunks(path)
    for frame, rejects in chunks:
        yield _classified(_typed(frame)), rejects


def utc(times: "pd.Series[Any]") -> pd.DatetimeIndex:
    """London's wall clock as UTC: of the hour that autumn repeats the first, for the one spring skips its end."""
    wall_clock = pd.DatetimeIndex(times)
    summer = np.ones(len(wall_clock), dtype=bool)
    return wall_clock.tz_localize(LONDON, ambiguous=summer, nonexistent="shift_forward").tz_convert("UTC")


def source_rows(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """The lines as the source has them, for the file of rejected rows."""
    columns = lines[[*COLUMNS]].astype(object)
    rows = columns.where(columns.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _parquet_chunks(path: Path) -> Iterator[tuple[pd.DataFrame, list[Reject]]]:
    first = 1
    with readable(path), pq.ParquetFile(path) as file:
        check_columns(path, file.schema_arrow.names, COLUMNS, COLUMNS)
        for batch in file.iter_batches(batch_size=CHUNK_ROWS):
            frame = batch.to_pandas()
            frame[LINE] = np.arange(first, first + len(frame))
            first += len(frame)
            yield frame, []


def _text_chunks(path: Path) -> Iterator[tuple[pd.DataFrame, list[Reject]]]:
    for records, rejects in in_chunks(read_rows(path, COLUMNS, COLUMNS), CHUNK_ROWS):
        columns = {name: [record.values.get(name) for record in records] for name in COLUMNS}
        yield pd.DataFrame({**columns, LINE: [record.line for record in records]}), rejects


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    texts = {name: frame[name].astype("str") for name in (INVOICE, STOCK_CODE, TITLE, COUNTRY)}
    numbers = {name: pd.to_numeric(frame[name], errors="coerce").astype("float64") for name in (QUANTITY, PRICE)}
    typed = pd.DataFrame({LINE: frame[LINE], **texts, **numbers, TIME: _times(frame[TIME])})
    typed[CUSTOMER] = frame[CUSTOMER].astype("str").str.replace(r"\.0$", "", regex=True)
    typed[ITEM] = typed[STOCK_CODE].str.strip().str.upper()
    typed[AMOUNT] = _exact(numbers[PRICE].to_numpy(dtype=np.float64))
    return typed


def _times(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return column.astype("datetime64[us]")
    texts = column.astype("str")
    times = pd.to_datetime(texts, format="ISO8601", errors="coerce")
    return times.fillna(pd.to_datetime(texts, format=AMERICAN_TIME, errors="coerce")).astype("datetime64[us]")


def _exact(prices: npt.NDArray[np.floating[Any]]) -> ObjectArray:
    """The decimals that the floats show, to four places."""
    distinct, inverse = np.unique(prices, return_inverse=True)
    exact = missing(len(distinct))
    exact[:] = [_rounded(price) for price in distinct.tolist()]
    return exact[inverse]


def _rounded(price: float) -> Decimal | None:
    if not abs(price) < 10**12:
        return None
    return Decimal(repr(price)).quantize(CENT_OF_CENT, ROUND_HALF_EVEN)


def _classified(lines: pd.DataFrame) -> pd.DataFrame:
    quantity, item, invoice = lines[QUANTITY], lines[ITEM], lines[INVOICE]
    refund = invoice.str.startswith("C").fillna(False).astype(bool)
    rules: list[tuple[Any, Any]] = [
        (invoice.isna(), "InvoiceNo: missing"),
        (item.isna(), "StockCode: missing"),
        (lines[TIME].isna(), "InvoiceDate: not a time"),
        (quantity.isna() | (quantity % 1 != 0), "Quantity: not a whole number"),
        (quantity.abs() > MAX_QUANTITY, f"Quantity: above {MAX_QUANTITY}"),
        (lines[AMOUNT].isna(), "UnitPrice: not a number"),
        (item.isin(list(NOT_PRODUCTS)), item.map(NOT_PRODUCTS)),
        (item.str.startswith("GIFT_"), VOUCHER),
        (~item.str.fullmatch(PRODUCT_CODE).fillna(False).astype(bool), OTHER_CODE),
        (invoice.str.startswith("A"), "no sale: a bad-debt adjustment"),
        (~refund & (quantity < 0), "no sale: a stock adjustment"),
        (quantity == 0, "no sale: the quantity is 0"),
        (refund & (quantity > 0), "a refund with a positive quantity"),
        (lines[PRICE] < float(CENT_OF_CENT), "no sale: the price is not above 0"),
    ]
    reason = missing(len(lines))
    for applies, text in reversed(rules):
        where = np.asarray(applies.fillna(False), dtype=bool)
        reason[where] = text.to_numpy(dtype=object)[where] if isinstance(text, pd.Series) else text
    lines[IS_REFUND] = refund
    lines[REASON] = pd.Series(reason, dtype=object, index=lines.index)
    return lines
