"""The simulated shop: made from a config, read as contracts and frames, written as files any shop could bring."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from schemas import Product
from signals.simulator.behaviour import behave
from signals.simulator.config import SimulatorConfig
from signals.simulator.log import EventRows
from signals.simulator.photos import draw_photo
from signals.simulator.world import open_world

ROWS_PER_GROUP = 100_000

Progress = Callable[[str, int, int], None]
"""Called with what is being written, how much of it is done and how much there is."""


class SimulatedShop:
    """Products and events of a shop that never was."""

    def __init__(self, config: SimulatorConfig, products: tuple[Product, ...], rows: EventRows) -> None:
        self.config = config
        self.products = products
        self._rows = rows

    @property
    def n_events(self) -> int:
        return len(self._rows)

    @property
    def events(self) -> pd.DataFrame:
        """All events in canonical columns, in order of time; built anew at each call."""
        return self._rows.frame()

    def event_frames(self, rows: int = ROWS_PER_GROUP) -> Iterator[pd.DataFrame]:
        """The same events, ``rows`` at a time, for shops too large for one frame."""
        return (table.to_pandas() for table in self._rows.tables(rows))

    def write(self, folder: Path, progress: Progress | None = None) -> None:
        """Write ``products.jsonl``, ``events.parquet`` and ``photos/<item_id>.png`` into ``folder``, made if needed.

        Each file appears whole or not at all. Raises OSError where the folder cannot be written.
        """
        report = progress or _silent
        (folder / "photos").mkdir(parents=True, exist_ok=True)
        self._write_products(folder / "products.jsonl", report)
        self._write_events(folder / "events.parquet", report)
        self._write_photos(folder, report)

    def _write_products(self, path: Path, report: Progress) -> None:
        lines = [product.model_dump_json(exclude_none=True, exclude_defaults=True) for product in self.products]
        partial = path.with_suffix(".part")
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.replace(partial, path)
        report("products", len(lines), len(lines))

    def _write_events(self, path: Path, report: Progress) -> None:
        partial = path.with_suffix(".part")
        tables = self._rows.tables(ROWS_PER_GROUP)
        first = next(tables)
        done = first.num_rows
        with pq.ParquetWriter(partial, first.schema) as writer:
            writer.write_table(first)
            report("events", done, self.n_events)
            for table in tables:
                writer.write_table(table)
                done += table.num_rows
                report("events", done, self.n_events)
        os.replace(partial, path)

    def _write_photos(self, folder: Path, report: Progress) -> None:
        for done, product in enumerate(self.products, start=1):
            path = folder / "photos" / f"{product.item_id}.png"
            partial = path.with_suffix(".part")
            draw_photo(product, self.config.seed).save(partial, format="PNG")
            os.replace(partial, path)
            report("photos", done, len(self.products))


def simulate(config: SimulatorConfig) -> SimulatedShop:
    """Make the shop that ``config`` describes; the same config makes the same shop."""
    world = open_world(config)
    log = behave(config, world)
    return SimulatedShop(config, tuple(world.market.products), EventRows(log, world.market, config.currency))


def _silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
