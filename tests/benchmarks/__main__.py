"""Run the benchmarks: ``python -m tests.benchmarks [NAME ...]``, all of them without a name.

``batch:10000,100000`` is the one of batches for so many shoppers alone.

Each prints one JSON object per line; ``behaviours``, ``cold_shoppers``, ``cold_start``, ``modes``, ``near_photos``,
``photo_weight``, ``sequences``, ``sessions``, half of ``adapter``, ``fold_in`` and ``photo_index``, ``refresh``,
``simulator`` and ``understanding``, and most of ``hearing``, which needs espeak-ng too, need the public data
(RECOMMENDER_DATA) and say so without it.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import (
    adapter,
    batch,
    behaviours,
    bulk_ranking,
    cold_shoppers,
    cold_start,
    copies,
    fitting,
    fold_in,
    gpu_writing,
    hearing,
    ingest,
    interactions,
    live,
    modes,
    near_photos,
    partitions,
    photo_index,
    photo_weight,
    questions,
    refresh,
    requests,
    scale,
    sequences,
    sessions,
    simulator,
    understanding,
    writing,
)

Row = dict[str, object]
BENCHMARKS: dict[str, Callable[..., Iterator[Row]]] = {
    "adapter": adapter.run,
    "batch": batch.run,
    "behaviours": behaviours.run,
    "bulk_ranking": bulk_ranking.run,
    "cold_shoppers": cold_shoppers.run,
    "cold_start": cold_start.run,
    "copies": copies.run,
    "fitting": fitting.run,
    "fold_in": fold_in.run,
    "gpu_writing": gpu_writing.run,
    "hearing": hearing.run,
    "hearing_validation": hearing.run_validation,
    "ingest": ingest.run,
    "interactions": interactions.run,
    "live": live.run,
    "modes": modes.run,
    "near_photos": near_photos.run,
    "partitions": partitions.run,
    "photo_index": photo_index.run,
    "photo_weight": photo_weight.run,
    "questions": questions.run,
    "refresh": refresh.run,
    "requests": requests.run,
    "scale": scale.run,
    "sequences": sequences.run,
    "sessions": sessions.run,
    "simulator": simulator.run,
    "understanding": understanding.run,
    "writing": writing.run,
}


def main() -> None:
    given = [name.partition(":") for name in sys.argv[1:] or BENCHMARKS]
    unknown = [name for name, *_ in given if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"unknown benchmark {unknown[0]!r}; allowed: {', '.join(BENCHMARKS)}")
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    print(json.dumps(machine), flush=True)
    for name, _, sizes in given:
        for row in BENCHMARKS[name](*(int(size) for size in sizes.split(",") if size)):
            print(json.dumps({"benchmark": name, **row}), flush=True)


main()
