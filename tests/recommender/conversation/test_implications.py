"""Plain words that together say what no row does: each is refused, and what looks like it but says nothing passes."""

import pytest

from recommender.conversation.context import Dropped
from recommender.conversation.grounding import check
from recommender.conversation.prompt import SYSTEM
from recommender.conversation.sentences import sentences
from recommender.conversation.vocabulary import Vocabulary
from schemas import Money, Wishes
from tests.recommender.conversation.shops import row, writing_context

CONTEXT = writing_context(wishes=Wishes(category=("Mugs",), max_price=Money("20", "GBP")))


@pytest.mark.parametrize(
    "sentence",
    [
        "You own [[P1]].",
        "I know that you like [[P1]].",
        "[[P1]] is what you asked for.",
        "Your mother has [[P1]].",
        "A friend of yours loves [[P1]].",
        "We will keep [[P1]] for you.",
        "The shop will give you [[P1]].",
        "You will have [[P1]] for the party.",
        "It will be with you in time for the birthday.",
        "[[P1]] is yours to keep.",
        "[[P1]] comes with a present.",
        "[[P1]] is a gift from us.",
        "There is a surprise for you here.",
        "[[P1]] is for children.",
        "It is for children.",
        "[[P1]] suits any room.",
        "[[P1]] seems [[P1.color]].",
        "[[P1]] could be red.",
        "[[P1]] could be a lovely red piece.",
        "[[P1]] seems a red mug.",
        "[[P1]] is by [[P1.color]].",
        "[[P1]] is [[P1.price]] with this.",
        "Another shop has [[P1]] at [[P1.price]].",
        "So is [[P1]].",
        "[[P1]] and [[P2]] match.",
        "There is just one of [[P1]].",
        "I looked for something above [[W.max_price]].",
        "I looked for something without [[W.category]].",
        "They match your wishes.",
        "Everything here is within your budget.",
        "We have other colours.",
        "[[P1]] will find you at home.",
        "[[P1]] is a cheerful, dainty red child.",
        "If you would like to compare, [[P1]] is [[P1.price]].",
        "[[P1]] is a choice; it came to mind because [[R1]], at [[P1.price]].",
        "[[P1]] is a choice, as [[R1]] and may like this too, at [[P1.price]].",
        "[[P1]] is lovely; I chose it as [[P1.material]].",
        "[[P1]] is lovely; I chose it because show this.",
        "[[P1]] would be [[P1.availability]].",
        "I looked around, as your grandmother likes it.",
        "I looked for something up to [[W.category]].",
        "I looked for [[W.category]], [[W.category]].",
        "[[P1]] is [[P1.price]], for [[P1.price]].",
        "[[P1]] and [[P2]] will brighten your home.",
        "[[P1]] is of the house.",
        "[[P1]] is a homely fit you might choose.",
        "[[P1]] is lovely; I thought of it since?",
        "[[P1]] is lovely; it came to mind as it.",
        "[[P1]] is lovely; I chose it as jolly as I think.",
    ],
)
def test_what_words_imply_is_refused(sentence: str) -> None:
    assert not check(sentence, CONTEXT).ok


def test_a_title_within_a_title_is_no_other_product() -> None:
    context = writing_context([row("x", "Navy Wool Socks"), row("y", "Wool Socks")])
    assert not check("[[P1]] is the Wool Socks.", context).ok


def test_a_word_of_the_title_still_means_what_it_means() -> None:
    context = writing_context([row("x", "Mug with a Photo for Little Friends")])
    assert not check("Your friends chose [[P1]].", context).ok
    assert not check("[[P1]] is what your photo shows.", context).ok


