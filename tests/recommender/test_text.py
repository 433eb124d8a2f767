"""Text of strangers, made safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.text import clean, tokenise, without_stuffing


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("RED WOOLLY HOTTIE WHITE HEART.", "RED WOOLLY HOTTIE WHITE HEART"),
        ("Mug <b>new</b>", "Mug new"),
        ("Mug<script>alert(1)</script>", "Mug alert(1)"),
        ("&lt;b&gt;Mug&lt;/b&gt; &amp; Spoon", "Mug & Spoon"),
        ("[Mug](https://evil.example)", "(Mug)("),
        ("![x](y) Mug", "(x)(y) Mug"),
        ("see www.evil.example/x now", "see now"),
        ("**Mug** `code`", "Mug code"),
        ("# Mug\n- Spoon", "Mug - Spoon"),
        ("Mug\u202e\u200b\x00 red", "Mug red"),
        ("[[P1.price]]", "((P1.price))"),
        ("mail me@evil.example", "mail"),
        ("me @ home", "me at home"),
        ("see evil.example/x or evil。com, Mug", "see evil. example/x or evil. com, Mug"),
        ("mailto:me javascript:alert(1) //evil.example/x Mug", "Mug"),
        ("a.bcdef/g Mug", "a. bcdef/g Mug"),
        ("No.5 Mug, 3.5 cm, size L.Red", "No.5 Mug, 3.5 cm, size L.Red"),
        ("<>*", ""),
    ],
)
def test_it_is_cleaned(text: str, safe: str) -> None:
    assert clean(text, 100).rstrip("(") == safe.rstrip("(")


def test_a_long_text_is_cut_at_a_word() -> None:
    assert clean("one two three four", 12) == "one two…"


@given(st.text(max_size=300), st.integers(5, 60))
def test_whatever_it_was_it_is_one_short_line_without_markup(text: str, limit: int) -> None:
    safe = clean(text, limit)
    assert len(safe) <= limit
    assert safe.isprintable()
    assert not set("[]<>*`\\|_~#@") & set(safe)
    assert "://" not in safe


@given(st.text(max_size=200))
def test_tokens_stand_where_they_say(text: str) -> None:
    ends = [0]
    for token in tokenise(text):
        assert ends[-1] <= token.start < token.end <= len(text)
        ends.append(token.end)


def test_stuffing_is_left_out_and_honest_texts_stay() -> None:
    assert without_stuffing("Red Mug, Mugs, mug MUG red red.") == "Red Mug, Mugs, red"
    assert without_stuffing("A mug for tea, with a lid") == "A mug for tea, with a lid"
    assert without_stuffing("") == ""
