"""How the words of a shop are said."""

import pytest

from recommender.base_model.speech.dictionary import bundled_dictionary
from recommender.base_model.speech.letters import bundled_rules, contexts, sounds
from recommender.base_model.speech.pronouncing import pronouncing_lines, pronunciations
from recommender.base_model.speech.train_letters import align, grow

TINY = [
    ("cat", ("K", "AE", "T")),
    ("cot", ("K", "AA", "T")),
    ("city", ("S", "IH", "T", "IY")),
    ("cinder", ("S", "IH", "N", "D", "ER")),
] * 4


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("mug", "M AH G"),
        ("cakestand", "K EY K S T AE N D"),
        ("spaceboy", "S P EY S B OY"),
        ("oldmill", "OW L D M IH L"),
        ("cakestands", "K EY K S T AE N D Z"),
        ("teapots", "T IY P AA T S"),
        ("satchels", "S AE CH AH L Z"),
    ],
)
def test_known_words_compounds_and_plurals(word, phones):
    assert tuple(phones.split()) in pronunciations(word)


def test_an_unknown_word_is_read_by_its_letters():
    (said, *_) = pronunciations("zibbo")
    assert said == ("Z", "IH", "B", "OW")


def test_every_word_can_be_said_in_phones_that_the_recogniser_has():
    known = {phone for said in bundled_dictionary().values() for phones in said for phone in phones}
    for word in ("a", "t", "xl", "qwrtz", "retrospot", "kangeroo", "utilty", "zoltan", "o'clock"):
        said = pronunciations(word)
        assert said
        assert all(phones and set(phones) <= known for phones in said)


def test_the_lines_of_a_dictionary_file():
    lines = list(pronouncing_lines(["mug", "a", "mug"]))
    assert lines == sorted(lines, key=lambda line: line.partition("(")[0].partition(" ")[0])
    assert "mug M AH G" in lines
    assert "a AH" in lines
    assert "a(2) EY" in lines


def test_rules_learn_that_c_is_soft_before_i():
    rules = grow(align(TINY))
    assert sounds("cit", rules)[0] == "S"
    assert sounds("cat", rules) == ("K", "AE", "T")


def test_contexts_grow_from_the_letter_alone():
    assert list(contexts("mug", 0)) == [".m.", ".m.u", "#.m.u", "#.m.ug", "##.m.ug", "##.m.ug#", "###.m.ug#"]


def test_the_bundled_rules_read_words_that_the_dictionary_has():
    words = ["lantern", "basket", "winter", "silver", "number", "garden", "blanket", "kitten", "dinner", "pocket"]
    right = sum(sounds(word, bundled_rules()) in bundled_dictionary()[word] for word in words)
    assert right >= 7
