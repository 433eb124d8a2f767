"""The two shops that a training is measured on: the simulated one of the demo, and Online Retail where it is there."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from recommender.jobs.reading import Source
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate
from tests.conftest import DEFAULT_DATA

Rows = Iterator[dict[str, object]]
DATA = Path(os.environ.get("RECOMMENDER_DATA", DEFAULT_DATA))
RETAIL = DATA / "online_retail" / "online_retail.parquet"
NO_DATA = "no public data; name its folder in RECOMMENDER_DATA"


def on_both(measured: Callable[[Source], Rows], simulated: SimulatorConfig | None = None) -> Rows:
    """The rows of `measured` for each shop, with its name; `simulated` None: the demo's shop."""
    for name in ("simulated", "online-retail"):
        with tempfile.TemporaryDirectory() as folder:
            catalog, events, file_format = _files(name, Path(folder), simulated or SimulatorConfig())
            if not events.is_file():
                yield {"data": name, "skipped": NO_DATA}
                continue
            source = loaded(catalog, events, file_format, Path(folder))
            yield from ({"data": name, **row} for row in measured(source))


def _files(name: str, folder: Path, simulated: SimulatorConfig) -> tuple[Path, Path, str]:
    """The catalogue's file, the events' file and their format."""
    if name == "online-retail":
        return RETAIL, RETAIL, name
    simulate(simulated).write(folder)
    return folder / "products.jsonl", folder / "events.parquet", "canonical"


def loaded(catalog: Path, events: Path, file_format: str, folder: Path) -> Source:
    """A shop in `folder` with these products and events."""
    engine = open_database(f"sqlite:///{folder / 'shop.db'}")
    load_catalog(engine, catalog, file_format, rejected=folder / "products.rejected")
    ingest_events(engine, events, file_format, rejected=folder / "events.rejected")
    return Source.of(engine)
