"""Search on a simulated shop: what is understood holds, what is meant orders, and the shopper's taste has its say."""

import numpy as np
import pytest
from PIL import Image

from recommender.artifacts import ArtifactStore
from recommender.content import Content
from recommender.errors import ArtifactError, BadRequestError
from recommender.shop.requests import ANYTHING_IN_STOCK, Request, Requests
from recommender.shop.search import Query, Search
from recommender.shop.serving import Serving
from schemas import Constraints, Money, ReasonKind
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.events import EventStore
from tests.recommender.fake_encoder import FakeEncoder

EVERYTHING = 500
ENCODER = FakeEncoder()


class Bench:
    """A search with what it stands on."""

    def __init__(self, folder, encoder=ENCODER):
        self.engine = open_database(f"sqlite:///{folder / 'shop.db'}")
        self.catalog = CatalogStore(self.engine)
        serving = Serving(self.catalog, ArtifactStore(folder / "artifacts"))
        self.view = serving.view()
        self.requests = Requests(self.catalog, EventStore(self.engine), serving)
        self.search = Search(self.requests, lambda: encoder)

    def answer(self, text="", **arguments):
        return self.search.answer(self.view, Query(**{"k": 10, "text": text} | arguments)).answer

    def ask(self, **arguments):
        shopper = self.requests.shopper(self.view, arguments.get("user_id"))
        return self.requests.answer(Request(self.view, shopper, EVERYTHING, **arguments))


@pytest.fixture(scope="module")
def bench(built):
    made = Bench(built)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def rows(bench):
    frame = bench.catalog.rows()
    return frame[(frame["availability"] == "in_stock") & (frame["quantity"].fillna(1) > 0)].to_dict("records")


def ids(answer):
    return [item.item_id for item in answer.items]


def colours(rows, category):
    return {row["attributes"]["color"][0] for row in rows if category in row["category"]}


def test_what_is_understood_holds_and_nothing_else_is_found_while_something_fits(bench, rows):
    row = next(row for row in rows if "color" in row["attributes"] and row["price"] < 100)
    colour, category = row["attributes"]["color"][0], row["category"][-1]
    limit = int(row["price"]) + 1
    answer = bench.answer(f"{colour} {category} under {limit} pounds", k=EVERYTHING)
    assert row["item_id"] in ids(answer)
    assert not answer.relaxed
    for item in answer.items:
        assert colour in item.row.attributes["color"]
        assert category in item.row.category
        assert item.row.price.amount <= limit
        assert item.row.in_stock


def test_what_nothing_fits_is_relaxed_and_said(bench, rows):
    category = next(row["category"][-1] for row in rows)
    answer = bench.answer(f"{category} under 0.01 pounds")
    assert answer.items
    assert all(category in item.row.category for item in answer.items)
    assert answer.relaxed == ("max_price: the price limit of £0.01",)


def test_words_that_no_rule_knows_order_by_meaning_alone(bench):
    text = "xylophone qwertyuiop"
    answer = bench.answer(text, k=EVERYTHING, personalize=False)
    embeddings = bench.view.embeddings_of(ENCODER)
    expected = bench.ask(
        content=Content.of(embeddings, text=ENCODER.embed_text([text])[0]),
        constraints=Constraints(include_bought=True),
        personalize=False,
    )
    assert len(answer.items) > 50
    assert not answer.relaxed
    assert ids(answer) == ids(expected)


def test_a_photo_brings_what_it_shows_to_the_top(bench, built):
    for item_id in ids(bench.ask())[5:50:9]:
        with Image.open(built / "data" / "photos" / f"{item_id}.png") as opened:
            photo = opened.convert("RGB")
        embeddings, index = bench.view.embeddings_of(ENCODER), bench.view.artifacts.items.index(item_id)
        shown = bench.answer(photo=photo, k=EVERYTHING)
        assert ids(shown).index(item_id) <= ids(bench.ask()).index(item_id)
        assert np.argmax(embeddings.photos @ ENCODER.embed_photos([photo])[0]) == index


