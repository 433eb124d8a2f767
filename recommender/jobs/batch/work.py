"""Making one part: the shoppers' histories from SQL, one ranking for all of them, and their copy."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa

from recommender.artifacts import ArtifactStore
from recommender.blend import POPULARITY
from recommender.bulk_ranking import rank_all
from recommender.dataset import Histories
from recommender.jobs.batch.copywriting import Copywriter
from recommender.jobs.batch.job import Done, Job, Task
from recommender.parts import ITEM, SCHEMA, parquet
from recommender.ranking import Ranked, Ranker
from recommender.rules import Limit, Terms, choose
from recommender.shop.requests import HISTORY_PARTS
from recommender.shop.shoppers import Shoppers
from recommender.threads import one_thread
from schemas.rules import Diversity, FrequencyCap
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
        cold_start = np.diff(shoppers.queries.indptr) == 0
        counts = Counter(shoppers=len(ranked), cold_start=int(cold_start.sum()))
        counts["items"] = sum(len(one.items) for one in ranked)
        counts["short"] = sum(len(one.items) < self._job.k for one in ranked)
        texts, quoted = (pa.nulls(len(ranked), SCHEMA.field(name).type) for name in ("copy_text", "quoted"))
        if self._copywriter is not None:
            copies = self._copywriter.write(task.user_ids, shoppers, ranked)
            texts, quoted = pa.array(copies.texts, texts.type), pa.array(copies.quoted, quoted.type)
            counts.update(copies.counts)
        columns = [pa.array(task.user_ids), pa.array(cold_start), self._lists(ranked), texts, quoted]
        return Done(task.number, parquet(pa.table(columns, schema=SCHEMA)), dict(counts))

    def _shoppers(self, user_ids: Sequence[str]) -> Shoppers:
        trade, recent = recent_of_many(self._engine, user_ids, HISTORY_PARTS, known_at=self._job.as_of)
        return Shoppers.of(len(user_ids), trade, recent, self._artifacts.items)

    def _ranked(self, user_ids: Sequence[str], shoppers: Shoppers) -> list[Ranked]:
        """The items of each shopper, best first."""
        rules, k = self._job.rules, self._job.k
        left_out = self._left_out(user_ids, shoppers)
        limits = self._limits(rules.diversity)
        wanted = k + rules.tail if limits else k
        found = rank_all(self._ranker, shoppers.queries, left_out, self._job.shelf.eligible, wanted)
        if not limits:
            return list(found)
        return [
            self._spread(ranked, shoppers.queries.block(row, row + 1), left_out.items[left_out.of(row)], limits)
            for row, ranked in enumerate(found)
        ]

    def _left_out(self, user_ids: Sequence[str], shoppers: Shoppers) -> Histories:
        """Items that each shopper is not shown, as histories."""
        cap, out = self._job.rules.cap, [shoppers.disliked]
        if not self._job.constraints.include_bought:
            out.append(shoppers.bought)
        if cap is not None:
            out.append(self._capped(user_ids, shoppers, cap))
        rows, items = (np.concatenate([getattr(one, name) for one in out]) for name in ("rows", "items"))
        order = np.argsort(rows, kind="stable")
        return Histories.from_pairs(rows[order], items[order], len(user_ids))

    def _capped(self, user_ids: Sequence[str], shoppers: Shoppers, cap: FrequencyCap) -> Histories:
        """What each shopper of whom something is known was shown too often."""
        since, lists = self._job.as_of - timedelta(days=cap.days), [np.empty(0, dtype=np.int32)] * len(user_ids)
        for row in np.flatnonzero(np.diff(shoppers.queries.indptr)).tolist():
            ignored = ignored_items(self._engine, user_ids[row], shown=cap.shown, since=since)
            found = self._artifacts.items.find(ignored)
            lists[row] = found[found >= 0]
        return Histories.from_lists(lists)

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

    def _lists(self, ranked: Sequence[Ranked]) -> pa.ListArray:
        """The column ``items`` of `recommender.parts.SCHEMA`."""
        items, scores = np.concatenate([one.items for one in ranked]), np.concatenate([one.scores for one in ranked])
        ids = pa.array(self._artifacts.items.array[items]).cast(pa.string())
        offsets = np.cumsum([0, *(len(one.items) for one in ranked)], dtype=np.int32)
        return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays([ids, scores], fields=list(ITEM)))
