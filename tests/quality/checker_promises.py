"""Stock, service, dates and whom a thing is for: what the second checker finds by set phrases."""

import re
import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import Final

from schemas import Availability
from tests.quality.checker_reading import Reading
from tests.quality.checker_text import Token
from tests.quality.checker_words import AUDIENCES, DATES, SERVICE

Found = Iterator[tuple[str, str]]

_STOCK: Final[tuple[tuple[str, Availability], ...]] = (
    (r"out of stock|sold out|unavailable|\bgone\b|ran out|run out|no more of|fully booked|snapped up",
     Availability.OUT_OF_STOCK),
    (r"(?:pre - ?order|preorder)\w*", Availability.PREORDER),
    (r"(?:back - ?order|backorder)\w*", Availability.BACKORDER),
    (r"discontinued", Availability.DISCONTINUED),
    (r"in stock|\bavailable\b|ready to (?:go|take|buy|order|ship)", Availability.IN_STOCK),
)  # fmt: skip
_SCARCE: Final = re.compile(
    r"\b(?:left|remain(?:s|ing)?|running (?:low|out)|limited|last (?:one|ones|few|piece|pieces|chance)|hurry|"
    r"restocked|plenty|"
    r"warehouse|selling (?:fast|out|quickly)|going fast|almost gone|back soon|stocks? of|stocked|restock\w*|"
    r"while stocks? lasts?|scarce|in short supply|back in|still here|here again|back again)\b"
)
_ACTS: Final = re.compile(
    r"\b(?:we|we 'll|the shop|our (?:shop|team)|the store)(?: (?:will|shall|can|could|would|may|gladly|also|"
    r"happily))* "
    r"(?:keep|send|bring|wrap|give|take|reserve|hold|replace|repair|deliver|pay|refund|match|offer|include|add|"
    r"set|put|"
    r"guarantee|promise|treat|invite|get|ship|mail|return|make|fit|install|owe|buy|present)\b"
)
_MINE: Final = re.compile(
    r"\bi(?: 'll| 'd)?(?: (?:will|shall|can|could|would))? (?:send|bring|wrap|give|reserve|hold|deliver|keep|pay|"
    r"promise|refund|"
    r"mail|ship|guarantee|(?<!what i would )put)\b(?! coming)(?: you)?(?: \w+){0,3} "
    r"(?:T\d+|it|this|these|them)\b(?! (?:in|at|on|to) (?:my|the) (?:list|top))"
)
_FREEBIE: Final = re.compile(
    r"\b(?:comes?|coming|came|arrives?|get|gets|includes?|including|has|have|brings?|gives?|with|adds?)"
    r"(?: with| you| along with)?(?: an?| the| another| your| some| our)?(?: \w+)?"
    r" (?:gifts?|presents?|surprises?|treats?|extras?|bonus|thank you|sample|samples)\b"
)
_FROM_US: Final = re.compile(r"\b(?:present|gift|treat|surprise)s? (?:from|by) (?:us|me|the shop|our|the store)\b|"
    r"\bon us\b|"
                             r"\b(?:on|from) the house\b|\bmoney back\b|\b(?<!feel )(?<!- )free\b(?! to)|"
                             r"\bfor nothing\b|\bfor life\b|\bmarked down\b|"
                             r"\bspecial offer|\bon offer\b|\ban offer\b|\bthe offer\b|% off|\boff T|"
                             r"\bchange your mind\b|"
                             r"\breturn (?:it|T\d+|them|this)\b|\bwrap (?:it|T\d+|them|this)\b|\bto your (?:door|"
                             r"home|house|office)\b|"
                             r"\b(?:number|no\.?) one\b|\breach(?:es)? you\b|\bthere (?:is|are) (?:a|"
                             r"some) (?:\w+ )?(?:gift|present|surprise|treat)s? for you\b|"
                             r"\b(?:T\d+|it|this|they) (?:will|'ll) (?:come|be here|be ready|arrive|reach|get|"
                             r"find you)\b|\banother shop\b|\btry T\d+|T\d+ at home\b|\bother shops\b|"
                             r"\bget .*\band (?:a|another|an|some|your) (?:\w+ )?(?:gift|present|surprise|"
                             r"treat)s?\b|\bwith you (?:by|in(?! mind)|on|soon|within)\b|"
                             r"\bwill be with you\b")  # fmt: skip
_TIME: Final = re.compile(
    r"\b(?:today|soon|until|since (?:18|19|20)\d\d|in (?:may|march)|by (?:may|march)|this (?:season|morning|evening)|"
    r"(?:in|within) (?:no time|a day|days|two days)|immediately|the same day|next day|from (?:may|march)|(?:just|"
    r"only) in|"
    r"recently|new(?:ly)? (?:in|arrived|here|made)|came in|for years|for ever|forever)\b"
)
_PASSING: Final = frozenset({"week", "weekend", "minute", "minutes"})
_FOR: Final = re.compile(
    r"\b(?:is|are|it 's|'s|made|meant|designed|suitable|aimed|intended|built|created|sized|works?|fits?|suits?|"
    r"was|comes?|only|just|best)"
    r"(?: (?:well|nicely|right|perfectly))?(?: for| at| to)?(?: (?:a|an|the|your|young|small|any|every|all|both|"
    r"older|most|my|our))* (" + "|".join(sorted(AUDIENCES)) + r")\b"
)
_ALLOWED_FOR: Final = re.compile(
    r"\b(?:would|could|might|may|perhaps|maybe|if|think|feel|believe|imagine|hope|shall|do|does|should)\b"
)
_FITS_YOU: Final = (
    r"(?<!would )(?<!may )(?<!might )(?<!could )(?<!should )(?<!will )\bfits? you\b|"
    r"\bhas an? (?:place|room|space|side) for\b|\bby (?:you|me|us)\b"
)
_OTHER_VARIANTS: Final = (
    r"\b(?:there (?:is|are)|we have|i have|comes?|has|have|also) (?:also )?(?:in )?"
    r"(?:another|other|more|many|all|every|different|any) (?:colours?|sizes?|materials?|patterns?|styles?|brands?)\b"
)


