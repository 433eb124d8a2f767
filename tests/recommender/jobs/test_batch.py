"""A batch: the lists that requests would give, in parts, whole or not at all, and again where it broke off."""

import json
import multiprocessing
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.dataset as ds
import pytest
from sqlalchemy import Engine

from recommender.catalog import CatalogColumns
from recommender.errors import BadRequestError, BatchError, WriterError
from recommender.jobs.batch.job import Done, Job, Task, Work
from recommender.jobs.batch.local import run_local
from recommender.jobs.batch.run import BatchRequest, run_batch
from recommender.parts import BatchManifest, Plan, checksum
from recommender.run_folder import RunFolder
from recommender.shop import Shop
from recommender.shop.privacy import erase
from schemas import Boost, Constraints, Diversity, Filter, FrequencyCap, Rules
from signals.errors import InvalidShoppersError
from signals.shopper_lists import all_shoppers

HERE = partial(run_local, workers=1)


@pytest.fixture
def request_of(shop_folder: Path) -> BatchRequest:
    url = f"sqlite:///{shop_folder / 'shop.db'}"
    return BatchRequest(url, shop_folder / "artifacts", shop_folder / "batch", k=5, shoppers_of_part=50)


def rows(out: Path) -> list[dict[str, Any]]:
    folder = RunFolder(out)
    table = ds.dataset(folder.folder / folder.current(), format="parquet", exclude_invalid_files=True).to_table()
    return sorted(table.to_pylist(), key=lambda row: row["user_id"])


