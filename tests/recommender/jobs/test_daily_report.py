"""The analysts' daily page."""

import json
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from recommender import Shop, frames, visit
from recommender.cli import main
from recommender.errors import BadRequestError, NotEnoughDataError
from recommender.jobs.daily_report import DailyReport, daily_report, render_daily
from schemas import Event, Exploration, Rules
from signals.database import open_database
from signals.simulator import ClosedLoop
from tests.recommender.bundled import replace_encoder
from tests.recommender.fake_encoder import FakeEncoder
from tests.shops import CONFIG

SECTIONS = ["Traffic", "Clicks and lift", "Quality against popularity", "Coverage", "Grounding", "Latency"]


@pytest.fixture(scope="module")
def reports(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[DailyReport]:
    """One after a day of visitors with exploration, and one after two of them have talked with the shop."""
    folder = tmp_path_factory.mktemp("visited")
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("photos"), dirs_exist_ok=True)
    url = f"sqlite:///{folder / 'shop.db'}"
    rules = Rules(exploration=Exploration(epsilon=0.3))
    with Shop.open(url, folder / "artifacts", base_model="none", encoder=FakeEncoder()) as shop:
        visit(shop, ClosedLoop(CONFIG, visits_a_day=0.2), 1, k=5, rules=rules)
        before = made(shop, url, folder)
        shop.chat([{"role": "user", "content": "a mug"}], user_id="ann", mode="fast", surface="glasses")
        shop.chat([{"role": "user", "content": "a lamp under 40 pounds"}], user_id="bob")
        shop.record([came(shop)])
        return [before, made(shop, url, folder)]


def made(shop: Shop, url: str, folder: Path) -> DailyReport:
    shop._write_queued()
    return daily_report(frames.connect(url), shop, folder / "artifacts", days=60)


def came(shop: Shop) -> Event:
    """A visit just after what was visited and said so far: the newest event is where a report ends."""
    item_id = next(iter(shop.titles()))
    at = datetime.now(UTC) + timedelta(hours=1)
    return Event(event_id="last", kind="view", user_id="ann", item_id=item_id, occurred_at=at)


@pytest.fixture
def report(reports: list[DailyReport]) -> DailyReport:
    return reports[0]


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.names: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]


def test_it_has_every_section_with_its_figures(report: DailyReport) -> None:
    assert [section.title for section in report.sections] == SECTIONS
    figures = report.figures
    assert 0 < figures["ctr"] < 1
    assert 0 < figures["coverage"] <= 1
    assert figures["sentences_template"] == 1.0
    assert 0 < figures["recommend_median"] <= figures["chat_whole_reply_median"] * 50
    assert figures["popularity_ndcg@10"] >= 0
    clicks = report.sections[1]
    assert "at places drawn by lot" in clicks.note
    assert "recommend, by exploration" in set(clicks.table["list"])


def test_the_page_needs_nothing_from_elsewhere(report: DailyReport) -> None:
    page = render_daily(report)
    tags = _Tags(page)
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in tags.sources)
    assert "script" not in tags.names
    assert not re.search(r"https?://", page)
    assert sum(source.startswith("data:") for source in tags.sources) >= 8


def test_what_it_asked_itself_is_in_no_later_report(reports: list[DailyReport]) -> None:
    before, after = reports
    assert after.figures["lists"] == before.figures["lists"] + 2 > 2


def test_without_a_conversation_grounding_and_latency_are_of_questions_asked_now(report: DailyReport) -> None:
    for section in report.sections[-2:]:
        assert section.note.startswith("No shopper talked with the shop in this time:")
    assert report.figures["turns"] == 0
    assert set(report.sections[-2].table["mode"]) == {"fast", "shopping", "contemplating"}


def test_with_conversations_they_are_what_shoppers_got(reports: list[DailyReport]) -> None:
    grounding, latency = reports[1].sections[-2:]
    for section in (grounding, latency):
        assert section.note.startswith("What shoppers got who talked with the shop.")
    assert reports[1].figures["turns"] == 2
    assert list(zip(grounding.table["mode"], grounding.table["replies"], strict=True)) == [("fast", 1), ("shopping", 1)]
    assert list(grounding.table["template_share"]) == ["100.0%", "100.0%"]
    assert grounding.table["facts"].sum() == reports[1].figures["facts"] > 0
    assert list(latency.table["answer"]) == [
        f"chat, {piece}" for piece in ("items", "first sentence", "whole reply") for _ in range(2)
    ] + ["recommend"]
    assert list(latency.table["n"][:6]) == [1] * 6


def test_a_shop_that_has_shown_nothing_in_this_time_says_so(shop: Shop, shop_folder: Path) -> None:
    shop.chat([{"role": "user", "content": "a mug, long after the newest event"}])
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    page = render_daily(daily_report(engine, shop, shop_folder / "artifacts"))
    assert "No shopper talked with the shop in this time" in page
    assert "No list was shown in this time." in page
    assert "No product of the catalogue was shown in this time." in page
    asked = frames.turns(engine, of_reports=True)
    assert len(asked) == 15
    assert asked["user_id"].str.startswith("report-probe-").all(), "no shopper is said to have asked"


def test_no_days_and_no_events_are_refused(shop: Shop, shop_folder: Path, sqlite_url: str) -> None:
    with pytest.raises(BadRequestError, match="days is 1 or more, got 0"):
        daily_report(frames.connect(f"sqlite:///{shop_folder / 'shop.db'}"), shop, shop_folder / "artifacts", days=0)
    with pytest.raises(NotEnoughDataError, match="there are no events; load some"):
        daily_report(open_database(sqlite_url), shop, shop_folder / "artifacts")


def test_the_command_writes_it_and_prints_its_figures(
    shop_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_encoder(monkeypatch)
    out = tmp_path / "report.html"
    words = ["report", "--out", str(out), "--base-model", "none", "--json"]
    where = ["--database", f"sqlite:///{shop_folder / 'shop.db'}", "--artifacts", str(shop_folder / "artifacts")]
    monkeypatch.setattr(sys, "argv", ["recommender", *words, *where])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["report"] == str(out)
    assert printed["events"] > 0
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(("words", "code", "said"), [(["--days", "0"], 2, "--days"), ([], 1, "shop.db")])
def test_a_command_that_cannot_be_done_says_why(
    words: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["recommender", "report", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == code
    complaint = capsys.readouterr().err
    assert said in complaint
    assert "Traceback" not in complaint
    assert not (tmp_path / "report.html").exists()
