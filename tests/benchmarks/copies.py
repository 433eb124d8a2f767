"""Copy of the demo shop by the bundled writer: on one thread in four ways, and by whole batches in one process and two.

``per_core_second`` counts what was computed, the start of processes and the ranking of a batch included, and
``per_second`` the time by the clock. Each way gets contexts of its own, of which nothing was worked out before.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.base_model.writer_config import WriterConfig
from recommender.conversation.bulk import write_all
from recommender.conversation.context import WritingContext
from recommender.jobs.batch.local import run_local
from recommender.jobs.batch.run import BatchRequest, job_of, run_batch
from recommender.jobs.batch.work import PartMaker
from recommender.jobs.train import train
from recommender.threads import one_thread
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.shopper_lists import all_shoppers
from signals.simulator import SimulatorConfig, simulate
from tests.benchmarks.batch import K, Row, Watch, rate

COPIES = 1_000
ALONE = 100
COPIES_OF_PART = 100


def run() -> Iterator[Row]:
    """Copies on one thread in four ways, and by whole batches in one process and in two."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        url = f"sqlite:///{folder / 'shop.db'}"
        simulate(SimulatorConfig()).write(folder)
        engine = open_database(url)
        load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
        ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
        train(engine, folder / "artifacts", trials=1)
        users = next(all_shoppers(engine))[-COPIES:]
        whom = folder / "whom.txt"
        whom.write_text("\n".join(users))
        request = BatchRequest(
            url, folder / "artifacts", folder / "out", str(whom), K, writer="compact", shoppers_of_part=COPIES_OF_PART
        )
        yield from _same(request, users[:ALONE])
        for workers in (1, 2):
            start = time.perf_counter()
            with Watch() as watch:
                manifest = run_batch(replace(request, out=folder / str(workers)), partial(run_local, workers=workers))
            per_second = rate(manifest.counts["copies"], time.perf_counter() - start)
            counts = {name: manifest.counts[name] for name in ("copies_of_template", "sentences_replaced")}
            per_core = {"per_core_second": round(manifest.counts["copies"] / watch.cpu_seconds, 2)}
            yield {"copies": COPIES, "how": f"batch, {workers} processes"} | per_second | per_core | counts


def _same(request: BatchRequest, users: list[str]) -> Iterator[Row]:
    """The same copies by transformers and by kernels of our own, one by one and together, on one thread each.

    Strangers are all told of the same products, in words of their own.
    """
    known, strange = _contexts(request, users), _contexts(request, [f"stranger-{number}" for number in range(ALONE)])
    general, ours = (TransformersWriter.load(str(CHECKPOINT), config=WriterConfig(max_concurrent=1)) for _ in range(2))
    general._llama = None
    with one_thread():
        for by, writer, whom, contexts in (
            ("transformers", general, "shoppers", known),
            ("kernels", ours, "shoppers", known),
            ("kernels", ours, "strangers", strange),
        ):
            write_all([replace(contexts[0])], writer)
            for how, size in (("one by one", 1), ("together", len(contexts))):
                unseen = [replace(context) for context in contexts]
                start, cpu = time.perf_counter(), time.process_time()
                for at in range(0, len(unseen), size):
                    write_all(unseen[at : at + size], writer)
                cpu = time.process_time() - cpu
                per_second = rate(len(contexts), time.perf_counter() - start)
                per_core = {"per_core_second": round(len(contexts) / cpu, 2)}
                yield {"copies": len(contexts), "of": whom, "how": how, "by": by} | per_second | per_core


def _contexts(request: BatchRequest, users: list[str]) -> list[WritingContext]:
    engine = open_database(request.database)
    version = next(path.name for path in request.artifacts.iterdir() if path.is_dir())
    maker = PartMaker(job_of(engine, request, version, datetime.now(UTC)))
    writer = maker._copywriter
    assert writer is not None
    shoppers = maker._shoppers(users)
    ranked = maker._ranked(users, shoppers)
    items = np.unique(np.concatenate([one.items for one in ranked]))
    offers = writer._catalog.offers(maker._artifacts.items.ids(items), maker._job.as_of)
    return [
        writer._context(user, writer._shopper(shoppers, place), ranked[place], offers)
        for place, user in enumerate(users)
    ]
