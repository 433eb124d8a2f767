"""How long a message is read, without a generation: labelled requests, and RecQuest's messages, which are long.

Nothing here waits for anything, so the processor's time is the latency wherever a core is free.
"""

import time
from collections.abc import Iterator, Sequence

import numpy as np

from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from schemas import ProductRow
from signals.simulator import SimulatorConfig, simulate
from tests.benchmarks.sources import DATA, NO_DATA
from tests.quality.catalogues import online_retail_rows, rows_of
from tests.quality.labelled_requests import SHOPS, labelled_requests
from tests.quality.recquest import RecQuest

SIMULATED_PRODUCTS = 5_000
ROUNDS = 5


def run() -> Iterator[dict[str, object]]:
    requests = [request.text for shop in SHOPS for request in labelled_requests(shop)]
    simulated = rows_of(simulate(SimulatorConfig(n_products=SIMULATED_PRODUCTS, n_shoppers=10, n_events=200)).products)
    yield {"catalogue": "simulated", **_measured(requests, simulated)}
    if not DATA.is_dir():
        yield {"skipped": NO_DATA}
        return
    yield {"catalogue": "online retail", **_measured(requests, online_retail_rows(DATA))}
    recquest = RecQuest.read(DATA)
    said = [text for dialogue in recquest.dialogues for text in dialogue.said]
    yield {"catalogue": "RecQuest", **_measured(said, recquest.rows)}


def _measured(texts: Sequence[str], rows: Sequence[ProductRow]) -> dict[str, object]:
    """Milliseconds of the processor for one message: percentiles over all, each the least of a few rounds."""
    start = time.process_time()
    vocabulary = Vocabulary.from_rows(rows)
    built = time.process_time() - start
    times = np.min([[_milliseconds(text, vocabulary) for text in texts] for _ in range(ROUNDS)], axis=0)
    p50, p99 = np.percentile(times, [50, 99])
    figures = {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2), "max_ms": round(float(times.max()), 2)}
    return {"products": len(rows), "messages": len(texts), "vocabulary_seconds": round(built, 2), **figures}


def _milliseconds(text: str, vocabulary: Vocabulary) -> float:
    start = time.process_time()
    understand(text, vocabulary)
    return 1_000 * (time.process_time() - start)
