"""What is asked to be deterministic is the same on another number of threads, process by process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from recommender.artifacts import Artifacts, ArtifactStore
from recommender.dataset import Histories
from recommender.shop import Shop
from recommender.threads import one_thread, threads_in_use
from tests.conftest import REPOSITORY

THREADS = (1, 2)


def printed_by_processes(*commands: tuple[object, ...]) -> list[dict[str, object]]:
    """The JSON of `recommender` commands, run at the same time, the first on one thread and so on."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "recommender.cli", *map(str, words), "--deterministic", "--json"],
            cwd=REPOSITORY,
            env={**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads, words in zip(THREADS, commands, strict=True)
    ]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]


@pytest.fixture(scope="module")
def database(built) -> str:
    return f"sqlite:///{built / 'shop.db'}"


@pytest.fixture(scope="module")
def folders(database, tmp_path_factory) -> list[Path]:
    """Artifacts of the same training on one and on two threads."""
    paths = [tmp_path_factory.mktemp(f"threads-{threads}") for threads in THREADS]
    trainings = printed_by_processes(
        *(("train", "--database", database, "--artifacts", path, "--trials", 1) for path in paths)
    )
    assert [(one["deterministic"], one["threads"]) for one in trainings] == [(True, 1)] * 2
    return paths


@pytest.fixture(scope="module")
def trained(folders) -> list[Artifacts]:
    return [ArtifactStore(folder).load() for folder in folders]


def test_two_trainings_leave_the_same_arrays_and_weights(trained):
    one, two = trained
    assert one.manifest.members == two.manifest.members
    for name, model in one.models.items():
        for array, values in model.arrays().items():
            np.testing.assert_allclose(two.models[name].arrays()[array], values, atol=1e-6, err_msg=f"{name} {array}")
    for array, values in one.embeddings.arrays().items():
        np.testing.assert_allclose(two.embeddings.arrays()[array], values, atol=1e-6, err_msg=array)


def test_two_trainings_give_the_same_scores(trained):
    draw = np.random.default_rng(0)
    queries = Histories.from_lists([draw.integers(0, len(trained[0].items), 1 + row) for row in range(20)])
    one, two = (artifacts.blend.scores(queries) for artifacts in trained)
    np.testing.assert_allclose(one, two, atol=1e-6)


def test_two_trainings_give_the_same_items_in_the_same_order(database, folders):
    answers = []
    for folder in folders:
        with Shop.open(database, folder, "none") as shop:
            shown = [shop.recommend(user, 20).items for user in (None, "shopper-00001", "shopper-00100")]
            answers.append([[(item.item_id, item.rank) for item in items] for items in shown])
    assert answers[0] == answers[1]


def test_two_evaluations_print_the_same_figures(database):
    one, two = printed_by_processes(*[("evaluate", "--database", database, "--trials", 1)] * 2)
    assert one == two


def test_what_was_set_before_is_set_again():
    before = ([library["num_threads"] for library in threadpool_info()], torch.get_num_threads())
    with one_thread():
        assert (threads_in_use(), torch.get_num_threads()) == (1, 1)
        assert torch.are_deterministic_algorithms_enabled()
    assert ([library["num_threads"] for library in threadpool_info()], torch.get_num_threads()) == before
    assert not torch.are_deterministic_algorithms_enabled()
