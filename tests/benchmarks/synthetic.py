"""A shop of any size, made directly: catalogue and events in SQLite, and artifacts with the arrays of fitted models.

Items have a popularity of their own, by Zipf's law with the exponent of Amazon Beauty and Sports (0.70 and 0.67), and
lie in clusters of about 200, which shoppers, item-to-item weights and factors keep to.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.artifacts import Artifacts, ArtifactStore, Manifest, Member
from recommender.blend import Blend
from recommender.dataset import Floats, Histories
from recommender.ids import IdMap
from recommender.models import MODELS
from recommender.models.als import ALS, ALSConfig
from recommender.models.base import AnyModel
from recommender.models.factors import Factors
from recommender.models.item_neighbors import ItemNeighborsConfig
from recommender.models.linear import LinearConfig
from recommender.models.next_items import NextItemsConfig
from recommender.models.popularity import Popularity, PopularityConfig
from recommender.reranking import ItemFacts, Reranker, feature_names, grow
from signals.database import open_database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MICROSECONDS = int(NOW.timestamp()) * 1_000_000
EXPONENT = 0.7
CLUSTER = 200
HISTORY = 50
DEPARTMENTS = 10
LARGEST_PRICE = 1_000_000
"""In 1/10,000 of a pound: prices lie evenly below."""
WEIGHTS = {"popularity": 0.1, "item_neighbors": 0.25, "linear": 0.2, "next_items": 0.25, "als": 0.2}


@dataclass(frozen=True)
class World:
    """Who is popular and what belongs together.

    Attributes
    ----------
    popularity : float64, shape (n_items,), summing to 1
    order : int32, shape (n_items,), the items by cluster
    starts : int64, shape (n_clusters + 1,), where each cluster begins in ``order``
    """

    popularity: npt.NDArray[np.float64]
    order: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, n_items: int, rng: np.random.Generator) -> "World":
        popularity = rng.permutation((1.0 + np.arange(n_items)) ** -EXPONENT)
        starts = np.linspace(0, n_items, n_items // CLUSTER + 1).astype(np.int64)
        return cls(popularity / popularity.sum(), rng.permutation(n_items).astype(np.int32), starts)

    @property
    def n_items(self) -> int:
        return len(self.order)

    @property
    def cluster(self) -> npt.NDArray[np.int64]:
        """Of each item."""
        found = np.empty(self.n_items, dtype=np.int64)
        found[self.order] = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return found

    def among(self, clusters: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """An item of each of `clusters`, the more popular the likelier: the best of two."""
        places = self.starts[clusters] + (rng.random((2, len(clusters))) * np.diff(self.starts)[clusters]).astype(int)
        one, other = self.order[places]
        return np.where(self.popularity[one] >= self.popularity[other], one, other)

    def histories(self, n: int, rng: np.random.Generator) -> Histories:
        """Shoppers of `HISTORY` events each, in four clusters."""
        own = rng.integers(0, len(self.starts) - 1, (n, 4))
        visited = np.take_along_axis(own, rng.integers(0, 4, (n, HISTORY)), axis=1)
        return Histories.from_lists(list(self.among(visited.ravel(), rng).reshape(n, HISTORY)))


def models(world: World, rng: np.random.Generator) -> dict[str, AnyModel]:
    """What the default blend has where products have no features, as if fitted."""
    n_items = world.n_items
    counts = (world.popularity * 20 * n_items).astype(np.float32)
    found: dict[str, AnyModel] = {"popularity": Popularity(PopularityConfig(), counts)}
    sizes = {"item_neighbors": (ItemNeighborsConfig(), 500), "linear": (LinearConfig(), 200)}
    sizes["next_items"] = (NextItemsConfig(), 200)
    for name, (config, most) in sizes.items():
        weights = _links(world, most, rng)
        arrays = {"data": weights.data, "indices": weights.indices, "indptr": weights.indptr}
        found[name] = MODELS[name].from_arrays(config, arrays, n_items)
    found["als"] = ALS(ALSConfig(), Factors.turned(_factors(world, rng))[0])
    return {name: found[name] for name in WEIGHTS}


def _links(world: World, most: int, rng: np.random.Generator) -> sp.csr_matrix:
    """Four in five within the cluster; the more popular an item, the more of them, at most `most`."""
    n_items = world.n_items
    wanted = np.clip(80 * np.sqrt(world.popularity * n_items), 5, most).astype(np.int64)
    rows = np.repeat(np.arange(n_items), wanted)
    clusters = world.cluster[rows]
    strangers = rng.random(len(rows)) < 0.2
    clusters[strangers] = rng.integers(0, len(world.starts) - 1, np.count_nonzero(strangers))
    columns, values = world.among(clusters, rng), rng.lognormal(-3, 1, len(rows)).astype(np.float32)
    return sp.csr_matrix(sp.coo_matrix((values, (rows, columns)), shape=(n_items, n_items)))


def _factors(world: World, rng: np.random.Generator) -> Floats:
    """Around the middle of the cluster; popular items lie farther out."""
    size = ALSConfig().embedding_size
    middles = rng.standard_normal((len(world.starts) - 1, size), dtype=np.float32)
    factors = middles[world.cluster]
    factors += 0.7 * rng.standard_normal(factors.shape, dtype=np.float32)
    factors *= (0.02 * (world.popularity * world.n_items) ** 0.3).astype(np.float32)[:, None]
    return factors


def artifacts(world: World, rng: np.random.Generator) -> Artifacts:
    """All members with a weight, and trees grown on features drawn at random, of which the blend's score tells most."""
    fitted = models(world, rng)
    names = feature_names(Blend(fitted, WEIGHTS))
    told = rng.standard_normal((20_000, len(names))).astype(np.float32)
    taken = told[:, 0] + 0.3 * told[:, 1:9].sum(axis=1) + rng.standard_normal(len(told)) > 2
    popularity = np.log1p(world.popularity * world.n_items).astype(np.float32)
    facts = ItemFacts(popularity, rng.random(world.n_items, dtype=np.float32))
    manifest = Manifest(
        version="1",
        created_at=NOW,
        first_event_at=NOW,
        as_of=NOW,
        seed=0,
        counts={"items": world.n_items},
        members={
            name: Member(weight=WEIGHTS[name], config=model.config.model_dump(), ndcg=None)
            for name, model in fitted.items()
        },
        validation_ndcg=None,
        validation_queries=0,
        reranked=True,
        libraries={},
    )
    items = IdMap.from_ids(item_id(item) for item in range(world.n_items))
    return Artifacts(manifest, items, fitted, None, Reranker(grow(told, taken, Blend(fitted, WEIGHTS), 0), facts))


