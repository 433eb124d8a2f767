"""Making one part: the shoppers' histories from SQL, one ranking for all of them, and their copy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from recommender.artifacts import ArtifactStore
from recommender.blend import POPULARITY
from recommender.dataset import Histories
from recommender.jobs.batch.copywriting import Copywriter
from recommender.jobs.batch.job import Done, Job, Task
from recommender.parts import SCHEMA, parquet
from recommender.ranking import Ranked, Ranker
from recommender.rules import Limit, Terms, choose
from recommender.shop.requests import HISTORY_PARTS, shopper_of
from recommender.shop.shopper import Shopper
from recommender.threads import one_thread
from schemas.rules import Diversity
from signals.database import open_database
from signals.exposure import ignored_items
from signals.recent import recent_of_many


class PartMaker:
    """Makes parts of a job. One in each process: it holds the models, memory-mapped, and a connection."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._engine = open_database(job.database, must_exist=True)
        self._artifacts = ArtifactStore(job.artifacts).load(job.version)
        models = self._artifacts.models
        self._ranker = Ranker(self._artifacts.blend, models[POPULARITY], self._artifacts.reranker)
        self._copywriter = None if job.writer is None else Copywriter(job, self._engine, self._artifacts)

    def __call__(self, task: Task) -> Done:
        with one_thread():
            return self._made(task)

    def _made(self, task: Task) -> Done:
        shoppers = self._shoppers(task.user_ids)
        ranked = self._ranked(task.user_ids, shoppers)
        rows = [self._row(*one) for one in zip(task.user_ids, shoppers, ranked, strict=True)]
        counts = Counter(shoppers=len(rows), cold_start=sum(row["cold_start"] for row in rows))
        counts["items"] = sum(len(one.items) for one in ranked)
        counts["short"] = sum(len(one.items) < self._job.k for one in ranked)
        if self._copywriter is not None:
            counts.update(self._copywriter.write(rows, shoppers, ranked))
        return Done(task.number, parquet(pa.Table.from_pylist(rows, SCHEMA)), dict(counts))

    def _shoppers(self, user_ids: Sequence[str]) -> list[Shopper]:
        trade, recent = recent_of_many(self._engine, user_ids, HISTORY_PARTS, known_at=self._job.as_of)
        titles: Mapping[str, str] = {} if self._copywriter is None else self._copywriter.titles
        items = self._artifacts.items
        return [shopper_of(trade.get(user, ()), recent.get(user, ()), titles, items) for user in user_ids]

    def _ranked(self, user_ids: Sequence[str], shoppers: Sequence[Shopper]) -> list[Ranked]:
        """The items of each shopper, best first."""
        rules, k = self._job.rules, self._job.k
        left_out = [self._left_out(*one) for one in zip(user_ids, shoppers, strict=True)]
        queries, known = joined([shopper.query for shopper in shoppers]), Histories.from_lists(left_out)
        limits = self._limits(rules.diversity)
        wanted = k + rules.tail if limits else k
        found = self._ranker.rank_batch(queries, known, self._job.shelf.eligible, wanted)
        if not limits:
            return list(found)
        return [
            self._spread(ranked, shopper.query, out, limits)
            for ranked, shopper, out in zip(found, shoppers, left_out, strict=True)
        ]

    def _left_out(self, user_id: str, shopper: Shopper) -> np.ndarray:
        """Items that this shopper is not shown."""
        cap, out = self._job.rules.cap, [shopper.disliked]
        if not self._job.constraints.include_bought:
            out.append(shopper.bought)
        if cap is not None and len(shopper.query.items):
            since = self._job.as_of - timedelta(days=cap.days)
            capped = self._artifacts.items.find(ignored_items(self._engine, user_id, shown=cap.shown, since=since))
            out.append(capped[capped >= 0])
        return np.concatenate(out)

    def _limits(self, diversity: Diversity | None) -> tuple[Limit, ...]:
        if diversity is None:
            return ()
        of = ((self._job.shelf.brands, diversity.per_brand), (self._job.shelf.categories, diversity.per_category))
        return tuple(Limit(group, most) for group, most in of if most is not None)

    def _spread(self, ranked: Ranked, query: Histories, left_out: np.ndarray, limits: tuple[Limit, ...]) -> Ranked:
        """The best that keep to the limits; where the best so far lack an item that does, the best of those that do."""
        eligible = self._job.shelf.eligible.copy()
        eligible[left_out] = False
        terms = Terms(eligible, np.zeros_like(eligible), None, limits)
        while len((choice := choose(ranked, self._job.k, terms)).lacking):
            among = np.zeros_like(eligible)
            among[choice.lacking] = True
            order = self._ranker.order(self._artifacts.blend.ask(query), eligible)
            further = order.best(among, self._job.k)
            ranked = Ranked.of(
                np.concatenate([ranked.items, further.items]), np.concatenate([ranked.scores, further.scores])
            )
        return Ranked(ranked.items[choice.places], ranked.scores[choice.places])

    def _row(self, user_id: str, shopper: Shopper, ranked: Ranked) -> dict[str, Any]:
        ids = self._artifacts.items.ids(ranked.items)
        items = [{"item_id": item, "score": score} for item, score in zip(ids, ranked.scores.tolist(), strict=True)]
        cold_start = not len(shopper.query.items)
        return {"user_id": user_id, "cold_start": cold_start, "items": items, "copy_text": None, "quoted": None}


def joined(queries: Sequence[Histories]) -> Histories:
    """The histories of several shoppers, one each, as one."""
    lengths = [len(query.items) for query in queries]
    return Histories(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([query.items for query in queries]),
        np.concatenate([query.times for query in queries]),
        np.concatenate([query.weights for query in queries]),
    )
