"""Run the benchmarks: ``python -m tests.benchmarks [NAME ...]``, all of them without a name.

Each prints one JSON object per line; ``behaviours``, ``cold_start``, ``modes``, ``sequences``, ``sessions``, half of
``adapter`` and ``fold_in``, ``refresh``, ``simulator`` and ``understanding``, and most of ``hearing``, which needs
espeak-ng too, need the public data (RECOMMENDER_DATA) and say so without it.
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
    cold_start,
    fitting,
    fold_in,
    hearing,
    ingest,
    interactions,
    live,
    modes,
    partitions,
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
BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "adapter": adapter.run,
    "batch": batch.run,
    "behaviours": behaviours.run,
    "cold_start": cold_start.run,
    "fitting": fitting.run,
    "fold_in": fold_in.run,
    "hearing": hearing.run,
    "hearing_validation": hearing.run_validation,
    "ingest": ingest.run,
    "interactions": interactions.run,
    "live": live.run,
    "modes": modes.run,
    "partitions": partitions.run,
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
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"unknown benchmark {unknown[0]!r}; allowed: {', '.join(BENCHMARKS)}")
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    print(json.dumps(machine), flush=True)
    for name in names:
        for row in BENCHMARKS[name]():
            print(json.dumps({"benchmark": name, **row}), flush=True)


main()