@pytest.mark.parametrize(
    "sentence",
    [
        "If you like it, take [[P1]].",
        "[[P1]] is lovely, as [[R1]] and may like this too.",
        "[[P1]] is lovely; [[R1]], so it may fit, at [[P1.price]].",
        "[[P1]] is a lovely choice for a guest in [[P1.color]].",
        "You might enjoy [[P1]].",
        "Perhaps [[P1]] is what you have in mind.",
        "[[P1]] is a lovely choice for your kitchen.",
        "[[P1]] would suit your mother.",
        "[[P1]] could be a lovely mug for a friend.",
        "[[P1]], a red mug, could be a lovely surprise.",
        "[[P1]] could be yours for [[P1.price]].",
        "[[P1]] would make a charming gift for a friend.",
        "I hope you will like [[P1]].",
        "Shall I look for other colours?",
        "Do any of these fit your budget?",
        "[[P1]] is by [[P1.brand]].",
        "I looked for [[W.category]] up to [[W.max_price]].",
    ],
)
def test_what_implies_nothing_passes(sentence: str) -> None:
    assert check(sentence, CONTEXT).problems == ()


def test_the_name_of_another_product_is_refused_though_each_word_of_it_is_true_of_this_one() -> None:
    """ "[[P1]] is the wool socks" says that two products are one."""
    socks = {"material": "Wool", "category": ("Socks",)}
    rows = (row("navy", "Navy wool socks", color="Navy", **socks), row("plain", "Wool socks", color="Black", **socks))
    context = writing_context(rows=rows, vocabulary=Vocabulary.from_rows(rows))
    assert (
        "'Wool socks' is the name of a product; only [[P2]] may say it"
        in check("[[P1]] is the wool socks.", context).problems
    )
    assert check("[[P1]] are navy socks of wool.", context).ok


@pytest.mark.parametrize(
    "sentence",
    [
        "The order is placed.",
        "It is sent.",
        "It is on its way to you.",
        "I have added it for you.",
        "I put it aside for you.",
        "Consider it done.",
        "Everything here is a gift to you.",
        "You may have it for nothing.",
        "A gift comes with [[P1]].",
        "[[P1]] is a gift.",
        "[[P1]] at [[P1.price]] is a treat on me.",
        "It is all taken.",
        "Another had it before you.",
        "A friend of yours took it.",
        "I know what you had before.",
        "I saw you at home.",
        "You must take it now.",
        "Do not take any of these.",
        "Go to another shop.",
        "The price is what you like.",
        "I can do anything now.",
    ],
)
def test_a_deed_a_gift_or_a_command_is_refused_whether_a_product_is_named_or_not(sentence: str) -> None:
    assert not check(sentence, writing_context()).ok


@pytest.mark.parametrize(
    "sentence",
    [
        "Here is what I found for you.",
        "These are my suggestions for you.",
        "I set aside [[W.relaxed]].",
        "That is a question for the shop itself; I can help you find things.",
        "I do not know which of them you have in mind; please tell me what it is.",
        "It could be a lovely present for a friend.",
        "[[P1]] would make a lovely gift.",
        "Take a look at [[P1]].",
        "How much would you like to spend?",
    ],
)
def test_what_a_shop_assistant_says_passes(sentence: str) -> None:
    relaxed = (Dropped("keywords", "“tall”"),)
    assert check(sentence, writing_context(relaxed=relaxed)).problems == ()


def test_no_part_of_the_instructions_is_repeated() -> None:
    """Not a line, not a sentence, and no piece of five words or more that ends either."""
    context = writing_context()
    for text in (*SYSTEM.split("\n"), *sentences([SYSTEM.replace("\n", " ")])):
        said = text.split()
        pieces = [" ".join(said[start:]) for start in range(max(len(said) - 4, 1))]
        assert [piece for piece in pieces if check(piece, context).ok] == []


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("I looked for [[W.category]] without [[W.without]].", True),
        ("I looked for [[W.category]] without [[W.without]] and had to set aside [[W.relaxed]].", True),
        ("I went for [[W.without]] [[W.category]].", False),
        ("You asked for [[W.category]], [[W.without]].", False),
    ],
)
def test_what_was_refused_is_never_told_as_wished(sentence: str, *, passes: bool) -> None:
    refused = Wishes(category=("Mugs",), without={"color": ("Red",)})
    relaxed = (Dropped("without", "the refusal of red"),) if "relaxed" in sentence else ()
    context = writing_context(wishes=refused, relaxed=relaxed)
    assert check(sentence, context).ok is passes