def test_the_answer_to_text_and_photo_equals_brute_force(bench):
    photo = Image.new("RGB", (32, 32), (200, 40, 40))
    text = "plonk"
    embeddings = bench.view.embeddings_of(ENCODER)
    content = Content.of(
        embeddings, text=ENCODER.embed_text([text])[0], photo=ENCODER.embed_photos([photo])[0], wanted=(text,)
    )
    shopper = bench.requests.shopper(bench.view, "shopper-00007")
    behaviour = bench.view.artifacts.blend.scores(shopper.query)
    total = behaviour[0] / behaviour[0].std() + content.scores
    items = bench.view.artifacts.items
    eligible = bench.view.columns.items_of(bench.view.columns.satisfying(ANYTHING_IN_STOCK))
    eligible[shopper.disliked] = False
    expected = sorted(np.flatnonzero(eligible), key=lambda item: (-total[item], item))
    answer = bench.answer(text, photo=photo, user_id="shopper-00007", k=EVERYTHING)
    assert answer.personalized
    assert ids(answer) == items.ids(expected)
    np.testing.assert_allclose([item.score for item in answer.items], total[expected], rtol=1e-5)


def test_two_shoppers_get_the_same_products_each_in_their_order(bench, rows):
    category = max((row["category"][0] for row in rows), key=[row["category"][0] for row in rows].count)
    one, other = (bench.answer(category, user_id=user, k=EVERYTHING) for user in ("shopper-00001", "shopper-00042"))
    assert set(ids(one)) == set(ids(other))
    assert ids(one) != ids(other)


def test_what_was_bought_can_be_found_again(bench, rows):
    events = EventStore(bench.engine)
    in_stock = {row["item_id"] for row in rows}
    for user in (f"shopper-{number:05d}" for number in range(1, 301)):
        bought = {event.item_id for event in events.recent(user, limit=1_000) if event.kind == "purchase"}
        if bought & in_stock:
            break
    assert bought & in_stock <= set(ids(bench.answer("plonk", user_id=user, k=EVERYTHING)))
    assert bought.isdisjoint(ids(bench.ask(user_id=user)))


def test_constraints_of_the_caller_hold_beside_the_words_and_never_give_way(bench, rows):
    category = rows[0]["category"]
    dearer = Constraints(category=category[:1], min_price=Money("5", "GBP"), exclude=(rows[0]["item_id"],))
    answer = bench.answer(f"{category[-1]} under 1 pound", constraints=dearer, k=EVERYTHING)
    assert all(category[0] in item.row.category and item.row.price.amount >= 5 for item in answer.items)
    assert rows[0]["item_id"] not in ids(answer)
    nothing = bench.answer(category[-1], constraints=Constraints(category=("No such thing",)))
    assert nothing.items == ()
    assert nothing.shortfall == 10


def test_what_is_out_of_stock_is_found_only_for_who_asks_for_it(bench, rows):
    in_stock = {row["item_id"] for row in rows}
    assert set(ids(bench.answer("plonk", k=EVERYTHING))) == in_stock
    everything = bench.answer("plonk", k=EVERYTHING, constraints=Constraints(in_stock=False))
    assert set(ids(everything)) == set(bench.catalog.rows()["item_id"])


def test_reasons_say_what_is_like_the_request(bench, built, rows):
    row = next(row for row in rows if "color" in row["attributes"])
    with Image.open(built / "data" / row["image"]) as opened:
        photo = opened.convert("RGB")
    answer = bench.answer(row["title"], photo=photo, k=EVERYTHING)
    kinds = {item.item_id: {reason.kind for reason in item.reasons} for item in answer.items}
    assert ReasonKind.WORDS in kinds[row["item_id"]]
    assert all(0 <= reason.contribution <= 1 for item in answer.items for reason in item.reasons)
    assert not any(ReasonKind.PHOTO in one for one in (kinds[item] for item in ids(answer)[len(kinds) // 2 + 1 :]))


def test_a_search_for_nothing_is_refused():
    for text in ("", "  \n"):
        with pytest.raises(BadRequestError, match="a search needs a text or a photo"):
            Query(10, text)


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(BadRequestError, match="at most 1,000 characters, got 1,001"):
        Query(10, "x" * 1_001)


def test_an_encoder_that_did_not_make_the_artifacts_is_refused(built):
    other = Bench(built, FakeEncoder(seed=1))
    with pytest.raises(ArtifactError, match="run `recommender train`"):
        other.answer("red mug")
    other.engine.dispose()
