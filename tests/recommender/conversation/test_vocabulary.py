"""What a vocabulary knows of a catalogue."""

import pytest

from recommender.conversation.vocabulary import Vocabulary
from recommender.text import fold, words
from tests.recommender.conversation.shops import HOME, TITLES, row


def test_it_knows_categories_of_every_level_brands_attributes_and_the_commonest_currency() -> None:
    fields = {word: {term.field for term in HOME.terms[word]} for word in ("kitchen", "mug", "acme", "cotton")}
    assert fields == {"kitchen": {"category"}, "mug": {"category"}, "acme": {"brand"}, "cotton": {"material"}}
    assert HOME.currency == "GBP"
    assert HOME.currencies == {"GBP"}


def test_title_words_know_their_items_in_any_number() -> None:
    assert TITLES.items_with("bags") == ("giftbag", "jumbo")
    assert TITLES.items_with("unicorn") == ()


def test_the_longest_phrase_wins() -> None:
    length, terms = HOME.longest(words("light blue mug"), 0)
    assert (length, terms[0].values) == (2, ("Light Blue",))


def test_spellings_of_one_value_are_one_meaning() -> None:
    vocabulary = Vocabulary.from_rows([row("a", "A thing", color="RED"), row("b", "B thing", color="Red")])
    assert vocabulary.terms["red"][0].values == ("RED", "Red")


def test_an_empty_catalogue_knows_nothing() -> None:
    assert Vocabulary.from_rows([]).currency is None


@pytest.mark.parametrize(
    "forms",
    [
        ("mug", "mugs"),
        ("glass", "glasses"),
        ("hottie", "hotties"),
        ("berry", "berries"),
        ("box", "boxes"),
        ("knife", "knives"),
        ("woman", "women", "womens"),
        ("grey", "gray"),
        ("dish", "dishes"),
        ("vase", "vases"),
    ],
)
def test_forms_of_one_word_fold_to_one(forms: tuple[str, ...]) -> None:
    assert len({fold(form) for form in forms}) == 1


def test_possessives_accents_and_width_do_not_matter() -> None:
    assert words("Café women\u2019s \uff2d\uff35\uff27") == words("cafe woman mug")
