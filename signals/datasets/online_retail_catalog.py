"""A catalogue out of the sales of Online Retail: titles, colours named in them, and the path of each price."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from schemas.catalog import Availability, Product
from signals.catalog_entries import CatalogEntry, Offer
from signals.datasets import online_retail_lines as source
from signals.datasets.tally import Tally
from signals.event_frame import amounts
from signals.rows import LINE, Reject

DAY: Final = "day"
COUNT: Final = "count"
UNITS: Final = "units"
NEVER_SOLD: Final = "no product: never sold at a price"
NO_TITLE: Final = "Description: missing on every sale"
COLORS: Final = (
    "black", "blue", "brown", "cream", "gold", "green", "grey", "ivory",
    "orange", "pink", "purple", "red", "silver", "turquoise", "white", "yellow",
)  # fmt: skip
COLOR_WORD: Final = re.compile(rf"(?<!ice )(?<!hand )\b({'|'.join(COLORS)}|gray)\b")


class SalesBook:
    """Takes the lines in chunks and keeps counts only: of titles by item, and of prices by item and day.

    What it keeps grows with the items, titles and days, not with the lines.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._titles = Tally(_summed)
        self._prices = Tally(_tallied)
        self._codes = Tally(_first)

    def add(self, lines: pd.DataFrame) -> None:
        codes = lines[lines[source.ITEM].notna()]
        self._codes.add(codes[[source.ITEM, LINE, source.REASON]])
        sales = lines[lines[source.REASON].isna() & ~lines[source.IS_REFUND]]
        titles = sales[source.TITLE].str.replace(r"[\s\x00-\x1f\x7f-\x9f]+", " ", regex=True).str.strip()
        self._titles.add(pd.DataFrame({source.ITEM: sales[source.ITEM], source.TITLE: titles, COUNT: 1}))
        priced = pd.DataFrame(
            {
                source.ITEM: sales[source.ITEM],
                DAY: sales[source.TIME].dt.normalize(),
                UNITS: (sales[source.AMOUNT] * 10_000).astype("int64"),
                source.TIME: sales[source.TIME],
            }
        )
        self._prices.add(priced.assign(**{COUNT: 1}))

    def entries(self) -> list[CatalogEntry]:
        """The products by stock code."""
        titles, lines = self._commonest_titles(), self._first_lines()[LINE].to_dict()
        offers = self._offers()
        return [self._entry(item, title, lines[item], offers[item]) for item, title in titles.items()]

    def rejects(self) -> Iterator[Reject]:
        """The stock codes that are no products, by the line where each first occurs."""
        titles, sold = self._commonest_titles(), set(self._price_paths()[source.ITEM])
        for item, row in self._first_lines().iterrows():
            if item not in titles:
                reason = NO_TITLE if item in sold else row[source.REASON] or NEVER_SOLD
                yield Reject(int(row[LINE]), str(reason), {source.STOCK_CODE: item})

    def _entry(self, item: str, title: str, line: int, offers: list[Offer]) -> CatalogEntry:
        colors = colors_in(title)
        product = Product(
            item_id=item,
            title=title,
            price=offers[-1].price,
            currency=self._currency,
            attributes={"color": colors} if colors else {},
        )
        return CatalogEntry(line, product, tuple(offers))

    def _first_lines(self) -> pd.DataFrame:
        return self._codes.frame().set_index(source.ITEM)

    def _commonest_titles(self) -> dict[str, str]:
        titles = self._titles.frame()
        titles = titles[titles[source.TITLE] != ""]
        best = titles.sort_values([source.ITEM, COUNT, source.TITLE], ascending=[True, False, True])
        best = best.drop_duplicates(source.ITEM)
        return dict(zip(best[source.ITEM], best[source.TITLE], strict=True))

    def _price_paths(self) -> pd.DataFrame:
        """One row per item and day on which its commonest price is another than on the day of sale before."""
        tally = self._prices.frame()
        opened = tally.groupby([source.ITEM, DAY])[source.TIME].transform("min")
        best = tally.assign(**{source.TIME: opened}).sort_values(
            [source.ITEM, DAY, COUNT, UNITS], ascending=[True, True, False, True]
        )
        daily = best.drop_duplicates([source.ITEM, DAY])
        return daily[daily[UNITS] != daily.groupby(source.ITEM)[UNITS].shift()]

    def _offers(self) -> dict[str, list[Offer]]:
        path = self._price_paths()
        times = source.utc(path[source.TIME]).to_pydatetime()
        offers: dict[str, list[Offer]] = {}
        for item, time, price in zip(path[source.ITEM], times, amounts(path[UNITS].tolist()), strict=True):
            offer = Offer(item, time, price, self._currency, Availability.IN_STOCK)
            offers.setdefault(item, []).append(offer)
        return offers


def colors_in(title: str) -> tuple[str, ...]:
    """The basic colour words of a title, each once, in their order; ice cream is none."""
    words = COLOR_WORD.findall(title.lower())
    return tuple(dict.fromkeys("grey" if word == "gray" else word for word in words))


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    groups: Any = rows.groupby([source.ITEM, source.TITLE], as_index=False)
    titles: pd.DataFrame = groups[COUNT].sum()
    return titles


def _first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(LINE, kind="stable").drop_duplicates(source.ITEM)


def _tallied(rows: pd.DataFrame) -> pd.DataFrame:
    groups: Any = rows.groupby([source.ITEM, DAY, UNITS], as_index=False)
    tally: pd.DataFrame = groups.agg({COUNT: "sum", source.TIME: "min"})
    return tally
