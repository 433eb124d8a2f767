"""Plain words that say a deed, a gift or a command: nothing here orders, sends, gives or keeps anything for anybody.

Read as in `implications`: one line of lower-case words in which every slot is a tag. Each word of "the order is placed"
is plain; together they are a lie whatever product is meant, so these are refused also where none is named.
"""

from typing import Final

from recommender.conversation.people import PERSON

_THING: Final = r"(?:it|they|these|this|that|those|everything|nothing|all|another|others?|P)"
_DONE: Final = (
    "sent|taken|gone|placed|kept|given|brought|bought|done|mine|on (?:its|their|the) way|"
    "for you to (?:have|take|keep|own)"
)
_GIVEN: Final = "gift|present|treat|surprise"
_HANDED: Final = "sent|send|added|add|kept|keep|placed|took|take|gave|give|brought|bring|bought|got|get"

DEEDS: Final = (
    (rf"\b{_THING} (?:\w+ )?(?:is|are|was|were|been) (?:(?:all|now|here|already) )?(?:{_DONE})\b", "a deed"),
    (rf"\b(?:is|are|was) (?:an? |the |my )?(?:{_GIVEN})(?: to| from| of|$|(?: ,)?(?: [.!;]))", "a gift"),
    (rf"\b(?:{_GIVEN}) (?:comes?|goes) with\b", "a gift"),
    (r"\b(?:for|cost\w*|give|take|spend|pay) nothing\b|\bon me\b", "a gift"),
    (r"\borders?\b|\bconsider \w+ done\b|\b(?:is|are|was|has been) (?:sent|placed)\b", "a deed"),
    (rf"\bi (?:(?:have|had|can|will|could) )?(?:{_HANDED}) (?:it|them|these|this|that|one|everything|all)\b", "a deed"),
    (r"\bi (?:have |had )?(?:put|set) (?:it|them|these|this|everything) (?:aside|in|by|away)\b", "a deed"),
    (
        r"\bi (?:\w+ )?(?:know|knew|saw|remember|met) (?:who|where|when|what) you\b(?! (?:like|mean|want))",
        "what you did",
    ),
    (r"\bi (?:saw|met|knew) (?:you|P)\b|\byou were\b", "what you did"),
    (r"\bi (?:was|am) told\b|\bi (?:can|could|will|would) do (?:it|anything|everything)\b", "what I do"),
    (r"\byou (?:must|have to|need not|need to)\b", "a command"),
    (r"\byou (?:may|can|could|should|will) (?:have|keep|own|spend|get)\b(?! a look)", "a gift"),
    (
        r"^(?:(?:so|and|now|please|then) ,? ?)?"
        r"(?:do not|go to|come to|follow|spend|forget|leave|keep|(?:look|go|try) elsewhere|take (?:it|these|them)\b)"
        r"(?! (?:as|in mind))",
        "a command",
    ),
    (
        rf"\b(?:somebody|someone|anyone|another|others?|(?:your )?{PERSON}(?: of yours)?) "
        r"(?:asked|took|had|got|said|told|wanted|came|went|saw)\b",
        "what somebody did",
    ),
    (r"\bprices? (?:is|are|:)(?! in)|\bno limit to\b|\banother shop\b", "what the shop has or does"),
)
"""Each pattern with what it says."""
