"""Values of the catalogue, and every other word that says something, looked up in the row of their clause."""

import re
from collections.abc import Iterator
from typing import Final

from tests.quality.checker_lexicon import is_common
from tests.quality.checker_reading import Clause, Reading
from tests.quality.checker_text import Token, stems
from tests.quality.checker_words import EVERYDAY, QUANTITIES, SCALES, SMALL, TENS

Found = Iterator[tuple[str, str]]

_NEGATIONS: Final = re.compile(
    r"\b(?:not|no|n't|never|without|anything but|far from|no longer|nothing|hardly|barely|lacks?|lacking|except|"
    r"free of|"
    r"neither|nor|used to be|(?:was|were|been)(?! (?:made|crafted|designed|built)))(?: (?:be|is|in|by|of|a|an|the|"
    r"come|comes|made|have|has|from|at|all|come in))* $"
)
_HEDGES: Final = re.compile(
    r"\b(?:could|may|might|can|would)(?: (?:also|well|even|perhaps))* (?:be|come|have)(?: (?:in|made of|made from|"
    r"by|of|a|an|from|the))* $|\b(?:seems?|appears?|another)(?: to be)? $"
)
_PARTS: Final = (
    (
        re.compile(r"\b(?:made|crafted|built|woven|carved) (?:of|from|out of) $"),
        frozenset({"material", "wax", "feature"}),
    ),
    (re.compile(r"\b(?:made |designed )?by $"), frozenset({"brand"})),
    (re.compile(r"\bfrom $"), frozenset({"brand", "origin", "material", "category"})),
)
_ABOUT_PHOTO: Final = re.compile(
    r"\b(?:photos?|photographs?|snapshots?|(?:your|the) (?:pictures?|images?)|(?:pictures?|"
    r"images?) (?:you (?!smiling)|that you|shows?))\b"
)
_FELT: Final = re.compile(r"\bfelt (?:right|like|that|as|it|to me|so|drawn|sure)\b|\bi felt\b")
_SOFT: Final = re.compile(
    r"\b(?:asked for|wanted|wished|told|mentioned|looked for|look for|searched|search|went through|found for|"
    r"match for|in mind|"
    r"set aside|setting aside|let go|dropp?\w*|leav\w+ out|left out|gave up|understand|understood|understand|know|"
    r"place|sure|what|"
    r"would like|were after|hoped|want|prefer|looking|find|could not|could n't|without|kept|keep|listened|see|"
    r"meant|limit|"
    r"colour|apply|compare)\b"
)


def value_findings(reading: Reading) -> Found:
    if _ABOUT_PHOTO.search(reading.abstract) and not reading.is_question:
        yield from _photo(reading)
        return
    for clause in reading.clauses:
        yield from _in_clause(reading, clause)


def _photo(reading: Reading) -> Found:
    """Beside a photo stands what was seen in it, and nothing else."""
    seen = {word for thing in reading.grounds.seen for word in re.findall(r"[^\W_]+", thing.value.lower())}
    seen |= {word.rstrip("s") for word in seen}
    for token in reading.tokens:
        if token.kind == "word" and token.low not in EVERYDAY and not {token.low, token.stem} & seen:
            yield "photo", token.text
    if reading.has(r"\b(?:not|no|n't|never|nothing)\b") and any(token.low in seen for token in reading.tokens):
        yield "photo", "a denial"
    if reading.named:
        yield "photo", "a product beside the photo"


def _in_clause(reading: Reading, clause: Clause) -> Found:
    tokens = clause.tokens
    position = 0
    while position < len(tokens):
        length = _value_length(reading, tokens, position)
        if length:
            yield from _value(reading, clause, position, length)
        elif _is_unknown(reading, clause, tokens[position]):
            yield "word", tokens[position].text
        position += max(length, 1)


def _value_length(reading: Reading, tokens: tuple[Token, ...], position: int) -> int:
    """How many tokens the longest value takes here; marks inside it, as in "T-shirt", are passed over."""
    if tokens[position].kind not in ("word", "number"):
        return 0
    places = range(position, min(position + 12, len(tokens)))
    solid: list[int] = []
    for index in places:
        if tokens[index].kind in ("word", "number"):
            solid.append(index)
        elif tokens[index].text not in "-&/'." or tokens[index].kind in ("title", "money"):
            break
    words = [tokens[index].stem for index in solid]
    count = reading.lexicon.longest(words)
    key = tuple(words[:count])
    if key == ("felt",) and _FELT.search(reading.abstract):
        return 0
    if not count or (count == 1 and not _is_said(reading, tokens[position])) or (is_common(key) and count == 1):
        return 0
    return solid[count - 1] - position + 1


