"""Whom something is for and what for, told apart from what it is."""

import pytest

from recommender.conversation.dialogue import read_dialogue
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from schemas import Wishes
from tests.recommender.conversation.shops import HOME, row, said

CARDS = Vocabulary.from_rows(
    [
        row("card", "BIRTHDAY CARD"),
        row("bag", "CHRISTMAS GIFT BAG"),
        row("kids", "CHILDRENS MUG GIRL"),
        row("cake", "WEDDING CAKE TIN"),
        row("tops", "Tops", category=("Women", "Tops")),
    ]
)

RECIPIENTS: list[tuple[str, tuple[str, ...]]] = [
    ("a mug for my aunt", ("aunt",)),
    ("a mug for mum and dad", ("mum", "dad")),
    ("mugs for my two nieces", ("niece",)),
    ("something for my best friend", ("friend",)),
    ("something for my mother-in-law", ("mother in law",)),
    ("for her", ("her",)),
    ("something for him, red", ("him",)),
    ("for my 6 year old son", ("6 year old", "son")),
    ("toys for a 5-year-old", ("5 year old",)),
    ("kids aged 7", ("kid", "7 year old")),
    ("my wife loves red mugs", ("wife",)),
    ("women's mugs", ("woman",)),
    ("for me", ()),
    ("her favourite mug", ()),
]
OCCASIONS: list[tuple[str, tuple[str, ...]]] = [
    ("a birthday present", ("birthday",)),
    ("for my wedding", ("wedding",)),
    ("xmas gifts", ("christmas",)),
    ("Mothers' Day", ("mothers day",)),
    ("mother\u2019s day gift", ("mothers day",)),
    ("my dad's 60th birthday", ("birthday",)),
    ("a present for the baby shower", ("baby shower",)),
    ("for a picnic", ("picnic",)),
    ("red mugs", ()),
]


@pytest.mark.parametrize(("text", "recipients"), RECIPIENTS)
def test_the_recipient_is(text: str, recipients: tuple[str, ...]) -> None:
    assert understand(text, HOME).wishes.recipient == recipients


@pytest.mark.parametrize(("text", "occasions"), OCCASIONS)
def test_the_occasion_is(text: str, occasions: tuple[str, ...]) -> None:
    assert understand(text, HOME).wishes.occasion == occasions


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("birthday card", Wishes(keywords=("birthday", "card"))),
        ("a card for her birthday", Wishes(keywords=("card",), occasion=("birthday",))),
        ("a card for my sister's birthday", Wishes(keywords=("card",), recipient=("sister",), occasion=("birthday",))),
        ("christmas gift bag", Wishes(keywords=("christmas", "gift", "bag"))),
        ("christmas gift for my boss", Wishes(recipient=("boss",), occasion=("christmas",))),
        ("a tin for a wedding cake", Wishes(keywords=("tin", "wedding", "cake"))),
        ("childrens mug", Wishes(keywords=("childrens", "mug"))),
        ("a mug for children", Wishes(keywords=("mug",), recipient=("child",))),
        ("for women", Wishes(category=("Women",))),
    ],
)
def test_a_word_of_the_catalogue_is_a_purpose_only_where_the_words_around_say_so(text: str, wishes: Wishes) -> None:
    assert understand(text, CARDS).wishes == wishes


def test_purposes_stay_until_others_are_said() -> None:
    wishes = read_dialogue(said("a birthday gift for my aunt", "mugs", "no, for my uncle"), HOME).wishes
    assert (wishes.category, wishes.recipient, wishes.occasion) == (("Mugs",), ("uncle",), ("birthday",))
    assert read_dialogue(said("a gift for my aunt", "start over, mugs"), HOME).wishes.recipient == ()
