"""What the shopper's photo shows may be said in a sentence about the photo, and nowhere else."""

from dataclasses import replace

import pytest

from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check
from recommender.conversation.rendering import render
from schemas import Seen, Wishes
from schemas.conversation import ClaimKind
from tests.recommender.conversation.shops import writing_context

SEEN = (Seen(field="category", value="Mugs", confidence=0.8), Seen(field="color", value="Red", confidence=0.9))


def with_photo(**fields: object) -> WritingContext:
    return replace(writing_context(**fields), seen=SEEN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sentence",
    [
        "Your photo shows [[F2]].",
        "Your photo shows a red mug.",
        "I can see something red in the picture you sent.",
        "Thank you for the photo: a lovely red mug.",
        "A red mug: that is what I see in your photo.",
    ],
)
def test_what_was_seen_may_be_said(sentence: str) -> None:
    assert check(sentence, with_photo()).problems == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Your photo shows a blue mug.",
        "Your photo shows a red ceramic mug.",
        "I see no mug in your photo.",
        "Your photo does not show something red.",
        "Your photo shows something other than a red mug.",
        "Something red is what you have.",
        "[[F2]] is what I see.",
        "Your photo shows [[F3]].",
        "[[P1]] is [[F2]].",
        "[[P1]] looks like the mug in your photo.",
        "[[P2]] is red as your photo.",
        "All of these are red like your photo.",
        "Your photo shows a red mug for [[W.category]].",
        "Your photo shows a waterproof red mug.",
        "Your photo shows a better red mug.",
        "Your photo shows two red mugs.",
    ],
)
def test_nothing_else_may(sentence: str) -> None:
    assert not check(sentence, with_photo(wishes=Wishes(category=("Mugs",)))).ok


def test_without_a_photo_nothing_is_seen() -> None:
    assert not check("Your photo shows a red mug.", writing_context()).ok
    assert not check("Your photo shows [[F1]].", writing_context()).ok


@pytest.mark.parametrize(
    ("sentence", "value"), [("Your photo shows a red mug.", "red"), ("I see [[F2]] here, photo.", "red")]
)
def test_what_is_said_to_be_seen_is_a_claim_with_its_confidence(sentence: str, value: str) -> None:
    context = with_photo()
    text, claims = render(sentence, context, check(sentence, context).literals)
    claim = next(claim for claim in claims if claim.field == "color")
    assert (claim.kind, claim.value, claim.confidence, claim.source) == (ClaimKind.PHOTO, "red", 0.9, "photo")
    assert text[slice(*claim.span)] == "red"
