"""What is asked to be deterministic is the same on another number of threads, process by process."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from recommender.artifacts import Artifacts, ArtifactStore
from recommender.shop import Shop
from recommender.threads import one_thread, threads_in_use
from schemas import RankedItem
from tests.conftest import REPOSITORY

THREADS = (1, 2)
LIBRARIES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def printed_by_processes(*commands: tuple[object, ...]) -> list[dict[str, object]]:
    """The JSON of `recommender` commands, run at the same time, the first on one thread and so on."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "recommender.cli", *map(str, words), "--deterministic", "--json"],
            cwd=REPOSITORY,
            env={**os.environ, **dict.fromkeys(LIBRARIES, str(threads))},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads, words in zip(THREADS, commands, strict=True)
    ]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]


@pytest.fixture(scope="module")
def database(built, tmp_path_factory) -> str:
    copied = shutil.copy(built / "shop.db", tmp_path_factory.mktemp("copied"))
    return f"sqlite:///{copied}"


def test_two_trainings_leave_the_same_arrays_and_give_the_same_items_in_the_same_order(database, tmp_path):
    folders = [tmp_path / f"threads-{threads}" for threads in THREADS]
    trainings = printed_by_processes(
        *(("train", "--database", database, "--artifacts", folder, "--trials", 1) for folder in folders)
    )
    assert [(one["deterministic"], one["threads"]) for one in trainings] == [(True, 1)] * 2
    one, two = (ArtifactStore(folder).load() for folder in folders)
    assert one.manifest.members == two.manifest.members
    expected, found = learned(one), learned(two)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-6, err_msg=name)
    first, second = (answers(database, folder) for folder in folders)
    assert [[item.item_id for item in items] for items in first] == [
        [item.item_id for item in items] for items in second
    ]
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_allclose([item.score for item in ours], [item.score for item in theirs], atol=1e-6)


def learned(artifacts: Artifacts) -> dict[str, np.ndarray]:
    """All that a training made, by name."""
    parts = {**artifacts.models, "embeddings": artifacts.embeddings}
    if artifacts.reranker is not None:
        parts["trees"] = artifacts.reranker
    return {f"{part} {name}": values for part, one in parts.items() for name, values in one.arrays().items()}


def answers(database: str, folder: Path) -> list[tuple[RankedItem, ...]]:
    with Shop.open(database, folder, "none") as shop:
        return [shop.recommend(user, 20).items for user in (None, "shopper-00001", "shopper-00100")]


@pytest.mark.full
def test_two_evaluations_print_the_same_figures(database):
    one, two = printed_by_processes(*[("evaluate", "--database", database, "--trials", 1)] * 2)
    assert one == two


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with threadpool_limits(2):
        yield
    torch.set_num_threads(before)


def test_what_was_set_before_is_set_again(two_threads):
    before = ([library["num_threads"] for library in threadpool_info()], torch.get_num_threads())
    assert (threads_in_use(), torch.get_num_threads()) == (2, 2)
    with one_thread():
        assert (threads_in_use(), torch.get_num_threads()) == (1, 1)
        assert torch.are_deterministic_algorithms_enabled()
    assert ([library["num_threads"] for library in threadpool_info()], torch.get_num_threads()) == before
    assert not torch.are_deterministic_algorithms_enabled()
