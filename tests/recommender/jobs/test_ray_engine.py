"""Ray as the engine of a batch: the rows of the local one, whatever happens to its processes."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from recommender.errors import BadRequestError, MissingExtraError
from recommender.jobs.batch import ray_engine
from recommender.jobs.batch.local import run_local
from recommender.jobs.batch.ray_engine import run_ray
from recommender.jobs.batch.run import BatchRequest, run_batch
from recommender.jobs.batch.shipping import Shipment
from recommender.parts import BatchManifest

pytestmark = pytest.mark.filterwarnings("ignore::Warning")


@pytest.fixture
def request_of(shop_folder: Path) -> BatchRequest:
    url = f"sqlite:///{shop_folder / 'shop.db'}"
    return BatchRequest(url, shop_folder / "artifacts", shop_folder / "batch", k=5, shoppers_of_part=50)


def sums(manifest: BatchManifest) -> dict[str, str]:
    return {name: part.sha256 for name, part in manifest.parts.items()}


def test_two_actors_give_the_bytes_that_one_process_gives(request_of: BatchRequest, tmp_path: Path) -> None:
    request_of = replace(request_of, writer="none")
    local = run_batch(request_of, partial(run_local, workers=1))
    away = run_batch(replace(request_of, out=tmp_path / "ray"), partial(run_ray, workers=2))
    assert sums(away) == sums(local)


@pytest.mark.full
def test_a_process_that_is_killed_changes_nothing(request_of: BatchRequest, tmp_path: Path) -> None:
    local = run_batch(replace(request_of, shoppers_of_part=5), partial(run_local, workers=1))
    killed: list[int] = []
    made = threading.Event()

    def kill_one() -> None:
        made.wait(60)
        pid = next(_actors())
        killed.append(pid)
        os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill_one)
    thread.start()
    request = replace(request_of, out=tmp_path / "ray", shoppers_of_part=5)
    away = run_batch(request, partial(run_ray, workers=2), progress=lambda share, _: made.set() if share > 0 else None)
    thread.join()
    assert killed
    assert sums(away) == sums(local)


def _actors() -> Iterator[int]:
    """The processes that Ray runs for this one's batch."""
    while True:
        for process in psutil.Process().children(recursive=True):
            if "_Actor" in process.name() or any("_Actor" in word for word in process.cmdline()):
                yield process.pid
        time.sleep(0.01)


def test_a_cluster_cannot_read_a_file_of_this_machine(request_of: BatchRequest) -> None:
    with pytest.raises(BadRequestError, match="cannot read a SQLite file; use PostgreSQL"):
        run_batch(request_of, partial(run_ray, workers=2, address="ray://far:10001"))


def test_without_ray_the_error_names_the_command(request_of: BatchRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(ray_engine, "import_module", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'shop-recommender\[ray\]'"):
        run_batch(request_of, partial(run_ray, workers=2))


def test_shipped_artifacts_are_put_down_once_and_give_the_same_lists(request_of: BatchRequest, tmp_path: Path) -> None:
    version = next(path.name for path in sorted(request_of.artifacts.iterdir()) if path.is_dir())
    boxes: list[bytes] = []

    def put(data: bytes) -> int:
        boxes.append(data)
        return len(boxes) - 1

    def get(handle: int) -> bytes:
        fetched.append(handle)
        return boxes[handle]

    fetched: list[int] = []
    shipment = Shipment.of(request_of.artifacts, version, put)
    stores = {shipment.put_down(get, tmp_path) for _ in range(2)}
    assert sorted(fetched) == list(range(len(boxes)))
    (store,) = stores
    here = run_batch(request_of, partial(run_local, workers=1))
    there = run_batch(replace(request_of, artifacts=store, out=tmp_path / "there"), partial(run_local, workers=1))
    assert sums(there) == sums(here)
