import pytest

from recommender.wording import price_text, reason_text
from schemas import EventKind, Money, Reason, ReasonKind


def history(kind: EventKind, title: str | None = "Red Pot", item_id: str = "pot") -> Reason:
    return Reason(kind=ReasonKind.HISTORY, contribution=0.5, item_id=item_id, title=title, event_kind=kind)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EventKind.PURCHASE, "you bought Red Pot"),
        (EventKind.VIEW, "you looked at Red Pot"),
        (EventKind.ADD_TO_CART, "you put Red Pot in your basket"),
        (EventKind.WISHLIST, "you put Red Pot on your wish list"),
    ],
)
def test_a_deed_is_told_with_the_title(kind, words):
    assert reason_text(history(kind), "mug") == words


def test_what_was_done_with_the_item_itself_does_not_repeat_its_title():
    assert reason_text(history(EventKind.WISHLIST), "pot") == "you put it on your wish list before"


def test_nothing_is_said_where_nothing_can_be_said():
    assert reason_text(history(EventKind.PURCHASE, title=None), "mug") == ""
    assert reason_text(history(EventKind.IMPRESSION), "mug") == ""


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money("63.5", "GBP"), "£63.50"), (Money("1234", "JPY"), "¥1,234"), (Money("0.001", "GBP"), "£0.001")],
)
def test_prices_are_exact(money, text):
    assert price_text(money) == text


@pytest.mark.parametrize(
    ("kind", "words"),
    [(ReasonKind.PHOTO, "it looks like your photo"), (ReasonKind.WORDS, "it matches your words")],
)
def test_reasons_of_the_request(kind, words):
    assert reason_text(Reason(kind=kind, contribution=0.5), "mug") == words
