"""What plain words say together: deeds, promises, gifts and fits that no single word of them states.

A sentence is read as one line of lower-case words in which every slot is a tag: ``P`` a product's name, ``PRICE``,
``CHEAPER`` a comparison, ``BRAND``, ``STOCK``, ``KIND`` the category, ``VALUE`` another field, ``REASON``, ``COUNT``,
``PHOTO``, and ``WISH_max_price`` and the like.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.deeds import DEEDS
from recommender.conversation.people import PERSON
from recommender.conversation.slots import (
    AVAILABILITY,
    FOREIGN,
    PRICE,
    RELAXED,
    TITLE,
    UNREAD,
    ComparisonSlot,
    CountSlot,
    Part,
    PhotoSlot,
    ProductSlot,
    QuestionSlot,
    ReasonSlot,
    Slot,
    WishSlot,
)
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.text import tokenise, words

_MODAL: Final = "(?:could|can|may|might|would|should)"
_SETTING: Final = (
    "(?:home|house|household|kitchen|room|bedroom|bathroom|hallway|garden|office|corner|breakfast|lunch|dinner|"
    "evenings?|mornings?|afternoons?|birthdays?|weddings?|anniversary|party|holiday|trip|walk|journey|outing)"
)
_GIFT: Final = "(?:gifts?|presents?|surprises?|treats?)"
_GOES_ON: Final = r"(?:and|or|too|as|at|for|in|with|to|because|since|while|so|perhaps|over|on|PRICE|REASON)\b"
_NOT_ABOUT_THEM: Final = rf"(?! {_MODAL}\b)(?!$)(?! [^\w])(?! {_GOES_ON})"
_SAID: Final = "(?:begin|start|show|add|mention|look|tell|say|go|narrow|find|search|try|help)"

_EXPECTED: Final = re.compile(r"\b(hope|think|thought) you will(?= (?:like|love|enjoy)\b)")
_OF_PRODUCTS_TOLD: Final = (
    (
        rf"(?<!\bif )(?<!whether )(?<!help )(?<!helps )(?<!show )(?<!for )\byou\b(?! have in mind| REASON|"
        rf" very well| well){_NOT_ABOUT_THEM}",
        "what the shopper did, has or likes",
    ),
    (rf"\b{PERSON}\b(?: of yours)?(?! that| who| VALUE| BRAND){_NOT_ABOUT_THEM}", "what somebody does, has or likes"),
)
"""A question may ask for these."""

_OF_PRODUCTS: Final = (
    (
        r"\bi (?:have|had|made|make|keep|kept|took|take|own|bring|brought|got|get|gave|give|know|remember|saw)\b",
        "my deeds",
    ),
    (r"\b(?:we|us|our|shops?|stores?)\b", "what the shop has or does"),
    (
        rf"\bwill\b(?! {_SAID}\b)|\bill\b(?! {_SAID}\b)|\bpromise|\btry\b|\bin time for\b|\bcomes? to you",
        "a promise",
    ),
    (
        r"(?<!be )\byours\b(?! (?:for|at) PRICE)|\bis your (?:choice|pick|wish|search|idea|taste|style)\b",
        "what is the shopper's",
    ),
    (r"\bP (?:(?:and|or) P )?will\b", "a promise"),
    (r"\b(?:your|the) (?:photo|picture)s?\b(?! VALUE)", "what the photo shows"),
    (
        r"\bP (?:is|makes|seems|feels like) (?:\w+ )?an? "
        rf"(?:(?!(?:for|to|with|of|from|your)\b)[\w,]+ ){{0,5}}{PERSON}\b",
        "that it is somebody",
    ),
    (r"\bP is (?:the |an? )?P(?: P)+\b", "that it is another product"),
    (r"\b(?:is|are) of (?:the|this|our|an?)\b", "where it comes from"),
    (r"\bis what you (?!have in mind)|\bis (?:all|one) (?:that )?you\b", "what the shopper asked for"),
    (
        rf"\b(?:is|are|its|fits?|suits|works?|keeps|made|meant)(?: well| right| just)? (?:for|in|on|any) "
        rf"(?:\w+ ){{0,2}}(?:{PERSON}|{_SETTING})\b",
        "whom or what it is for",
    ),
    (rf"\b(?:suits|fits) (?:\w+ ){{0,2}}(?:{PERSON}|{_SETTING}|you)\b", "whom or what it is for"),
    (rf"\b(?!{_MODAL})\w+ fit you\b", "whom or what it is for"),
    (r"\bas \w+ as\b", "a comparison"),
    (r"\bhas a (?:place|side) for\b|\btakes on\b|\bsimple to\b", "what it can do"),
    (r"\b(?:be|seems?|appears?|looks?|feels|another|any|perhaps|maybe|or) (?:VALUE|BRAND|STOCK)", "a value in doubt"),
    (rf"\b{_MODAL} (?:\w+ )?comes? in VALUE", "a value in doubt"),
    (r"\b(?:perhaps|maybe)\b[^,;:.]*\b(?:is|are|in) (?:VALUE|BRAND|STOCK)", "a value in doubt"),
    (r"\b(?:by|from) (?:VALUE|PRICE|STOCK)\b|\bby (?:you|me|us)\b", "a value in the place of another"),
    (r"\bPRICE (?:with|for)\b|\bREASON and (?:may|might)\b[^;]*\bPRICE\b", "another price"),
    (
        r"\b(?:mind|it) (?:because|as|since) REASON(?: ,)? (?:at|for|which is|and it costs) PRICE\b",
        "the price of what the reason names",
    ),
    (r"\b(?:as|since|because) (?:(?!it|you|i|this)\w+ ){0,2}(?:VALUE|BRAND|STOCK|PRICE)\b", "a value as a reason"),
    (r"\bbecause (?!REASON|it\b|you\b|i\b|this\b|they\b|P\b)", "a reason of its own"),
    (rf"\b{_MODAL}\b[^,;:.]*\bSTOCK\b", "a value in doubt"),
    (r"\bP and P (?:match|come|go|fit|suit|work|meet|make|find|keep|share|sit)\b", "what two products do together"),
    (r"\b(?:get|gets|got|have|has|had|own|owns|keep|keeps|kept) (?:\w+ )?P\b", "who has or gets it"),
    (r"\bone of P\b|\bone P\b|\bhere again\b|\bstill here\b", "how many there are"),
)
_OF_WISHES: Final = (
    (r"\b(?!(?:to|under|below|within|of|and) )\w+ WISH_max_price\b", "the limit turned round"),
    (r"\b(?!(?:from|over|above|between|of) )\w+ WISH_min_price\b", "the limit turned round"),
    (r"\bwithout WISH_(?!without)", "a wish turned round"),
    (r"(?<!\bwithout )(?<!aside )(?<!\bof )WISH_without", "a refusal turned round"),
)
_OF_ANYTHING: Final = (
    (
        rf"\byour (?:\w+ )?{PERSON} (?:likes?|loves?|wants?|enjoys?|needs?|prefers?|has|have|had|owns?|chose)\b",
        "what somebody does, has or likes",
    ),
    (
        r"\b(?:with|includes?|including|get|gets|has|have|add|adds|bring|brings|there is) (?:an?|some) (?:\w+,? )?"
        rf"{_GIFT}\b",
        "a gift",
    ),
    (rf"\b{_GIFT} (?:from|of)\b|\bincludes?\b|\band (?:an?|some) (?:\w+ )?{_GIFT}\b", "a gift"),
    (r"^(?:and )?so (?:is|are|does|do)\b|\bso (?:is|are|does|do) (?:P|it|that)\b", "what was said of something else"),
    (
        r"\b(?:it|they|this|that) (?:will|comes? to you)\b|\byou will (?:have|get|own|like|love|enjoy)\b",
        "a promise",
    ),
    (r"\bwe (?:will|can|have (?!only just met|just met)|give|take|keep|bring|present|add|make)\b", "a promise"),
    (
        r"(?<!what )(?<!who )\b(?:it|they|these|this) (?:is|are) (?:right |just )?for (?!you\b)",
        "whom or what it is for",
    ),
    (r"\bshow you (?:like|love|enjoy|want|need|prefer|own|have|know)\b", "what the shopper did, has or likes"),
    (r"\bfull colou?r\b", "a colour"),
)
_HEDGED: Final = re.compile(
    rf"\b(?:{_MODAL} (?:\w+ )?be|seems?|appears?|feels like) (?:like )?an? (?:(?!KIND)\w+ ){{0,3}}(?:VALUE|BRAND)\b"
)
_ALWAYS_READ: Final = re.compile(rf"{PERSON}|photos?|pictures?")
"""Words that mean the same where a title holds them."""
_OF_ALL: Final = re.compile(
    r"\b(?:these|they|those|everything|nothing|all|each|prices|no price|the price)\b.*"
    r"\b(?:budget|limits?|wish|wishes|search|request|colours?|asked|range|style|taste)\b"
)
_CUT_OFF: Final = re.compile(r"(?<=\w )(?:since|because|as|and|or|the|an?|of|by|from|at|your|which is)(?: it)? [.?!]$")
_OTHERS: Final = re.compile(r"\b(?:others?|another|different) (?:\w+ )?(?:colours?|sizes?|styles?|ranges?)\b")


def implied_problems(
    parts: Sequence[Part], values: Sequence[tuple[int, int, Slot]], context: WritingContext
) -> Iterator[str]:
    """What a sentence says, or seems to say, by how its plain words stand together.

    ``values`` are the places, [start, end) in the sentence, that repeat in words what a slot would say.
    """
    read = _line(parts, values)
    line = read.replace("KIND", "VALUE").replace("CHEAPER", "PRICE")
    patterns = [*_OF_ANYTHING]
    if _is_of_products(line):
        patterns += _OF_PRODUCTS if line.endswith("?") else (*_OF_PRODUCTS_TOLD, *_OF_PRODUCTS)
    if "WISH_" in line:
        patterns += _OF_WISHES
    yield from _names_in_words(parts, context)
    if match := _CUT_OFF.search(line):
        yield f"{match[0]!r} ends the sentence where something has to follow"
    for pattern, said in patterns:
        match = re.search(pattern, line)
        if match is not None:
            yield f"{match[0].strip()!r} says {said}; only a slot may"
    if not line.endswith("?"):
        yield from _general_problems(line, context)
        yield from _deeds(line)
        if _is_of_products(line) and (match := _HEDGED.search(read)):
            yield f"{match[0]!r} says a value in doubt; only a slot may"
        if _is_of_products(line) and "CHEAPER" not in read and (match := re.search(r"\bcompar\w+", read)):
            yield f"{match[0]!r} says a comparison; only a slot may"


def _names_in_words(parts: Sequence[Part], context: WritingContext) -> Iterator[str]:
    """Whole titles in plain words, of products that the sentence does not name by their handles."""
    named = {part.slot.product for part in parts if isinstance(part.slot, ProductSlot) and part.slot.field == TITLE}
    said = " | ".join(" ".join(words(part.text)) for part in parts if part.slot is None)
    for number, item in enumerate(context.items, start=1):
        title = words(item.row.title)
        if number not in named and len(title) > 1 and f" {' '.join(title)} " in f" {said} ":
            yield f"{item.row.title!r} is the name of a product; only [[P{number}]] may say it"


def _general_problems(line: str, context: WritingContext) -> Iterator[str]:
    told = {f"WISH_{name}" for name in (RELAXED, UNREAD, FOREIGN)}
    if context.items and not any(tag in line for tag in told) and (match := _OF_ALL.search(line)):
        yield f"{match[0]!r} may not be true of everything shown"
    if match := _OTHERS.search(line):
        yield f"{match[0]!r} says what else there is"


def _deeds(line: str) -> Iterator[str]:
    """Beside a wish, which has its own words, nothing is done but the search."""
    for pattern, said in () if "WISH_" in line else DEEDS:
        match = re.search(pattern, line)
        if match is not None:
            yield f"{match[0].strip()!r} says {said}; nothing of that is done here"


def _is_of_products(line: str) -> bool:
    return re.search(r"\bP\b", line) is not None


def _line(parts: Sequence[Part], values: Sequence[tuple[int, int, Slot]]) -> str:
    said: list[str] = []
    for part in parts:
        if part.slot is not None:
            said.append(_tag(part.slot))
            continue
        for token in tokenise(part.text):
            at = part.start + token.start
            tags = (_tag(slot) for start, end, slot in values if start <= at < end)
            said.append(token.text if _ALWAYS_READ.fullmatch(token.text) else next(tags, token.text))
    return _EXPECTED.sub(r"\1 you may", " ".join(said))


def _tag(slot: Slot) -> str:
    match slot:
        case ProductSlot(field=name):
            tags = {TITLE: "P", PRICE: "PRICE", BRAND: "BRAND", AVAILABILITY: "STOCK", CATEGORY: "KIND"}
            return tags.get(name, "VALUE")
        case ComparisonSlot():
            return "CHEAPER"
        case ReasonSlot():
            return "REASON"
        case CountSlot():
            return "COUNT"
        case QuestionSlot():
            return "OPTION"
        case PhotoSlot():
            return "PHOTO"
        case WishSlot(field=name):
            return f"WISH_{name}"
