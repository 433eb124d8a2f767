"""Requests and the wishes they mean."""

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.conversation.understanding import MAX_KEYWORDS, MAX_READ, SmallTalk, understand
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import word_set
from schemas import Money, Wishes
from tests.recommender.conversation.shops import HOME, TITLES, row


def gbp(amount: str) -> Money:
    return Money(Decimal(amount), "GBP")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


Case = tuple[str, dict[str, Any]]

RED = {"color": ("Red",)}
MUGS = {"category": ("Mugs",)}

PRICES: list[Case] = [
    ("under £20", {"max_price": gbp("20")}),
    ("below 20", {"max_price": gbp("20")}),
    ("less than 20 pounds", {"max_price": gbp("20")}),
    ("no more than £1,000.50", {"max_price": gbp("1000.50")}),
    ("up to 15 quid", {"max_price": gbp("15")}),
    ("max 30", {"max_price": gbp("30")}),
    ("30 max", {"max_price": gbp("30")}),
    ("a tenner or less", {"max_price": gbp("10")}),
    ("under a hundred", {"max_price": gbp("100")}),
    ("under twenty-five pounds", {"max_price": gbp("25")}),
    ("under two hundred and fifty", {"max_price": gbp("250")}),
    ("50p", {"max_price": gbp("0.50")}),
    ("my budget is £40", {"max_price": gbp("40")}),
    ("I can spend 40", {"max_price": gbp("40")}),
    ("for £12.5", {"max_price": gbp("12.5")}),
    ("under 1.5k", {"max_price": gbp("1500")}),
    ("over 50", {"min_price": gbp("50")}),
    ("at least £5", {"min_price": gbp("5")}),
    ("more than 7 euros", {"min_price": eur("7")}),
    ("£20 or more", {"min_price": gbp("20")}),
    ("£20+", {"min_price": gbp("20")}),
    ("USD 20 or less", {"max_price": usd("20")}),
    ("under $9.99", {"max_price": usd("9.99")}),
    ("under €1.000,50", {"max_price": eur("1000.50")}),
    ("under €12,50", {"max_price": eur("12.50")}),
    ("between 10 and 20", {"min_price": gbp("10"), "max_price": gbp("20")}),
    ("between £20 and £10", {"min_price": gbp("10"), "max_price": gbp("20")}),
    ("£10-£20", {"min_price": gbp("10"), "max_price": gbp("20")}),
    ("from 10 to 20 quid", {"min_price": gbp("10"), "max_price": gbp("20")}),
    ("around £30", {"min_price": gbp("24"), "max_price": gbp("36")}),
    ("over 10 and under 20", {"min_price": gbp("10"), "max_price": gbp("20")}),
    ("over 50, no, under 20", {"max_price": gbp("20")}),
    ("between 5 and $10", {"min_price": usd("5"), "max_price": usd("10")}),
    ("between £5 and $10", {"unread": ("between £5 and $10",)}),
    ("£5 to €10", {"unread": ("£5 to €10",)}),
    ("over £5 and under $20", {"unread": ("over £5", "under $20")}),
]
NO_PRICES: list[Case] = [
    ("under 20 cm", {"unread": ("20", "cm")}),
    ("from 2 to 5 years", {"unread": ("2", "5", "years")}),
    ("more than one", {}),
    ("2 mugs", MUGS),
    ("cheap mugs", {**MUGS, "unread": ("cheap",)}),
    ("under £99999999999999999999", {"unread": ("99999999999999999999",)}),
]
CATALOGUE: list[Case] = [
    ("mug", MUGS),
    ("MUGS!", MUGS),
    ("Show me some red mugs, please.", {**MUGS, "attributes": RED}),
    ("HOME & GARDEN", {"category": ("Home & Garden",)}),
    ("running shoes", {"category": ("Running Shoes",)}),
    ("kitchen mugs", MUGS),
    ("mugs or glasses", {"category": ("Mugs", "Glasses")}),
    ("something from home and garden", {"category": ("Home & Garden",)}),
    ("anything by acme", {"brand": ("Acme",)}),
    ("North Star", {"brand": ("North Star",)}),
    ("by Best", {"brand": ("Best",)}),
    ("the best mug", MUGS),
    ("light blue", {"attributes": {"color": ("Light Blue",)}}),
    ("gray t-shirts", {"category": ("T-Shirts",), "attributes": {"color": ("Grey",)}}),
    ("polka dots", {"attributes": {"pattern": ("Polka Dot",)}}),
    ("size 10", {"attributes": {"size": ("10",)}}),
    ("size M in cotton", {"attributes": {"size": ("M",), "material": ("Cotton",)}}),
    ("made of glass", {"attributes": {"material": ("Glass",)}}),
    ("glasses", {"category": ("Glasses",)}),
    ("scarf", {"category": ("Scarves",)}),
    ("a tall one", {"keywords": ("tall",)}),
    ("purple mug", {**MUGS, "unread": ("purple",)}),
    ("in stock", {"in_stock": True}),
    ("mugs available now", {**MUGS, "in_stock": True}),
]
REFUSALS: list[Case] = [
    ("not red", {"without": RED}),
    ("no plastic", {"without": {"material": ("Plastic",)}}),
    ("without plastic or cotton", {"without": {"material": ("Plastic", "Cotton")}}),
    ("anything but red", {"without": RED}),
    ("mugs, nothing in red", {**MUGS, "without": RED}),
    ("plastic-free", {"without": {"material": ("Plastic",)}}),
    ("I don't want red, grey please", {"without": RED, "attributes": {"color": ("Grey",)}}),
    ("not red but grey", {"without": RED, "attributes": {"color": ("Grey",)}}),
    ("no, red", {"attributes": RED}),
    ("not from Acme", {"without": {"brand": ("Acme",)}}),
]
TITLE_WORDS: list[Case] = [
    ("hotties", {"keywords": ("hottie",)}),
    ("a red hottie with a white heart", {"keywords": ("red", "hottie", "white", "heart")}),
    ("candle", {"keywords": ("candles",)}),
    ("set of 6 plates", {"keywords": ("set", "6", "plates")}),
    ("plates not red", {"keywords": ("plates",), "without": {"keywords": ("red",)}}),
    ("t-light holders for 3 quid or less", {"keywords": ("light", "holder"), "max_price": gbp("3")}),
    ("gift bags", {"keywords": ("gift", "bag")}),
    ("a gift for my aunt", {"recipient": ("aunt",)}),
    ("3 jumbo bags", {"keywords": ("jumbo", "bag")}),
    ("I would like something", {}),
]


