"""The models in use brought up to the events of today, with the configurations they have.

What the maths allows of that is this. ALS goes on from the item factors in use: a few epochs do what many from nothing
do (`tests/benchmarks/RESULTS.md`). Popularity and item neighbours are sums that could be added to, but they take a
second, and a sum that is made anew cannot keep what was refunded, aliased, flagged or erased since. The linear model is
the inverse of a matrix that every new event changes, LightFM draws its samples anew. So these are fitted from nothing.

Factors hand on what they know of shoppers, trees too: artifacts that hold something of one who was erased are not
refreshed.
"""

import numpy as np

from recommender.artifacts import Artifacts
from recommender.dataset import Dataset
from recommender.models.base import AnyModel
from recommender.selection import Progress, silent


def refreshed(in_use: Artifacts, dataset: Dataset, seed: int, progress: Progress = silent) -> dict[str, AnyModel]:
    """The models of `in_use`, as of `dataset`."""
    places = in_use.items.find(dataset.items.ids(np.arange(dataset.n_items)))
    models = {}
    for done, (name, model) in enumerate(in_use.models.items()):
        progress(done / len(in_use.models), f"refreshing {name}")
        models[name] = model.refreshed(dataset, places, rng=np.random.default_rng(seed))
    return models
