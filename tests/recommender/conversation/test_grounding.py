"""The check of a sentence: the template's pass whatever the catalogue, planted lies do not."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.conversation.context import Dropped
from recommender.conversation.fact_words import COMMON_VALUES, FACT_WORDS, LABELS, FactKind
from recommender.conversation.grounding import check, check_order
from recommender.conversation.phrases import PHRASES, Kind
from recommender.conversation.prose import ALWAYS_PLAIN, PLAIN_UNLESS_SOLD, SEARCH_PLAIN
from recommender.conversation.rendering import render
from recommender.conversation.slots import parse
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.template import TemplateWriter
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import tokenise, word_set
from schemas import Availability, Mode, Money, ProductRow, Wishes
from tests.recommender.conversation.shops import AS_OF, BOUGHT, HOME_ROWS, POPULAR, row, writing_context

WISHES = Wishes(
    max_price=Money(Decimal(20), "GBP"),
    category=("Mugs",),
    attributes={"color": ("Red",)},
    keywords=("tall",),
    unread=("wibble",),
)
WINE = row("wine", "Glass for Red Wine", "9", brand="Best", category=("Kitchen", "Glasses"), color="Clear")
CONTEXT = writing_context((*HOME_ROWS, WINE), wishes=WISHES, relaxed=(Dropped("keywords", "“tall”"),))

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
    "a word of the title that is another colour": "[[P7]] is red.",
    "a superlative by its shape": "[[P1]] is the comfiest.",
    "another superlative by its shape": "[[P1]] is the cutest here.",
    "a comparative by its shape": "[[P1]] is cosier.",
    "a comparison about no product": "Nothing here is comfier.",
    "a verb that compares": "[[P1]] beats [[P2]].",
    "another verb that compares": "[[P1]] outlasts [[P2]].",
    "a plain word that compares": "[[P1]] is like [[P2]].",
    "a preference": "[[P1]] suits you to [[P2]].",
    "a price in slang without a unit": "[[P1]] goes for a grand.",
    "a price that was": "[[P1]] is [[P1.price]], down from a grand.",
    "a price of nothing": "[[P1]] is peanuts.",
    "a weight": "[[P1]] weighs [[P1.price]].",
    "a price by weight": "[[P1]] is [[P1.price]] a kilo.",
    "a price by piece": "[[P1]] is [[P1.price]] a piece.",
    "a price in the past": "[[P1]] used to be [[P1.price]].",
    "a price that would be": "[[P1]] would be [[P1.price]].",
    "a price that varies": "[[P1]] goes up to [[P1.price]].",
    "a price that begins": "[[P1]] starts at [[P1.price]].",
    "a price and up": "[[P1]] is [[P1.price]] and up.",
    "a value turned round": "[[P1]] is anything but red.",
    "a value far away": "[[P1]] is far from red.",
    "a value in the past": "[[P1]] was red.",
    "a slot turned round": "[[P1]] is anything but [[P1.color]].",
    "a stock in the future": "[[P1]] will be [[P1.availability]].",
    "gone": "[[P1]] is gone.",
    "plenty": "There is plenty of [[P1]].",
    "a brand in small letters": "[[P1]] is by nike.",
    "an origin in small letters": "[[P1]] is from japan.",
    "a feature nobody listed": "[[P1]] comes with batteries.",
    "a setting that is a thing": "[[P1]] is a party bag.",
    "a wish as a colour of all": "All of these are [[W.color]].",
    "a wish as the price of all": "They come [[W.max_price]] each.",
    "a wish as a bound of all": "Nothing here is above [[W.max_price]].",
    "a wish as a price of what is shown": "Here is something at [[W.max_price]].",
    "a wish that was set aside": "I found something [[W.keywords]] for you.",
    "what was set aside as found": "I found [[W.relaxed]] for you.",
    "what was set aside as something shown": "Here is [[W.relaxed]].",
    "what was not understood as found": "I found [[W.unread]] for you.",
    "a count that was only hoped for": "I found [[N.asked]] for you.",
    "a count of colours": "They come in [[N.found]] colours.",
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
    "[[P7]] is a clear glass for wine.",
    "You would like [[W.color]] [[W.category]], so I set aside [[W.relaxed]].",
    "I found nothing quite like it, I am sorry to say.",
]
NATURAL = [
    "[[P1]] is a lovely choice, and it costs [[P1.price]].",
    "I think [[P1]] would suit you very well.",
    "If you like [[P1.color]], have a look at [[P1]].",
    "I picked [[P1]] for you because [[R1]].",
    "[[P1]] by [[P1.brand]] comes in [[P1.color]] and is [[P1.price]].",
    "You might enjoy [[P1]], a red ceramic mug by Acme.",
    "[[P1]] would make a thoughtful gift for a friend.",
    "For a birthday, [[P1]] at [[P1.price]] is a charming idea.",
    "My first thought was [[P1]].",
    "At [[P1.price]], [[P1]] is a good place to start.",
    "[[P1]] comes from [[P1.brand]] and is [[P1.availability]].",
    "Do you see yourself with [[P1]] on a quiet morning?",
    "I would start with [[P1]]; it is in [[P1.color]] and costs [[P1.price]].",
    "Since [[R1]], I thought of [[P1]].",
    "[[P1]] might be just right for your kitchen.",
    "Have a look at [[P1]], which is [[P1.price]].",
    "[[P1]] and [[P2]] are both worth a look.",
    "[[P1]] and [[P2]] would look beautiful together.",
    "I also like [[P1]], in [[P1.color]].",
    "What do you think of [[P1]]?",
    "Would [[P1]] at [[P1.price]] fit your plans?",
    "[[P1]] is ceramic, red, and easy to love.",
    "A cheerful pick for the breakfast table is [[P1]].",
    "[[P1]] is [[P1<P2.price]], if that helps you decide.",
    "Compared side by side, [[P1]] is [[P1<P2.price]].",
    "[[P1]] is yours for [[P1.price]].",
    "If you want something simple, consider [[P1]].",
    "[[P1]] has a friendly look that I think you will like.",
    "The brand behind [[P1]] is [[P1.brand]].",
    "[[P1]] is made of [[P1.material]] and is priced at [[P1.price]].",
    "Next, I would look at [[P1]], also in [[P1.color]].",
    "Here is one I like: [[P1]], for [[P1.price]].",
    "Then there is [[P1]] from [[P1.brand]].",
    "I chose [[P1]] with your taste in mind.",
    "[[P1]] could be a happy surprise for your mother.",
    "You asked for a mug, and [[P1]] is one I would gladly recommend.",
    "[[P1]] is a fine stoneware mug at [[P1.price]].",
    "Perhaps [[P1]] is what you have in mind?",
    "I have one more idea: [[P1]].",
    "[[P1]] would sit nicely in a red kitchen.",
    "For [[P1.price]] you could bring home [[P1]].",
    "[[P2]] is [[R2]].",
    "Tell me if [[P1]] is too plain for you.",
    "To finish, let me mention [[P1]] by [[P1.brand]].",
    "Shall I tell you more about [[P1]]?",
    "Hello, it is lovely to see you again.",
    "Here are a few ideas for you.",
    "I hope one of these makes you smile.",
    "Which of these do you like?",
    "Is it for you or for someone else?",
    "Tell me who it is for and I can look again.",
    "What would you like to spend?",
    "Here is what I found for [[W.category]] up to [[W.max_price]].",
    "You asked for [[W.category]] in [[W.color]], so that is where I looked.",
    "I could not find a full match, so I set aside [[W.relaxed]].",
    "I am afraid I did not understand [[W.unread]].",
    "Let me know which one speaks to you.",
    "I looked through the whole shop for you.",
    "Do you have a favourite colour?",
    "I am happy to look for something else.",
]


def test_a_word_said_twice_in_a_row_is_a_slip() -> None:
    assert check("[[P1]] is a lovely, lovely choice.", CONTEXT).ok
    assert check("[[P1]] is a lovely lovely choice.", CONTEXT).problems == ("'lovely' stands twice in a row",)


def test_two_sentences_do_not_run_together() -> None:
    assert check("I like [[P1]], to my mind.", CONTEXT).ok
    (problem,) = check("[[P1]] is a lovely choice from Perhaps it feels right.", CONTEXT).problems
    assert problem == "'Perhaps' begins a sentence within a sentence"


def test_nobody_is_shown_to_love_something() -> None:
    assert check("I wanted to show you something nice.", CONTEXT).ok
    assert not check("I wanted to show you love it again.", CONTEXT).ok


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


def test_most_natural_true_sentences_pass() -> None:
    refused = {sentence: problems for sentence in NATURAL if (problems := check(sentence, CONTEXT).problems)}
    assert len(NATURAL) == 60
    assert len(refused) <= 12, refused


def test_a_price_in_a_foreign_currency_is_said_only_as_one_that_was_not_applied() -> None:
    wished = Wishes(max_price=Money(Decimal(5), "USD"))
    context = writing_context(wishes=wished, foreign_prices=(Dropped("max_price", "the price limit of $5.00"),))
    assert not check("Here is what I found up to [[W.max_price]].", context).ok
    assert not check("I found something for [[W.foreign]].", context).ok
    assert check("I could not apply [[W.foreign]].", context).ok


HARMLESS_BY_SHAPE = word_set(
    """
    either whether together further answer matter consider suggest interest prefer request dinner mother father brother
    sister grandmother grandfather partner corner contender guest honest rest character cheer whoever whichever wonder
    moreover other another eager remember
    """
)


def test_plain_words_measure_nothing() -> None:
    plain = ALWAYS_PLAIN | PLAIN_UNLESS_SOLD
    shaped = {word for word in plain if len(word) > 4 and word.endswith(("er", "est"))}
    assert shaped <= HARMLESS_BY_SHAPE
    assert not plain & COMMON_VALUES.keys()


@pytest.mark.parametrize("kind", Kind)
def test_the_templates_own_words_say_nothing_of_a_product(kind: Kind) -> None:
    harmless = {FactKind.NEGATION, FactKind.APPROXIMATION}
    for phrase in PHRASES[kind]:
        for placeholder in ("{wish}", "{of}", "{more}", "{why}", "{others}"):
            phrase = phrase.replace(placeholder, "")
        prose = " ".join(part.text for part in parse(phrase) if not part.is_slot)
        for token in tokenise(prose):
            if token.text.isalnum():
                fact = FACT_WORDS.get(token.text)
                is_plain = token.folded in ALWAYS_PLAIN | SEARCH_PLAIN or token.folded in LABELS
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
    st.sampled_from(sorted(ALWAYS_PLAIN | PLAIN_UNLESS_SOLD)),
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
@given(product_rows(), wishes(), st.integers(0, 2), st.sampled_from([None, *SmallTalk]), st.integers(0, 1_000))
def test_every_template_sentence_passes_on_any_row(
    rows: list[ProductRow], wished: Wishes, set_aside: int, small_talk: SmallTalk | None, seed: int
) -> None:
    context = writing_context(
        rows,
        reasons=((BOUGHT, POPULAR), (POPULAR,)),
        wishes=wished,
        relaxed=(Dropped("color", "red"), Dropped("category", "mugs"))[:set_aside] if rows else (),
        foreign_prices=(Dropped("max_price", "the price limit of $5.00"),) if wished.max_price and set_aside else (),
        vocabulary=Vocabulary.from_rows([*rows, *HOME_ROWS]),
        mode=Mode.SHOPPING if seed % 3 else Mode.FAST,
        small_talk=small_talk,
        is_new=bool(seed % 2),
    )
    for sentence in TemplateWriter(np.random.default_rng(seed)).write(context):
        assert check(sentence, context).problems == ()
        text, claims = render(sentence, context)
        assert "[[" not in text
        assert all(text[slice(*claim.span)] == claim.value for claim in claims)