def item_id(item: int) -> str:
    return f"item-{item:07d}"


def shopper_id(shopper: int) -> str:
    return f"shopper-{shopper:07d}"


def write(folder: Path, world: World, asked: Histories, n_shoppers: int, rng: np.random.Generator) -> str:
    """The shop in `folder`, its database and the artifacts; returns the database's URL.

    The first shoppers did what `asked` says, one purchase in ten; each of the others viewed one item.
    """
    ArtifactStore(folder / "artifacts").save(artifacts(world, rng))
    url = f"sqlite:///{folder / 'shop.db'}"
    open_database(url).dispose()
    with sqlite3.connect(folder / "shop.db") as connection:
        _insert(connection, "products", _products(world))
        ids = [item_id(item) for item in range(world.n_items)]
        _insert(connection, "variants", ((one, one, "{}", None, 0) for one in ids))
        prices = rng.integers(1, LARGEST_PRICE // 100, world.n_items) * 100
        offers = zip(ids, prices.tolist(), strict=True)
        _insert(connection, "offers", ((one, MICROSECONDS, price, "GBP", "in_stock", None) for one, price in offers))
        singles = rng.choice(world.n_items, n_shoppers - len(asked), p=world.popularity)
        _insert(connection, "events", _events(asked, singles))
    return url


def _products(world: World) -> Iterable[tuple[object, ...]]:
    for item, cluster in enumerate(world.cluster.tolist()):
        category = json.dumps([f"Department {cluster % DEPARTMENTS}", f"Shelf {cluster}"])
        brand = f"Brand {cluster * 7 % 500}"
        yield item_id(item), f"Thing {item}", "A thing.", brand, category, None, None, "{}", MICROSECONDS


def _events(asked: Histories, singles: npt.NDArray[np.int64]) -> Iterable[tuple[object, ...]]:
    shoppers = [*asked.rows.tolist(), *range(len(asked), len(asked) + len(singles))]
    for number, (shopper, item) in enumerate(zip(shoppers, [*asked.items.tolist(), *singles.tolist()], strict=True)):
        kind, moment = "purchase" if number % 10 == 0 else "view", MICROSECONDS + number * 1_000
        who = (shopper_id(shopper), None, None)
        what = (item_id(item), None, moment, moment, 1, None, None, None, None, None, None, None, None)
        yield number + 1, "synthetic", f"event-{number}", kind, *who, *what


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    width = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)
