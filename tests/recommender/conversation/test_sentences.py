"""A model's text, in whatever pieces it comes, becomes the same sentences."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from recommender.conversation.sentences import MAX_PENDING, sentences


def test_a_sentence_comes_as_soon_as_it_is_known_to_have_ended() -> None:
    pieces = iter(["Take [[P1]]", ". Then", " more"])
    cut = sentences(pieces)
    assert next(cut) == "Take [[P1]]."
    assert next(pieces) == " more"


def test_marks_inside_a_slot_end_nothing() -> None:
    assert list(sentences(["Take [[P1.a. b! c]] now. Yes?"])) == ["Take [[P1.a. b! c]] now.", "Yes?"]


def test_a_line_is_a_sentence() -> None:
    assert list(sentences(["Look:\n- [[P1]]\n- [[P2]]\n\nDone"])) == ["Look:", "- [[P1]]", "- [[P2]]", "Done"]


def test_a_closing_quote_belongs_to_its_sentence() -> None:
    assert list(sentences(['"Well." “So!” he'])) == ['"Well."', "“So!”", "he"]


def test_text_without_an_end_is_cut() -> None:
    found = list(sentences("word " for _ in range(MAX_PENDING)))
    assert max(map(len, found)) <= MAX_PENDING + len("word ")


def test_nothing_written_is_no_sentence() -> None:
    assert list(sentences(["", "  ", "\n"])) == []


@given(st.text(alphabet='ab .!?\n[]P1"”', max_size=80), st.lists(st.integers(0, 80), max_size=6))
def test_the_pieces_do_not_matter(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert "".join(sentences(pieces)).split() == "".join(sentences([text])).split()
    assert list(sentences(pieces)) == list(sentences([text]))