def promise_findings(reading: Reading) -> Found:
    yield from _markup(reading)
    yield from _stock(reading)
    yield from _service(reading)
    yield from _dates(reading)
    yield from _audiences(reading)


def _markup(reading: Reading) -> Found:
    titled = [(token.start, token.end) for token in reading.tokens if token.kind == "title"]
    for index, character in enumerate(reading.text):
        if any(start <= index < end for start, end in titled):
            continue
        odd = unicodedata.category(character)[0] == "C" and character != "\n"
        foreign = character.isalpha() and not unicodedata.name(character, "").startswith("LATIN")
        if odd or foreign or character in "<>{}[]|\\`~^*_#@=":
            yield "markup", repr(character)
    if found := re.search(r"https?:|www\.|\w\.(?:com|net|org|example|co|shop|io)\b", reading.text):
        yield "markup", found.group()


def _stock(reading: Reading) -> Found:
    text = reading.abstract
    scarce = _SCARCE.search(text)
    if scarce and reading.subjects and not _asks(reading):
        yield "stock", scarce.group()
    if reading.named and re.search(
        r"\b(?:perhaps|maybe|possibly|seems?|may|might)\b.*\b(?:in stock|available)\b", text
    ):
        yield "stock", "a hedge"
    for pattern, state in _STOCK:
        if (match := re.search(pattern, text)) is None:
            continue
        if reading.subjects:
            if not reading.holds(reading.subjects, partial(_is_in, reading, state, match)):
                yield "stock", match.group()
        elif not (reading.grounds.wishes.in_stock or _asks(reading) or "stock" in reading.wish_words):
            yield "stock", match.group()
        return


def _asks(reading: Reading) -> bool:
    return reading.is_question and not reading.subjects


def _is_in(reading: Reading, state: Availability, match: re.Match[str], item: int) -> bool:
    row = reading.row(item)
    actual = (
        Availability.OUT_OF_STOCK
        if row.quantity == 0 and row.availability is Availability.IN_STOCK
        else row.availability
    )
    before = reading.abstract[: match.start()]
    denied = re.search(
        r"\b(?:not|n't|never|no longer|hardly|barely|nearly|almost|soon|was|were|been|un|until)(?: \w+)? $", before
    )
    if re.search(r"\b(?:will|could|might|may|would|used to|to) (?:also )?be (?:back )?$", before):
        return False
    if match.group() == "available" and state is Availability.IN_STOCK and "pre" in reading.abstract[match.end() :]:
        return True
    return (actual is state) != bool(denied)


def _service(reading: Reading) -> Found:
    for token in reading.tokens:
        harmless = token.low in ("deal", "cover", "mail") and not reading.subjects
        if token.kind == "word" and token.low in SERVICE and not harmless and not is_in_rows(reading, token):
            yield "service", token.text
    for pattern in (_FREEBIE, _FROM_US, _MINE):
        if (match := pattern.search(reading.abstract)) and not _is_hypothetical(reading, match, pattern):
            yield "service", match.group()
    if (match := _ACTS.search(reading.abstract)) and (reading.named or reading.has(r"\b(?:it|them|this)\b")):
        yield "service", match.group()


def _is_hypothetical(reading: Reading, match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """A gift that the product would make is an opinion; one that comes with it is a promise."""
    around = reading.abstract[max(match.start() - 30, 0) : match.end()]
    return pattern is _FREEBIE and bool(
        re.search(
            r"\b(?:would|could|might|may|makes?|looking|shopping|"
            r"if)\b",
            around,
        )
    )


def is_in_rows(reading: Reading, token: Token) -> bool:
    return bool(reading.subjects) and all(token.stem in reading.facts(item).words for item in reading.subjects)


def _dates(reading: Reading) -> Found:
    about = bool(reading.subjects) or reading.has(r"\b(?:it|they|these|this|all|everything)\b")
    for token in reading.tokens:
        month = token.low in ("may", "march") and token.text != token.low and token.start > 0
        dated = month or (token.low in DATES and (about or token.low not in _PASSING))
        wished = not about and token.stem in reading.wish_words
        if token.kind == "word" and dated and not wished and not is_in_rows(reading, token):
            yield "date", token.text
    if about and reading.subjects and (match := _TIME.search(reading.abstract)):
        yield "date", match.group()


def _audiences(reading: Reading) -> Found:
    if reading.subjects and not reading.is_question and (fit := reading.has(_FITS_YOU)):
        yield "audience", fit.group()
    if not reading.is_question and (more := reading.has(_OTHER_VARIANTS)):
        yield "variants", more.group()
    match = _FOR.search(reading.abstract)
    if match is None or not reading.subjects or _ALLOWED_FOR.search(reading.abstract) or reading.is_question:
        return
    if not all(match[1].rstrip("s") in {w.rstrip("s") for w in reading.facts(i).words} for i in reading.subjects):
        yield "audience", match.group()
