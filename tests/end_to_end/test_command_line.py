"""The command line as a person and a program see it: what it prints, how it fails, what it leaves behind."""

import errno
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

import recommender.artifacts
from recommender.artifacts import Comparison
from recommender.cli import main
from recommender.conversation.patience import Patience
from recommender.jobs.publishing import Reason
from recommender.shop import storefront
from signals.database import MIGRATIONS, open_database
from signals.events import EventStore
from tests.recommender.base_model.speech.sounds import file_of
from tests.recommender.base_writers import BrokenBase, HangingBase, ScriptedBase
from tests.recommender.bundled import replace_encoder
from tests.recommender.scripted_transcriber import Scripted, syllables

PRODUCTS = [
    {"item_id": "mug", "title": "Red Mug", "price": "8.50", "currency": "GBP", "category": ["Kitchen", "Mugs"]},
    {"item_id": "lamp", "title": "Desk Lamp", "price": "30", "currency": "GBP", "category": ["Lighting"]},
    {"item_id": "bag", "title": "Canvas Bag", "price": "12", "currency": "GBP"},
]
EVENTS = [
    {
        "event_id": f"{user}-{turn}",
        "kind": "purchase",
        "user_id": f"user-{user}",
        "item_id": item,
        "occurred_at": f"2026-03-{turn + 1:02d}T10:00:00Z",
    }
    for user in range(6)
    for turn, item in enumerate(["mug", "lamp", "bag"][: 1 + user % 3])
]


