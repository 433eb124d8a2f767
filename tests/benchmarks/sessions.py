"""The next click of a session, whole catalogue: the blend beside V-SKNN and each model, on public sessions."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recommender.dataset import Floats, Histories
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import measure
from recommender.evaluation.sequences import read_sessions
from recommender.jobs.evaluate import evaluate_sessions
from tests.conftest import DEFAULT_DATA

SETS = ("retailrocket", "diginetica")
K = 20


def run() -> Iterator[dict[str, object]]:
    folder = Path(os.environ.get("RECOMMENDER_DATA", DEFAULT_DATA)) / "sessions"
    for name in SETS:
        path, test = folder / f"{name}_train_sessions.txt.gz", folder / f"{name}_test.txt.gz"
        if not path.is_file():
            yield {"set": name, "skipped": "no public data; name its folder in RECOMMENDER_DATA"}
            continue
        yield {"set": name, "model": "blend", **evaluate_sessions(path, test).as_json()}
        sessions, asked, items = read_sessions(path, test)
        start = time.perf_counter()
        peer = SessionNeighbors(sessions, len(items))
        fitted = time.perf_counter()
        measured = measure(peer.scores, asked, K)
        recall = interval_of_mean(measured.at(K).recall, np.random.default_rng(0))
        yield {
            "set": name,
            "model": "V-SKNN",
            **measured.figures(K),
            f"recall@{K}_interval": recall,
            "fit_seconds": fitted - start,
            "score_seconds": time.perf_counter() - fitted,
        }


class SessionNeighbors:
    """V-SKNN of Ludewig and Jannach, "Evaluation of session-based recommendation algorithms" (2018).

    The later a click of the asking session the more it weighs; of the `sample` latest sessions that share an item
    the `neighbors` most similar vote for their items, less where the latest shared click lies far back, and rare items
    get more (idf).
    """

    def __init__(self, sessions: Histories, n_items: int, neighbors: int = 500, sample: int = 1_000) -> None:
        self.sessions, self.neighbors, self.sample = sessions, neighbors, sample
        matrix = sessions.matrix(n_items)
        self.sessions_of = matrix.tocsc()
        self.sessions_of.sort_indices()
        frequency = np.maximum(np.diff(self.sessions_of.indptr), 1)
        self.idf = np.log(len(sessions) / frequency).astype(np.float32)

    def scores(self, queries: Histories) -> Floats:
        """float32, shape (len(queries), n_items)."""
        return np.stack([self._scores_of(queries.items[queries.of(row)]) for row in range(len(queries))])

    def _scores_of(self, clicks: np.ndarray) -> Floats:
        scores = np.zeros(len(self.idf), dtype=np.float32)
        latest = {int(item): place for place, item in enumerate(clicks, start=1)}
        sharing = [self._latest_sessions(item) for item in latest]
        candidates = np.unique(np.concatenate(sharing))[-self.sample :]
        similarity, place = np.zeros(len(candidates)), np.zeros(len(candidates))
        for found, last in zip(sharing, latest.values(), strict=True):
            at = np.searchsorted(candidates, found[found >= candidates[0]]) if len(candidates) else found
            similarity[at] += last / len(clicks)
            place[at] = np.maximum(place[at], last)
        best = np.argsort(-similarity, kind="stable")[: self.neighbors]
        votes = similarity[best] * np.maximum(1 - 0.1 * (len(clicks) - place[best]), 0)
        for session, vote in zip(candidates[best], votes, strict=True):
            items = np.unique(self.sessions.items[self.sessions.of(int(session))])
            scores[items] += vote * self.idf[items]
        return scores

    def _latest_sessions(self, item: int) -> np.ndarray:
        start, stop = self.sessions_of.indptr[item], self.sessions_of.indptr[item + 1]
        return self.sessions_of.indices[start:stop][-self.sample :]
