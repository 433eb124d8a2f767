"""What slots hold, and what they say when there is nothing to hold."""

from dataclasses import replace
from decimal import Decimal

import pytest

from recommender.conversation.slots import ComparisonSlot, ProductSlot, QuestionSlot, ReasonSlot, WishSlot, parse
from recommender.conversation.values import value_of
from recommender.wording import price_text
from schemas import Availability, EventKind, Money, Question, Reason, ReasonKind, Wishes
from tests.recommender.conversation.shops import row, writing_context


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "GBP", "£1,234.50"),
        ("5.0000", "GBP", "£5.00"),
        ("0.125", "GBP", "£0.125"),
        ("100", "GBP", "£100.00"),
        ("0", "USD", "$0.00"),
        ("3.39", "EUR", "€3.39"),
        ("1200", "JPY", "¥1,200"),
    ],
)
def test_a_price_is_written_as_its_people_write_it_and_never_rounded(amount: str, currency: str, text: str) -> None:
    assert price_text(Money(Decimal(amount), currency)) == text


@pytest.mark.parametrize(
    ("kind", "event_kind", "text"),
    [
        (ReasonKind.HISTORY, EventKind.PURCHASE, "you bought Blue Kettle"),
        (ReasonKind.HISTORY, EventKind.VIEW, "you looked at Blue Kettle"),
        (ReasonKind.HISTORY, EventKind.ADD_TO_CART, "you put Blue Kettle in your basket"),
        (ReasonKind.HISTORY, EventKind.REFUND, None),
        (ReasonKind.HISTORY, None, None),
        (ReasonKind.POPULAR, None, "popular in this shop"),
        (ReasonKind.FEATURE, None, "a match on red"),
    ],
)
def test_a_reason_in_words(kind: ReasonKind, event_kind: EventKind | None, text: str | None) -> None:
    reason = Reason(kind=kind, contribution=1, item_id="x", title="Blue Kettle", event_kind=event_kind, feature="red")
    value = value_of(ReasonSlot(1), writing_context(reasons=((reason,),)))
    assert (value.text if value else None) == text


def test_reasons_are_counted_over_the_items_in_the_order_of_rank() -> None:
    context = writing_context()
    assert [number for number, _ in context.reasons] == [1, 2]
    assert value_of(ReasonSlot(3), context) is None


@pytest.mark.parametrize(
    ("availability", "quantity", "text"),
    [
        (Availability.IN_STOCK, None, "in stock"),
        (Availability.IN_STOCK, 0, "out of stock"),
        (Availability.OUT_OF_STOCK, 3, "out of stock"),
        (Availability.PREORDER, None, "available to pre-order"),
    ],
)
def test_stock_in_words(availability: Availability, quantity: int | None, text: str) -> None:
    stocked = row("a", "Mug", availability=availability).model_copy(update={"quantity": quantity})
    value = value_of(ProductSlot(1, "availability"), writing_context([stocked]))
    assert value is not None
    assert value.text == text


def test_a_comparison_has_a_value_only_where_it_is_true() -> None:
    dollars = row("d", "Pan").model_copy(update={"price": Money(Decimal(9), "USD")})
    context = writing_context([row("a", "Mug", "5"), row("b", "Jug", "7.50"), row("c", "Cup", None), dollars])
    value = value_of(ComparisonSlot(1, 2), context)
    assert value is not None
    assert (value.text, value.source) == ("£2.50 cheaper than Jug", "offers:a-v offers:b-v")
    for first, other in ((2, 1), (1, 1), (1, 3), (3, 1), (1, 4), (1, 9)):
        assert value_of(ComparisonSlot(first, other), context) is None


def test_an_attribute_is_found_in_either_spelling_and_claimed_under_its_own_name() -> None:
    value = value_of(ProductSlot(1, "colour"), writing_context())
    assert value is not None
    assert (value.text, value.field, value.source) == ("Red", "color", "offers:mug-v")


@pytest.mark.parametrize(("field", "text"), [("brand", "Tabor Lane"), ("style", "tabor lane")])
def test_what_is_asked_about_is_in_lower_case_and_brands_are_as_they_write_themselves(field: str, text: str) -> None:
    question = Question(field=field, options=("Tabor Lane",), gain=0.3)
    value = value_of(QuestionSlot(1), replace(writing_context(), question=question))
    assert value is not None
    assert value.text == text


def test_wishes_are_said_in_words() -> None:
    wishes = Wishes(
        category=("Mugs", "Glasses"), attributes={"size": ("XL",)}, without={"color": ("Red", "Light Blue")}
    )
    context = writing_context(wishes=wishes)
    said = {field: value_of(WishSlot(field), context) for field in ("category", "size", "without", "brand")}
    assert {field: value.text for field, value in said.items() if value} == {
        "category": "mugs or glasses",
        "size": "XL",
        "without": "red or light blue",
    }


@pytest.mark.parametrize("sentence", ["", "plain", "[[P1]] x [[P01]] [[P1.]] [[]] [[[P1]]] [[P1<P2.size]] [P1]"])
def test_parsing_loses_nothing_and_makes_up_no_slot(sentence: str) -> None:
    parts = parse(sentence)
    assert "".join(part.text for part in parts) == sentence
    assert {part.slot for part in parts} <= {None, ProductSlot(1, "title")}