def write_lines(path, rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run a command in an empty folder; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("RECOMMENDER_DATABASE_URL", "RECOMMENDER_ARTIFACTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BASE_MODEL", "none")
    replace_encoder(monkeypatch)

    def run(*words: object):
        monkeypatch.setattr(sys, "argv", ["recommender", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err + printed.out
        return int(stop.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def run_json(run):
    def run_json(*words: object):
        code, out, err = run(*words, "--json")
        assert code == 0, err
        return json.loads(out.splitlines()[-1])

    return run_json


@pytest.fixture
def loaded(run_json, tmp_path):
    """A shop of three products and a few purchases in the default database."""
    run_json("catalog", "load", write_lines(tmp_path / "products.jsonl", PRODUCTS))
    run_json("ingest", write_lines(tmp_path / "events.jsonl", EVENTS))
    return tmp_path


@pytest.fixture
def trained(loaded, run_json):
    run_json("train", "--trials", 1)
    return loaded


COMMANDS = [
    "migrate",
    "ingest",
    "catalog load",
    "export",
    "train",
    "photos index",
    "rollback",
    "evaluate",
    "recommend",
    "similar",
    "search",
    "chat",
    "demo",
    "privacy erase",
    "privacy export",
    "batch",
    "prepared",
    "campaign audience",
    "campaign mail",
    "campaign back-in-stock",
    "campaign price-drop",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run, command):
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert "Example: recommender " + command in out
    assert "--json" in out


def test_a_second_load_finds_only_duplicates(loaded, run_json):
    again = run_json("ingest", "events.jsonl")
    assert (again["accepted"], again["duplicated"], again["rejected"]) == (0, len(EVENTS), 0)
    assert run_json("catalog", "load", "products.jsonl")["duplicated"] == len(PRODUCTS)


def test_malformed_rows_are_kept_with_line_and_reason(loaded, run_json, tmp_path):
    rows = [
        "{broken",
        {**EVENTS[0], "event_id": "x", "kind": "stare"},
        {**EVENTS[0], "event_id": "y", "item_id": "unicorn"},
    ]
    report = run_json("ingest", write_lines(tmp_path / "bad.jsonl", rows))
    assert report["rejected"] == 3
    kept = [json.loads(line) for line in (tmp_path / report["rejected_file"]).read_text().splitlines()]
    assert [row["line"] for row in kept] == [1, 2, 3]
    assert "unicorn" in json.dumps(kept[2])
    assert run_json("ingest", "bad.jsonl", "--allow-unknown-items")["accepted"] == 1


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_file_that_is_followed_is_stored_as_it_grows_until_a_signal_ends_it_with_a_report(loaded, tmp_path, ending):
    more = [{**event, "event_id": f"more-{number}"} for number, event in enumerate(EVENTS)]
    events = EventStore(open_database(f"sqlite:///{tmp_path / 'shop.db'}"))
    words = [sys.executable, "-m", "recommender.cli", "ingest", "--follow", "events.jsonl", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(MIGRATIONS.parent)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        with (tmp_path / "events.jsonl").open("a") as file:
            file.writelines(json.dumps(row) + "\n" for row in more)
        while process.poll() is None and events.count() < 2 * len(EVENTS):
            time.sleep(0.01)
        process.send_signal(ending)
        report = json.loads(process.communicate()[0])
    assert process.returncode == 0
    assert (report["accepted"], report["duplicated"], report["rejected"]) == (len(EVENTS), len(EVENTS), 0)


def test_training_and_answers_from_the_default_places(trained, run, run_json):
    assert (trained / "shop.db").exists()
    assert (trained / "artifacts" / "current.json").exists()
    answer = run_json("recommend", "user-0", "-k", 2)
    assert {item["item_id"] for item in answer["items"]} == {"lamp", "bag"}
    cheap = run_json("recommend", "user-0", "--max-price", "15 GBP")
    assert [item["item_id"] for item in cheap["items"]] == ["bag"]
    assert cheap["shortfall"] == 9
    assert len(run_json("similar", "mug", "-k", 2)["items"]) == 2
    code, out, _ = run("recommend", "user-0")
    assert code == 0
    assert "Desk Lamp" in out


def test_database_and_artifacts_come_from_the_environment(run_json, tmp_path, monkeypatch):
    monkeypatch.setenv("RECOMMENDER_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    run_json("catalog", "load", write_lines(tmp_path / "products.jsonl", PRODUCTS))
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "shop.db").exists()


def test_a_chat_prints_the_items_before_the_reply(trained, run):
    code, out, _ = run("chat", "--user", "user-0", "a lamp under 40 pounds")
    assert code == 0
    assert out.index("│ 1 │ lamp") < out.rindex("Desk Lamp")


def test_a_conversation_goes_on_until_an_empty_line(trained, run, monkeypatch):
    lines = iter(["a lamp", "under 10 pounds", ""])
    monkeypatch.setattr("builtins.input", lambda: next(lines))
    code, out, _ = run("chat")
    assert code == 0
    assert out.count("Desk Lamp") >= 1


@pytest.fixture
def photo(tmp_path):
    Image.new("RGB", (32, 32), (200, 40, 40)).save(tmp_path / "red.png")
    return tmp_path / "red.png"


def test_a_conversation_is_one_session(trained, run, monkeypatch):
    lines = iter(["a lamp", "under 10 pounds", ""])
    monkeypatch.setattr("builtins.input", lambda: next(lines))
    run("chat")
    with closing(sqlite3.connect(trained / "shop.db")) as connection:
        sessions = connection.execute("SELECT session_id FROM requests").fetchall()
    assert len(sessions) == 2
    assert len(set(sessions)) == 1


def test_a_search_by_words_a_photo_or_both(trained, run, run_json, photo):
    assert run_json("search", "a lamp", "-k", 1)["items"][0]["item_id"] == "lamp"
    assert len(run_json("search", "--photo", photo)["items"]) == 3
    both = run_json("search", "a lamp", "--photo", photo, "--max-price", "15 GBP", "--user", "user-0")
    assert "lamp" not in {item["item_id"] for item in both["items"]}
    code, out, _ = run("search", "a lamp")
    assert code == 0
    assert "Desk Lamp" in out


def test_a_search_for_nothing_and_photos_that_are_none(trained, run, tmp_path):
    code, error = failing(run, "search")
    assert code == 2
    assert "needs a text or a photo" in error
    (tmp_path / "note.txt").write_text("no photo at all")
    for words in (("search",), ("chat", "hello")):
        code, error = failing(run, *words, "--photo", tmp_path / "note.txt")
        assert code == 2
        assert "photo" in error
        code, error = failing(run, *words, "--photo", tmp_path / "nowhere.png")
        assert code == 1
        assert "nowhere.png" in error


@pytest.fixture
def audio(tmp_path, monkeypatch):
    """A sound like speech, in which the transcriber hears a request."""
    heard = Scripted("a mug under ten pounds")
    monkeypatch.setattr(storefront, "open_transcriber", lambda _: heard)
    (tmp_path / "said.wav").write_bytes(file_of(syllables()))
    return tmp_path / "said.wav"


def test_a_voice_note_is_searched_and_answered(trained, run, run_json, audio):
    found = run_json("search", "--audio", audio, "-k", 1)
    assert found["items"][0]["item_id"] == "mug"
    assert found["heard"]["text"] == "a mug under ten pounds"
    reply = run_json("chat", "in red", "--audio", audio)
    assert (reply["heard"]["sound"], reply["wishes"]["max_price"]["amount"]) == ("speech", "10")
    for words in (("search",), ("chat",)):
        code, out, error = run(*words, "--audio", audio)
        assert code == 0
        assert "Red Mug" in out
        assert "heard: a mug under ten pounds (90% sure)" in error


def test_sounds_that_are_none_or_say_nothing(trained, run, tmp_path, audio):
    (tmp_path / "note.txt").write_text("no sound at all")
    (tmp_path / "silence.wav").write_bytes(file_of(np.zeros(16_000)))
    for words in (("search",), ("chat", "hello")):
        code, error = failing(run, *words, "--audio", tmp_path / "note.txt")
        assert code == 2
        assert "allowed: wav, mp3, flac, ogg" in error
        code, error = failing(run, *words, "--audio", tmp_path / "nowhere.wav")
        assert code == 1
        assert "nowhere.wav" in error
        code, error = failing(run, *words, "--audio", "/dev/zero")
        assert code == 2
        assert "make it shorter" in error
    code, error = failing(run, "search", "--audio", tmp_path / "silence.wav")
    assert code == 2
    assert "no words were heard in the sound: it is silent" in error
    code, out, _ = run("chat", "--audio", tmp_path / "silence.wav")
    assert code == 0
    assert "I heard nothing in your voice note: it is silent." in out


def test_a_transcriber_that_is_not_there_is_named(trained, run, tmp_path, monkeypatch):
    (tmp_path / "said.wav").write_bytes(file_of(syllables()))
    monkeypatch.setenv("TRANSCRIBER", "/no/such/recogniser")
    code, error = failing(run, "search", "--audio", tmp_path / "said.wav")
    assert code == 1
    assert "there is no folder /no/such/recogniser" in error
    code, out, error = run("chat", "a mug", "--audio", tmp_path / "said.wav")
    assert code == 0
    assert "Red Mug" in out
    assert "there is no folder /no/such/recogniser" in error


def test_a_photo_file_that_is_too_large_is_not_read_to_its_end(trained, run):
    code, error = failing(run, "search", "--photo", "/dev/zero")
    assert code == 2
    assert "make the photo smaller" in error


@pytest.mark.parametrize("mode", ["fast", "shopping"])
def test_a_photo_question(trained, run_json, photo, mode):
    reply = run_json("chat", "something like this", "--photo", photo, "--mode", mode)
    assert reply["mode"] == mode
    assert len(reply["items"]) == 3
    assert reply["notes"] == []


def test_a_photo_alone_begins_a_conversation(trained, run, monkeypatch, photo):
    lines = iter(["a lamp", ""])
    monkeypatch.setattr("builtins.input", lambda: next(lines))
    code, out, _ = run("chat", "--photo", photo)
    assert code == 0
    assert out.count("│ 1 │") == 2


def test_a_base_model_writes_the_sentences_and_is_loaded_before_the_first(trained, run, monkeypatch):
    monkeypatch.setattr("recommender.shop.storefront.open_writer", lambda _: ScriptedBase("Have a look at [[P1]]."))
    code, out, err = run("chat", "a lamp", "--base-model", "some/model")
    assert code == 0
    assert "Have a look at Desk Lamp." in out
    assert "note:" not in err


def test_a_base_model_that_fails_is_a_note_beside_the_answer(trained, run, monkeypatch):
    monkeypatch.setattr("recommender.shop.storefront.open_writer", lambda _: BrokenBase())
    code, out, err = run("chat", "a lamp", "--base-model", "some/model")
    assert code == 0
    assert "Desk Lamp" in out
    assert "note: the writer failed: the lights went out" in err


def test_a_base_model_that_hangs_neither_keeps_the_answer_nor_the_process(trained, run, monkeypatch):
    base, ended = HangingBase(), []
    monkeypatch.setattr("recommender.shop.storefront.open_writer", lambda _: base)
    monkeypatch.setattr("recommender.shop.chats.Patience", lambda: Patience(0.05, 0.05))
    monkeypatch.setattr("os._exit", ended.append)
    code, out, err = run("chat", "a lamp", "--base-model", "some/model")
    base.gate.set()
    assert (code, ended) == (0, [0])
    assert "Desk Lamp" in out
    assert "note: the writer failed: it took longer than 0.05 s" in err


def test_a_base_model_that_is_not_there_is_a_note_too(trained, run):
    code, out, err = run("chat", "a lamp", "--base-model", "no/such/folder")
    assert code == 0
    assert "Desk Lamp" in out
    assert "note: the writer failed: the base model cannot be loaded" in err


def test_photos_are_indexed_and_those_that_cannot_be_read_are_named(trained, run, run_json, photo):
    shown = [{**one, "image": f"{one['item_id']}.png"} for one in PRODUCTS]
    run_json("catalog", "load", write_lines(trained / "shown.jsonl", shown))
    (trained / "mug.png").write_bytes(photo.read_bytes())
    (trained / "bag.png").write_bytes(b"no photo")
    report = run_json("photos", "index", "--photos", ".")
    assert report["photos"] == {"embedded": 1, "unreadable": 1, "missing": 1}
    assert report["troubles"] == {"bag": "unreadable", "lamp": "missing"}
    code, out, _ = run("photos", "index", "--photos", ".")
    assert code == 0
    assert "3 products in artifacts/photos, 0 of them new or changed" in out
    assert "bag: its photo is unreadable" in out


def test_an_index_that_cannot_be_made_says_why(loaded, run):
    code, error = failing(run, "photos", "index", "--photos", "nowhere")
    assert code == 2
    assert "there is no folder 'nowhere'" in error
    (loaded / "artifacts").write_text("no folder")
    code, error = failing(run, "photos", "index", "--photos", ".")
    assert code == 1
    assert "pass another --artifacts" in error


def test_a_folder_of_photos_that_is_not_there(loaded, run):
    code, error = failing(run, "train", "--photos", "nowhere")
    assert code == 2
    assert "'nowhere'" in error


def test_migrating_twice_is_harmless(run_json):
    first, second = run_json("migrate"), run_json("migrate")
    assert first["from_revision"] is None
    assert second["from_revision"] == second["to_revision"] == first["to_revision"]


def failing(run, *words):
    code, out, err = run(*words)
    assert out == ""
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, err
    return code, lines[0]


def test_an_empty_database_says_what_to_load(run):
    code, error = failing(run, "train")
    assert code == 1
    assert "recommender catalog load" in error


def test_no_artifacts_yet_says_what_to_run(loaded, run):
    for words in (("recommend", "u"), ("similar", "mug"), ("chat", "hello")):
        code, error = failing(run, *words)
        assert code == 1
        assert "recommender train" in error


def test_too_little_to_hold_out_is_said(loaded, run):
    code, error = failing(run, "evaluate", "--split-at", "2030-01-01")
    assert code == 2
    assert "2030" in error


def test_a_missing_file_and_a_wrong_format(run):
    code, error = failing(run, "ingest", "nowhere.jsonl")
    assert code == 1
    assert "nowhere.jsonl" in error
    code, error = failing(run, "ingest", "nowhere.jsonl", "--format", "telepathy")
    assert code == 2
    assert "telepathy" in error
    assert "canonical" in error


def test_unknown_items_and_users(trained, run, run_json):
    code, error = failing(run, "similar", "unicorn")
    assert code == 1
    assert "unicorn" in error
    assert run_json("recommend", "somebody new")["cold_start"]


@pytest.mark.parametrize("k", [0, 10**9])
def test_k_outside_its_range(trained, run, k):
    code, error = failing(run, "recommend", "u", "-k", k)
    assert code == 2
    assert "an integer between 1 and 10,000" in error


def test_a_price_without_a_currency(trained, run):
    code, error = failing(run, "recommend", "u", "--max-price", "50")
    assert code == 2
    assert "50 GBP" in error


def test_rules_from_a_file_are_followed_and_told(trained, run, run_json):
    rules = {
        "promotion": {"of": {"items": "bag"}, "at_least_percent": 50},
        "boosts": [{"of": {"items": "bag"}, "by": 9}],
    }
    (trained / "rules.json").write_text(json.dumps(rules))
    answer = run_json("recommend", "user-0", "-k", 1, "--rules", "rules.json")
    assert [(item["item_id"], item["promoted"]) for item in answer["items"]] == [("bag", True)]
    assert answer["effects"] == {"promoted": 1, "promoted_shortfall": 0, "diversity_cost": 0.0, "capped": 0}
    code, out, _ = run("recommend", "user-0", "-k", 1, "--rules", "rules.json")
    assert code == 0
    assert "1 promoted" in out
    assert run_json("replay", answer["request_id"])["same"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('{"promotion": {"of": {}}}', 2, "at 'promotion.of'"),
        ('{"tail": 0}', 2, "at 'tail'"),
        ('{"boosts": [', 2, "Invalid JSON"),
        ('{"boosts": [{"of": {"items": "unicorn"}, "by": 1}]}', 1, "unicorn"),
        (None, 1, "rules.json"),
    ],
)
def test_rules_that_cannot_be_followed(trained, run, text, code, message):
    if text is not None:
        (trained / "rules.json").write_text(text)
    found, error = failing(run, "recommend", "user-0", "--rules", "rules.json")
    assert found == code
    assert message in error


def test_an_unreachable_postgresql(run):
    code, error = failing(run, "train", "--database", "postgresql://shop:secret@127.0.0.1:1/shop")
    assert code == 1
    assert "127.0.0.1" in error
    assert "secret" not in error


def test_an_old_schema_is_refused_with_the_command(run, run_json, tmp_path):
    run_json("migrate")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.commit()
    code, error = failing(run, "train")
    assert code == 1
    assert "shop.db" in error


def test_a_mistyped_database_is_not_created(trained, run, tmp_path):
    for words in (("train",), ("rollback",), ("evaluate",), ("recommend", "u"), ("similar", "mug"), ("chat", "hello")):
        code, error = failing(run, *words, "--database", "sqlite:///typo.db")
        assert code == 1
        assert "typo.db" in error
    assert not (tmp_path / "typo.db").exists()


def test_a_time_with_an_offset_is_taken_as_it_stands(loaded, run):
    code, error = failing(run, "evaluate", "--split-at", "2030-01-01T00:00:00+05:00")
    assert code == 2
    assert "2030-01-01T00:00:00+05:00" in error
    assert failing(run, "evaluate", "--split-at", "soon")[0] == 2


def test_a_usage_error_exits_with_2(run):
    assert run("recommend")[0] == 2
    assert run("no-such-command")[0] == 2


def test_a_full_disk_while_training_leaves_the_old_artifacts_in_use(trained, run, run_json, monkeypatch):
    before = run_json("recommend", "user-0")["model_version"]

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(recommender.artifacts, "save_arrays", full)
        code, error = failing(run, "train", "--trials", 1)
    assert code == 1
    assert "No space left" in error
    assert run_json("recommend", "user-0")["model_version"] == before


WORSE = Comparison(version="1", refitted=True, questions=50, in_use=0.2, new=0.1, difference=(-0.15, -0.05))


def test_a_worse_blend_is_not_published_and_the_training_says_so(trained, run, run_json, monkeypatch):
    before = run_json("recommend", "user-0")["model_version"]
    monkeypatch.setattr("recommender.jobs.train.judge", lambda *_: (Reason.WORSE, WORSE))
    code, out, _ = run("train")
    assert code == 0
    assert "new 0.1000, in use before 0.2000; 95 % interval of the difference -0.1500 to -0.0500" in " ".join(
        out.split()
    )
    assert f"worse than the one in use, which stays: artifacts {before}" in " ".join(out.split())
    kept = run_json("train")
    assert (kept["version"], kept["published"], kept["reason"]) == (before, False, "worse")
    assert kept["comparison"] == WORSE.model_dump(mode="json")
    published = run_json("train", "--publish-anyway")
    assert (published["published"], published["reason"]) == (True, "worse")
    assert run_json("recommend", "user-0")["model_version"] == published["version"] > before


def test_a_training_is_taken_back(trained, run, run_json):
    first = run_json("recommend", "user-0")["model_version"]
    code, error = failing(run, "rollback")
    assert (code, "no artifacts from before" in error) == (1, True)
    second = run_json("train", "--trials", 1)["version"]
    back = run_json("rollback")
    assert (back["version"], back["before"]) == (first, second)
    assert run_json("recommend", "user-0")["model_version"] == first
    code, out, _ = run("rollback", "--to", second)
    assert code == 0
    assert f"artifacts {second} are in use in artifacts again, in place of {first}" in " ".join(out.split())


def test_what_is_deterministic_has_no_budget_of_time(loaded, run):
    code, error = failing(run, "evaluate", "--deterministic", "--budget-seconds", 60)
    assert code == 2
    assert "give one" in error


def test_a_refresh_keeps_the_blend(trained, run, run_json):
    before = run_json("recommend", "user-0")["model_version"]
    refreshed = run_json("train", "--refresh")
    assert (refreshed["reason"], refreshed["refreshed"]) == ("refreshed", before)
    code, out, _ = run("train", "--refresh")
    assert code == 0
    assert f"as artifacts {refreshed['version']} chose it, fitted on everything before 2026-03-03" in " ".join(
        out.split()
    )
    code, error = failing(run, "train", "--refresh", "--artifacts", "nowhere")
    assert (code, "there are no artifacts" in error) == (1, True)


def test_a_message_that_is_too_long(trained, run):
    code, error = failing(run, "chat", "x" * 9_000)
    assert code == 2
    assert "at most 8,000 characters, got 9,000" in error


def test_a_wrong_sequence_file_or_protocol(run, tmp_path):
    code, error = failing(run, "evaluate", "--sequences", write_lines(tmp_path / "bad.txt", ["1 2 3", "lonely"]))
    assert code == 1
    assert "line 2" in error
    code, error = failing(run, "evaluate", "--sequences", "bad.txt", "--protocol", "luck")
    assert code == 2
    assert "leave-one-out, sessions" in error


def test_session_questions_belong_to_their_protocol(run, tmp_path):
    sessions = write_lines(tmp_path / "sessions.txt", ["1 2", "2 3"])
    for words in (("--protocol", "sessions"), ("--test", sessions), ("--protocol", "sessions", "--test", sessions)):
        code, error = failing(run, "evaluate", *words)
        assert (code, "belong together" in error) == (2, True)
    code, error = failing(run, "evaluate", "--sequences", sessions, "--protocol", "sessions", "--test", sessions)
    assert (code, "line 1" in error and "a tab" in error) == (1, True)
    for words in (("--repeats",), ("--photos", tmp_path)):
        code, error = failing(run, "evaluate", "--sequences", sessions, *words)
        assert (code, "for a database" in error) == (2, True)
    code, error = failing(run, "train", "--refresh", "--repeats")
    assert (code, "give one of them" in error) == (2, True)


def test_sequences_are_evaluated_leave_one_out(run_json, tmp_path):
    rows = [f"{user} " + " ".join(str(user % 7 + step) for step in range(5)) for user in range(40)]
    figures = run_json("evaluate", "--sequences", write_lines(tmp_path / "walks.txt", rows), "--trials", 1)
    assert figures["users"] == 40
    assert {"recall@5", "ndcg@5", "recall@10", "ndcg@10", "fit_seconds", "score_seconds", "members"} <= set(figures)
    assert figures["recall@10"] > 0.9
    assert set(figures["models"]) == set(figures["validation_ndcg@10"])
    low, high = figures["intervals"]["ndcg@10"]
    assert low <= figures["ndcg@10"] <= high
    lead, best = figures["lead"], max(figures["models"].values(), key=lambda one: one["ndcg@10"])
    assert lead["ndcg@10"] == pytest.approx(figures["ndcg@10"] - best["ndcg@10"])


def test_sessions_are_asked_for_what_comes_next_even_where_it_came_before(run_json, tmp_path):
    sessions = [" ".join(str((start + step) % 7) for step in range(4)) for start in range(7)] * 20
    asked = [f"{start} {(start + 1) % 7}\t{(start + 2) % 7}" for start in range(7)] + ["3 4\t3"]
    files = write_lines(tmp_path / "sessions.txt", sessions), write_lines(tmp_path / "asked.txt", asked)
    words = ("--sequences", files[0], "--test", files[1], "--protocol", "sessions", "--trials", 1)
    figures = run_json("evaluate", *words)
    assert figures["users"] == 8
    assert figures["recall@20"] == 1
    assert figures["mrr@20"] > 0.8


def test_products_and_events_of_one_file_keep_their_rejects_apart(run_json, tmp_path):
    source = write_lines(tmp_path / "both.jsonl", ["{broken"])
    files = {run_json("catalog", "load", source)["rejected_file"], run_json("ingest", source)["rejected_file"]}
    assert len(files) == 2
    assert all((tmp_path / name).read_text().count("\n") == 1 for name in files)


def test_training_says_what_was_set_aside(loaded, run, run_json, tmp_path):
    far = {**EVENTS[0], "event_id": "far", "occurred_at": "2199-01-01T00:00:00Z"}
    run_json("ingest", write_lines(tmp_path / "far.jsonl", [far]))
    _, out, _ = run("train")
    assert "events set aside, for no shopper can have done them: 1 clock ahead" in " ".join(out.split())


def test_a_past_answer_is_given_again(loaded, run, run_json):
    run_json("train")
    answer = run_json("recommend", "ann", "-k", "2")
    again = run_json("replay", answer["request_id"])
    assert again["same"] is True
    assert again["shown"] == [item["item_id"] for item in answer["items"]]
    code, out, _ = run("replay", answer["request_id"])
    assert (code, "in the same order" in out) == (0, True)
    assert run("replay", "nothing")[0] == 1


def test_erasing_asks_first_and_does_nothing_without_a_yes(loaded, run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, out, err = run("privacy", "erase", "user-2")
    assert code == 1
    assert "Erase everything stored about 'user-2'?" in err
    assert not out.strip()
    assert run("privacy", "export", "user-2")[0] == 0


def test_erasing_says_what_went_and_until_when_to_train(trained, run):
    code, out, _ = run("privacy", "erase", "user-2", "--yes")
    assert code == 0
    assert "erased: 3 events" in out
    assert "item_neighbors" in out
    assert "`recommender train`; run it before 20" in " ".join(out.split())
    assert run("privacy", "erase", "user-2", "--yes")[0] == 0


def test_erasing_and_exporting_speak_json(loaded, run_json):
    assert [row["event_id"] for row in run_json("privacy", "export", "user-2")["events"]] == ["2-0", "2-1", "2-2"]
    written = run_json("privacy", "export", "user-2", "--out", loaded / "two.json")
    assert (written["file"], written["events"]) == (str(loaded / "two.json"), 3)
    assert json.loads((loaded / "two.json").read_text())["user_id"] == "user-2"
    erased = run_json("privacy", "erase", "user-2", "--yes")
    assert erased["counts"]["events"] == 3
    assert (erased["pending"], erased["refit_before"]) == ([], None)


def test_an_export_is_a_readable_document_or_a_file(loaded, run):
    _, out, _ = run("privacy", "export", "user-2")
    assert json.loads(out)["user_id"] == "user-2"
    assert '\n  "user_id"' in out
    code, out, _ = run("privacy", "export", "user-2", "--out", loaded / "two.json")
    assert code == 0
    assert "3 events, 0 aliases" in out


def test_an_unwritable_export_and_an_unknown_shopper_fail_in_one_line(loaded, run):
    assert run("privacy", "export", "user-2", "--out", loaded / "no" / "two.json")[0] == 1
    for command in (["export"], ["erase", "--yes"]):
        code, out, err = run("privacy", *command, "nobody")
        assert (code, out) == (1, "")
        assert "nothing is stored about shopper 'nobody'" in err


def test_contemplating_answers_within_a_deadline_and_comes_again_from_its_trace(trained, run_json, tmp_path):
    reply = run_json("chat", "the cheapest lamp", "--mode", "contemplating", "--deadline-ms", "5000")
    assert reply["mode"] == "contemplating"
    assert {run["state"] for run in reply["trace"]["agents"]} <= {"ready", "failed"}
    (tmp_path / "reply.json").write_text(json.dumps(reply))
    assert run_json("replay", "--trace", "reply.json")["same"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chat", "a lamp", "--deadline-ms", "500"), "a deadline is for mode 'contemplating', got mode 'shopping'"),
        (("chat", "a lamp", "--mode", "contemplating", "--deadline-ms", "1"), "between 50 and 600,000, got 1"),
        (("replay",), "replay takes a request id or --trace FILE, one of them"),
        (("replay", "some-id", "--trace", "events.jsonl"), "replay takes a request id or --trace FILE, one of them"),
        (("replay", "--trace", "broken.json"), "the trace is no JSON"),
        (("replay", "--trace", "other.json"), "the trace is wrong at 'deadline_ms': Field required"),
    ],
)
def test_wrong_deadlines_and_traces_are_wrong_usage(trained, run, tmp_path, words, said):
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text('{"trace": {}}')
    code, error = failing(run, *words)
    assert code == 2
    assert said in error
