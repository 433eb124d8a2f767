"""Batches and campaigns on the command line: what they print, leave behind and refuse."""

import time
from datetime import UTC, datetime

import pandas as pd
import pytest

from signals.catalog import CatalogStore
from signals.database import open_database
from tests.end_to_end.test_command_line import EVENTS, PRODUCTS, loaded, run, run_json, trained, write_lines

__all__ = ["loaded", "run", "run_json", "trained"]

HERE = ("--workers", 1)


def test_a_batch_is_written_published_and_served(trained, run_json, run):
    made = run_json("batch", "--out", "batch", "--k", 2, "--publish", "--with-copy", *HERE)
    rows = pd.read_parquet(next((trained / "batch").glob("*/part-00000.parquet")))
    assert made["counts"]["shoppers"] == len(rows) == 6
    assert made["counts"]["copies"] > 0
    served = run_json("prepared", "user-3")
    assert served["run_id"] == made["plan"]["run_id"]
    items = [item["item_id"] for item in rows.set_index("user_id").loc["user-3", "items"]]
    assert [item["item_id"] for item in served["recommendations"]["items"]] == items
    code, out, _ = run("prepared", "user-3")
    assert code == 0
    assert "prepared" in out


def test_a_batch_of_a_file_says_who_is_new(trained, run_json):
    (trained / "whom.txt").write_text("user-1\nstranger\n")
    made = run_json("batch", "--users", "whom.txt", "--out", "batch", *HERE)
    assert (made["counts"]["shoppers"], made["counts"]["cold_start"]) == (2, 1)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--k", 0), 2, "k must be an integer between 1 and 10,000, got 0"),
        (("--users", "nobody.txt"), 1, "cannot be read as a list of shoppers"),
        (("--users", "select 1; select 2"), 2, "one statement"),
        (("--users", "select nothing"), 2, "does not run"),
        (("--engine", "spark"), 2, "unknown engine 'spark'; allowed: local, ray"),
        (("--gpus", 1), 2, "are for --engine ray"),
        (("--engine", "ray", "--address", "ray://far:10001"), 2, "cannot read a SQLite file"),
    ],
)
def test_wrong_options_are_refused_in_words_and_leave_nothing_in_the_way(trained, run, options, code, message):
    given = () if "--engine" in options or "--gpus" in options else HERE
    found, _, err = run("batch", "--out", "batch", *given, *options)
    assert found == code
    assert message in err
    if "--address" not in options:
        assert run("batch", "--out", "batch", *HERE)[0] == 0


def test_before_any_batch_nothing_is_prepared(trained, run):
    code, _, err = run("prepared", "user-3")
    assert code == 1
    assert "recommender batch --publish" in err


def test_who_should_hear_of_a_product(trained, run, run_json):
    found = run_json("campaign", "audience", "bag", "--top", 3, *HERE)
    owners = {event["user_id"] for event in EVENTS if event["item_id"] == "bag"}
    assert found["count"] == len(found["rows"]) <= 3
    assert owners.isdisjoint(row["user_id"] for row in found["rows"])
    assert run_json("campaign", "audience", "bag", "--out", "who.parquet", *HERE)["count"] == len(
        pd.read_parquet(trained / "who.parquet")
    )
    code, _, err = run("campaign", "audience", "unicorn", *HERE)
    assert code == 1
    assert "unknown item 'unicorn'" in err


def test_a_mail_that_was_sent_counts_for_the_next_ones_cap(trained, run_json):
    mail = ("campaign", "mail", "--out", "mail", "--k", 1, "--shown", 1, *HERE)
    first, second = run_json(*mail, "--sent"), run_json(*mail)
    items = [
        {row.user_id: [one["item_id"] for one in row["items"]] for _, row in pd.read_parquet(folder).iterrows()}
        for folder in (
            trained / "mail" / first["plan"]["run_id"] / "part-00000.parquet",
            trained / "mail" / second["plan"]["run_id"] / "part-00000.parquet",
        )
    ]
    assert all(not set(items[0][user]) & set(items[1][user]) for user in items[0])
    assert any(items[0].values())


def test_what_came_back_and_what_costs_less_is_told_to_who_wanted_it(loaded, run_json, run):
    looks = [{**EVENTS[0], "event_id": "look", "kind": "wishlist", "item_id": "lamp"}]
    run_json("ingest", write_lines(loaded / "looks.jsonl", looks))
    store = CatalogStore(open_database(f"sqlite:///{loaded / 'shop.db'}"))
    store.upsert([{**PRODUCTS[1], "availability": "out_of_stock"}])
    time.sleep(0.01)
    since = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    store.upsert([{**PRODUCTS[1], "price": "20"}])
    options = ("--since", since, "--interest-days", 4_000)
    for campaign in (("back-in-stock",), ("price-drop", "--percent", 30)):
        (row,) = run_json("campaign", *campaign, *options)["rows"]
        assert (row["user_id"], row["item_id"], row["did"]) == ("user-0", "lamp", "wishlist")
        assert (row["price_before"], row["price"]) == ("30.00 GBP", "20.00 GBP")
    assert run_json("campaign", "price-drop", "--percent", 40, *options)["rows"] == []
    code, _, err = run("campaign", "price-drop", "--since", "2100-01-01")
    assert code == 2
    assert "--since must be in the past" in err
    code, _, err = run("campaign", "price-drop", "--since", since, "--percent", 100)
    assert code == 2
    assert "above 0 and below 100 percent" in err
