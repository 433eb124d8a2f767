"""The engine beyond one machine: Ray Data, with actors that hold the models. The only module that knows Ray.

Parts go out as rows of a dataset and come back as bytes, so that only who started the batch writes to its folder. An
actor that dies is started again and makes its part anew; a part is the same wherever it is made.
"""

import json
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, Final

import numpy as np

from recommender.errors import BadRequestError, BatchError, MissingExtraError
from recommender.jobs.batch.job import Done, Job, Task, Work
from recommender.jobs.batch.shipping import Shipment, digest_of

OBJECT_STORE_BYTES: Final = 256 * 2**20
"""Of a Ray that is started here; parts of a few megabytes go through it."""
SQLITE: Final = "sqlite"


def run_ray(
    make: Callable[[Job], Work],
    job: Job,
    tasks: Iterable[Task],
    *,
    workers: int,
    address: str | None = None,
    gpus: float = 0.0,
) -> Iterator[Done]:
    """The parts, as they are done; `make` opens what makes them in each of `workers` actors.

    Parameters
    ----------
    address : of a cluster, as ``ray.init`` takes it; None: a Ray of this machine alone, ended afterwards
    gpus : what each actor gets

    Raises
    ------
    MissingExtraError : Ray is not installed
    BadRequestError : a cluster that cannot reach the database
    BatchError : Ray fails for good; finished parts are kept
    """
    ray = _ray()
    if address is not None and job.database.startswith(SQLITE):
        raise BadRequestError("the machines of a cluster cannot read a SQLite file; use PostgreSQL, or no --address")
    with _running(ray, address, workers):
        shipment = None if address is None else Shipment.of(job.artifacts, job.version, ray.put)
        rows = [{"number": task.number, "user_ids": list(task.user_ids)} for task in tasks]
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Actor,
            fn_constructor_args=(make, job, shipment),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=workers),
            num_gpus=gpus or None,
        )
        try:
            for row in done.iter_rows():
                yield Done(int(row["number"]), bytes(row["data"]), json.loads(row["counts"]))
        except ray.exceptions.RayError as error:
            raise BatchError(f"Ray failed: {_cause(error)}; finished parts are kept, run the same again") from error


class _Actor:
    """What a process of the cluster holds: opened once, asked for part after part."""

    def __init__(self, make: Callable[[Job], Work], job: Job, shipment: Shipment | None) -> None:
        self._work = make(_at_home(job, shipment))

    def __call__(self, rows: Mapping[str, np.ndarray]) -> dict[str, list[Any]]:
        tasks = [Task(int(number), tuple(ids)) for number, ids in zip(rows["number"], rows["user_ids"], strict=True)]
        made = [self._work(task) for task in tasks]
        return {
            "number": [done.number for done in made],
            "data": [done.data for done in made],
            "counts": [json.dumps(done.counts) for done in made],
        }


def _at_home(job: Job, shipment: Shipment | None) -> Job:
    """The job with artifacts that are on this machine; Ray fetches what was shipped to a machine once."""
    if shipment is None or digest_of(job.artifacts / job.version) == shipment.digest:
        return job
    return replace(job, artifacts=shipment.put_down(_ray().get))


@contextmanager
def _running(ray: Any, address: str | None, workers: int) -> Iterator[None]:
    """Ray, started here unless it runs already; what was started is ended."""
    if ray.is_initialized():
        yield
        return
    own: dict[str, Any] = {"num_cpus": workers, "object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
    given = {"address": "local", **own} if address is None else {"address": address}
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(logging_level=logging.ERROR, log_to_driver=False, **given)
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield
    finally:
        ray.shutdown()


def _cause(error: BaseException) -> str:
    """The last line of what Ray says, which holds the reason."""
    return str(error).strip().splitlines()[-1][:300]


def _ray() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import_module("ray.data")
            return import_module("ray")
    except ModuleNotFoundError as error:
        raise MissingExtraError("--engine ray needs Ray: pip install 'shop-recommender[ray]'") from error
