"""Photos near to one: graphs and lists of faiss, hnswlib and usearch, and a quantised scan, beside comparing all.

``python -m tests.benchmarks near_photos``: the photo tower's vectors of Fashion Product Images (Small), 200 of them
held out as questions. Beyond 42,193 they are copies with noise of a cosine of 0.94, so that there are as many as asked
for. Milliseconds and seconds are of the processor, on one thread. The project needs usearch alone; hnswlib is measured
where it is installed (``pip install hnswlib``), faiss where it was imported before everything else, for it ends a
process that has imported pyarrow and the like before it (``pip install faiss-cpu``, then ``python -c "import faiss;
from tests.benchmarks import near_photos; near_photos.main()"``).
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from usearch.index import Index

from recommender.base_model.encoder import load_encoder
from recommender.base_model.photos import decode_photo
from recommender.models.scan import scan
from recommender.ranking import NEAREST
from tests.benchmarks.styles import FOLDER

SIZES = (50_000, 200_000)
LARGEST = 1_000_000
"""For what is built in minutes."""
QUESTIONS, SIZE, N, BLOCK = 200, 384, 100, 65_536
NOISE = 0.35
SHARES = (0.1, 0.01)
Search = Callable[[np.ndarray], np.ndarray]
Row = dict[str, object]


def run() -> Iterator[Row]:
    if not FOLDER.is_dir():
        yield {"skipped": f"no photos in {FOLDER}"}
        return
    base = embedded()
    for n in (*SIZES, LARGEST):
        yield from Comparison(base, n).rows()


def main() -> None:
    for row in run():
        print(json.dumps(row), flush=True)


def embedded() -> np.ndarray:
    """Of all photos, by name; shape (42,193, 384)."""
    encoder, found = load_encoder(), []
    with ZipFile(FOLDER / "photos.zip") as photos:
        names = sorted(name for name in photos.namelist() if name.endswith(".jpg"))
        for start in range(0, len(names), 32):
            shown = [decode_photo(photos.read(name)) for name in names[start : start + 32]]
            found.append(encoder.embed_photos(shown))
    return np.concatenate(found)


class Comparison:
    """``rows`` of figures for `n` photos grown from `base`."""

    def __init__(self, base: np.ndarray, n: int) -> None:
        self.rng, self.n = np.random.default_rng(0), n
        held = self.rng.permutation(len(base))
        self.questions, pool = base[held[:QUESTIONS]], base[held[QUESTIONS:]]
        self.photos = self._grown(pool)
        started = time.process_time()
        self.nearest = np.array([_best(self.photos @ one, N) for one in self.questions])
        self.exact_ms = 1_000 * (time.process_time() - started) / QUESTIONS

    def _grown(self, pool: np.ndarray) -> np.ndarray:
        photos = np.empty((self.n, SIZE), dtype=np.float32)
        own = min(self.n, len(pool))
        photos[:own] = pool[:own]
        for start in range(own, self.n, BLOCK):
            stop = min(start + BLOCK, self.n)
            noise = self.rng.standard_normal((stop - start, SIZE)).astype(np.float32) * (NOISE / np.sqrt(SIZE))
            photos[start:stop] = pool[self.rng.integers(0, len(pool), stop - start)] + noise
        return photos / np.linalg.norm(photos, axis=1, keepdims=True)

    def rows(self) -> Iterator[Row]:
        yield {"n": self.n, "what": "all compared", "ms": round(self.exact_ms, 2), "mib": self.photos.nbytes >> 20}
        yield from self.scanned()
        with tempfile.TemporaryDirectory() as folder:
            for kind in (self.faiss, *((self.usearch, self.hnswlib) if self.n < LARGEST else ())):
                try:
                    yield from kind(Path(folder))
                except ModuleNotFoundError as error:
                    yield {"skipped": f"{error.name} is not installed"}

    def row(self, what: str, search: Search, **more: object) -> Row:
        found, times = [], []
        for question in self.questions:
            started = time.process_time()
            found.append(search(question))
            times.append(1_000 * (time.process_time() - started))
        recall = {f"recall@{k}": round(_recall(found, self.nearest, k), 4) for k in (10, N)}
        return {"n": self.n, "what": what, "ms": round(float(np.median(times)), 3), **recall, **more}

    def scanned(self) -> Iterator[Row]:
        """What ranking scans large catalogues with: a byte for each number, the best 400 compared exactly."""
        started = time.process_time()
        steps = (np.abs(self.photos).max(axis=1) / 127).astype(np.float32)
        codes = np.rint(self.photos / steps[:, None]).astype(np.int8)
        built = {"build_s": round(time.process_time() - started, 1), "mib": codes.nbytes >> 20}

        def among(items: np.ndarray) -> Search:
            def search(question: np.ndarray) -> np.ndarray:
                total = np.zeros(len(items), dtype=np.float32)
                scan(codes, steps, question, items, total)
                best = items[_best(total, 4 * N)]
                return best[_best(self.photos[best] @ question, N)]

            return search

        every = np.arange(self.n, dtype=np.int32)
        among(every)(self.questions[0])
        yield self.row("scan of bytes", among(every), **built)
        for share in SHARES:
            some = np.flatnonzero(self.rng.random(self.n) < share).astype(np.int32)
            yield self._filtered("scan of bytes", among(some), some, share)

    def usearch(self, folder: Path) -> Iterator[Row]:
        for dtype in ("i8", "f16"):
            index = Index(ndim=SIZE, metric="ip", dtype=dtype, connectivity=16, expansion_add=128)
            built = _built(lambda index=index: index.add(np.arange(self.n), self.photos, threads=1))
            index.save(str(folder / "near"))
            mapped, loaded = _loaded(lambda: Index.restore(str(folder / "near"), view=True))
            for expansion in (128, 512):
                mapped.expansion_search = expansion
                search = lambda one, index=mapped: index.search(one, N, threads=1).keys.astype(np.int64)  # noqa: E731
                yield self.row(f"usearch {dtype}, {expansion}", search, **built, **loaded, **_size(folder / "near"))
            mapped.expansion_search = 64
            yield self.row(f"usearch {dtype}, 1,000 compared exactly", self._exactly(mapped), **built, **loaded)

    def _exactly(self, index: Index) -> Search:
        """As search uses it."""

        def search(question: np.ndarray) -> np.ndarray:
            found = index.search(question, NEAREST, threads=1).keys.astype(np.int64)
            return found[_best(self.photos[found] @ question, N)]

        return search

    def hnswlib(self, folder: Path) -> Iterator[Row]:
        library, path = import_module("hnswlib"), str(folder / "hnsw")
        index = library.Index("ip", SIZE)
        index.init_index(self.n, ef_construction=128, M=16)
        built = _built(lambda: index.add_items(self.photos, num_threads=1))
        index.save_index(path)
        read, loaded = library.Index("ip", SIZE), None
        _, loaded = _loaded(lambda: read.load_index(path))
        read.set_num_threads(1)
        for expansion in (128, 512):
            read.set_ef(expansion)
            search = lambda one: read.knn_query(one, N)[0][0].astype(np.int64)  # noqa: E731
            yield self.row(f"hnswlib, {expansion}", search, **built, **loaded, **_size(Path(path)))

    def faiss(self, folder: Path) -> Iterator[Row]:
        library, lists = sys.modules.get("faiss"), int(4 * np.sqrt(self.n))
        if library is None:
            yield {"skipped": "faiss was not imported first"}
            return
        library.omp_set_num_threads(1)
        for kind in (f"IVF{lists},SQ8", *(("HNSW16_SQ8",) if self.n < LARGEST else ())):
            index, path = library.index_factory(SIZE, kind, library.METRIC_INNER_PRODUCT), str(folder / kind)
            some = self.rng.permutation(self.n)[: 40 * lists]
            built = _built(lambda index=index, some=some: (index.train(self.photos[some]), index.add(self.photos)))
            library.write_index(index, path)
            inverted = kind.startswith("IVF")
            flags = library.IO_FLAG_MMAP if inverted else 0
            read, loaded = _loaded(lambda path=path, flags=flags: library.read_index(path, flags))
            for effort in (16, 64) if inverted else (128, 512):
                if inverted:
                    read.nprobe = effort
                else:
                    read.hnsw.efSearch = effort
                search = lambda one, index=read: index.search(one[None], N)[1][0]  # noqa: E731
                yield self.row(f"faiss {kind}, {effort}", search, **built, **loaded, **_size(Path(path)))
            for share in SHARES if inverted else ():
                some = np.flatnonzero(self.rng.random(self.n) < share)
                bits = np.packbits(np.isin(np.arange(self.n), some), bitorder="little")
                chosen = library.SearchParametersIVF(sel=library.IDSelectorBitmap(bits), nprobe=64)
                search = lambda one, index=read, how=chosen: index.search(one[None], N, params=how)[1][0]  # noqa: E731
                yield self._filtered(f"faiss {kind}, 64", search, some, share)

    def _filtered(self, what: str, search: Search, some: np.ndarray, share: float) -> Row:
        """Where a share of the photos is eligible."""
        nearest = [some[_best(self.photos[some] @ one, N)] for one in self.questions]
        started = time.process_time()
        found = [search(one) for one in self.questions]
        spent = 1_000 * (time.process_time() - started) / QUESTIONS
        recall = {f"recall@{k}": round(_recall(found, nearest, k), 4) for k in (10, N)}
        return {"n": self.n, "what": what, "eligible": share, "ms": round(spent, 2), **recall}


def _best(scores: np.ndarray, n: int) -> np.ndarray:
    places = np.argpartition(-scores, n)[:n] if n < len(scores) else np.arange(len(scores))
    return places[np.argsort(-scores[places])]


def _recall(found: list[np.ndarray], nearest: np.ndarray | list[np.ndarray], k: int) -> float:
    pairs = zip(found, nearest, strict=True)
    return float(np.mean([len(set(one[:k]) & set(other[:k])) / len(other[:k]) for one, other in pairs]))


def _built(work: Callable[[], object]) -> Row:
    started = time.process_time()
    work()
    return {"build_s": round(time.process_time() - started, 1)}


def _loaded(work: Callable[[], Any]) -> tuple[Any, Row]:
    started = time.perf_counter()
    read = work()
    return read, {"load_ms": round(1_000 * (time.perf_counter() - started), 1)}


def _size(path: Path) -> Row:
    return {"mib": os.path.getsize(path) >> 20}