def _is_said(reading: Reading, token: Token) -> bool:
    """Whether a single word is meant as the value: "M" is a size, "m" is not; "10" only where it is a size."""
    if token.kind == "number":
        return False
    return len(token.text) > 2 or (token.text in reading.lexicon.shapes.get(token.stem, ()) and token.text != "I")


def _value(reading: Reading, clause: Clause, position: int, length: int) -> Found:
    tokens = clause.tokens[position : position + length]
    key = tuple(token.stem for token in tokens if token.kind in ("word", "number"))
    text = reading.text[tokens[0].start : tokens[-1].end]
    if not clause.items:
        refused = re.search(r"\b(?:without|left out|leaving out|except|no) $", _before(clause, position))
        if not _is_wished(reading, key) or (refused and not _is_refused(reading, key)):
            yield "value", text
        return
    if _is_in_wish_clause(reading, clause) and set(key) <= reading.wish_words:
        return
    before = _before(clause, position)
    items = _owners(reading, clause, position)
    fields = reading.lexicon.fields[key]
    borne_out = [reading.facts(item).bears_out(key, fields) for item in items]
    if _NEGATIONS.search(before):
        has_field = all(fields & reading.facts(item).fields for item in items)
        if any(borne_out) or not has_field:
            yield "denied value", text
    elif not reading.holds(items, lambda item: reading.facts(item).bears_out(key, fields)):
        yield "value", text
    elif _is_miscast(reading, items, key, before):
        yield "value of another field", text
    elif _HEDGES.search(before) and fields & {"color", "material", "brand", "size", "pattern"}:
        yield "hedged value", text


def _before(clause: Clause, position: int) -> str:
    return "".join(f"{token.low} " for token in clause.tokens[:position]).replace("n't", " n't")


def _is_refused(reading: Reading, key: tuple[str, ...]) -> bool:
    """Whether the shopper wished it away, or it is among the wishes that were set aside."""
    refused = [stems(value) for values in reading.grounds.wishes.without.values() for value in values]
    relaxed = [word for text in reading.grounds.relaxed for word in stems(text)]
    return any(set(key) & set(words) for words in refused) or set(key) <= set(relaxed)


def _is_miscast(reading: Reading, items: tuple[int, ...], key: tuple[str, ...], before: str) -> bool:
    """Whether a true value stands in the part of another field: "by red", "made of Acme"."""
    for words, allowed in _PARTS:
        if words.search(before):
            own = [reading.facts(item).values.get(key, set()) for item in items]
            return any(fields and not fields & allowed for fields in own)
    return False


def _owners(reading: Reading, clause: Clause, position: int) -> tuple[int, ...]:
    """Of several products named in one clause, all where they stand together, else the last before the value."""
    if len(clause.titles) < 2:
        return clause.items
    earlier = [token for token in clause.titles if token.start < clause.tokens[position].start]
    if len(earlier) in (0, len(clause.titles)):
        between = reading.text[clause.titles[0].end : clause.titles[-1].start]
        if len(between) < 8 or not earlier:
            return clause.items
    return reading.titles[earlier[-1].ref].items if earlier else clause.items


def _is_in_wish_clause(reading: Reading, clause: Clause) -> bool:
    return not clause.titles and bool(_SOFT.search(" ".join(token.low for token in clause.tokens)))


def _is_wished(reading: Reading, key: tuple[str, ...]) -> bool:
    """Whether a value that is said of no product is the shopper's own word, or merely asked about."""
    if set(key) <= reading.wish_words:
        return True
    return reading.is_question and not reading.has(r"\b(?:did you know|isn't it|is n't|aren't|that)\b")


def _is_unknown(reading: Reading, clause: Clause, token: Token) -> bool:
    """Whether a word in a clause about products is neither an everyday one nor in their rows."""
    if (
        token.kind != "word"
        or set(token.low) == {"x"}
        or token.low in EVERYDAY
        or token.stem in EVERYDAY
        or not clause.items
    ):
        return False
    if any(low in EVERYDAY for low in (token.low.removesuffix("'s"), token.low.removesuffix("ly"))):
        return False
    if _is_handled_elsewhere(token):
        return False
    if not clause.titles and not reading.of_all and token.stem in reading.wish_words:
        return False
    return not all(token.stem in reading.facts(item).words for item in clause.items)


def _is_handled_elsewhere(token: Token) -> bool:
    """Whether another part of the checker judges this word."""
    numbers = token.low in SMALL or token.low in TENS or token.low in SCALES or token.low in QUANTITIES
    return numbers or token.low in (
        "cheaper",
        "dearer",
        "pricier",
        "costlier",
        "saves",
        "save",
        "popular",
        "purchased",
        "ordered",
        "viewed",
        "browsed",
    )
