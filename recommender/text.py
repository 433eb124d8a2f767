"""Words: how text is cut, folded and cleaned, the same for shoppers, catalogue and replies.

Everything that comes from a catalogue or a shopper is data; ``clean`` is the one door through which it enters a reply.
"""

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

_WORD = r"[^\W_]+(?:['\u2019][^\W_]+)*"
_PRICE_SUFFIX = r"(?:p|k|gbp|usd|eur|quid|pounds?|euros?|dollars?|bucks|pence|cents?|ish)?"
_WORDS = re.compile(_WORD)
_TOKENS = re.compile(
    rf"(?P<number>[0-9]{{1,12}}(?:[.,][0-9]{{1,4}}){{0,4}})(?={_PRICE_SUFFIX}(?![^\W_]))"
    rf"|(?P<word>{_WORD})|(?P<symbol>[£$€¥₹])|(?P<mark>[^\w\s])",
    re.IGNORECASE,
)

_FOLDED = {
    "knives": "knife",
    "scarves": "scarf",
    "shelves": "shelf",
    "leaves": "leaf",
    "loaves": "loaf",
    "men": "man",
    "mens": "man",
    "women": "woman",
    "womens": "woman",
    "children": "child",
    "childrens": "child",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "lens": "lens",
    "lenses": "lens",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "gray": "grey",
    "color": "colour",
    "colors": "colour",
    "multicolor": "multicolour",
    "jewelry": "jewellery",
    "aluminum": "aluminium",
    "fiber": "fibre",
}


class TokenKind(Enum):
    NUMBER = "number"
    WORD = "word"
    SYMBOL = "symbol"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text: ``text`` is lower case without accents, ``folded`` its singular, [start, end) its place."""

    kind: TokenKind
    text: str
    folded: str
    start: int
    end: int


JOINTS = frozenset({"and", "&", "-", "/"})
"""What may stand between the words of a phrase without changing it."""


def word_set(text: str) -> frozenset[str]:
    """A list of words written as plain text."""
    return frozenset(text.split())


def tokenise(text: str) -> list[Token]:
    return [_token(match) for match in _TOKENS.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    kind = TokenKind(match.lastgroup)
    text = plain(match.group())
    return Token(kind, text, fold(text) if kind is TokenKind.WORD else text, match.start(), match.end())


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return [fold(plain(word)) for word in _WORDS.findall(text)]


def phrase_key(folded_words: list[str]) -> str:
    """The key under which a phrase is looked up; "Home & Garden" and "home and garden" share one."""
    return " ".join(word for word in folded_words if word not in JOINTS)


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """Lower case, compatibility forms resolved, no accents, no apostrophes, no possessive."""
    text = word.casefold().replace("\u2019", "'").removesuffix("'s").replace("'", "")
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """The singular of a plain English word, British spelling; the same form for every form of a word."""
    if word in _FOLDED:
        return _FOLDED[word]
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ie") and len(word) > 4:
        return word[:-2] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word.removesuffix("s")


MOST_SAID = 2
"""How often a text says a word: what a product is stands in its title and in its category."""


def without_stuffing(text: str) -> str:
    """The text with each word ``MOST_SAID`` times at most, so that nothing is gained by saying it over and over."""
    said = Counter[tuple[str, ...]]()
    kept = []
    for piece in text.split():
        key = tuple(words(piece)) or (piece,)
        said[key] += 1
        kept += [piece] if said[key] <= MOST_SAID else []
    return " ".join(kept)


_TAGS = re.compile(r"<[^<>]{0,500}>")
_LINKS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{0,20}://|\bwww\.|\b(?:javascript|mailto):|\bdata:\w+/)\S*"
    r"|[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}\w{2,24}\b|(?<!\S)//\S*",
    re.IGNORECASE,
)
_ENDINGS = "com|net|org|info|biz|shop|store|online|site|app|dev|xyz|top|link|example"
_HOST = re.compile(
    rf"(?<=[^\W_])[.\u3002\uff0e\uff61](?=(?:[a-z]{{2}}|{_ENDINGS})(?![^\W_])|[^\W_]{{2,}}/)", re.IGNORECASE
)
"""A dot that would make many a page turn two words into a link."""
_NEUTRAL = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "@": " at ", **dict.fromkeys("<>*`\\|~_#^", " ")})


def clean(text: str, limit: int) -> str:
    """Foreign text made safe to stand inside a reply: one line, no markup, no links, no invisible characters.

    At most ``limit`` characters, cut at a word; the empty string where nothing is left.
    """
    text = html.unescape(text[: limit * 8])
    text = _TAGS.sub(" ", _visible(text))
    text = _HOST.sub(". ", _LINKS.sub(" ", text)).translate(_NEUTRAL)
    text = " ".join(text.split()).lstrip("-+=>.,;:!?) ").rstrip("-.,;:!?( ")
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip("-.,;:!?( ") + "…"


def _visible(text: str) -> str:
    """Without control, bidirectional, zero-width, private and unassigned characters; line breaks become spaces."""
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    return "".join(character for character in kept if unicodedata.category(character)[0] != "C")
