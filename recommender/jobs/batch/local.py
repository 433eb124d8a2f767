"""The engine of one machine: processes that share the memory-mapped artifacts."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from typing import Final

from recommender.errors import BatchError
from recommender.jobs.batch.job import Done, Job, Task, Work

AHEAD: Final = 2
"""Parts handed over for each process: one that it makes and one that waits, so that memory stays bounded."""


def _closed() -> Work:
    raise BatchError("a process of the batch was asked for a part before it was told of the batch")


_open: Callable[[], Work] = _closed


def run_local(make: Callable[[Job], Work], job: Job, tasks: Iterable[Task], *, workers: int) -> Iterator[Done]:
    """The parts, as they are done; `make` opens what makes them in each of `workers` processes, or here for one.

    Raises
    ------
    BatchError
        A process ended before its time. What has been yielded is good; the rest can be made again.
    """
    if workers == 1:
        work = make(job)
        yield from map(work, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare, initargs=(make, job)) as pool:
        try:
            yield from _in_flight(pool, iter(tasks), workers * AHEAD)
        except BrokenProcessPool as error:
            raise BatchError(
                "a process of the batch ended before its time, killed or out of memory; finished parts are kept: "
                "run the same command again, with fewer --workers where memory is short"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_flight(pool: ProcessPoolExecutor, tasks: Iterator[Task], most: int) -> Iterator[Done]:
    waiting = set[Future[Done]]()
    for task in tasks:
        waiting.add(pool.submit(_made, task))
        if len(waiting) >= most:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (one.result() for one in done)


def _prepare(make: Callable[[Job], Work], job: Job) -> None:
    """Once for each process; what opening raises is raised by its first part, so that it is known why."""
    global _open  # what a process keeps between its parts
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _open = cache(lambda: make(job))


def _end_with_parent() -> None:
    """One whose parent was killed would wait for its next part for ever, with all its memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _made(task: Task) -> Done:
    return _open()(task)
