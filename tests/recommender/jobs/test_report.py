import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from recommender.jobs.report import (
    Chat,
    DemoReport,
    EvaluationTable,
    IngestRow,
    ModelScore,
    ShopFacts,
    ShopperStory,
    Signal,
    Timing,
    Turn,
    origins_in_words,
    render_report,
)
from schemas import Availability, EventKind, Money, ProductRow, RankedItem, Reason, ReasonKind, Sentence
from schemas.conversation import Origin

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\nphoto"
VOID = {"meta", "img", "circle", "path"}


class _Page(HTMLParser):
    """The tags in order, the text, and every tag left open or closed out of turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.tags if name in attrs]


def _row(item_id: str, title: str, price: Money | None, availability: Availability) -> ProductRow:
    return ProductRow(
        item_id=item_id,
        variant_id=item_id,
        title=title,
        brand="Quillmere",
        category=("Kitchen", "Mugs"),
        price=price,
        availability=availability,
        as_of=NOW,
    )


def _item(
    title: str = "Blue Mug",
    *,
    item_id: str = "mug-1",
    price: Money | None = Money(Decimal("1234.50"), "GBP"),  # noqa: B008
    availability: Availability = Availability.IN_STOCK,
    reasons: tuple[Reason, ...] = (),
) -> RankedItem:
    row = _row(item_id, title, price, availability)
    return RankedItem(item_id=item_id, rank=1, score=0.5, row=row, reasons=reasons)


def _story(*items: RankedItem, chats: tuple[Chat, ...] = (), signals: tuple[Signal, ...] = ()) -> ShopperStory:
    return ShopperStory("shopper-7", signals, items, chats)


def _chat() -> Chat:
    sentences = (
        Sentence(text="These are mugs.", origin=Origin.MODEL),
        Sentence(text="- Blue Mug is £5.", origin=Origin.RETRY),
        Sentence(text="Have a look.", origin=Origin.TEMPLATE),
        Sentence(text="Do.", origin=Origin.MODEL),
    )
    reply = Turn(
        "shop",
        "These are mugs.",
        items=(_item(),),
        sentences=sentences,
        notes=("the writer failed: it was tired",),
        timing=Timing(0.012, 0.5, 2.25),
    )
    return Chat("A question with a photo", (Turn("shopper", "A mug?", PNG), reply))


POPULARITY = ModelScore("popularity", recall=0.1, ndcg=0.05, coverage=0.03)
BLEND = ModelScore("blend", recall=0.25, ndcg=0.125, coverage=0.8)
EVALUATION = EvaluationTable(
    split_at=datetime(2026, 10, 14, tzinfo=UTC),
    users=1_376,
    models=(POPULARITY, ModelScore("als", recall=0.2, ndcg=0.1, coverage=0.7)),
    blend=BLEND,
    baseline=POPULARITY,
    weights={"als": 1.5, "popularity": 0.0, "linear": 0.5},
)


@pytest.fixture
def report() -> DemoReport:
    return DemoReport(
        title="A demonstration",
        generated_at=NOW,
        facts=ShopFacts(450, 8, 3_000, {EventKind.VIEW: 90_000, EventKind.PURCHASE: 10_500}, NOW, NOW),
        ingest=(IngestRow("events.parquet", accepted=100_500, duplicated=12, rejected=3, seconds=4.25),),
        evaluation=EVALUATION,
        shoppers=(_story(_item()),),
        photos={"mug-1": PNG},
    )


def _rendered(report: DemoReport, *stories: ShopperStory) -> str:
    return render_report(replace(report, shoppers=stories) if stories else report)


def test_the_page_is_well_formed(report: DemoReport) -> None:
    signals = (Signal(EventKind.SEARCH, "mugs", NOW), Signal(EventKind.VIEW, "Blue Mug", NOW, "mug-1"))
    page = _Page(_rendered(report, _story(_item(), chats=(_chat(),), signals=signals), _story()))
    assert (page.open, page.crossed) == ([], [])


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(report: DemoReport) -> None:
    html = render_report(report)
    page = _Page(html)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "object"})
    assert all(value.startswith("data:image/") for value in page.attributes("src"))
    assert all(value.startswith("#") for value in page.attributes("href"))
    assert not re.search(r"https?://|url\(|@import", html)


def test_the_page_forbids_the_browser_to_run_or_load_anything(report: DemoReport) -> None:
    assert any(value.startswith("default-src 'none'") for value in _Page(render_report(report)).attributes("content"))


HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=y>"


def test_text_from_the_catalogue_and_from_shoppers_is_escaped_everywhere(report: DemoReport) -> None:
    reason = Reason(kind=ReasonKind.HISTORY, contribution=0.5, title=HOSTILE, event_kind=EventKind.PURCHASE)
    hostile = _item(HOSTILE, item_id=HOSTILE, reasons=(reason,))
    signal = Signal(EventKind.VIEW, HOSTILE, NOW, HOSTILE)
    said = Sentence(text=HOSTILE, origin=Origin.MODEL)
    turns = (Turn("shopper", HOSTILE, b"<svg onload=y>"), Turn("shop", HOSTILE, b"", (hostile,), (said,), (HOSTILE,)))
    story = ShopperStory(HOSTILE, (signal,), (hostile,), (Chat(HOSTILE, turns),))
    page = _Page(_rendered(replace(report, title=HOSTILE), story))
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.attributes("onerror") == []
    assert page.text.count("<script>alert('x')</script>") >= 10


def test_photos_are_inline_and_a_product_without_one_shows_its_initial(report: DemoReport) -> None:
    page = _Page(_rendered(report, _story(_item(), _item("zebra lamp", item_id="lamp-1"))))
    assert page.attributes("src") == ["data:image/png;base64," + base64.b64encode(PNG).decode()]
    assert re.search(r"\bZ\b", page.text)


def test_a_jpeg_is_named_as_one_and_other_bytes_are_not_shown(report: DemoReport) -> None:
    photos = {"mug-1": b"\xff\xd8\xff\xe0photo", "mug-2": b"<svg onload=x>"}
    story = _story(_item(), _item(item_id="mug-2"))
    sources = _Page(_rendered(replace(report, photos=photos), story)).attributes("src")
    assert [source.partition(";")[0] for source in sources] == ["data:image/jpeg"]


def test_prices_stand_in_their_currency_and_stock_in_words(report: DemoReport) -> None:
    sold_out = _item(price=Money(Decimal("9.99"), "EUR"), availability=Availability.OUT_OF_STOCK)
    text = _Page(_rendered(report, _story(_item(), sold_out, _item(price=None)))).text
    for words in ("£1,234.50", "In stock", "€9.99", "Out of stock", "price on request"):
        assert words in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason(kind=ReasonKind.POPULAR, contribution=0.2), "popular in this shop20%"),
        (Reason(kind=ReasonKind.FEATURE, contribution=1, feature="Cotton"), "a match on Cotton100%"),
        (
            Reason(kind=ReasonKind.HISTORY, contribution=0.61, title="Red Pot", event_kind=EventKind.PURCHASE),
            "you bought Red Pot61%",
        ),
    ],
)
def test_a_reason_is_put_into_words_with_its_share(report: DemoReport, reason: Reason, words: str) -> None:
    assert words in _Page(_rendered(report, _story(_item(reasons=(reason,))))).text


def test_every_kind_of_event_has_its_words(report: DemoReport) -> None:
    signals = tuple(Signal(kind, "Blue Mug", NOW) for kind in EventKind)
    assert "Put in the cart" in _rendered(report, _story(signals=signals))


def test_figures_are_grouped_and_carry_their_units(report: DemoReport) -> None:
    text = _Page(render_report(report)).text
    for words in ("100,500", "3,000", "Time (s)", "Coverage (%)", "1,376 shoppers", "14 Oct 2026, 00:00 UTC", "80%"):
        assert words in text


def test_the_evaluation_lists_the_blend_first_and_marks_blend_and_baseline(report: DemoReport) -> None:
    html = render_report(report)
    assert [score.name for score in EVALUATION.rows] == ["blend", "als", "popularity"]
    assert re.search(r'<tr class="blend">\s*<td class="name">Blend', html)
    assert re.search(r'<tr class="base">\s*<td class="name">Popularity', html)
    assert re.search(r'<tr class="">\s*<td class="name">ALS', html)


def test_bars_are_as_long_as_their_share_of_the_best(report: DemoReport) -> None:
    rows = re.findall(r'<tr class="[a-z]*">(.*?)</tr>', render_report(report), re.DOTALL)
    widths = [re.findall(r"width:([\d.]+)%", row) for row in rows]
    assert widths == [["100.0", "100.0", "80.0"], ["80.0", "80.0", "70.0"], ["40.0", "40.0", "3.0"]]


def test_members_are_the_shares_of_the_weights_heaviest_first_without_the_unused() -> None:
    assert EVALUATION.members == [("als", 0.75), ("linear", 0.25)]


def test_the_lift_is_left_out_where_popularity_finds_nothing(report: DemoReport) -> None:
    nothing = replace(POPULARITY, ndcg=0.0)
    assert EVALUATION.lift == pytest.approx(2.5)
    assert "2.5\N{MULTIPLICATION SIGN}" in render_report(report)
    assert "of popularity alone" not in render_report(
        replace(report, evaluation=replace(EVALUATION, baseline=nothing, models=(nothing,)))
    )


def test_a_shopper_without_signals_or_recommendations_is_still_a_page(report: DemoReport) -> None:
    text = _Page(_rendered(report, _story())).text
    assert "Nothing yet: a new shopper." in text
    assert "No product meets the conditions." in text


def test_an_empty_shop_is_still_a_page(report: DemoReport) -> None:
    empty = ShopFacts(0, 0, 0, {}, NOW, NOW)
    assert "A demonstration" in render_report(replace(report, facts=empty, ingest=(), shoppers=(), photos={}))


def test_a_chat_shows_the_photo_beside_the_question_and_where_each_sentence_came_from(report: DemoReport) -> None:
    html = _rendered(report, _story(chats=(_chat(),)))
    page = _Page(html)
    assert page.attributes("src").count("data:image/png;base64," + base64.b64encode(PNG).decode()) == 2
    assert re.findall(r'class="said (\w+)"', html) == ["model", "retry", "template", "model"]
    assert "These are mugs.\n- Blue Mug is £5. Have a look. Do." in page.text
    for words in (
        "A question with a photo",
        "2 sentences by the model, 1 by the model at its second try, 1 from the template",
        "products after 12 ms, first sentence after 500 ms, all after 2.2 s",
        "the writer failed: it was tired",
    ):
        assert words in page.text


def test_one_sentence_is_said_to_be_one() -> None:
    turn = Turn("shop", "Hi.", sentences=(Sentence(text="Hi.", origin=Origin.TEMPLATE),))
    assert origins_in_words(turn) == "1 sentence from the template"
    assert origins_in_words(Turn("shopper", "Hi.")) == ""
