"""Run the benchmarks: ``python -m tests.benchmarks [NAME ...]``, all of them without a name.

Each prints one JSON object per line; ``cold_start``, ``sequences`` and half of ``fold_in`` and ``refresh`` need the
public data (RECOMMENDER_DATA) and say so without it.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import (
    cold_start,
    fold_in,
    ingest,
    interactions,
    live,
    partitions,
    refresh,
    requests,
    sequences,
    writing,
)

Row = dict[str, object]
BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "cold_start": cold_start.run,
    "fold_in": fold_in.run,
    "ingest": ingest.run,
    "interactions": interactions.run,
    "live": live.run,
    "partitions": partitions.run,
    "refresh": refresh.run,
    "requests": requests.run,
    "sequences": sequences.run,
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
