"""What a sentence says the shopper did, asked for or likes, held by the second checker against reasons and messages."""

import re
from collections.abc import Iterator
from typing import Final

from schemas import EventKind, Reason, ReasonKind, Wishes
from tests.quality.checker_reading import Reading
from tests.quality.checker_text import stem
from tests.quality.checker_words import EVERYDAY

Found = Iterator[tuple[str, str]]

_VIEWS: Final = frozenset({EventKind.VIEW, EventKind.CLICK, EventKind.DWELL})
_ADVERBS: Final = r"(?:(?:once|already|just|also|recently|previously|have|had|'ve|even|really|so|often|last) )*"
_DEEDS: Final[tuple[tuple[str, frozenset[EventKind]], ...]] = (
    (rf"you {_ADVERBS}(?:bought|purchased|ordered|got|took|paid for) (?:the )?(T\d+|it|this|that|them|one)",
     frozenset({EventKind.PURCHASE})),
    (r"your (?:last |latest |recent |previous )?(?:purchase|"
        r"order) of (?:the )?(T\d+)", frozenset({EventKind.PURCHASE})),
    (r"(T\d+) which you (?:bought|purchased|ordered)", frozenset({EventKind.PURCHASE})),
    (rf"you {_ADVERBS}(?:looked at|viewed|saw|browsed|clicked(?: on)?|visited|glanced at|noticed|opened|"
        rf"seen) (?:the )?"
     r"(T\d+|it|this|that|them|one)", _VIEWS),
    (rf"you {_ADVERBS}(?:put|placed|added|have|has|left|keep) (?:the )?(T\d+|it|this|that|them) (?:in|into|to) your "
     r"(?:basket|cart)", frozenset({EventKind.ADD_TO_CART})),
    (r"(T\d+|it|this) (?:went into|is in|was in|sits in|landed in) your (?:basket|cart)",
     frozenset({EventKind.ADD_TO_CART})),
    (rf"you {_ADVERBS}(?:put|placed|added|have) (?:the )?(T\d+|it|this|that|them) (?:on|to|"
        rf"onto) your (?:wish list|wishlist)",
     frozenset({EventKind.WISHLIST})),
    (rf"you {_ADVERBS}(?:liked|loved|hearted) (?:the )?(T\d+|it|this|that|them)", frozenset({EventKind.LIKE})),
)  # fmt: skip
_PAST: Final = (
    "bought|purchased|ordered|owned|chose|picked|kept|viewed|clicked|browsed|tried|returned|wore|used|"
    "loved|enjoyed|saved|received|reviewed|rated|took|got|had|visited|liked|wanted|preferred|considered|searched|"
    "looked at|saw|found|put|added|selected|admired|noticed|decided|shared|recommended|mentioned|compared|met|"
    "brought|shopped"
)
_DONE: Final = re.compile(rf"\byou (?:\w+ )?(?:(?:have|had) (?:\w+ )?(?:seen|known|been|owned|{_PAST})|{_PAST})\b")
_OWNING: Final = re.compile(
    r"\byou (?:already |also |now |still |do |really |always |often |both )*(?:own|have|use|like|love|want|enjoy|"
    r"prefer|need|know|"
    r"keep|choose|adore|fancy|hope for|look for) "
)
_MODAL: Final = re.compile(
    r"\b(?:can|could|may|might|would|will|shall|should|must|if|whether|once|perhaps|when|in case|hope|think|believe|"
    r"suspect|imagine|sure|unless|until|expect|guess|feel|wonder|know if) (?:\w+ )?you\b"
)
_OTHERS: Final = re.compile(
    r"\b(?:everyone|everybody|people|customers|shoppers|others|buyers|someone(?! you)|many|most|"
    r"(?:your|a|my|our) (?:\w+ )?"
    r"(?:friends?|family|mother|father|sister|brother|colleagues?|neighbours?|wife|husband|partner|mum|dad|aunt|"
    r"uncle|"
    r"guests?|children|child|visitors?|grandmother|grandfather)(?: of yours)?)(?: \w+)? "
    rf"(?:buys?|buying|loves?|likes?|wants?|enjoys?|prefers?|chooses?|have|has|adores?|owns?|uses?|picks?|raves?|"
    rf"asks?|{_PAST})\b"
)
_ASKED: Final = re.compile(
    r"\byou (?:\w+ )?(?:asked for|asked about|asked|told me|mentioned|said|wished for|requested|searched for|"
    r"described|spoke of|hoped for|wanted|looked for|had in mind)\b(.*)"
)
_CHOSEN: Final = re.compile(
    r"(?:T\d+|\bit|\bthis|\bthese) (?:is|are|was|were) (?:what you (?:chose|picked|took|bought|like|love|own|have)|"
    r"your (?:choice|pick|own)|yours(?! for| at| if)|(?:one|something) (?:that )?you (?:have|already|own|know|"
    r"like))\b|"
    r"\byou keep (?:coming|looking|going)\b|\byou (?:will|'ll) (?:get|have|receive) (?:T\d+|it|this|them)\b"
)
_POPULAR: Final = re.compile(r"\b(?:popular|popularity|sought)\b")


def deed_findings(reading: Reading) -> Found:
    explained = []
    for match, kinds in _deeds(reading):
        explained.append(match.span())
        if _is_hypothetical(reading, match.start()) or not _is_done(reading, match, kinds):
            yield "deed", match.group()
    yield from _unexplained(reading, explained)
    yield from _popularity(reading)
    yield from _wishes(reading)
    yield from _matches(reading)


def _deeds(reading: Reading) -> Iterator[tuple[re.Match[str], frozenset[EventKind]]]:
    for pattern, kinds in _DEEDS:
        for match in re.finditer(rf"\b{pattern}", reading.abstract):
            yield match, kinds


