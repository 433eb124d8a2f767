"""The template writer's sentences, several for each thing it can say.

``{wish}`` is put together from ``[[W...]]`` slots; ``{p}`` is a product's handle, ``{of}`` its brand, colour and
material, ``{more}`` its stock, ``{why}`` a clause with a reason ``{r}``, ``{others}`` the handles of several products.
Prose holds plain words only: it goes through the same check as a model's.
"""

from enum import Enum
from typing import Final


class Kind(Enum):
    GREETING = "greeting"
    THANKS = "thanks"
    SERVICE = "service"
    OFF_TOPIC = "off_topic"
    COMPLAINT = "complaint"
    FOLLOW_UP = "follow_up"
    UNDERSTOOD = "understood"
    SEARCHED = "searched"
    OPENING = "opening"
    COLD_START = "cold_start"
    NOTHING = "nothing"
    RELAXED = "relaxed"
    SUBJECT_RELAXED = "subject_relaxed"
    FOREIGN_PRICE = "foreign_price"
    UNREAD = "unread"
    ONLY_UNREAD = "only_unread"
    SHORTFALL = "shortfall"
    TOTAL = "total"
    FIRST_PRODUCT = "first_product"
    PRODUCT = "product"
    FIRST_WITHOUT_PRICE = "first_without_price"
    WITHOUT_PRICE = "without_price"
    BECAUSE = "because"
    OTHERS = "others"
    COMPARISON = "comparison"
    COMPARED = "compared"
    DETAIL = "detail"
    COMPLEMENT = "complement"
    REORDER = "reorder"
    NOT_BOUGHT = "not_bought"
    SEEN = "seen"
    SEVERAL = "several"
    QUESTION = "question"
    NOT_ENGLISH = "not_english"
    SPOKEN = "spoken"
    SPOKEN_WITHOUT_PRICE = "spoken_without_price"
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
    Kind.SERVICE: (
        "I can help you find things here; please ask the shop itself for that.",
        "That is a question for the shop itself; I can help you find things.",
        "I do not know that, I am afraid; I can help you look for things here.",
    ),
    Kind.OFF_TOPIC: (
        "I am afraid I can only help you find things in this shop.",
        "That is beyond me, but I am happy to look for things here.",
        "I only know this shop, so let me help you find something here.",
    ),
    Kind.COMPLAINT: (
        "I am sorry that I was no help.",
        "I am sorry, that was not what you wanted.",
        "Sorry, I did not understand you well.",
    ),
    Kind.FOLLOW_UP: (
        "I am not sure which of them you mean, so please tell me in other words.",
        "I do not know which of them you have in mind; please tell me what it is.",
        "Please tell me which of them you mean, in other words.",
    ),
    Kind.UNDERSTOOD: (
        "Here is what I found for {wish}.",
        "I looked through the shop with {wish} in mind.",
        "I looked for {wish}, and here is what I found.",
        "I went through the shop for {wish}.",
    ),
    Kind.SEARCHED: (
        "I looked for {wish}.",
        "I went through the shop for {wish}.",
        "I searched for {wish}.",
    ),
    Kind.OPENING: (
        "Here is what I would show you.",
        "Let me show you what came up for you.",
        "These are my suggestions for you.",
        "Here is what I found for you.",
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
        "I looked for {wish}; I found no full match, so I set aside [[W.relaxed]].",
        "I looked for {wish} and had to set aside [[W.relaxed]] to find something.",
        "I searched for {wish} and, with no full match, let go of [[W.relaxed]].",
    ),
    Kind.SUBJECT_RELAXED: (
        "I found no match for {wish}, so I set aside [[W.relaxed]] and looked for something else.",
        "I looked for {wish} and could not find that; I set aside [[W.relaxed]], so here is something else.",
        "With no match for {wish}, I let go of [[W.relaxed]] and looked for something else.",
    ),
    Kind.FOREIGN_PRICE: (
        "I could not apply [[W.foreign]], as prices here are in another currency.",
        "I could not compare prices here with [[W.foreign]], which is in another currency.",
        "I did not use [[W.foreign]], which is in a currency we do not know here.",
    ),
    Kind.UNREAD: (
        "I did not know what to do with [[W.unread]], so I set that aside.",
        "I could not place [[W.unread]], so I went on without.",
        "I am not sure what you meant by [[W.unread]], so I set that aside.",
    ),
    Kind.ONLY_UNREAD: (
        "I am not sure what you meant by [[W.unread]], so here is something I hope you will like.",
        "I could not place [[W.unread]], so I looked for something you would like.",
        "I did not know what to do with [[W.unread]], so here is what I would show you.",
    ),
    Kind.SHORTFALL: (
        "I looked for [[N.asked]] to show you and found [[N.found]].",
        "I hoped to show you [[N.asked]] and found [[N.found]].",
        "I wanted to show you [[N.asked]] and found [[N.found]].",
    ),
    Kind.TOTAL: (
        "Together, as you asked for them, they come to [[N.total]].",
        "As you asked for them, together they come to [[N.total]].",
        "Put together the way you asked, they come to [[N.total]].",
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
    Kind.OTHERS: (
        "If you would like to look further, see {others}.",
        "I could also show you {others}.",
        "Also on my list for you: {others}.",
        "Say the word and I will show you {others} too.",
    ),
    Kind.COMPARISON: (
        "If price matters to you, [[{p}]] is [[{comparison}]].",
        "To help you choose, [[{p}]] is [[{comparison}]].",
        "Side by side, [[{p}]] is [[{comparison}]].",
    ),
    Kind.COMPARED: (
        "Here they are, side by side.",
        "Here is how I would compare them.",
        "Let me put them side by side for you.",
    ),
    Kind.DETAIL: (
        "Here is what I know.",
        "Let me tell you what I know.",
        "Gladly, here is what I know.",
    ),
    Kind.COMPLEMENT: (
        "Here is what would go well together.",
        "Here is what I would put beside that.",
        "Let me show you what would go with that.",
    ),
    Kind.REORDER: (
        "I looked through what you had before.",
        "I went through what you had from this shop.",
        "Let me see what you had before.",
    ),
    Kind.NOT_BOUGHT: (
        "I found nothing like that among what you had before, so I looked further.",
        "I do not see that among what you had before, so I looked through the whole shop.",
        "What you had before has nothing like that, so I looked again.",
    ),
    Kind.SEEN: (
        "I see {things} in your photo.",
        "Your photo seems to show {things}.",
        "In your photo I see {things}.",
    ),
    Kind.SEVERAL: (
        "Your photo shows [[F.several]].",
        "I see in your photo [[F.several]].",
        "In your photo I see [[F.several]].",
    ),
    Kind.QUESTION: (
        "Which [[Q.field]] would you like: {options}?",
        "Do you have a [[Q.field]] in mind: {options}?",
        "Is there a [[Q.field]] you would prefer: {options}?",
    ),
    Kind.NOT_ENGLISH: (
        "I am sorry, I only know English.",
        "I am afraid I can only answer in English.",
        "Sorry, I can only speak English with you.",
    ),
    Kind.SPOKEN: (
        "I would begin with [[{p}]], which is [[{p}.price]].",
        "My suggestion is [[{p}]] at [[{p}.price]].",
        "Take a look at [[{p}]] for [[{p}.price]].",
    ),
    Kind.SPOKEN_WITHOUT_PRICE: (
        "I would begin with [[{p}]].",
        "My suggestion is [[{p}]].",
        "Take a look at [[{p}]].",
    ),
    Kind.CLOSING: (
        "Say the word and I will look in another direction.",
        "Tell me what else matters to you, and I will look again.",
        "I am happy to look again, in another direction.",
        "Tell me what you think of these, and I will look again.",
    ),
    Kind.TRY_AGAIN: (
        "Try other words, or tell me what it is for, and I will look again.",
        "Loosen a wish, and I will look again.",
        "Tell me what matters to you, and I will try again.",
    ),
}
