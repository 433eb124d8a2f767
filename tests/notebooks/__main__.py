"""Run all notebooks: ``python -m tests.notebooks [--out FOLDER] [--json] [NAME ...]``.

They look at the demo shop (``demo/``, or a small one made for it where there is none) and then at Online Retail where
the public data are there (RECOMMENDER_DATA). Each shop is a copy: notebooks record visits. What
they show is written to FOLDER, by default ``demo/notebooks``.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbclient.exceptions import CellExecutionError
from rich.progress import Progress

from recommender.jobs.demo import DemoFiles
from recommender.jobs.train import train
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate
from tests.benchmarks.sources import RETAIL
from tests.conftest import REPOSITORY
from tests.notebooks.execute import as_json, execute, names

SMALL = {"n_products": 200, "n_shoppers": 800, "n_events": 30_000, "days": 60, "seed": 1}
DEMO = REPOSITORY / "demo"

Shop = tuple[str, Mapping[str, object]]
"""Its name, and the notebooks' parameters for it."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="as 01_signals; default: all")
    parser.add_argument("--out", type=Path, default=DEMO / "notebooks", help="folder for what they show")
    parser.add_argument("--json", action="store_true", help="one JSON object per notebook")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(names()))
    if unknown:
        parser.error(f"unknown notebook {unknown[0]!r}; allowed: {', '.join(names())}")
    with tempfile.TemporaryDirectory() as folder, Progress(transient=True) as progress:
        task = progress.add_task("making the shops", total=None)
        for shop, parameters in _shops(Path(folder)):
            for name in given.names or names():
                progress.update(task, description=f"{name}, {shop}")
                try:
                    done = execute(name, parameters)
                except CellExecutionError as error:
                    print(f"error: {name} on {shop}: {error}", file=sys.stderr)
                    return 1
                path = done.write(given.out / shop)
                line = (
                    as_json(done, shop)
                    if given.json
                    else f"{path}: {done.seconds:.0f} s, {done.cpu_seconds:.0f} of the processor's"
                )
                print(line, flush=True)
    return 0


def _shops(folder: Path) -> Iterator[Shop]:
    yield _demo(folder / "demo")
    if RETAIL.is_file():
        yield _online_retail(folder / "online-retail")


def _demo(folder: Path) -> Shop:
    demo = DemoFiles(DEMO)
    if demo.database.is_file():
        ignored = shutil.ignore_patterns("notebooks", "*.html")
        shutil.copytree(DEMO, folder, ignore=ignored)
        return "demo", _parameters(DemoFiles(folder), {})
    made = DemoFiles(folder)
    simulate(SimulatorConfig.model_validate(SMALL)).write(made.data)
    _load(made, made.data / "products.jsonl", made.data / "events.parquet", "canonical", made.data)
    return "small", _parameters(made, SMALL)


def _online_retail(folder: Path) -> Shop:
    files = DemoFiles(folder)
    folder.mkdir()
    _load(files, RETAIL, RETAIL, "online-retail", None)
    return "online-retail", {**_parameters(files, None), "TRIALS": 1}


def _load(files: DemoFiles, products: Path, events: Path, file_format: str, photos: Path | None) -> None:
    engine = open_database(files.url)
    load_catalog(engine, products, file_format, rejected=files.folder / "products.rejected")
    ingest_events(engine, events, file_format, rejected=files.folder / "events.rejected")
    train(engine, files.artifacts, trials=1, photos=photos)
    engine.dispose()


def _parameters(files: DemoFiles, shop: Mapping[str, object] | None) -> Mapping[str, object]:
    """`shop` is what its simulator was told; None: it is a real one."""
    return {
        "DATABASE": files.url,
        "ARTIFACTS": str(files.artifacts),
        "PHOTOS": str(files.data / "photos"),
        "SHOP": shop,
    }


sys.exit(main())
