"""The sentences the compact writer learns from: many ways to say each thing, in plain words and slots.

``(a|b)`` is one of them, and may be nested; ``{name}`` is filled by the teacher. All wording is the project's own.
"""

from typing import Final

GREETINGS: Final = (
    "(Hello|Hi|Hello there|Hi there)(, and welcome|, lovely to meet you|, glad you came|)(!|.)",
    "Welcome(, it is good to see you| to the shop|, and please come in|)(!|.)",
)
THANKS: Final = (
    "(You are very|You are so) welcome(, it was my pleasure|, and I am happy to help|)(!|.)",
    "(My pleasure|Any time|Glad I could help)(, really|, and do come again|)(!|.)",
)
SERVICE: Final = (
    "(I am afraid|I am sorry, but) (that|this) is a question for the shop itself; (I can help you find things|"
    "let me help you look for things here).",
    "(For that|With that), please ask the shop itself(; I am here to help you find things|, and I will happily help "
    "you look for something).",
)
OFF_TOPIC: Final = (
    "(I am afraid|Sorry,) I (can help you with|know) this shop and (its things|what it has), so let me (look for|"
    "find) something for you here.",
    "That is (something I know little of|a question I cannot answer)(, but|; still,) I am happy to look (around|"
    "through the shop) for you.",
)
COMPLAINT: Final = (
    "I am (really |truly |)sorry (that I was no help|about that|that this was not what you wanted)(, so "
    "let me try again|).",
    "(Sorry|I am sorry), I did not understand you well(; please tell me in other words|, so please let me try again|).",
)
FOLLOW_UP: Final = (
    "(Could you tell me|Please tell me|Will you tell me) which of them you (mean|have in mind)(, in other words|)?",
    "I am not (quite |really |)sure which of them you (mean|have in mind), so please (say|tell me) it in other words.",
)
WISH: Final = (
    "(Here is what I found|Here is what came up|Here are some ideas|Here are my picks|I found some options|I have "
    "some ideas) for {wish}.",
    "You (asked for|wanted|would like|said you want) {wish}, (and here is what I found|so here are my picks|so I "
    "looked through the shop|and I found some ideas|so let me show what came up).",
    "(I looked|I searched|I went) (through the shop |)(for|with) {wish}(, and here is what came up|, and here are my "
    "suggestions| in mind|, so see what I found|).",
    "With {wish} in mind, (here is what I would show you|here are some ideas|I went through the shop|I found "
    "something for you|here are my picks|I looked through the shop).",
    "(Happy to help|Glad to help|Please let me help) with {wish}(; here is what I found|, so here are some options|"
    "; here are my suggestions).",
    "As you asked for {wish}, (I went through the shop|here are my picks|here is what I found|I have some ideas).",
)
RELAXED: Final = (
    "(I looked for|I searched for|You asked for) {wish}(; with|, and with) no full match I set aside [[W.relaxed]].",
    "I (searched for|looked for) {wish} and (had to set aside|had to let go of) [[W.relaxed]] to find something.",
    "With no full match for {wish}, I (set aside|let go of) [[W.relaxed]].",
)
NOTHING: Final = (
    "I am (afraid|sorry)(, but|;) (nothing here|nothing in the shop) (fits|matches|meets) that.",
    "(I looked through everything|I searched the whole shop|I went through the shop), and (nothing|not a thing) here "
    "(fits|matches) what you asked for.",
)
TRY_AGAIN: Final = (
    "(Try other words|Tell me what it is for|Loosen a wish|Say what matters to you), and I will "
    "(look|search|try) again.",
    "(Shall I look|Would you like me to look|Could I look) for something else(, then|)?",
)
OPENING: Final = (
    "(Here is|Let me show you) what (I would pick|I would choose|came up|caught my eye|I found) for you.",
    "(These|Here) are (some ideas|my picks|my suggestions|some things) (for you|I hope you will enjoy|I think you may "
    "like|that came to mind).",
    "I (looked around|went through the shop|had a look) (for you|with you in mind)(, and here is what I found|).",
    "(Happy|Glad) to help(; see what I found for you|, so have a look at these|; let me show you around).",
)
COLD_START: Final = (
    "(As we have only just met|As I do not know your taste yet|While I am still learning what you like), please (see "
    "these as a start|take these as a place to begin|treat this as a starting point).",
    "I am (still|only just) (learning your taste|getting to know you), so (see|take) this as a (start|starting point|"
    "place to begin).",
)
UNREAD: Final = (
    "I (did not know what to do with|could not place|could not make sense of) [[W.unread]], so I (set that aside|went "
    "on without|went on without that).",
    "I am not sure what you meant by [[W.unread]], so I (set that aside|went on without).",
)
FOREIGN: Final = (
    "I could not (apply|use|compare prices here with) [[W.foreign]], (as prices here are in another currency|which is "
    "in another currency).",
)
SHORTFALL: Final = (
    "I (looked for|hoped for) [[N.asked]] (to show you |)and found [[N.found]].",
    "I (wanted|hoped) to show you [[N.asked]] and found [[N.found]].",
)
PHOTO: Final = (
    "(Your photo|The photo you sent|The picture you shared|Your picture) (shows|seems to show) {thing}.",
    "I (see|can see|notice) {thing} in (your photo|the photo you sent|your picture|the picture).",
    "(Thank you|Thanks) for the (photo|picture)(; I see|, where I see|, which shows) {thing}.",
    "In (your|the) (photo|picture) I (see|can see|notice|find) {thing}.",
    "(Looking at|With) your (photo|picture), I (see|found|would say) {thing}.",
    "{Thing}: that is what I (see|find|notice) in your (photo|picture).",
)
FIRST: Final = (
    "(I would|Let me|I will|May I) (start|begin) with [[{p}]]{tail}.",
    "(My pick|My suggestion|My choice|What I would choose) for you is [[{p}]]{tail}.",
    "(To begin|To start), (take a look at|consider|have a look at|see) [[{p}]]{tail}.",
    "[[{p}]] (caught my eye|came to mind|strikes me|is where I would start|is my pick){tail}.",
)
NEXT: Final = (
    "(Then there is|There is also|Next comes|Next is|Also here is) [[{p}]]{tail}.",
    "(You could|You may|You might) (also consider|also like|also enjoy|look at|think of|choose|go for) [[{p}]]{tail}.",
    "[[{p}]] (is worth a look|is worth a glance|is worth considering|comes next|follows|may tempt "
    "you|might appeal to you|also caught my eye|could also be for you|would also suit){tail}.",
    "(Have a look at|Take a look at|Consider|See also|Do look at|Let me add|Let me mention) [[{p}]]{tail}.",
    "(Another idea is|Another thought is|Another option is|Also worth considering is) [[{p}]]{tail}.",
)
ANY: Final = (
    "[[{p}]] (is|is just|is simply|is surely|is indeed) {a}{price}{because}.",
    "[[{p}]] (is|makes|would make) {a}{price}{because}.",
    "[[{p}]] is {a}{use}{price}{because}.",
    "{Nice} and {nice2}, [[{p}]] (is|makes|would make) {a}{price}{because}.",
    "[[{p}]], {a}, (would|could|may|might) (make|be) a {nice} "
    "(gift|present|surprise|treat|addition|find){price}{because}.",
    "[[{p}]] (looks|feels|seems) {nice} and {nice2}{colored}{price}{because}.",
    "(At|For) [[{p}.price]], [[{p}]] is {a}{use}{because}.",
    "(At|For) [[{p}.price]], [[{p}]] (makes {a}|would make {a}|is {a} that could be yours){because}.",
    "(The joy of|The appeal of) [[{p}]] is (its {nice} (look|style|character|touch|presence)"
    "|how {nice} it (looks|feels|seems)){colored}{because}.",
    "For {occasion}, [[{p}]] (is|would be|could be|makes) {a}{price}{because}.",
    "(Perhaps|Maybe) [[{p}]] (is for you|would be right for you|is what you have in mind){tail}.",
)
ASIDES: Final = (
    "It (could|would|should|may|might) (suit|brighten|cheer|liven|match) {occasion}, {nice} and {nice2} "
    "as it (is|looks|feels).",
    "I (imagine|see|picture) it in your {place}, {nice} and {nice2}, (perhaps|maybe|say) for {occasion}.",
    "(Something|A thing|A find) {nice} and {nice2}(, I think|, I would say|, to my mind|), for {person}.",
    "(I think|I feel|I believe) (it has|it shows) a {nice}, {nice2} (character|personality|presence|touch).",
    "{Nice}, {nice2}, {nice}: (so it looks to me|that is how I see it|that is my impression|this is how it strikes "
    "me).",
    "(What a|Such a) {nice}, {nice2} (look|touch|character|presence|thing)!",
    "(May it|I hope it may) (brighten|cheer|liven) {occasion}, {nice} and {nice2}.",
    "(Perhaps|Maybe|Say,) a {nice}, {nice2} (gift|present|surprise|treat) for {person}?",
    "{Nice} and {nice2}, it could (be|make) a {nice} (companion|gift|treat|surprise|present) for {person}.",
    "(Think of|Imagine) {occasion} with it: {nice}, {nice2} and (truly|simply|really|quite) {nice}.",
    "It has a {nice} (way|look|touch) that {person} (would|should|might) (love|enjoy|like).",
)
TAILS: Final = (
    ", {a}{price}{because}",
    ", {a}{made}{price}{because}",
    ", {a}{use}{price}{because}",
    "{made}{price}{because}",
    ": {a}{use}{price}{because}",
    ": {a}{price}{because}",
    ": it is {nice} and {nice2}{colored}{price}{because}",
)
USES: Final = (
    " for (your|the) {place}",
    " for {occasion}",
    " (that|which) (would|could|should|may) (brighten|cheer|suit|liven) (your|any) {place}",
    " to (enjoy|share|keep) (at home|in the {place}|for {meal}|at {meal})",
    " to (give|share with|surprise) {person}",
)
OCCASIONS: Final = (
    "a {calm} (evening|morning|afternoon|moment)",
    "a (birthday|wedding|party|celebration|holiday|trip)",
    "{person}",
    "a {calm} (walk|outing|journey|breakfast|lunch|dinner)",
    "your everyday (routine|life|walk)",
    "a {calm} (corner|place|room)",
)
PEOPLE: Final = (
    "a {kind} (friend|neighbour|colleague|guest|host|visitor|person)",
    "your (mother|father|sister|brother|aunt|uncle|partner|family|wife|husband|grandmother|grandfather)",
    "someone (special|wise|good)",
)
MEALS: Final = ("breakfast", "lunch", "dinner")
PLACES: Final = ("home", "kitchen", "room", "bedroom", "bathroom", "hallway", "garden", "office", "corner", "house")
CALM: Final = (
    *("calm", "gentle", "cosy", "peaceful", "lively", "merry", "happy", "special", "romantic", "pleasant", "fun"),
    *("memorable", "playful", "dreamy", "wonderful", "exciting", "simple", "pretty", "jolly", "delightful", "good"),
)
KIND: Final = (
    *("thoughtful", "friendly", "witty", "cheerful", "playful", "proud", "stylish", "lovely", "good"),
    *("genial", "gentle", "wise", "humble", "keen", "happy", "interesting", "charming", "elegant", "eager"),
)
NICE: Final = (
    *("simple", "lovely", "pleasant", "pleasing", "charming", "delightful", "wonderful", "splendid", "pretty"),
    *("beautiful", "attractive", "handsome", "gorgeous", "elegant", "stylish", "graceful", "tasteful", "cheerful"),
    *("happy", "friendly", "inviting", "interesting", "remarkable", "fun", "merry", "jolly", "likeable", "thoughtful"),
    *("fitting", "suitable", "worthy", "useful", "handy", "admirable", "appealing", "calm", "cosy", "classy", "dainty"),
    *("dreamy", "endearing", "enchanting", "exciting", "fetching", "genial", "gentle", "homely", "humble", "lively"),
    *("irresistible", "memorable", "neat", "playful", "romantic", "satisfying", "special", "striking", "tempting"),
    *("timeless", "understated", "unfussy", "whimsical", "witty", "promising", "decent", "peaceful", "uplifting"),
)
THINGS: Final = ("piece", "thing", "choice", "find", "option", "companion", "idea", "item", "suggestion", "pick")
MADE: Final = (
    (", (made|and it is made) of [[{p}.material]]", "material"),
    (" made of [[{p}.material]]", "material"),
    (" in [[{p}.color]]", "color"),
    (", (and it comes|which comes) in [[{p}.color]]", "color"),
    (" by [[{p}.brand]]", "brand"),
    (" from [[{p}.brand]]", "brand"),
    (", with [[{p}.feature]]", "feature"),
    (" with [[{p}.{other}]]", "other"),
)
PRICES: Final = (
    ", at [[{p}.price]]",
    ", for [[{p}.price]]",
    ", and it costs [[{p}.price]]",
    ", which is [[{p}.price]]",
    ", (priced at|yours for) [[{p}.price]]",
)
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "purchase": (
        "(, as| because|, since) [[{r}]]",
        "; [[{r}]], so (it should fit|it may be a good companion|this could go with that|it would sit well with that)",
        "(, suggested because|, chosen because|, picked as) [[{r}]]",
    ),
    "view": (
        "; (it came to mind|I thought of it|I chose it) (because|as|since) [[{r}]]",
        ", (as|because) [[{r}]] and (may be interested|may like this too|might enjoy this)",
        "(; [[{r}]], so here is another idea|, since [[{r}]])",
    ),
    "add_to_cart": (
        "; [[{r}]], so (this may fit|it could go with that|please consider this with it)",
        "(, as|, because|, seeing that) [[{r}]]",
    ),
    "wishlist": (
        "; [[{r}]], so (here is something along with that|I hope you will love this)",
        "(, as| because|, since) [[{r}]]",
    ),
    "popular": (", which is [[{r}]]", ", and [[{r}]]", ", a choice that is [[{r}]]"),
    "photo": ("(, as|, because|, since) [[{r}]]", "; I chose it (as|because) [[{r}]]", "; [[{r}]]"),
    "words": ("(, as|, because|, since) [[{r}]]", "; I picked it (as|because) [[{r}]]"),
    "other": ("(, as|, because|, since) [[{r}]]", "; I chose it (as|because) [[{r}]]"),
}
OTHERS: Final = (
    "(If you would like to look further|To look further|To explore further), (see|there is|consider) {others}.",
    "(I could also show you|Also on my list|I also found) {others}.",
    "(Then|And) there is also {others}(, if you would like to see it|).",
)
COMPARISONS: Final = (
    "(If price matters to you|To help you decide|To help you choose|Side by side|If you would like to compare|When it "
    "comes to price), [[{p}]] is [[{comparison}]].",
    "[[{p}]] is [[{comparison}]](, if that helps|, which may help you decide|, if that matters|).",
    "(Please notice|Notice|Mind) that [[{p}]] is [[{comparison}]].",
)
CLOSINGS: Final = (
    "(Shall I|Should I|Would you like me to|May I) (look again|look further|narrow it down|look in "
    "another direction|find "
    "something else|show you other ideas)?",
    "(Tell me|Let me know) (what you think of these|what you would like to spend|which of them you "
    "like|what matters to "
    "you|who it is for|what you have in mind), and I will (look again|look further|narrow it down).",
    "(Which of them|Which one) (do you like|would you choose|speaks to you|appeals to you|suits you)?",
    "(Do you|Would you) have a (price|budget|colour|style) in mind?",
    "(Say the word|Tell me), and I will (show you something else|look in another direction|search again).",
    "(I hope|Here is hoping) (you find something you love|you like what you see|these help you "
    "choose|they make you smile).",
)
