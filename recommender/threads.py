"""Threads of the numerical libraries: what they change in a result, and how to take them out of it.

On the same versions and with the same number of threads, two fits give the same bits: every model draws from a seed,
every tie is broken by index, and ALS gives a row to one thread. But a matrix product or a factorisation adds up in an
order that depends on the number of threads, so that on another number `linear` and `hybrid` differ in the last bits.
Nor may a clock decide how much is tried: a choice within so many seconds is not made here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_info, threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Everything that is computed here gives the same numbers on any number of cores; it takes longer."""
    import torch  # noqa: PLC0415  # seconds of imports that only this needs

    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with threadpool_limits(1):
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(strict)


def threads_in_use() -> int:
    """How many threads linear algebra runs on now."""
    return max(
        (int(library["num_threads"]) for library in threadpool_info() if library["user_api"] == "blas"), default=1
    )


def let_others_compute() -> None:
    """Threads of OpenMP sleep while they wait for each other; to be called before the first are started.

    As OpenMP would have it they spin, and where other work has the cores they wait for one that has none: 30 rounds of
    trees on 100,000 candidates took 37 s of the processor on two threads of two busy cores, and 1.4 on one. Asleep they
    take what one takes; on idle cores trees grow by an eighth more slowly.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
