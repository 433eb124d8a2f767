"""A shop's database and artifacts, opened for looking: the catalogue, the past as it was known, and what is amiss."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from recommender.artifacts import Artifacts, ArtifactStore
from schemas import Availability, Columns, EventKind
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.events import EventStore
from signals.interactions import interactions


def connect(database: str) -> Engine:
    """The shop behind a SQLAlchemy URL.

    Raises
    ------
    SignalsError : the database cannot be reached, or needs ``recommender migrate``
    """
    return open_database(database, must_exist=True)


def trained(artifacts: str | Path) -> Artifacts:
    """The artifacts in use in a folder; raises ArtifactError where there are none."""
    return ArtifactStore(Path(artifacts)).load()


def catalog(engine: Engine, as_of: datetime | None = None) -> pd.DataFrame:
    """One row per product, its first variant's: `signals.catalog.CatalogStore.rows` as of a time (None: now)."""
    return CatalogStore(engine).rows(as_of).drop_duplicates(Columns.ITEM, ignore_index=True)


def as_of(engine: Engine, moments: Iterable[datetime]) -> pd.DataFrame:
    """What a model fitted at each moment would have known: as_of, n_shoppers, n_items, pairs, weight."""
    rows = []
    for moment in moments:
        known = interactions(engine, moment)
        rows.append(
            {
                "as_of": moment,
                Columns.SHOPPERS: known[Columns.USER].nunique(),
                "n_items": known[Columns.ITEM].nunique(),
                "pairs": len(known),
                Columns.WEIGHT: float(known[Columns.WEIGHT].sum()),
            }
        )
    return pd.DataFrame(rows)


def quality(engine: Engine, events: pd.DataFrame, catalog: pd.DataFrame) -> pd.DataFrame:
    """What a shop may want to mend: check, n, of, share.

    Parameters
    ----------
    events, catalog : as `recommender.frames.events` and `catalog` give them
    """
    with_item = events.dropna(subset=[Columns.ITEM])
    bought = events[events[Columns.KIND] == EventKind.PURCHASE.value]
    in_stock = catalog[Columns.AVAILABILITY] == Availability.IN_STOCK.value
    seen = set(with_item[Columns.ITEM])
    checks = [
        *((f"events set aside: {flag}", n, len(events)) for flag, n in EventStore(engine).count_flagged().items()),
        ("events of nobody known by name", int(events[Columns.USER].str.startswith("anonymous:").sum()), len(events)),
        ("events without a session", int(events[Columns.SESSION].isna().sum()), len(events)),
        ("events on products outside the catalogue", _outside(with_item, catalog), len(with_item)),
        ("purchases without a price", int(bought["unit_price"].isna().sum()), len(bought)),
        ("products without a price", int(catalog[Columns.PRICE].isna().sum()), len(catalog)),
        ("products without a photo", int(catalog[Columns.IMAGE].isna().sum()), len(catalog)),
        ("products without a description", int((catalog[Columns.DESCRIPTION].fillna("") == "").sum()), len(catalog)),
        ("products not in stock", int((~in_stock).sum()), len(catalog)),
        ("products that nobody has seen", int((~catalog[Columns.ITEM].isin(seen)).sum()), len(catalog)),
    ]
    frame = pd.DataFrame(checks, columns=["check", "n", "of"])
    return frame.assign(share=frame["n"] / frame["of"].clip(lower=1))


def _outside(events: pd.DataFrame, catalog: pd.DataFrame) -> int:
    return int((~events[Columns.ITEM].isin(set(catalog[Columns.ITEM]))).sum())
