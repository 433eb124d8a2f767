"""The second stage: the best of the blend, ordered anew by boosted trees on what each member says of them.

As in learning to rank over retrieved candidates (Covington et al., "Deep neural networks for YouTube recommendations",
RecSys 2016); the trees are LightGBM's (Ke et al., NeurIPS 2017). What a tree is told of a product and a shopper depends
on nothing else, and more of what speaks for a product never lowers its score: so a reason that is taken away cannot
raise it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import numpy.typing as npt

from recommender.blend import Asked, AskedAll, Blend
from recommender.dataset import Dataset, Floats
from recommender.models.base import Items, Lists
from recommender.threads import threads_in_use

if TYPE_CHECKING:
    from lightgbm import Booster

CANDIDATES: Final = 200
"""How many of the blend's best are ordered anew."""
ROUNDS: Final = 100
NEWEST: Final = 3
SMALLEST: Final = 1e-12
LINKS: Final = ("strongest", *(f"newest {place + 1}" for place in range(NEWEST)), "share")
ABOUT_ITEM: Final = ("popularity", "lateness")
ABOUT_SHOPPER: Final = ("events", "popularity of the newest")
TREES: Final = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "min_data_in_leaf": 100,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class ItemFacts:
    """What is known of items by themselves.

    Attributes
    ----------
    popularity : float32, shape (n_items,), log of the events with it, as multiples of the mean over items
    lateness : float32, shape (n_items,), mean over its events of 1 / (1 + steps to the shopper's newest)
    """

    popularity: Floats
    lateness: Floats

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        events = dataset.histories
        counts = np.bincount(events.items, events.weights, minlength=dataset.n_items)
        late = np.bincount(events.items, events.weights / (1.0 + events.steps()), minlength=dataset.n_items)
        popularity = np.log1p(counts / max(float(counts.mean()), SMALLEST))
        lateness = np.divide(late, counts, where=counts > 0, out=np.zeros(dataset.n_items))
        return cls(popularity.astype(np.float32), lateness.astype(np.float32))


def feature_names(blend: Blend) -> list[str]:
    """The columns of `features`."""
    scores = [f"{name}: score" for name in blend.members]
    links = [f"{name}: {link}" for name in blend.members for link in LINKS]
    return ["blend", *scores, *links, *ABOUT_ITEM, *ABOUT_SHOPPER]


def features(asked: Asked, facts: ItemFacts, scores: Mapping[str, Floats], items: Items) -> Floats:
    """What the trees are told of `items` for one history; float32, shape (len(items), n_features).

    Parameters
    ----------
    scores : of each member, standardised, for `items`; shape (len(items),)
    """
    blend, query = asked.blend, asked.query
    columns = [blend.sum(scores), *(scores[name] for name in blend.members)]
    columns += [link for name in blend.members for link in _links(asked.scorings[name].contributions(items))]
    columns += [facts.popularity[items], facts.lateness[items]]
    newest = facts.popularity[query.items[-1]] if len(query.items) else np.nan
    columns += [np.full(len(items), value, dtype=np.float32) for value in (len(query.items), newest)]
    return np.stack(columns, axis=1)


def features_of_all(asked: AskedAll, facts: ItemFacts, spreads: Mapping[str, Floats], lists: Lists) -> Floats:
    """As `features` of the items listed for each history, one after the other; float32, shape (n_listed, n_features).

    Parameters
    ----------
    spreads : as `AskedAll.add_whole` gives them
    """
    told = asked.told(spreads, lists, NEWEST)
    blend, queries, items = asked.blend, asked.queries, lists.items
    scores = {name: own for name, (own, _) in told.items()}
    n_events = np.diff(queries.indptr)
    newest = np.full(len(queries), np.nan, dtype=np.float32)
    newest[n_events > 0] = facts.popularity[queries.items[queries.indptr[1:][n_events > 0] - 1]]
    rows = np.repeat(np.arange(len(queries)), np.diff(lists.indptr))
    about = (facts.popularity[items], facts.lateness[items], n_events[rows], newest[rows])
    columns = [blend.sum(scores), *scores.values(), *(links for _, links in told.values()), *about]
    return np.column_stack([column.astype(np.float32, copy=False) for column in columns])


def _links(contributions: Floats) -> list[Floats]:
    """The strongest link from an event of the history, those from its newest events, the share of events with one."""
    n_items, n_events = contributions.shape
    if not n_events:
        return [np.zeros(n_items, dtype=np.float32)] * len(LINKS)
    newest = [
        contributions[:, n_events - 1 - place] if place < n_events else np.full(n_items, np.nan, dtype=np.float32)
        for place in range(NEWEST)
    ]
    return [contributions.max(axis=1), *newest, (contributions > 0).mean(axis=1, dtype=np.float32)]


@dataclass(frozen=True)
class Reranker:
    """Trees and the facts that they are told, for one blend."""

    trees: "Booster"
    facts: ItemFacts

    def scores(self, asked: Asked, member_scores: Mapping[str, Floats], items: Items) -> Floats:
        """Log-odds that `items` are taken next, float32, shape (len(items),); `member_scores` as in `features`."""
        return self.judged(features(asked, self.facts, member_scores, items))

    def judged(self, told: Floats) -> Floats:
        """The log-odds of candidates, float32, shape (n,), from their features, shape (n, n_features)."""
        return np.asarray(self.trees.predict(told, raw_score=True, num_threads=1), dtype=np.float32)

    def grown(self, n_newer: int) -> "Reranker":
        """The same for a catalogue with `n_newer` items more, which nobody took."""
        more = np.zeros(n_newer, dtype=np.float32)
        facts = ItemFacts(*(np.concatenate([one, more]) for one in (self.facts.popularity, self.facts.lateness)))
        return Reranker(self.trees, facts)

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """All of it, to be saved."""
        text = np.frombuffer(self.trees.model_to_string().encode(), dtype=np.uint8)
        return {"trees": text, "popularity": self.facts.popularity, "lateness": self.facts.lateness}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        from lightgbm import Booster  # noqa: PLC0415  # half a second of imports, for shops that have trees

        trees = Booster(model_str=arrays["trees"].tobytes().decode())
        return cls(trees, ItemFacts(np.asarray(arrays["popularity"]), np.asarray(arrays["lateness"])))


def grow(told: Floats, taken: npt.NDArray[np.bool_], blend: Blend, seed: int) -> "Booster":
    """Trees that tell which candidates were `taken`.

    Parameters
    ----------
    told : features of candidates, shape (n, n_features)
    taken : shape (n,)
    """
    from lightgbm import Dataset as Rows  # noqa: PLC0415
    from lightgbm import train  # noqa: PLC0415

    names = feature_names(blend)
    speaking = len(names) - len(ABOUT_ITEM) - len(ABOUT_SHOPPER)
    monotone = [int(place < speaking) for place in range(len(names))]
    rows = Rows(
        told, taken.astype(np.float32), feature_name=[name.replace(":", "") for name in names], free_raw_data=True
    )
    chosen = {"monotone_constraints": monotone, "seed": seed, "num_threads": threads_in_use()}
    return train({**TREES, **chosen}, rows, ROUNDS)
