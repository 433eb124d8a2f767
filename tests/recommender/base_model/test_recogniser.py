"""A photo's category and colour are said in the catalogue's words, and only where the tower is sure enough."""

import numpy as np
import pytest

from recommender.base_model.encoder import TwoTowers, load_encoder
from recommender.base_model.photo_tower.calibration import Sureness
from recommender.base_model.protocols import Embeddings
from recommender.base_model.recogniser import Recogniser
from schemas import Product
from signals.simulator import SimulatorConfig, simulate
from signals.simulator.photos import draw_photo

AXES = {"mugs": 0, "boots": 1, "red": 2, "blue": 3}
NOTHING = np.empty((0, len(AXES)), dtype=np.float32)
CALIBRATION = {"category": Sureness(10, 0.7, NOTHING), "color": Sureness(10, 0.7, NOTHING)}
FIELDS = {"category": ("Mugs", "Boots"), "color": ("Red", "Blue")}


def by_axes(texts) -> Embeddings:
    rows = [[float(word in text.split()) for word in AXES] for text in texts]
    return np.array(rows, dtype=np.float32)


ENCODER = TwoTowers("axes", "0", len(AXES), text=by_axes, photos=lambda photos: by_axes([""] * len(photos)))


def vector(**parts: float) -> Embeddings:
    row = np.zeros(len(AXES), dtype=np.float32)
    for word, part in parts.items():
        row[AXES[word]] = part
    return row / max(np.linalg.norm(row), 1e-9)


def test_the_best_value_of_each_field_is_said_as_the_catalogue_spells_it():
    seen = Recogniser(ENCODER, FIELDS, CALIBRATION).seen(vector(mugs=1, blue=1))
    assert [(one.field, one.value) for one in seen] == [("category", "Mugs"), ("color", "Blue")]
    assert all(one.confidence > 0.99 for one in seen)


def test_what_is_not_sure_enough_is_not_said():
    recogniser = Recogniser(ENCODER, FIELDS, CALIBRATION)
    assert [one.value for one in recogniser.seen(vector(boots=1, red=0.5, blue=0.48))] == ["Boots"]
    assert recogniser.seen(vector()) == ()


def test_what_the_catalogue_has_no_word_for_is_not_said():
    boots = by_axes(["boots"])
    known = {"category": Sureness(10, 0.7, boots)}
    mugs_alone = Recogniser(ENCODER, {"category": ("Mugs",)}, known)
    assert [one.value for one in mugs_alone.seen(vector(mugs=1))] == ["Mugs"]
    assert mugs_alone.seen(vector(boots=1)) == ()
    assert [one.value for one in Recogniser(ENCODER, FIELDS, known).seen(vector(boots=1))] == ["Boots"]


def test_confidence_is_the_calibrated_share():
    (one,) = Recogniser(ENCODER, {"color": FIELDS["color"]}, {"color": Sureness(2, 0.1, NOTHING)}).seen(vector(red=1))
    assert (one.field, one.value) == ("color", "Red")
    assert one.confidence == pytest.approx(np.exp(2) / (np.exp(2) + 1), abs=1e-5)


def test_either_spelling_of_colour_is_a_colour_and_keeps_its_own():
    for field in ("colour", "Color", "COLOUR"):
        (one,) = Recogniser(ENCODER, {field: ("Red", "Blue")}, CALIBRATION).seen(vector(red=1))
        assert one.field == field


def test_fields_the_tower_was_not_measured_on_are_never_said():
    fields = {"material": ("Red", "Blue"), "brand": ("Mugs",), "category": ()}
    assert Recogniser(ENCODER, fields, CALIBRATION).seen(vector(red=1)) == ()


def test_values_are_embedded_once():
    calls = []

    def counted(texts) -> Embeddings:
        calls.append(len(texts))
        return by_axes(texts)

    recogniser = Recogniser(TwoTowers("axes", "0", 4, counted, by_axes), FIELDS, CALIBRATION)
    before = len(calls)
    for _ in range(3):
        recogniser.seen(vector(red=1))
    assert len(calls) == before == 2


def precision_and_coverage(products: list[Product], seed: int) -> dict[str, tuple[float, float]]:
    """By field, over the products that have it: of what was said, how much is right; and how often it was said."""
    colors = {product.attributes["color"][0] for product in products if "color" in product.attributes}
    fields = {"category": sorted({product.category[-1] for product in products}), "color": sorted(colors)}
    encoder = load_encoder()
    recogniser = Recogniser(encoder, fields)
    found: dict[str, list[bool | None]] = {field: [] for field in fields}
    for product, row in zip(products, encoder.embed_photos([draw_photo(p, seed) for p in products]), strict=True):
        truth = {"category": product.category[-1], "color": product.attributes.get("color", (None,))[0]}
        said = {one.field: one.value == truth[one.field] for one in recogniser.seen(row)}
        for field in fields:
            if truth[field] is not None:
                found[field].append(said.get(field))
    return {field: _shares(answers) for field, answers in found.items()}


def _shares(answers: list[bool | None]) -> tuple[float, float]:
    said = [answer for answer in answers if answer is not None]
    return sum(said) / len(said), len(said) / len(answers)


def assert_good(measured: dict[str, tuple[float, float]]) -> None:
    assert measured["category"][0] >= 0.9
    assert measured["category"][1] >= 0.8
    assert measured["color"][0] >= 0.95
    assert measured["color"][1] >= 0.6


def test_what_is_said_of_a_shop_it_has_not_learned_from_is_right():
    products = simulate(SimulatorConfig(seed=77, n_shoppers=1, n_events=12)).products
    assert_good(precision_and_coverage(list(products[:200]), 77))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(10, 16))
def test_what_is_said_of_any_shop_it_has_not_learned_from_is_right(seed: int):
    products = simulate(SimulatorConfig(seed=seed, n_products=1_000, n_shoppers=1, n_events=12)).products
    assert_good(precision_and_coverage(list(products), seed))