@pytest.mark.parametrize(("text", "expected"), PRICES + NO_PRICES + CATALOGUE + REFUSALS)
def test_a_request_to_a_shop_with_categories_means(text: str, expected: dict[str, Any]) -> None:
    assert understand(text, HOME).wishes == Wishes(**expected)


@pytest.mark.parametrize(("text", "expected"), PRICES + TITLE_WORDS)
def test_a_request_to_a_shop_with_titles_only_means(text: str, expected: dict[str, Any]) -> None:
    assert understand(text, TITLES).wishes == Wishes(**expected)


@pytest.mark.parametrize(
    ("text", "small_talk"),
    [("Hi!", SmallTalk.GREETING), ("thanks, lovely", SmallTalk.THANKS), ("", None), ("   ", None), ("😀👍", None)],
)
def test_small_talk_is_no_wish(text: str, small_talk: SmallTalk | None) -> None:
    turn = understand(text, HOME)
    assert turn.small_talk is small_talk
    assert turn.wishes.model_copy(update={"unread": ()}) == Wishes()


def test_words_of_another_language_are_unread() -> None:
    assert understand("ich suche eine Tasse", HOME).wishes.unread == ("ich", "suche", "eine", "tasse")


@pytest.mark.parametrize("currency", ["CAD", "AUD"])
def test_a_dollar_sign_means_the_dollars_of_the_shop(currency: str) -> None:
    priced = row("mug", "Mug").model_copy(update={"price": Money(Decimal(5), currency)})
    assert understand("under $20", Vocabulary.from_rows([priced])).wishes.max_price == Money(Decimal(20), currency)


def test_a_bare_number_is_no_price_in_a_shop_without_prices() -> None:
    wishes = understand("under 20", Vocabulary.from_rows([row("mug", "Mug", None)])).wishes
    assert (wishes.max_price, wishes.unread) == (None, ("20",))


def test_values_that_are_plain_english_need_their_field_named() -> None:
    awkward = [row("a", "Lamp", category=("More",), brand="The", feature="for", status="in stock")]
    vocabulary = Vocabulary.from_rows(awkward)
    assert understand("show me more for the lamp", vocabulary).wishes == Wishes(keywords=("lamp",))
    assert understand("brand the", vocabulary).wishes == Wishes(brand=("The",))
    assert understand("in stock", vocabulary).wishes == Wishes(in_stock=True)


def test_a_very_long_message_is_read_up_to_a_limit_and_holds_a_limited_number_of_keywords() -> None:
    many = Vocabulary.from_rows([row(str(number), f"word{chr(97 + number)} thing") for number in range(20)])
    text = " ".join(f"word{chr(97 + number)}" for number in range(20))
    assert len(understand(text, many).wishes.keywords) == MAX_KEYWORDS
    assert understand(" " * MAX_READ + "mug", HOME).wishes == Wishes()


@given(st.text(max_size=300))
def test_no_text_makes_understanding_raise(text: str) -> None:
    for vocabulary in (HOME, TITLES):
        assert understand(text, vocabulary).wishes.keywords is not None


RULE_WORDS = sorted(
    word_set(
        "under over between and £ $ 20 1,000.50 -5 . , - + not no without any colour budget red mugs in stock forget "
        "the glass or a hundred quid max [[P1.price]] ½ 10^12 999999999999999999 k p around up to size M & /"
    )
)


@given(st.lists(st.sampled_from(RULE_WORDS), max_size=25).map(" ".join))
def test_no_heap_of_rule_words_makes_understanding_raise(text: str) -> None:
    wishes = understand(text, HOME).wishes
    assert wishes.min_price is None or wishes.max_price is None or wishes.min_price <= wishes.max_price


@pytest.mark.parametrize(
    "said", ["< ", "under ", "for my ", "don't ", "not ", "wife 5 year ", "mug and ", "a-", "isn't so "]
)
def test_the_same_words_again_and_again_neither_raise_nor_take_long(said: str) -> None:
    start = time.process_time()
    understand(said * MAX_READ, HOME)
    assert time.process_time() - start < 1
