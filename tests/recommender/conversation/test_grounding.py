"""The check of a sentence: the template's pass whatever the catalogue, planted lies do not."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.conversation.context import Dropped
from recommender.conversation.fact_words import FACT_WORDS, LABELS, PLAIN_WORDS, FactKind
from recommender.conversation.grounding import check, check_order
from recommender.conversation.phrases import PHRASES, Kind
from recommender.conversation.rendering import render
from recommender.conversation.slots import parse
from recommender.conversation.template import TemplateWriter
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import fold, tokenise
from schemas import Availability, Mode, Money, ProductRow, Wishes
from tests.recommender.conversation.shops import AS_OF, BOUGHT, HOME_ROWS, POPULAR, writing_context

WISHES = Wishes(max_price=Money(Decimal(20), "GBP"), category=("Mugs",), keywords=("tall",), unread=("wibble",))
CONTEXT = writing_context(wishes=WISHES, relaxed=(Dropped("keywords", "“tall”"),))

LIES = {
    "a price in digits": "[[P1]] costs 7.50.",
    "a price with its sign": "[[P1]] is yours for £8.",
    "a true price in digits": "[[P1]] is £8.50.",
    "a price in words": "[[P1]] is eight pounds fifty.",
    "a price in slang": "[[P1]] is a tenner.",
    "a fullwidth digit": "[[P1]] has \uff15 of them.",
    "a fraction sign": "[[P1]] is \u00bd of that.",
    "a percentage": "[[P1]] is now % down.",
    "a count in words": "Take a dozen of [[P1]].",
    "half": "[[P1]] is half of what it was.",
    "an ordinal": "[[P2]] comes first.",
    "the price of another product": "[[P1]] is [[P2.price]].",
    "a price before another product": "At [[P2.price]] you would get [[P1]].",
    "a price between two products": "[[P1]] is nice, and for [[P1.price]] you get [[P2]].",
    "swapped prices": "[[P1]] is [[P2.price]] and [[P2]] is [[P1.price]].",
    "a price of a product that is not named": "It is [[P1.price]].",
    "an invented colour": "[[P1]] in blue would suit you.",
    "another product's colour": "[[P2]] is red.",
    "swapped colours": "[[P1]] is clear and [[P2]] is red.",
    "a colour no product here has": "[[P1]] is purple.",
    "an invented material": "[[P1]] is bamboo.",
    "another product's material": "[[P1]] is plastic.",
    "an invented brand": "[[P1]] is by Nike.",
    "another product's brand": "[[P1]] is by North Star.",
    "a brand in capitals": "ADIDAS would suit [[P1]].",
    "another product's category": "[[P1]] belongs with the chairs.",
    "another product's title": "[[P1]] is a Crew T-Shirt.",
    "a word of another title": "[[P1]] is a tumbler.",
    "an invented feature": "[[P1]] is waterproof.",
    "an invented origin": "[[P1]] comes from Italy.",
    "a size in a letter": "[[P1]] is XL.",
    "a wrong comparison": "[[P2]] is [[P2<P1.price]].",
    "a comparison said of the other": "[[P2]] is [[P1<P2.price]].",
    "a comparison in words": "[[P1]] is cheaper than [[P2]].",
    "a superlative": "[[P1]] is the best.",
    "most": "[[P1]] is the most charming.",
    "a graded adjective": "[[P1]] is softer.",
    "equality": "[[P1]] and [[P2]] are identical.",
    "cheap": "[[P1]] is affordable.",
    "a stock word": "[[P1]] is in stock.",
    "sold out": "[[P2]] is sold out.",
    "only a few left": "Only a few of [[P1]] left.",
    "a delivery promise": "[[P1]] ships tomorrow.",
    "free delivery": "Free delivery on [[P1]].",
    "a discount": "[[P1]] is on sale.",
    "a warranty": "[[P1]] has a warranty.",
    "a rating": "[[P1]] is rated five stars.",
    "reviews": "Reviews of [[P1]] are kind.",
    "popularity": "[[P1]] is popular.",
    "other shoppers": "Everyone loves [[P1]].",
    "a date": "[[P1]] arrives on Monday.",
    "invented history": "You bought [[P1]].",
    "the reason of another product": "[[P2]] came up because [[R1]].",
    "an unknown reason": "[[P1]] came up because [[R9]].",
    "an unknown product": "Have a look at [[P9]].",
    "an unknown slot": "[[P1]] is [[P1.prize]].",
    "an unknown handle": "[[Q1]] is nice.",
    "an unfinished slot": "[[P1]] is [[P1.price.",
    "a value the row has not": "[[P4]] is in [[P4.color]].",
    "a wish nobody has": "You would like [[W.brand]].",
    "a wish as a price": "[[P1]] is [[W.max_price]].",
    "a count of a product": "[[P1]] has [[N.found]].",
    "a negated slot": "[[P1]] is not [[P1.color]].",
    "a bound that is none": "[[P1]] is under [[P1.price]].",
    "a digit glued to a slot": "[[P1]] is [[P1.price]]0.",
    "a prefix glued to a slot": "[[P1]] is non-[[P1.color]].",
    "glued slots": "[[P1]] is [[P1.price]][[P1.price]].",
    "a slot under a wrong label": "The material of [[P1]] is [[P1.color]].",
    "a link": "See https://evil.example for [[P1]].",
    "a bare domain": "See evil.com for [[P1]].",
    "markup": "Have a look at <b>[[P1]]</b>.",
    "a markdown image": "![x](y) [[P1]]",
    "an invisible character": "[[P1]] is pur\u200bple.",
    "letters of another script": "[[P1]] is \u0441heap.",
    "a fact about no product": "Red mugs suit you.",
    "a number about no product": "I found 12 for you.",
    "nothing at all": "  ",
    "too much": "so " * 500,
}
TRUTHS = [
    "[[P1]] is [[P1.price]].",
    "[[P1.title]] by [[P1.brand]] is in [[P1.color]], [[P1.availability]].",
    "[[P1]] is [[P1<P2.price]].",
    "[[P1]] came to mind because [[R1]].",
    "[[P2]] is [[R2]].",
    "[[P1]] is a red ceramic mug by Acme.",
    "Have a look at [[P1]] and [[P2]].",
    "[[P1]] and [[P4]] are by Acme.",
    "The price of [[P1]] is [[P1.price]].",
    "You would like [[W.category]] up to [[W.max_price]].",
    "I set aside [[W.relaxed]] and could not place [[W.unread]].",
    "I found [[N.found]] for you.",
    "Which of these would you choose?",
    "I would go for this one: [[P1]].",
]


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_lie_is_refused_with_a_problem_that_says_why(lie: str) -> None:
    verdict = check(lie, CONTEXT)
    assert not verdict.ok
    assert all(verdict.problems)


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_true_sentence_passes(truth: str) -> None:
    assert check(truth, CONTEXT).problems == ()


def test_a_fact_in_the_writers_own_words_becomes_a_claim_of_the_row() -> None:
    sentence = "[[P1]] is a red thing by Acme."
    text, claims = render(sentence, CONTEXT, check(sentence, CONTEXT).literals)
    assert [(claim.field, claim.value, claim.source) for claim in claims] == [
        ("title", "Stoneware Mug", "products:mug"),
        ("color", "red", "offers:mug-v"),
        ("brand", "Acme", "products:mug"),
    ]
    assert all(text[slice(*claim.span)] == claim.value for claim in claims)


def test_products_may_not_be_moved() -> None:
    assert check_order("[[P2]] is nice.", CONTEXT, 0)
    assert check_order("[[P1]] and [[P3]] are nice.", CONTEXT, 0)
    assert not check_order("[[P1]] and [[P2]] are nice.", CONTEXT, 0)
    assert not check_order("[[P1]] again.", CONTEXT, 3)


@pytest.mark.parametrize("kind", Kind)
def test_the_templates_own_words_say_nothing_of_a_product(kind: Kind) -> None:
    harmless = {FactKind.NEGATION, FactKind.APPROXIMATION}
    plain = {fold(word) for word in PLAIN_WORDS}
    for phrase in PHRASES[kind]:
        for placeholder in ("{wish}", "{price}", "{of}", "{more}", "{why}"):
            phrase = phrase.replace(placeholder, "")
        prose = " ".join(part.text for part in parse(phrase) if not part.is_slot)
        for token in tokenise(prose):
            if token.text.isalnum():
                fact = FACT_WORDS.get(token.text)
                is_plain = token.folded in plain or token.folded in LABELS
                assert (fact in harmless) if fact else is_plain, (phrase, token.text)


AWKWARD = [
    "Set of 12 red mugs",
    "in stock",
    "the",
    "for",
    "Best",
    "More",
    "[[P1.price]]",
    "<b>x</b>",
    "**",
    "A]]B",
    "\u202eevil",
]
TEXTS = st.one_of(
    st.sampled_from(AWKWARD),
    st.sampled_from(sorted(PLAIN_WORDS)),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
)

ONE_TEXT: st.SearchStrategy[tuple[str, ...]] = st.tuples(TEXTS)


@st.composite
def product_rows(draw: st.DrawFn) -> list[ProductRow]:
    amounts = st.decimals(min_value=0, max_value=9999, places=2)
    count = draw(st.integers(0, 6))
    return [
        ProductRow(
            item_id=f"item-{number}",
            variant_id=f"variant-{number}",
            title=draw(TEXTS),
            brand=draw(st.none() | TEXTS),
            category=tuple(draw(st.lists(TEXTS, max_size=2))),
            price=draw(st.none() | st.builds(Money, amounts, st.sampled_from(["GBP", "USD", "JPY"]))),
            availability=draw(st.sampled_from(Availability)),
            attributes=draw(
                st.dictionaries(st.sampled_from(["color", "size", "for", "the", "price"]), ONE_TEXT, max_size=3)
            ),
            as_of=AS_OF,
        )
        for number in range(count)
    ]


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    limits = st.none() | st.builds(Money, st.decimals(min_value=0, max_value=99, places=2), st.just("GBP"))
    some = st.lists(TEXTS, max_size=2).map(tuple)
    attributes = st.dictionaries(st.sampled_from(["color", "size", "for"]), ONE_TEXT, max_size=2)
    return Wishes(
        max_price=draw(limits),
        in_stock=draw(st.booleans()),
        category=draw(some),
        brand=draw(some),
        attributes=draw(attributes),
        without=draw(attributes),
        keywords=draw(some),
        unread=draw(some),
    )


@settings(max_examples=150, deadline=None)
@given(product_rows(), wishes(), st.sampled_from(Mode), st.integers(0, 1_000))
def test_every_template_sentence_passes_on_any_row(
    rows: list[ProductRow], wished: Wishes, mode: Mode, seed: int
) -> None:
    context = writing_context(
        rows,
        reasons=((BOUGHT, POPULAR), (POPULAR,)),
        wishes=wished,
        relaxed=(Dropped("color", "red"),),
        vocabulary=Vocabulary.from_rows([*rows, *HOME_ROWS]),
        mode=mode,
    )
    for sentence in TemplateWriter(np.random.default_rng(seed)).write(context):
        assert check(sentence, context).problems == ()
        text, claims = render(sentence, context)
        assert "[[" not in text
        assert all(text[slice(*claim.span)] == claim.value for claim in claims)
