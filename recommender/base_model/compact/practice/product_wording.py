"""What the compact writer learns to say of products: by tone, by what is asked, by why it is shown.

``(a|b)`` is one of them, and may be nested; ``{name}`` is filled by `filling.Filling`. All wording is our own.
"""

from enum import Enum
from typing import Final

from recommender.text import word_set


class Tone(Enum):
    """How a reply speaks; one tone holds for all of it."""

    PLAIN = "plain"
    WARM = "warm"
    BRISK = "brisk"


FIRST: Final[dict[Tone, tuple[str, ...]]] = {
    Tone.PLAIN: (
        "I would (begin|start) with [[{p}]], {d}{price}{because}.",
        "(To begin|To start), (there is|consider|take a look at|see|I would mention) [[{p}]], {d}{price}{because}.",
        "Let me (begin|start) with [[{p}]], {d}{price}{because}.",
        "What came to mind at the start is [[{p}]], {d}{price}{because}.",
        "(At|For) [[{p}.price]], [[{p}]] {is} {d}{because}.",
        "At the start (comes|is) [[{p}]], {d}{price}{because}.",
    ),
    Tone.WARM: (
        "My (pick|choice|suggestion|recommendation) (is|would be) [[{p}]], {praised}{price}{because}.",
        "Let me (begin|start) with [[{p}]], {praised}{price}{because}.",
        "[[{p}]] caught my eye, {praised}{price}{because}.",
        "I would (happily |gladly |)(recommend|suggest|begin with) [[{p}]], {praised}{price}{because}.",
        "(Do take|Take|Please take) a look at [[{p}]], {praised}{price}{because}.",
        "[[{p}]] is where I would (start|begin): {praised}{price}{because}.",
        "(What I would choose|What I would pick|What comes to mind) for you is [[{p}]], {praised}{price}{because}.",
        "I (thought|think) of [[{p}]] for you, {praised}{price}{because}.",
        "(Surely|Certainly|Definitely) (worth a look|worth considering) is [[{p}]], {praised}{price}{because}.",
        "What caught my eye is [[{p}]], {praised}{price}{because}.",
        "For something {nice}, (see|consider|look at|I would choose) [[{p}]], {d}{price}{because}.",
    ),
    Tone.BRISK: (
        "My (pick|choice|suggestion): [[{p}]], {d}{price}{because}.",
        "[[{p}]]: {d}{price}{because}.",
        "(See|Consider) [[{p}]], {d}{price}{because}.",
        "[[{p}]], {d}, {is} [[{p}.price]]{because}.",
    ),
}
NEXT: Final[dict[Tone, tuple[str, ...]]] = {
    Tone.PLAIN: (
        "There is also [[{p}]], {d}{price}{because}.",
        "(Then there is|Next comes|Next is|Then comes) [[{p}]], {d}{price}{because}.",
        "[[{p}]] {is} {d}{price}{because}.",
        "(At|For) [[{p}.price]], [[{p}]] {is} {d}{because}.",
        "For [[{p}.price]], there is [[{p}]], {d}{because}.",
        "[[{p}]] (comes next|follows), {d}{price}{because}.",
        "Another (option|choice|idea) is [[{p}]], {d}{price}{because}.",
        "You could (also |)(look at|consider|choose|go for) [[{p}]], {d}{price}{because}.",
        "[[{p}]], {d}, (costs|is) [[{p}.price]]{because}.",
        "(I found|I also found|I see|I also see) [[{p}]], {d}{price}{because}.",
        "(Beside that|Besides|Further along|Along with that), there is [[{p}]], {d}{price}{because}.",
        "(Let me mention|I would add|Let me add) [[{p}]] (here|too|as well), {d}{price}{because}.",
        "As (another|a further) (idea|option|choice), (see|consider|take) [[{p}]], {d}{price}{because}.",
        "[[{p}]] is also on my list: {d}{price}{because}.",
        "(A further|Another) (idea|option|thought) would be [[{p}]], {d}{price}{because}.",
        "[[{p}]] {is} {d} that (could|might|may) be for you{price}{because}.",
        "(Have a look at|Take a look at|See also|Look at) [[{p}]], {d}{price}{because}.",
        "[[{p}]] (may|might|could) also (fit|suit you|be what you have in mind): {d}{price}{because}.",
    ),
    Tone.WARM: (
        "I (also like|like|also thought of) [[{p}]], {praised}{price}{because}.",
        "You (may|might) (like|enjoy|love) [[{p}]] (too|as well), {praised}{price}{because}.",
        "[[{p}]] ({is} worth a look|{is} worth a look too|{is} worth considering|also caught my eye), {praised}{price}"
        "{because}.",
        "[[{p}]] has a {nice} (look|touch|character){price}{because}.",
        "[[{p}]] would be a {nice} (choice|pick|find|option): {d}{price}{because}.",
        "(Have a look at|Do look at|Let me show you) [[{p}]] (too|as well), {praised}{price}{because}.",
        "(Perhaps|Maybe) [[{p}]] (would suit you|speaks to you|is for you|appeals to you): {praised}{price}{because}.",
        "I find [[{p}]] {nice}(, too|): {d}{price}{because}.",
        "Let me (also |)(mention|add|suggest|introduce|point to) [[{p}]], {praised}{price}{because}.",
        "(I am fond of|I am keen on) [[{p}]](, too|), {praised}{price}{because}.",
        "(Then again|Meanwhile|Otherwise|Besides), [[{p}]] (might|may|could) (tempt you|appeal to you|be right for "
        "you|delight you|please you): {praised}{price}{because}.",
        "I (believe|feel|imagine|think|guess) you (might|may|would) (like|enjoy|love) [[{p}]], {praised}{price}"
        "{because}.",
        "With its {nice} (look|touch|character), [[{p}]] (might|may|could|would) (please|delight|tempt|suit) you{price}"
        "{because}.",
        "[[{p}]] looks {nice} and {nice2} to me: {d}{price}{because}.",
        "[[{p}]] has a {nice}, {nice2} (look|touch|character){price}{because}.",
        "{Nice} and {nice2}, [[{p}]] (would make|makes) {d}{price}{because}.",
        "The appeal of [[{p}]] is (its {nice} (look|style|character|touch)|how {nice} it "
        "(looks|feels)){price}{because}.",
        "[[{p}]] (strikes me as|seems to me) {nice}: {d}{price}{because}.",
        "(If you ask me|To my mind), [[{p}]] {is} {praised}{price}{because}.",
    ),
    Tone.BRISK: (
        "Then [[{p}]], {d}{price}{because}.",
        "[[{p}]]: {d}{price}{because}.",
        "[[{p}]] {is} [[{p}.price]]{because}.",
        "Also [[{p}]], {d}{price}{because}.",
        "Or [[{p}]], {d}{price}{because}.",
        "[[{p}]] (comes next|follows){price}{because}.",
        "Next, [[{p}]], {d}{price}{because}.",
        "(Besides|Also|And), [[{p}]], {d}{price}{because}.",
        "Another (idea|option|choice): [[{p}]], {d}{price}{because}.",
        "(See|Consider) [[{p}]](, too|), {d}{price}{because}.",
    ),
}
AFTER_REASON: Final = (
    "(As|Since|Because) [[{r}]], I (would show you|thought of|would suggest|chose) [[{p}]], {d}{price}.",
    "(As|Since|Because) [[{r}]], [[{p}]] (may|might|could) (appeal to you|be for you|suit you|interest you): {d}"
    "{price}.",
    "(As|Since) [[{r}]], here is [[{p}]], {d}{price}.",
)
"""Where the reason begins the sentence; of what was done with something else, and of the photo."""
AS_A_GIFT: Final = (
    "[[{p}]], {d}, (would|could|might) (make|be) a {nice} (gift|present){for_whom}{price}{because}.",
    "(As a gift|As a present), I would (choose|look at|consider|suggest) [[{p}]], {d}{price}{because}.",
    "{For_them}, I would (choose|look at|consider|suggest|go for) [[{p}]], {d}{price}{because}.",
    "[[{p}]] (could|would|might) be a {nice} (idea|choice|surprise){for_whom}: {d}{price}{because}.",
    "{For_them} I (thought of|like|would suggest) [[{p}]], {praised}{price}{because}.",
)
GOES_WITH_IT: Final = (
    "[[{p}]] (could|would|might) go (well |nicely |)with it: {d}{price}{because}.",
    "(To go with it|Along with it|Beside it|Together with it), I would (choose|look at|consider|suggest) [[{p}]], "
    "{d}{price}{because}.",
    "I would put [[{p}]] beside it, {d}{price}{because}.",
    "(To go with it|Along with it), there is [[{p}]], {d}{price}{because}.",
)
IN_DETAIL: Final = (
    "[[{p}]] {is} {d}{price}{because}.",
    "[[{p}]] {is} {d}; {it_costs} [[{p}.price]].",
    "(This is|Here is) [[{p}]], {d}{price}{because}.",
    "[[{p}]], {d}, {is} by [[{p}.brand]]{price}{because}.",
    "(At|For) [[{p}.price]], [[{p}]] {is} {d}{because}.",
)
MORE_DETAIL: Final = (
    "[[{p}]] {is} by [[{p}.brand]].",
    "[[{p}]] {is} made of [[{p}.material]].",
    "[[{p}]] {comes} in {color}.",
    "[[{p}]] {has} {feature}.",
    "[[{p}]] {comes} in the size [[{p}.size]].",
    "The (look|style) of [[{p}]] is {style}.",
)
OF_A_SET: Final = (
    "(Begin|Start) with [[{p}]], {d}{price}.",
    "[[{p}]] {is} {d}{price}{because}.",
    "(Then|To that,|With it,) I would (add|put|choose) [[{p}]], {d}{price}.",
    "(Then comes|There is|And then there is) [[{p}]], {d}{price}{because}.",
)
ASIDES: Final = (
    "(I think|To my mind|I would say) it has a {nice} (look|touch|character).",
    "It has a {nice}, {nice2} look(, I think|, to my mind|).",
    "I (like|enjoy) how {nice} it looks.",
    "(That|This) would be my own (choice|pick)(, if you ask me|).",
    "A {nice} (choice|find|pick)(, I think|, to my mind|, if you ask me|).",
    "It (looks|feels|seems) {nice} to me.",
    "(To my eye|To me|In my eyes) it (looks|seems|feels) {nice} (and|yet) {nice2}.",
    "I (find|think|believe) it (quite|rather|really|truly|very) {nice}.",
    "I (like its {nice} touch|am glad I found it|would look at it again|would be happy with it myself).",
    "(Its|The) {nice} (look|character|touch) (appeals to me|speaks to me|makes me smile|is what I like).",
    "(That|This) is what I would (choose|take|look at) myself.",
    "(Perhaps|Maybe) it (is what you have in mind|speaks to you too).",
    "(I hope|I imagine) you (might|may|would) (like|love|enjoy) it.",
)
GIFT_ASIDES: Final = (
    "I (think|believe|imagine) {they} (would|might|may) (like|love|enjoy) it.",
    "(Perhaps|Maybe) {they} would (like|love|enjoy) it.",
    "(I hope|I imagine) it would (make {them} smile|please {them}|delight {them}|bring {them} joy).",
    "A {nice} (gift|present|surprise)(, I think|, to my mind|, if you ask me|).",
    "It could be a {nice} surprise{for_whom}.",
)
PRICES: Final = (
    *(" at [[{p}.price]]", ", at [[{p}.price]]", ", for [[{p}.price]]", ", priced at [[{p}.price]]"),
    *(", yours for [[{p}.price]]", ", costing [[{p}.price]]", " costing [[{p}.price]]"),
)
PRICES_BY_THEMSELVES: Final = (
    *("; it costs [[{p}.price]]", ", and it costs [[{p}.price]]", ", which costs [[{p}.price]]"),
    *("; it is [[{p}.price]]", ", and it is [[{p}.price]]"),
)
"""Where no reason follows."""
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "purchase": (
        ", (as|since|because) [[{r}]]",
        "; I thought of it because [[{r}]]",
        "; [[{r}]], so it (may|might|could) go well with that",
        "; [[{r}]], so (it should fit|it may be a good companion|it would sit well with that|this could go with that)",
        ", (suggested|chosen|picked) because [[{r}]]",
        "; (knowing|remembering|seeing) that [[{r}]], I (thought of|chose|picked) it for you",
        "; [[{r}]], and this (seems|feels|looks) right (along|together) with that",
        "; since [[{r}]], I (believe|imagine|expect|reckon) it would suit you",
    ),
    "view": (
        "; it came to mind because [[{r}]]",
        ", (as|since) [[{r}]]",
        "; [[{r}]], so (here is another idea|this may interest you|you may like it too|this might be for you)",
        ", seeing that [[{r}]]",
        "; I (noticed|see) that [[{r}]]",
        "; (knowing|remembering) that [[{r}]], I (thought of|chose|picked) it for you",
        "; since [[{r}]], I (believe|imagine|expect|reckon) it (could|may|might) appeal to you",
        ", (suggested|chosen|picked) because [[{r}]]",
    ),
    "add_to_cart": (
        "; [[{r}]], so (it may go well with that|this may fit|please consider this with it)",
        ", (as|since|because) [[{r}]]",
        "; I thought of it because [[{r}]]",
        "; I (noticed|see) that [[{r}]]",
    ),
    "wishlist": (
        "; [[{r}]], so (here is something along with that|I hope you will love this|this may be for you)",
        ", (as|since|because) [[{r}]]",
        "; I thought of it because [[{r}]]",
        "; I (noticed|see) that [[{r}]]",
        ", chosen because [[{r}]]",
    ),
    "like": (
        "; (knowing|remembering|seeing) that [[{r}]], I (thought of|chose|picked) it",
        ", (as|since|because) [[{r}]]",
        "; I chose it because [[{r}]]",
        "; [[{r}]], so this may be for you",
    ),
    "itself": ("; [[{r}]]", ", (as|since) [[{r}]]", ", and [[{r}]]"),
    "popular": (", and it is [[{r}]]", "; it is [[{r}]]", ", and [[{r}]]", ", which is [[{r}]]"),
    "photo": (", (as|because|since) [[{r}]]", "; I chose it because [[{r}]]", "; [[{r}]]", ", and [[{r}]]"),
    "words": (
        "; I (looked at|chose|picked) it for you (as|because) [[{r}]]",
        ", seeing that [[{r}]]",
        ", (as|because|since) [[{r}]]",
        "; I picked it because [[{r}]]",
        "; [[{r}]]",
        ", and [[{r}]]",
    ),
    "feature": (", picked as [[{r}]]", ", chosen as [[{r}]]", ", and it is [[{r}]]"),
}
COMPARISONS: Final = (
    "(If price matters|If the price matters|When it comes to price), [[{p}]] is [[{comparison}]].",
    "(To help you decide|To help you choose|To compare them|If you would like to compare), "
    "[[{p}]] is [[{comparison}]].",
    "[[{p}]] is [[{comparison}]](, if that helps|, if that matters|, which may help you decide|).",
    "(Please notice|Notice|Mind) that [[{p}]] is [[{comparison}]].",
)
OTHERS: Final = (
    "(To look further|To explore further|If you would like to look further), (see|there is|consider) {others}.",
    "(I could also show you|Also on my list|I also found|Also here) {others}.",
    "(Then|And) there is also {others}.",
    "(Beside these|Besides), (I found|there is|consider) {others}.",
)
NICE: Final = tuple(
    sorted(
        word_set(
            """
    admirable adorable agreeable appealing attractive beautiful captivating characterful charismatic charming cheerful
    classy cosy dainty decent delightful dreamy elegant enchanting endearing engaging enjoyable exciting exquisite
    fabulous fantastic fetching fine fitting friendly fun gentle glorious good gorgeous graceful great handsome handy
    ideal inspiring interesting inviting irresistible joyful likeable lively lovable lovely magical magnificent
    marvellous memorable merry neat nice notable noteworthy peaceful perfect personal pleasant pleasing pretty promising
    quaint radiant remarkable romantic satisfying serene simple soothing special spirited splendid striking
    stylish suitable superb tasteful tempting terrific thoughtful thrilling timeless understated unfussy uplifting
    useful welcome whimsical wonderful worthwhile worthy
    """
        )
    )
)
VERY: Final = ("quite", "really", "truly", "very")
THINGS: Final = (
    *("choice", "find", "option", "pick", "suggestion", "selection", "piece", "companion", "item", "thing"),
    *("candidate", "contender"),
)