def broken_after(parts: int) -> Callable[..., Iterator[Done]]:
    """An engine that fails once it has made so many parts."""

    def make(work: Callable[[Job], Work], job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
        for count, done in enumerate(HERE(work, job, tasks)):
            if count == parts:
                raise BatchError("the power went out")
            yield done

    return make


def counting(made: list[int]) -> Callable[..., Iterator[Done]]:
    def make(work: Callable[[Job], Work], job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
        for done in HERE(work, job, tasks):
            made.append(done.number)
            yield done

    return make


def test_every_shopper_has_one_row_with_the_items_that_a_request_gives(
    request_of: BatchRequest, shop: Shop, shop_engine: Engine
) -> None:
    manifest = run_batch(request_of, HERE)
    found = rows(request_of.out)
    everybody = [user for page in all_shoppers(shop_engine) for user in page]
    assert [row["user_id"] for row in found] == everybody
    assert manifest.counts["shoppers"] == len(everybody)
    for row in found[::7]:
        answer = shop.recommend(row["user_id"], k=5)
        assert [item["item_id"] for item in row["items"]] == [item.item_id for item in answer.items]
        scores = [item.score for item in answer.items]
        assert [item["score"] for item in row["items"]] == pytest.approx(scores, rel=1e-4)
        assert row["cold_start"] == answer.cold_start


def test_two_processes_give_the_bytes_that_one_gives(request_of: BatchRequest, tmp_path: Path) -> None:
    request_of = replace(request_of, writer="none")
    one = run_batch(request_of, HERE)
    two = run_batch(replace(request_of, out=tmp_path / "two"), partial(run_local, workers=2))
    assert {name: part.sha256 for name, part in one.parts.items()} == {n: p.sha256 for n, p in two.parts.items()}


class Fatal:
    """Ends its process at the second part."""

    def __init__(self, job: Job) -> None:
        self.made = 0

    def __call__(self, task: Task) -> Done:
        self.made += 1
        if self.made == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return Done(task.number, b"", {})


def test_a_process_that_is_killed_says_how_to_go_on() -> None:
    job = Job("sqlite://", Path(), "1", datetime.now(UTC), 5, None)  # type: ignore[arg-type]
    done = run_local(Fatal, job, [Task(number, ("ann",)) for number in range(9)], workers=2)
    with pytest.raises(BatchError, match=r"killed or out of memory; finished parts are kept: run the same command"):
        list(done)


class Endless:
    """Says which process it is in, and never comes to an end."""

    def __init__(self, job: Job) -> None:
        self._folder = job.artifacts

    def __call__(self, task: Task) -> Done:
        (self._folder / str(os.getpid())).touch()
        time.sleep(600)
        return Done(task.number, b"", {})


def endless_batch(folder: Path) -> None:
    job = Job("sqlite://", folder, "1", datetime.now(UTC), 5, None)  # type: ignore[arg-type]
    list(run_local(Endless, job, [Task(number, ("ann",)) for number in range(2)], workers=2))


def test_the_processes_end_with_a_batch_that_is_killed(tmp_path: Path) -> None:
    batch = multiprocessing.get_context("spawn").Process(target=endless_batch, args=(tmp_path,))
    batch.start()
    until = time.monotonic() + 60
    while len(found := list(tmp_path.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    processes = [psutil.Process(int(path.name)) for path in found]
    assert len(processes) == 2
    batch.kill()
    batch.join()
    assert psutil.wait_procs(processes, timeout=20)[1] == []


class Closed:
    """Cannot be opened."""

    def __init__(self, job: Job) -> None:
        raise WriterError("the base model is not there")


def test_why_a_process_cannot_begin_is_told() -> None:
    job = Job("sqlite://", Path(), "1", datetime.now(UTC), 5, None)  # type: ignore[arg-type]
    with pytest.raises(WriterError, match="the base model is not there"):
        list(run_local(Closed, job, [Task(0, ("ann",))], workers=2))  # type: ignore[arg-type]


def test_the_manifest_says_what_was_made_of_what(request_of: BatchRequest) -> None:
    manifest = run_batch(request_of, HERE)
    run = request_of.out / manifest.plan.run_id
    assert BatchManifest.model_validate_json((run / "manifest.json").read_bytes()) == manifest
    assert all(checksum((run / name).read_bytes()) == part.sha256 for name, part in manifest.parts.items())
    assert manifest.plan.model_version in {path.name for path in request_of.artifacts.iterdir()}
    assert manifest.plan.as_of <= datetime.now(UTC)
    assert sorted(path.name for path in run.iterdir()) == sorted([*manifest.parts, "manifest.json"])


def test_a_run_that_breaks_off_is_not_seen_and_goes_on_without_what_is_done(request_of: BatchRequest) -> None:
    whole = run_batch(replace(request_of, out=request_of.out / "whole"), HERE)
    earlier = run_batch(request_of, HERE)
    with pytest.raises(BatchError, match="power"):
        run_batch(request_of, broken_after(2))
    assert RunFolder(request_of.out).current() == earlier.plan.run_id
    made: list[int] = []
    manifest = run_batch(request_of, counting(made))
    assert made == list(range(2, manifest.plan.parts))
    assert {n: p.sha256 for n, p in manifest.parts.items()} == {n: p.sha256 for n, p in whole.parts.items()}


def test_a_part_that_was_damaged_meanwhile_is_made_again(request_of: BatchRequest) -> None:
    with pytest.raises(BatchError):
        run_batch(request_of, broken_after(2))
    (request_of.out / ".unfinished" / "part-00001.parquet").write_bytes(b"half")
    made: list[int] = []
    run_batch(request_of, counting(made))
    assert made[0] == 1


def test_other_inputs_are_not_mixed_into_a_run_that_broke_off(request_of: BatchRequest) -> None:
    with pytest.raises(BatchError):
        run_batch(request_of, broken_after(1))
    with pytest.raises(BatchError, match=r"its k is 5, now 6; .*--anew"):
        run_batch(replace(request_of, k=6), HERE)
    assert run_batch(replace(request_of, k=6, anew=True), HERE).plan.k == 6


def test_a_second_batch_waits_for_its_own_folder(request_of: BatchRequest) -> None:
    with RunFolder(request_of.out).alone(), pytest.raises(BatchError, match="another batch is being written"):
        run_batch(request_of, HERE)


def test_two_runs_are_kept(request_of: BatchRequest) -> None:
    made = [run_batch(request_of, HERE).plan.run_id for _ in range(3)]
    assert RunFolder(request_of.out).runs() == made[1:]


def test_a_file_names_the_shoppers_and_a_stranger_is_a_new_one(request_of: BatchRequest, tmp_path: Path) -> None:
    whom = tmp_path / "whom.txt"
    whom.write_text("shopper-00003\nnobody\n\nshopper-00003\n")
    manifest = run_batch(replace(request_of, shoppers=str(whom)), HERE)
    assert [(row["user_id"], row["cold_start"]) for row in rows(request_of.out)] == [
        ("nobody", True),
        ("shopper-00003", False),
    ]
    assert manifest.counts["cold_start"] == 1


def test_a_query_names_the_shoppers_and_can_change_nothing(request_of: BatchRequest) -> None:
    query = "SELECT user_id FROM interactions WHERE user_id BETWEEN 'shopper' AND 'shopper-00010' GROUP BY user_id"
    run_batch(replace(request_of, shoppers=query), HERE)
    assert 0 < len(rows(request_of.out)) <= 11
    for wrong, message in (
        ("with x as (select 1) delete from interactions", "does not run"),
        ("select 1; select 2", "one statement"),
        ("select user_id, item_id from interactions", "one column"),
        ("select nothing from nowhere", "does not run"),
    ):
        with pytest.raises(InvalidShoppersError, match=message):
            run_batch(replace(request_of, shoppers=wrong, anew=True), HERE)


def test_limits_and_caps_of_rules_hold_as_in_a_request(request_of: BatchRequest, shop: Shop) -> None:
    rules = Rules(diversity=Diversity(per_category=1), cap=FrequencyCap(shown=1, days=30))
    shop.recommend("shopper-00003", k=3)
    shop._impressions.flush()
    run_batch(replace(request_of, rules=rules), HERE)
    for row in rows(request_of.out)[::11]:
        answer = shop.recommend(row["user_id"], k=5, rules=rules)
        assert [item["item_id"] for item in row["items"]] == [item.item_id for item in answer.items]


def test_rules_of_one_request_are_refused(request_of: BatchRequest) -> None:
    rules = Rules(boosts=(Boost(of=Filter(category="Kitchen"), by=1),))
    with pytest.raises(BadRequestError, match=r"does not follow boosts; .*per_category"):
        run_batch(replace(request_of, rules=rules), HERE)


def test_constraints_hold_for_everybody(request_of: BatchRequest, shop: Shop) -> None:
    banned = shop.recommend("shopper-00003", k=1).items[0].item_id
    run_batch(replace(request_of, constraints=Constraints(exclude=(banned,))), HERE)
    assert banned not in {item["item_id"] for row in rows(request_of.out) for item in row["items"]}


def test_an_erasure_reaches_finished_runs_and_one_that_broke_off(
    request_of: BatchRequest, shop_engine: Engine, shop_folder: Path
) -> None:
    user = "shopper-00003"
    run_batch(request_of, HERE)
    store = Shop.open(request_of.database, request_of.artifacts, "none")._store
    with pytest.raises(BatchError):
        run_batch(request_of, broken_after(2))
    erased = erase(shop_engine, store, user)
    assert erased.counts["batch_rows"] == 2
    held = [path for path in request_of.out.rglob("*") if path.is_file() and user.encode() in path.read_bytes()]
    assert user not in {row["user_id"] for row in rows(request_of.out)}
    assert held == []
    manifest = RunFolder(request_of.out).manifest()
    run = request_of.out / manifest.plan.run_id
    assert all(checksum((run / name).read_bytes()) == part.sha256 for name, part in manifest.parts.items())
    assert manifest.counts["shoppers"] == len(rows(request_of.out))


def test_a_shopper_erased_while_the_parts_are_made_is_in_none(
    request_of: BatchRequest, shop_engine: Engine, shop_folder: Path
) -> None:
    user = "shopper-00003"

    def make(work: Callable[[Job], Work], job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
        made = list(HERE(work, job, tasks))
        store = Shop.open(request_of.database, request_of.artifacts, "none")._store
        erase(shop_engine, store, user)
        yield from made

    run_batch(request_of, make)
    assert user not in {row["user_id"] for row in rows(request_of.out)}


def test_the_copy_has_passed_the_check_and_says_what_was_true_then(request_of: BatchRequest) -> None:
    manifest = run_batch(replace(request_of, writer="none"), HERE)
    found = rows(request_of.out)
    assert all(row["copy_text"] and len(row["quoted"]) == 5 for row in found)
    assert manifest.counts["copies"] == len(found)


def test_plans_tell_apart_what_changes_the_rows() -> None:
    plan = Plan(run_id="1", as_of=datetime.now(UTC), model_version="1", shoppers="all", k=5, parts=1, part_size=50)
    assert plan.identity == plan.model_copy(update={"run_id": "2", "parts": 2}).identity
    for changed in ({"k": 6}, {"shoppers": "file x"}, {"model_version": "2"}, {"settings": {"writer": "none"}}):
        assert plan.identity != plan.model_copy(update=changed).identity


def test_current_names_a_run_only_when_there_is_one(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="there is no finished batch"):
        RunFolder(tmp_path).current()
    (tmp_path / "current.json").write_text(json.dumps({"run": "1"}))
    with pytest.raises(BatchError, match="missing or damaged"):
        RunFolder(tmp_path).manifest()
    shutil.rmtree(tmp_path)


def test_the_copy_names_no_sensitive_product_as_a_reason(
    request_of: BatchRequest, shop_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reasons_told() -> int:
        run_batch(replace(request_of, writer="none"), HERE)
        told = re.compile("you (bought|looked at|put|liked)")
        return sum(told.search(row["copy_text"]) is not None for row in rows(request_of.out))

    assert reasons_told() > 0
    everything = property(lambda columns: np.ones(columns.n_items, dtype=np.bool_))
    monkeypatch.setattr(CatalogColumns, "sensitive", everything)
    assert reasons_told() == 0
