"""What the compact writer learns to say beside the products: openings, honesty about the search, endings.

``(a|b)`` is one of them, and may be nested; ``{name}`` is filled by `filling.Filling`. All wording is our own.
A reply asks no question of its own: those of the writer are left out, and the shop asks the one that is worth asking.
"""

from typing import Final

from recommender.conversation.critiques import Move
from recommender.conversation.small_talk import SmallTalk

TALK: Final = {
    SmallTalk.GREETING: (
        "(Hello|Hi|Hello there|Hi there)(, and welcome|, nice to meet you|, good to see you|, and welcome to the shop|)"
        "(.|!)",
        "Welcome(, it is good to see you| to the shop|, and please come in|)(.|!)",
    ),
    SmallTalk.THANKS: (
        "You are very welcome(, it was my pleasure|, and I am happy to help|)(.|!)",
        "(My pleasure|Any time|Glad I could help|Happy to help)(, and do come again|)(.|!)",
    ),
    SmallTalk.SERVICE: (
        "(I am afraid|I am sorry, but) (that|this) is a question for the shop itself; (I can help you find things|"
        "let me help you look for things here).",
        "(For that|With that), please ask the shop itself(; I am here to help you find things|, and I will happily "
        "help you look for something).",
        "I do not know that, I am afraid; please ask the shop itself.",
    ),
    SmallTalk.OFF_TOPIC: (
        "(I am afraid|Sorry,) I (can help you with|know) this shop and (its things|what it has), so let me (look for|"
        "find) something for you here.",
        "That is (something I know little of|a question I cannot answer)(, but|; still,) I am happy to look (around|"
        "through the shop) for you.",
    ),
    SmallTalk.COMPLAINT: (
        "I am (really |truly |)sorry (that I was no help|about that|that this was not what you wanted)(, so "
        "let me try again|).",
        "(Sorry|I am sorry), I did not understand you well(; please tell me in other words|, so please let me try "
        "again|).",
    ),
    SmallTalk.FOLLOW_UP: (
        "(Please tell|Do tell|Tell) me which of them you (mean|have in mind)(, in other words|).",
        "I am not (quite |really |)sure which of them you (mean|have in mind), so please (say|tell me) it in other "
        "words.",
    ),
}
MOVES: Final = {
    Move.DETAIL: (
        "(Gladly, here|Here|Happily, here) is what I know.",
        "Let me tell you what I know(.|!)",
        "(Happy|Glad) to tell you.",
        "(Sure|Gladly), let me tell you what I know.",
    ),
    Move.COMPLEMENT: (
        "Here is what (would|could|might) go (well |nicely |)(with that|with it|together).",
        "(Let me show you|I looked for|I found) what (could|would|might) go with (that|it).",
        "(These|Here are some things that) (would|could|might) go (well |nicely |)with (that|it).",
        "Here is what I would put (beside|with) (that|it).",
    ),
    Move.REORDER: (
        "(I looked|I went) through what you had before(, and here it is|, and here is what I found|).",
        "(Let me see|Here is|Let me show you) what you had before.",
        "Here is what I found among what you had before.",
    ),
    Move.NOT_BOUGHT: (
        "I (do not see|did not find|could not find) that among what you had before, so I looked (further|again|through "
        "the whole shop).",
        "I found nothing like that among what you had before, so (I looked further|here is something else|here is "
        "what I would show you).",
        "What you had before has nothing like that, so I looked (again|further).",
    ),
}
WISH: Final = (
    "(Here is what I found|Here is what came up|Here are some ideas|Here are my picks|I found some options|I have "
    "some ideas) for {wish}.",
    "You (asked for|wanted|would like) {wish}, (and here is what I found|so here are my picks|so I "
    "looked through the shop|so here is what came up).",
    "(I looked|I searched|I went) (through the shop |)for {wish}(, and here is what came up|, and here are my "
    "suggestions|, so see what I found|).",
    "With {wish} in mind, (here is what I would show you|here are some ideas|I went through the shop|"
    "here are my picks|I looked through the shop).",
    "(Happy to help|Glad to help) with {wish}; (here is what I found|here are some options|here are my suggestions).",
    "For {wish}, (here is what I found|here are my picks|here is what came up|see what came up).",
    "I had {wish} in mind(, and here is what I found| as I went through the shop| as I looked|; see what came up).",
    "(So|Please see|See|Let me show you) what (I found|came up|the shop has) for {wish}.",
    "(My search|A look|A search) (through the shop |)for {wish} (found|shows) what follows.",
)
SEARCHED: Final = ("(I looked|I searched|I went) (through the shop |)for {wish}.", "You asked for {wish}.")
RELAXED: Final = (
    "(I looked for|I searched for|You asked for) {wish}; (with no full match|I found no full match, so) I set aside "
    "[[W.relaxed]].",
    "I (searched for|looked for) {wish} and (had to set aside|had to let go of) [[W.relaxed]] to find something.",
    "With no full match for {wish}, I (set aside|let go of) [[W.relaxed]].",
    "I found no full match for {wish}, so I (set aside|let go of) [[W.relaxed]].",
    "You wanted {wish}; to show you something, I set aside [[W.relaxed]].",
)
SUBJECT_RELAXED: Final = (
    "I found no match for {wish}, so I set aside [[W.relaxed]] and looked for something else.",
    "I looked for {wish} and could not find that; I set aside [[W.relaxed]], so here is something else.",
    "With no match for {wish}, I (let go of|set aside) [[W.relaxed]] and looked for something else.",
    "You asked for {wish}; I could not find that, so I set aside [[W.relaxed]].",
)
NOTHING: Final = (
    "I am (afraid|sorry)(, but|;) (nothing here|nothing in the shop) (fits|matches|meets) that.",
    "(I looked through everything|I searched the whole shop|I went through the shop), and (nothing|not a thing) here "
    "(fits|matches) what you asked for.",
    "I am afraid I could find nothing that fits.",
)
TRY_AGAIN: Final = (
    "(Try other words|Tell me what it is for|Loosen a wish|Say what matters to you), and I will "
    "(look|search|try) again.",
    "I am happy to look for something else.",
)
OPENING: Final = (
    "(Here is|Let me show you) what (I would pick|I would choose|came up|caught my eye|I found) for you.",
    "(These|Here) are (some ideas|my picks|my suggestions|some things) (for you|I hope you will enjoy|I think you may "
    "like|that came to mind).",
    "I (looked around|went through the shop|had a look) (for you|with you in mind)(, and here is what I found|).",
    "(Happy|Glad) to help(; see what I found for you|, so have a look at these|; let me show you around).",
    "(Gladly|Happily|With pleasure)(, here are some ideas|; see what came to mind|, let me show you some things).",
    "Let me (introduce|present|suggest|share) some things (I like|that caught my eye|I picked for you|to consider).",
)
GIFT_OPENING: Final = (
    "(A gift|A present){for_whom}(: let me think.|, then; here are some ideas.|: here is what came to mind.)",
    "(Let me|I will gladly) help you find something{for_whom}.",
    "(Here are some ideas|Here is what I would look at|Here is what came to mind|These are my suggestions){for_whom}.",
)
SET: Final = (
    "(Here is|Let me show you|This is) (a set that I put together|what I put together|what I would put together)"
    "( for you|).",
    "I put (these|this) together( for you|).",
    "Together, (these are|here is) what I would choose.",
)
COLD_START: Final = (
    "(As we have only just met|As I do not know your taste yet|While I am still learning what you like), please (see "
    "these as a start|take these as a place to begin|treat this as a starting point).",
    "I am (still|only just) (learning your taste|getting to know you), so (see|take) this as a (start|starting point|"
    "place to begin).",
)
NOT_ENGLISH: Final = (
    "I am (sorry|afraid), (but |)I (can only|only) (answer in|speak|know) English.",
    "Sorry, I (can only answer in|only know) English.",
)
UNREAD: Final = (
    "I (did not know what to do with|could not place|could not make sense of) [[W.unread]], so I (set that aside|went "
    "on without|went on without that).",
    "I am not sure what you meant by [[W.unread]], so I (set that aside|went on without).",
)
ONLY_UNREAD: Final = (
    "I (am not sure what you meant by|could not place|did not know what to do with) [[W.unread]], so here is "
    "(something I hope you will like|what I would show you).",
    "I could not (place|make sense of) [[W.unread]], so (I looked for something you would like|here are some ideas).",
)
FOREIGN: Final = (
    "I could not (apply|compare prices here with) [[W.foreign]], (as prices here are in another currency|which is "
    "in another currency).",
)
SHORTFALL: Final = (
    "I (looked for|hoped for) [[N.asked]] (to show you |)and found [[N.found]].",
    "I (wanted|hoped) to show you [[N.asked]] and found [[N.found]].",
)
SEVERAL: Final = (
    "(Your|The) (photo|picture) shows [[F.several]].",
    "(In your|In the) (photo|picture) I see [[F.several]].",
)
PHOTO: Final = (
    "(Your photo|The photo you sent|The picture you shared|Your picture) (shows|seems to show) {thing}.",
    "I (see|can see|notice) {thing} in (your photo|the photo you sent|your picture|the picture).",
    "(Thank you|Thanks) for the (photo|picture)(; I see|, where I see|, which shows) {thing}.",
    "In (your|the) (photo|picture) I (see|can see|notice|find) {thing}.",
    "(Looking at|With) your (photo|picture), I (see|found|would say) {thing}.",
)
CLOSINGS: Final = (
    "(Tell me|Let me know) (what you think of these|what you would like to spend|which of them you "
    "like|what matters to you|what you have in mind), and I will (look again|look further|narrow it down).",
    "(Say the word|Tell me), and I will (show you something else|look in another direction|search again).",
    "(I hope|Here is hoping) (you find something you love|you like what you see|these help you choose).",
    "(If|Should) none of (these|them) (suit you|appeal to you|speak to you), I (am happy to|will gladly) look again.",
    "I am happy to (look again|look further|narrow it down|look in another direction)(, if you like|).",
)
