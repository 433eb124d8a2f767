"""The template writer's sentences, several for each thing it can say.

``{wish}`` and ``{price}`` are put together from ``[[W...]]`` slots; ``{p}`` is a product's handle, ``{of}`` its brand
and colour, ``{more}`` its stock, ``{why}`` a clause with a reason ``{r}``. Prose holds plain words only: it goes
through the same check as a model's.
"""

from enum import Enum
from typing import Final


class Kind(Enum):
    GREETING = "greeting"
    THANKS = "thanks"
    UNDERSTOOD = "understood"
    SEARCHED = "searched"
    OPENING = "opening"
    COLD_START = "cold_start"
    NOTHING = "nothing"
    RELAXED = "relaxed"
    FOREIGN_PRICE = "foreign_price"
    UNREAD = "unread"
    SHORTFALL = "shortfall"
    FIRST_PRODUCT = "first_product"
    PRODUCT = "product"
    FIRST_WITHOUT_PRICE = "first_without_price"
    WITHOUT_PRICE = "without_price"
    BECAUSE = "because"
    COMPARISON = "comparison"
    ASK_PRICE = "ask_price"
    CLOSING = "closing"
    TRY_AGAIN = "try_again"


PHRASES: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.GREETING: (
        "Hello, and welcome.",
        "Hello there, glad to help.",
        "Hi there, and welcome to the shop.",
    ),
    Kind.THANKS: (
        "You are very welcome.",
        "My pleasure.",
        "Glad to help.",
    ),
    Kind.UNDERSTOOD: (
        "Here is what I found for {wish}.",
        "You would like {wish}, so I looked with that in mind.",
        "I went through the shop for {wish}.",
        "This is what came up for {wish}.",
    ),
    Kind.SEARCHED: (
        "You would like {wish}.",
        "I went through the shop for {wish}.",
        "I searched for {wish}.",
    ),
    Kind.OPENING: (
        "Here is what I would show you.",
        "Let me show you what came up for you.",
        "These are my suggestions for you.",
        "This is what I found for you.",
    ),
    Kind.COLD_START: (
        "I am still learning your taste, so please take this as a starting point.",
        "As we have only just met, please treat this as a place to begin.",
        "I do not know your taste yet, so this is simply a start.",
    ),
    Kind.NOTHING: (
        "I am afraid I could find nothing that fits.",
        "Nothing here matches that, I am sorry to say.",
        "I looked through everything, and nothing here fits.",
    ),
    Kind.RELAXED: (
        "Nothing matched all of that, so I set aside [[W.relaxed]].",
        "To find anything at all I had to set aside [[W.relaxed]].",
        "Nothing here met every wish, so I let go of [[W.relaxed]].",
    ),
    Kind.FOREIGN_PRICE: (
        "Prices here are in another currency, so I could not apply your limit ({price}).",
        "I could not compare prices here with your limit ({price}), which is in another currency.",
        "Your limit ({price}) is in a currency this shop does not use, so I set it aside.",
    ),
    Kind.UNREAD: (
        "I did not know what to do with [[W.unread]].",
        "I could not place [[W.unread]].",
        "I am not sure what you meant by [[W.unread]].",
    ),
    Kind.SHORTFALL: (
        "I hoped to show you [[N.asked]] and found [[N.found]].",
        "I looked for [[N.asked]], and [[N.found]] is everything I found.",
        "Of the [[N.asked]] I looked for, I found [[N.found]].",
    ),
    Kind.FIRST_PRODUCT: (
        "I would begin with [[{p}]]{of}, which is [[{p}.price]]{more}{why}.",
        "My suggestion to start with is [[{p}]]{of} at [[{p}.price]]{more}{why}.",
        "Take a look at [[{p}]]{of}: it is [[{p}.price]]{more}{why}.",
        "[[{p}]]{of} caught my eye, at [[{p}.price]]{more}{why}.",
    ),
    Kind.PRODUCT: (
        "[[{p}]]{of} is [[{p}.price]]{more}{why}.",
        "There is also [[{p}]]{of} at [[{p}.price]]{more}{why}.",
        "[[{p}]]{of} costs [[{p}.price]]{more}{why}.",
        "You could also consider [[{p}]]{of} for [[{p}.price]]{more}{why}.",
        "Then there is [[{p}]]{of}, which is [[{p}.price]]{more}{why}.",
        "[[{p}]]{of} is worth a glance too, at [[{p}.price]]{more}{why}.",
    ),
    Kind.FIRST_WITHOUT_PRICE: (
        "I would begin with [[{p}]]{of}{more}{why}.",
        "My suggestion to start with is [[{p}]]{of}{more}{why}.",
        "Take a look at [[{p}]]{of}{more}{why}.",
    ),
    Kind.WITHOUT_PRICE: (
        "There is also [[{p}]]{of}{more}{why}.",
        "You could also consider [[{p}]]{of}{more}{why}.",
        "Then there is [[{p}]]{of}{more}{why}.",
        "Have a look at [[{p}]]{of}{more}{why}.",
        "Please see [[{p}]]{of} as well{more}{why}.",
    ),
    Kind.BECAUSE: (
        "; I thought of it because [[{r}]]",
        ", suggested because [[{r}]]",
        "; it came to mind because [[{r}]]",
        ", picked because [[{r}]]",
        ", chosen because [[{r}]]",
    ),
    Kind.COMPARISON: (
        "If price matters to you, [[{p}]] is [[{comparison}]].",
        "To help you choose, [[{p}]] is [[{comparison}]].",
        "Side by side, [[{p}]] is [[{comparison}]].",
    ),
    Kind.ASK_PRICE: (
        "Tell me what you would like to spend and I will narrow it down.",
        "Give me a price limit, and I will look again with that in mind.",
        "Do you have a price in mind?",
    ),
    Kind.CLOSING: (
        "Say the word and I will look in another direction.",
        "Would you like me to look again?",
        "Shall I narrow it down for you?",
        "Tell me what you think of these, and I will look again.",
    ),
    Kind.TRY_AGAIN: (
        "Try other words, or tell me what it is for, and I will look again.",
        "Loosen a wish, and I will look again.",
        "Tell me what matters to you, and I will try again.",
    ),
}
