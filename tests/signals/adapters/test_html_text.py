"""Plain text out of HTML, kind and malicious."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.adapters.html_text import TAG_START, plain_line, plain_lines


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Salt & pepper, 5 < 6", "Salt & pepper, 5 < 6"),
        ("Salt &amp; pepper", "Salt & pepper"),
        ("<b>Bo</b>ld", "Bold"),
        ("One<br/>two<p>three", "One two three"),
        ("&lt;b&gt;twice&lt;/b&gt; encoded", "twice encoded"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;thrice", "thrice"),
        ("before<script>alert('x')</script><style>p{}</style> after", "before after"),
        ("<svg/onload=alert(1)>x</svg>plain", "plain"),
        ("cut <img src=x onerror=alert(1)", "cut < img src=x onerror=alert(1)"),
        ("size <M", "size < M"),
        ("<!-- a comment -->seen", "seen"),
        ("a\x00b\u00a0 c\n\td", "a\x00b c d"),
        ("", ""),
    ],
)
def test_html_becomes_one_plain_line(html: str, text: str) -> None:
    assert plain_line(html) == text


def test_paragraphs_and_list_items_are_lines() -> None:
    html = "<h2>Care</h2><p>Wash\n cold.</p>\n<ul><li>No <i>bleach</i><li>No&nbsp;iron</ul><table><td>A<td>B</table>"
    assert plain_lines(html) == "Care\nWash cold.\nNo bleach\nNo iron\nA\nB"
    assert plain_lines("Two\n\nlines") == "Two\nlines"


@given(st.lists(st.sampled_from(["<", ">", "&lt;", "&amp;", "script", "/", "p", " ", "!--", "img onerror=", '"', "b"])))
def test_no_html_leaves_a_tag(parts: list[str]) -> None:
    text = plain_lines("".join(parts))
    assert TAG_START.search(text) is None


def test_text_encoded_without_end_is_read_in_a_few_passes() -> None:
    assert TAG_START.search(plain_line("&" + "amp;" * 50_000 + "lt;p&gt;")) is None
