"""Written text as it is spoken: lower-case words, numbers in letters, signs read out."""

import re
from typing import Final

_UNITS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MAX_SPOKEN: Final = 9_999
_SIGNS: Final = {"&": "and", "+": "and", "%": "percent", "£": "pounds", "$": "dollars", "€": "euros"}
_PIECES: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[&+%£$€]")
_BARE_S: Final = re.compile(r"'s?(?![a-z])")


def spoken_words(text: str) -> tuple[str, ...]:
    """The words of a text, in the letters a to z; what cannot be said is left out.

    >>> spoken_words("SET/3 T-Light Holders & Jars")
    ('set', 'three', 't', 'light', 'holders', 'and', 'jars')
    """
    said: list[str] = []
    for piece in _PIECES.findall(_BARE_S.sub(_possessive, text.lower().replace("\u2019", "'"))):
        if piece.isdigit():
            said += number_words(int(piece)) if int(piece) <= _MAX_SPOKEN else ()
        else:
            said.append(_SIGNS.get(piece, piece))
    return tuple(said)


def _possessive(match: re.Match[str]) -> str:
    return match.group() if match.group() == "'s" else ""


def number_words(number: int) -> tuple[str, ...]:
    """A number from 0 to 9,999 in words."""
    if number < len(_UNITS):
        return (_UNITS[number],)
    if number < 100:
        tens, ones = divmod(number, 10)
        return (_TENS[tens - 2], *(number_words(ones) if ones else ()))
    scale, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    most, rest = divmod(number, scale)
    joint = ("and",) if 0 < rest < 100 else ()
    return (*number_words(most), name, *joint, *(number_words(rest) if rest else ()))
