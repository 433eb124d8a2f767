"""Plain text out of a shop's HTML: no tags, no scripts, no styles, entities decoded.

Feeds encode HTML once, twice or not at all, so that decoding may bring new tags to light; it is repeated until nothing
changes. What remains is text, not markup, and a page that shows it still has to escape it.
"""

import re
from html import unescape
from typing import Final

import nh3

MAX_PASSES: Final = 5
BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figcaption", "footer",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td",
        "th", "tr", "ul",
    }
)  # fmt: skip
WITHOUT_CONTENT: Final = frozenset({"script", "style", "template", "iframe", "noscript", "object", "svg", "math"})
TAG: Final = re.compile(r"<[^>]*>")
TAG_START: Final = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
CLEANER: Final = nh3.Cleaner(tags=BLOCKS, clean_content_tags=WITHOUT_CONTENT, attributes={}, link_rel=None)


def plain_line(html: str) -> str:
    """The text on one line, for titles and names.

    Raises
    ------
    UnicodeEncodeError
        The text holds half of a surrogate pair.
    """
    return " ".join(_text(html).split())


def plain_lines(html: str) -> str:
    """The text with a line for each paragraph, list item and table cell; raises as `plain_line` does."""
    lines = (" ".join(line.split()) for line in _text(html).splitlines())
    return "\n".join(line for line in lines if line)


def _text(html: str) -> str:
    if "<" not in html and "&" not in html:
        return html
    text = html
    for _ in range(MAX_PASSES):
        before, text = text, unescape(_without_tags(text))
        if text == before:
            break
    return TAG_START.sub("< ", text)


def _without_tags(text: str) -> str:
    """Text and entities; of the cleaner's output only tags of `BLOCKS`, all without attributes, hold a bare ``<``."""
    return TAG.sub("\n", CLEANER.clean(" ".join(text.split()))) if nh3.is_html(text) else text
