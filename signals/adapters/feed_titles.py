"""The title of an item out of those of its variants: "Shirt - red, M" and "Shirt - blue, L" are one shirt."""

from collections.abc import Sequence
from typing import Final

MARKS: Final = " -\u2013\u2014|/\\,;:\u00b7\u2022()[]"


def common_title(titles: Sequence[str]) -> str:
    """The words of the first title that all titles have, in its order; the first title where that leaves nothing."""
    first, others = titles[0], [set(map(_key, title.split())) for title in titles[1:]]
    words = first.split()
    kept = [word for word in words if all(_key(word) in other for other in others)]
    if len(kept) == len(words):
        return first
    shared = " ".join(word for word in kept if _key(word)).strip(MARKS)
    return _without_lone_brackets(shared) or first


def _key(word: str) -> str:
    return word.strip(MARKS).casefold()


def _without_lone_brackets(text: str) -> str:
    for left, right in ("()", "[]"):
        if text.count(left) != text.count(right):
            text = text.replace(left, "").replace(right, "")
    return text
