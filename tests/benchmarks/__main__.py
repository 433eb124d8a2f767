"""Run the benchmarks: ``python -m tests.benchmarks [NAME ...]``, all of them without a name.

Each prints one JSON object per line; ``behaviours``, ``cold_start``, ``sequences``, ``sessions`` and half of
``fold_in``, ``refresh`` and ``understanding`` need the public data (RECOMMENDER_DATA) and say so without it.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import (
    behaviours,
    cold_start,
    fitting,
    fold_in,
    ingest,
    interactions,
    live,
    partitions,
    refresh,
    requests,
    scale,
    sequences,
    sessions,
    understanding,
    writing,
)

Row = dict[str, object]
BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "behaviours": behaviours.run,
    "cold_start": cold_start.run,
    "fitting": fitting.run,
    "fold_in": fold_in.run,
    "ingest": ingest.run,
    "interactions": interactions.run,
    "live": live.run,
    "partitions": partitions.run,
    "refresh": refresh.run,
    "requests": requests.run,
    "scale": scale.run,
    "sequences": sequences.run,
    "sessions": sessions.run,
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
