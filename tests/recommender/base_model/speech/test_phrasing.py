"""Written words as they are spoken, and the requests that a shop's words can make."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.base_model.speech.catalogue_words import CatalogueWords, both_numbers
from recommender.base_model.speech.phrasing import Phrasing
from recommender.base_model.speech.spoken import number_words, spoken_words
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from tests.recommender.conversation.shops import HOME_ROWS, row

WORDS = CatalogueWords.of(HOME_ROWS, "GBP")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SET/3 T-Light Holders & Jars", "set three t light holders and jars"),
        ("REGENCY CAKESTAND 3 TIER", "regency cakestand three tier"),
        ("PAPER CHAIN KIT 50'S CHRISTMAS", "paper chain kit fifty s christmas"),
        ("Children's Mug", "children's mug"),
        ("Girls' Bag", "girls bag"),
        ("£5 off 20%", "pounds five off twenty percent"),
        ("85123456", ""),
        ("日本 \u200b\x00 <s>", "s"),
    ],
)
def test_spoken_words(text, said):
    assert " ".join(spoken_words(text)) == said


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (17, "seventeen"),
        (40, "forty"),
        (99, "ninety nine"),
        (100, "one hundred"),
        (105, "one hundred and five"),
        (250, "two hundred and fifty"),
        (9_999, "nine thousand nine hundred and ninety nine"),
    ],
)
def test_numbers_in_words(number, words):
    assert " ".join(number_words(number)) == words


@given(st.integers(5, 999))
def test_prices_in_words_are_understood_as_the_number(number):
    text = f"a mug under {' '.join(number_words(number))} pounds"
    limit = understand(text, Vocabulary.from_rows(HOME_ROWS)).wishes.max_price
    assert limit is not None
    assert limit.amount == Decimal(number)


@pytest.mark.parametrize(
    ("noun", "other"),
    [
        ("mugs", "mug"),
        ("mug", "mugs"),
        ("dishes", "dish"),
        ("glass", "glasses"),
        ("glasses", "glass"),
        ("teas", "tea"),
        ("accessories", "accessory"),
    ],
)
def test_both_numbers(noun, other):
    assert both_numbers(noun) == (noun, other)


def test_what_may_be_said_of_each_product():
    mug = next(product for product in WORDS.products if product.title == "stoneware mug")
    assert {"mugs", "mug", "kitchen"} <= set(mug.kinds)
    assert {"red", "ceramic", "acme"} == set(mug.values)


def test_requests_use_only_words_that_can_be_pronounced_and_every_word_of_the_catalogue():
    made = list(Phrasing(WORDS, np.random.default_rng(0)).requests(2_000))
    said = {word for words in made for word in words}
    assert all(word.replace("'", "").isalpha() and word.isascii() and word.islower() for word in said)
    assert {word for phrase in WORDS.phrases() for word in phrase} <= said
    assert {"pounds", "under", "twenty", "please", "not", "an"} <= said
    assert "dollars" not in said


def test_the_same_seed_makes_the_same_requests():
    first, second = (list(Phrasing(WORDS, np.random.default_rng(3)).requests(50)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "rows",
    [
        [row("a", "12345678", category=("Mugs",))],
        [row("a", "Mug", None)],
        [row("a", "日本", category=("Mugs",), color="Red")],
    ],
    ids=["no title to say", "title alone", "foreign title"],
)
def test_poor_catalogues_make_requests_too(rows):
    words = CatalogueWords.of(rows, None)
    assert "mug" in {word for words in Phrasing(words, np.random.default_rng(0)).requests(500) for word in words}


def test_an_article_fits_the_word_after_it():
    made = Phrasing(CatalogueWords.of([row("o", "Oak Owl")], "GBP"), np.random.default_rng(0)).requests(500)
    pairs = {pair for words in made for pair in pairwise(words)}
    assert ("an", "oak") in pairs
    assert ("a", "oak") not in pairs
    assert ("a", "owl") not in pairs


def test_words_that_say_the_same_are_told_from_those_that_do_not():
    assert WORDS.says_the_same(CatalogueWords.of(HOME_ROWS, "GBP"))
    assert not WORDS.says_the_same(CatalogueWords.of(HOME_ROWS, "USD"))
    assert not WORDS.says_the_same(CatalogueWords.of(HOME_ROWS[1:], "GBP"))
