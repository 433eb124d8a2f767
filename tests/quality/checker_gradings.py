"""Counts, gradings and products said to be, or to go with, one another: what the second checker lets only rows say."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tests.quality.checker_promises import is_in_rows
from tests.quality.checker_reading import Reading
from tests.quality.checker_text import Token, number_at
from tests.quality.checker_words import COMPARATIVES, QUANTITIES

Found = Iterator[tuple[str, str]]

_SAFE_COMPARING: Final = re.compile(
    r"\b(?:best wishes|at best|had better|better (?:idea|luck|help)|(?:help|serve|know|guide|do|look|search|"
    r"understand) you (?:any )?better|"
    r"one more|more (?:idea|ideas|about|of what|help|words|suggestions|options|from me|to your|like)|"
    r"(?:tell|show|say|find|hear|know|learn)(?: you| me)?(?: a (?:little|bit))? more|more than (?:happy|glad|"
    r"welcome)|"
    r"once more|most welcome|the more|any more|no more than|not more than|most of all|little more|what matters most|"
    r"rather than|other than|at most|at least|no less|matters? (?:the )?most)\b"
)
_GRADED: Final = re.compile(
    r"\b(?:(?:more|most|less|least) (?!expensive\b)[a-z]+|as [a-z]+ as\b|same|equal\w*|the only|"
    r"nothing (?:is )?(?:like|beats)|"
    r"(?:compares?|no match|second to none|one of a kind|without equal|in a class)\b|than\b(?! happy| welcome))"
)
_BETWEEN: Final = re.compile(
    r"T\d+ (?:\w+ ){0,3}?(?:match(?:es)?|like|suits?|fits?|to|beats?|over|before|above|below|than|with|from|of|as|"
    r"tops?|follows?|"
    r"include[sd]?|becomes?|replaces?|prefers?|complements?|completes?|goes) (?:\w+ ){0,2}?T\d+"
)
_TOGETHER: Final = re.compile(
    r"\b(?:would|could|might|may|perhaps|consider|have a look|look at|see|show|also|then|start|begin)\b"
)
_SHAPED: Final = frozenset(
    [
        "cutest",
        "comfiest",
        "kindest",
        "oddest",
        "grandest",
        "proudest",
        "purest",
        "truest",
        "rarest",
        "wildest",
        "coolest",
        "greenest",
        "reddest",
    ]
)
_CARRIED: Final = (
    r"\bso (?:is|are|does|do|has|did|was) T\d+|T\d+ (?:match|come together|go together|belong together|pair up)\b|"
    r"\b(?:take|buy|choose|order|with) T\d+ (?:and|to|,) (?:you )?(?:get|receive|have) T\d+"
)


def grading_findings(reading: Reading) -> Found:
    yield from _numbers(reading)
    yield from _gradings(reading)
    yield from _identities(reading)


def _numbers(reading: Reading) -> Found:
    tokens = list(reading.tokens)
    position = 0
    while position < len(tokens):
        token = tokens[position]
        length, value = number_at(tokens, position)
        if value is not None and not _is_pronoun(tokens, position, length):
            if not _is_known_number(reading, tokens, position, length, value):
                yield "number", " ".join(token.text for token in tokens[position : position + length])
        elif (token.low in QUANTITIES and not _is_harmless_quantity(reading, tokens, position)) or (
            token.kind != "title" and any(c.isnumeric() and not c.isdecimal() for c in token.text)
        ):
            yield "number", token.text
        position += max(length, 1)


def _is_pronoun(tokens: list[Token], position: int, length: int) -> bool:
    return (
        length == 1
        and tokens[position].low == "one"
        and not (position and tokens[position - 1].low in ("only", "just"))
    )


def _is_known_number(reading: Reading, tokens: list[Token], position: int, length: int, value: Decimal) -> bool:
    if reading.named or (reading.subjects and not reading.of_all):
        return _is_value_of_rows(reading, tokens, position, length, value)
    grounds = reading.grounds
    counts = {Decimal(len(grounds.items))}
    if reading.has(
        r"\b(?:look(?:ed)? for|ask(?:ed)? for|hop(?:ed|ing)|want(?:ed)?|meant|tried|show you|wish(?:ed)?)\b"
    ):
        counts.add(Decimal(grounds.asked))
    thing = tokens[position + length].low if position + length < len(tokens) else ""
    if value in counts and thing not in ("colours", "sizes", "brands", "stars", "materials", "times", "more", "pounds"):
        return True
    return tokens[position].stem in reading.wish_words


def _is_value_of_rows(reading: Reading, tokens: list[Token], position: int, length: int, value: Decimal) -> bool:
    """A number inside a value of the product, as in "15 cm"; or "the two", of two that are named."""
    stems = tuple(token.stem for token in tokens[position : position + length])
    near = tokens[max(position - 3, 0) : position] + tokens[position + length : position + length + 2]
    beside = [token.stem for token in near if token.kind in ("word", "number")]
    if value == len(reading.named) and tokens[position - 1].low in ("the", "these", "of", "between", "both"):
        return True
    for item in _owners(reading, tokens[position]):
        values = [key for key in reading.facts(item).values if set(stems) <= set(key)]
        if not any(len(key) == length or set(beside) & set(key) for key in values):
            return False
    return True


def _owners(reading: Reading, token: Token) -> tuple[int, ...]:
    """The products a number in brackets may be of: those of the last title before it, where it stands alone."""
    earlier = [title for title in reading.tokens if title.kind == "title" and title.start < token.start]
    opened = reading.text.rfind("(", 0, token.start) > reading.text.rfind(")", 0, token.start)
    if not opened or not earlier or reading.text[: earlier[-1].start].endswith((" and ", " or ")):
        return tuple(reading.subjects)
    return reading.titles[earlier[-1].ref].items or tuple(reading.subjects)


def _is_harmless_quantity(reading: Reading, tokens: list[Token], position: int) -> bool:
    following = tokens[position + 1].low if position + 1 < len(tokens) else ""
    if tokens[position].low in ("couple", "several", "third", "second", "pair") and following in (
        "of",
        "idea",
        "ideas",
        "thing",
    ):
        return not reading.named
    return is_in_rows(reading, tokens[position])


def _gradings(reading: Reading) -> Found:
    text = _SAFE_COMPARING.sub(" ", reading.abstract)
    about = reading.subjects or reading.has(r"\b(?:it|this|these|they|here|nothing|everything|shop|all|any|ones?)\b")
    if not about:
        return
    for word in re.findall(r"[^\W\d_]+", text):
        if (
            (word in COMPARATIVES and not all(word in reading.facts(i).words for i in reading.subjects or ()))
            or re.fullmatch(r"[a-z]{3,}iest", word)
            or (word.endswith("est") and word in _SHAPED)
        ):
            yield "comparison", word
    if re.search(r"\b(?:cheapest|priciest|dearest|costliest)\b", text):
        yield "comparison", "a superlative of price"
    prices = r"(?:less|more|cheaper|dearer|pricier) (?:expensive )?(?:choice )?(?:than|for|next|against)"
    if (
        not re.search(
            rf"\b{prices}|\bM (?:less|more|cheaper|dearer|pricier)|\b(?:less|more) expensive|"
            r"costs? (?:M )?(?:less|more)",
            text,
        )
        and (match := _GRADED.search(text))
        and (reading.subjects or "than" in match.group())
    ):
        yield "comparison", match.group()


def _identities(reading: Reading) -> Found:
    """One product is not another, and nothing but prices is compared."""
    if carried := reading.has(_CARRIED):
        yield "comparison", carried.group()
    text = re.sub(r"T(\d+)", lambda m: m[0] if reading.titles[int(m[1])].items else "thing", reading.abstract)
    if (
        match := re.search(
            r"T(\d+) (?:(?:is|are|was|comes as|becomes|called) )?(?:(?:really|a|an|the|also|just|our|"
            r"called) )*T(\d+)",
            text,
        )
    ) and match[1] != match[2]:
        yield "comparison", match.group()
    if match := _BETWEEN.search(text):
        priced = re.search(r"cheaper|dearer|pricier|less|more|saves?|costs?|M\b", text)
        listing = re.search(r" and T\d+$", match.group())
        if not priced and not listing and not _TOGETHER.search(text[: match.start()]):
            yield "comparison", match.group()
