"""Content: what a text or a photo adds to a ranking, and what may be said of it."""

from datetime import UTC, datetime

import numpy as np
import pytest

from recommender.content import PHOTO_WEIGHT, READ_TEXT_WEIGHT, TEXT_WEIGHT, Content
from schemas import Availability, ProductRow, Reason, ReasonKind
from tests.recommender.embedded import embeddings, photo
from tests.recommender.fake_encoder import FakeEncoder

ENCODER = FakeEncoder()
TEXTS = ["red mug", "blue mug", "green lamp", "white chair", "black bag", "grey rug", "oak table", "wool scarf"]
COLOURS = {number: text.split()[0] for number, text in enumerate(TEXTS[:6])}
EMBEDDED = embeddings(TEXTS, COLOURS)
POPULAR = Reason(kind=ReasonKind.POPULAR, contribution=1.0)


def text_vector(text):
    return ENCODER.embed_text([text])[0]


def photo_vector(colour):
    return ENCODER.embed_photos([photo(colour)])[0]


def row(title, description=""):
    return ProductRow(
        item_id="a",
        variant_id="a",
        title=title,
        description=description,
        availability=Availability.IN_STOCK,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_item_whose_words_are_asked_for_comes_first():
    assert np.argmax(Content.of(EMBEDDED, text=text_vector("a blue mug")).scores) == 1


def test_the_item_whose_photo_is_shown_comes_first():
    assert np.argmax(Content.of(EMBEDDED, photo=photo_vector("green")).scores) == 2


def test_an_item_without_a_photo_is_found_by_its_text():
    unseen = embeddings(["red thing", *TEXTS[1:]], {number: colour for number, colour in COLOURS.items() if number})
    content = Content.of(unseen, photo=photo_vector("red"))
    assert np.argmax(content.scores) == 0
    assert not content.alike[0]


def test_with_no_photo_in_the_catalogue_all_are_found_by_their_text():
    content = Content.of(embeddings(TEXTS), photo=photo_vector("black"))
    assert np.argmax(content.scores) == TEXTS.index("black bag")
    assert not content.alike.any()


def test_similarities_have_one_scale_and_add_up_with_their_weights():
    both = Content.of(EMBEDDED, text=text_vector("mug"), photo=photo_vector("red"))
    assert both.text.mean() == pytest.approx(0, abs=1e-6)
    assert both.text.std() == pytest.approx(1, abs=1e-5)
    assert both.scores.dtype == np.float32
    np.testing.assert_allclose(both.scores, TEXT_WEIGHT * both.text + PHOTO_WEIGHT * both.photo, rtol=1e-5)


def test_a_text_that_constraints_hold_already_counts_little():
    meant = Content.of(EMBEDDED, text=text_vector("mug"), photo=photo_vector("red"))
    read = meant.as_read()
    np.testing.assert_allclose(read.scores, READ_TEXT_WEIGHT * meant.text + PHOTO_WEIGHT * meant.photo, rtol=1e-5)


def test_where_nothing_differs_content_says_nothing():
    same = Content.of(embeddings(["red mug"] * 3), text=text_vector("lamp"))
    assert same.scores.tolist() == [0, 0, 0]


def test_only_what_looks_like_the_photo_is_said_to():
    content = Content.of(EMBEDDED, photo=photo_vector("red"))
    assert [kind for kind, _ in content.reasons(0, row("red mug"))] == [ReasonKind.PHOTO]
    assert all(content.reasons(item, row("thing")) == [] for item in range(1, len(TEXTS)))


def test_a_photo_of_nothing_in_the_shop_looks_like_nothing():
    strange = np.zeros(ENCODER.size, dtype=np.float32)
    strange[0] = 1.0
    content = Content.of(EMBEDDED, photo=strange)
    assert all(content.reasons(item, row(text)) == [] for item, text in enumerate(TEXTS))


def test_words_are_a_reason_only_where_the_row_has_one_of_them():
    content = Content.of(EMBEDDED, text=text_vector("oak table"), wanted=("Oak Tables",))
    item = TEXTS.index("oak table")
    assert [kind for kind, _ in content.reasons(item, row("A big one", "Made of oak."))] == [ReasonKind.WORDS]
    assert content.reasons(item, row("A big one")) == []
    assert content.reasons(1, row("oak")) == []


def test_a_reason_of_content_takes_its_share_from_those_of_behaviour():
    content = Content.of(EMBEDDED, photo=photo_vector("red"))
    behaviour = 1.5
    score = behaviour + float(content.scores[0])
    photo_reason, popular = content.explained(0, score, row("red mug"), (POPULAR,))
    assert (photo_reason.kind, popular.kind) == (ReasonKind.PHOTO, ReasonKind.POPULAR)
    assert popular.contribution == pytest.approx(behaviour / score)
    assert photo_reason.contribution + popular.contribution == pytest.approx(1.0)


def test_an_item_that_content_pushed_down_keeps_the_reasons_of_behaviour():
    content = Content.of(EMBEDDED, photo=photo_vector("red"))
    item = int(np.argmin(content.scores))
    assert content.explained(item, 2.0 + float(content.scores[item]), row("thing"), (POPULAR,)) == (POPULAR,)
