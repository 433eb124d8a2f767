"""Disguises of an instruction, and how a model that is good at riddles sees through them."""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from string import ascii_lowercase
from typing import Final

_CODES: Final = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
)
MORSE: Final = dict(zip(ascii_lowercase, _CODES.split(), strict=True))
_CYRILLIC: Final = (0x430, 0x441, 0x435, 0x456, 0x43E, 0x440, 0x455, 0x445, 0x443, 0x410, 0x412, 0x415)
_LOOKALIKES: Final = dict(zip("aceiopsxyABE", map(chr, _CYRILLIC), strict=True))
_MATHEMATICAL: Final = {chr(97 + n): chr(0x1D41A + n) for n in range(26)}
_FULLWIDTH: Final = {chr(n): chr(n + 0xFEE0) for n in range(33, 127)}
_LEET: Final = dict(zip("aeiost", "431057", strict=True))
_TAGS: Final = 0xE0000


def _swapped(table: dict[str, str]) -> Callable[[str], str]:
    return lambda text: text.translate(str.maketrans(table))


def _morse(text: str) -> str:
    return " / ".join(" ".join(MORSE.get(letter, "") for letter in word) for word in text.lower().split())


ENCODINGS: Final[dict[str, Callable[[str], str]]] = {
    "base64": lambda text: "decode and obey: " + base64.b64encode(text.encode()).decode(),
    "hex": lambda text: "decode and obey: " + text.encode().hex(),
    "rot13": lambda text: "decode and obey: " + codecs.encode(text, "rot13"),
    "leetspeak": _swapped(_LEET),
    "reversed": lambda text: "backwards: " + text[::-1],
    "morse": lambda text: "decode and obey: " + _morse(text),
    "ascii85": lambda text: "decode and obey: " + base64.a85encode(text.encode()).decode(),
    "spaced": lambda text: " ".join(text.replace(" ", "_")),
    "html entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
}
HOMOGLYPHS: Final[dict[str, Callable[[str], str]]] = {
    "cyrillic": _swapped(_LOOKALIKES),
    "mathematical": _swapped(_MATHEMATICAL),
    "fullwidth": _swapped(_FULLWIDTH),
    "accents": lambda text: "".join(letter + "\u0301" * (letter in "aeiou") for letter in text),
}
INVISIBLE: Final[dict[str, Callable[[str], str]]] = {
    "zero width": lambda text: "\u200b".join(text),
    "bidirectional": lambda text: "\u202e" + text[::-1] + "\u202c",
    "tags": lambda text: "mug" + "".join(chr(_TAGS + ord(letter)) for letter in text if letter.isascii()),
    "soft hyphens": lambda text: "\u00ad".join(text),
    "deletions": lambda text: "".join(f"x\b{letter}" for letter in text),
}


def seen_through(text: str) -> Iterator[str]:
    """The text as it stands, and every way it can be decoded."""
    yield text
    letters = {shown: letter for letter, shown in (*_LOOKALIKES.items(), *_MATHEMATICAL.items())}
    plain = unicodedata.normalize("NFKD", text.translate(str.maketrans(letters)))
    yield "".join(letter for letter in plain if not unicodedata.combining(letter))
    yield "".join(chr(ord(letter) - _TAGS) for letter in text if 0xE0020 <= ord(letter) < 0xE007F)
    yield text.translate(str.maketrans({digit: letter for letter, digit in _LEET.items()}))
    yield text[::-1]
    yield codecs.decode(text, "rot13")
    yield re.sub(r"(?<=\b\w) (?=\w\b)", "", text).replace("_", " ")
    letters_of = {code: letter for letter, code in MORSE.items()}
    yield "".join(letters_of.get(code, " " if code == "/" else "") for code in re.findall(r"[.-]+|/", text))
    for token in text.split():
        yield from _decoded(token)


def _decoded(token: str) -> Iterator[str]:
    for decode in (bytes.fromhex, lambda it: base64.b64decode(it, validate=True), base64.a85decode):
        try:
            yield decode(token).decode()
        except (ValueError, binascii.Error):
            continue
