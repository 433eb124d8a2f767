"""What the modes are worth: held-out requests over three real catalogues, and how long each takes.

With the template as writer, so that the times are those of finding the items. ``RECOMMENDER_MODES_SHOPS`` may name a
folder in which the trained shops are kept from run to run.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from schemas import Mode
from tests.benchmarks.sources import DATA, NO_DATA
from tests.quality.frames import DEVELOPMENT, HELD_OUT
from tests.quality.modes import Compared, compare, requests, single_wishes
from tests.quality.real_shops import KEPT, SHOPS, build

Row = dict[str, object]


def run() -> Iterator[Row]:
    if not DATA.is_dir():
        yield {"skipped": NO_DATA}
        return
    kept = os.environ.get(KEPT)
    with tempfile.TemporaryDirectory() if kept is None else nullcontext(kept) as folder:
        shops = [build(name, DATA, Path(folder)) for name in SHOPS]
        for half in (DEVELOPMENT, HELD_OUT):
            compared = compare(requests(DATA, shops, half), shops)
            yield {"half": half, **_row(compared, Mode.SHOPPING), "by_kind": compared.by_kind()}
        compared = compare(single_wishes(shops, HELD_OUT), shops, before=Mode.FAST)
        yield {"half": "single wishes", **_row(compared, Mode.FAST)}


def _row(compared: Compared, before: Mode) -> Row:
    ms = np.array([outcome.ms for outcome in compared.outcomes])
    times = {
        f"{mode}_p{p}_ms": round(float(np.percentile(ms[:, at], p)))
        for at, mode in enumerate((before.value, Mode.CONTEMPLATING.value))
        for p in (50, 95)
    }
    return {
        "requests": len(compared.outcomes),
        "satisfied_before": _share(compared.satisfied),
        "repaired": _share(compared.repaired),
        "broken": _share(compared.broken),
        **times,
    }


def _share(of: Sequence[bool]) -> str:
    """A share with its 95 % interval (Wilson 1927, which says something where none or all are), and of how many."""
    if not of:
        return "of none"
    interval = binomtest(sum(of), len(of)).proportion_ci(method="wilson")
    return f"{sum(of) / len(of):.3f} ({interval.low:.3f}-{interval.high:.3f}) of {len(of)}"
