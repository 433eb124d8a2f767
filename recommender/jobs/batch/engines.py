"""The engines by name."""

import os
from functools import partial
from typing import Final

from recommender.errors import BadRequestError
from recommender.jobs.batch.local import run_local
from recommender.jobs.batch.ray_engine import run_ray
from recommender.jobs.batch.run import MakeParts

LOCAL, RAY = ENGINES = ("local", "ray")
RAY_WORKERS: Final = 2


def engine_of(name: str, *, workers: int | None = None, address: str | None = None, gpus: float = 0.0) -> MakeParts:
    """What makes the parts of a batch.

    Raises
    ------
    BadRequestError : an unknown name, or an option that this engine does not have
    """
    if name == RAY:
        return partial(run_ray, workers=workers or RAY_WORKERS, address=address, gpus=gpus)
    if name != LOCAL:
        raise BadRequestError(f"unknown engine {name!r}; allowed: {', '.join(ENGINES)}")
    if address is not None or gpus:
        raise BadRequestError("--address and --gpus are for --engine ray; give that, or leave them out")
    return partial(run_local, workers=workers or os.cpu_count() or 1)