def _is_hypothetical(reading: Reading, start: int) -> bool:
    return bool(re.search(r"\b(?:can|could|may|might|would|will)\s$", reading.abstract[:start]))


def _reasons(reading: Reading, without: str) -> list[tuple[int, Reason]]:
    """The reasons of the products the sentence is about, the deed's own object left out."""
    items = reading.grounds.items
    own = [
        item
        for token in reading.tokens
        if token.kind == "title" and token.low != without.upper() and token.low != without
        for item in reading.titles[token.ref].items
    ]
    about = own or (list(reading.subjects) if not without.startswith("T") else []) or range(len(items))
    return [(item, reason) for item in about for reason in items[item].reasons]


def _is_done(reading: Reading, match: re.Match[str], kinds: frozenset[EventKind]) -> bool:
    thing = match[1]
    for item, reason in _reasons(reading, thing):
        if reason.kind is not ReasonKind.HISTORY or reason.event_kind not in kinds:
            continue
        if thing.startswith("T") and reason.title == reading.titles[int(thing[1:])].text:
            return True
        if not thing.startswith("T") and reason.item_id == reading.grounds.items[item].item_id:
            return True
    return False


def _unexplained(reading: Reading, explained: list[tuple[int, int]]) -> Found:
    """Deeds, possessions and likings that no pattern of a reason covers, said of a product."""
    text = reading.abstract
    others = None if reading.is_question else _OTHERS.search(text)
    if others and not re.search(r"\b(?:would|might|may|could|will|should)\b", others.group()):
        yield "deed", others.group()
    found = _CHOSEN.search(text)
    if found and not re.search(r"\b(?:perhaps|maybe) (?:T\d+|it) is what you have in mind\b", text):
        yield "deed", found.group()
    for pattern in (_DONE, _OWNING):
        for match in pattern.finditer(text):
            inside = any(start <= match.start() < end for start, end in explained)
            if not inside and not _is_softened(text, match) and _is_about_product(reading, text[match.end() :]):
                yield "deed", match.group()
    found = re.search(r"\byour (?:last|previous|earlier|first) (?:visit|order|purchase|search)\b", text)
    if found and not any(start <= found.start() < end for start, end in explained):
        yield "deed", found.group()


def _is_softened(text: str, match: re.Match[str]) -> bool:
    """Whether it is supposed, asked or wished rather than said."""
    lead = text[: match.start()] + "you"
    hidden = re.search(
        r"\b(?:do|did|would|which|what|who|anything|something|everything|nothing|think that|feel that|hope that|"
        r"believe that|sure that|thing that|one) you$",
        lead,
    )
    return bool(_MODAL.search(text[: match.end()]) or hidden)


def _is_about_product(reading: Reading, after: str) -> bool:
    return bool(
        re.match(r"(?: ?(?:the|a|an|my|our|to have|of|from|in|for))* ?(?:T\d+|it\b|this\b|them\b|these\b)", after)
    )


def _popularity(reading: Reading) -> Found:
    if (match := _POPULAR.search(reading.abstract)) is None:
        return
    items = reading.subjects or tuple(range(len(reading.grounds.items)))

    def is_popular(item: int) -> bool:
        return any(reason.kind is ReasonKind.POPULAR for reason in reading.grounds.items[item].reasons)

    borne_out = reading.holds(items, is_popular) if reading.subjects else any(map(is_popular, items))
    if not borne_out or reading.has(r"\b(?:most|very|hugely|ever|wildly|so|not|n't|never) popular\b"):
        yield "deed", match.group()


def _wishes(reading: Reading) -> Found:
    """What the shopper is said to have asked for must be in the messages."""
    match = _ASKED.search(reading.abstract)
    if match is None or _is_softened(reading.abstract, match) or reading.is_question:
        return
    if re.match(r" (?:T\d+|it|this|these)\b", match[1]) and not _asked_by_name(reading, match[1]):
        yield "wish", match.group()
        return
    until = re.split(r"\b(?:so|and|but|which|that is|here|because)\b|[,;.]", match[1])[0].replace(" M", " ")
    said = {stem(word) for word in re.findall(r"[^\W\d_]+", until)}
    borne_out = reading.wish_words | EVERYDAY | {"T", "tm"}
    unknown = {word for word in said - borne_out if word.strip("x")}
    if unknown:
        yield "wish", " ".join(sorted(unknown))


def _asked_by_name(reading: Reading, after: str) -> bool:
    numbers = [int(number) for number in re.findall(r"\bT(\d+)\b", after)]
    titles = [reading.titles[number] for number in numbers[:1]]
    return bool(titles) and all({stem(word) for word in title.words} <= reading.wish_words for title in titles)


def _matches(reading: Reading) -> Found:
    """That what is shown fulfils the wishes is false where some had to be set aside, or where there are none."""
    match = reading.has(
        r"\b(?:match(?:es)?|fits?|meets?|fulfils?|answers?|suits?|is|are) (?:all (?:of )?|exactly |fully |"
        r"perfectly |just )*"
        r"(?:(?:in )?your (?:wish(?:es)?|search|request|criteria|words|colour|size)|what you (?:asked|wanted|"
        r"wished|searched|looked|hoped))"
    )
    if (
        match is None
        or reading.is_question
        or reading.has(
            r"\b(?:not|no|nothing|none|n't|couldn't|cannot|if|"
            r"hope)\b"
        )
    ):
        return
    wishes = reading.grounds.wishes
    fulfilled = wishes != Wishes() and not reading.grounds.relaxed and not wishes.unread
    if (reading.subjects or reading.of_all) and not fulfilled:
        yield "wish", match.group()
