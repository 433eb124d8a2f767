"""English words the rules of understanding know by heart; what a catalogue sells is in its vocabulary instead."""

from itertools import product
from typing import Final

from recommender.text import word_set

STOP_WORDS: Final = word_set(
    """
    a about after again all also although always am an and another any anybody anyone anything are around as ask at
    available away back be because been before being below between both but buy by came can cant come comes could
    dear did didnt do does doesnt doing done dont down each either else ever every everything few find fine first for
    from get give go going good got great had happen has have havent having he her here hers him his hold how however
    i id if ill im in into is isnt it its ive just keep kind kindly know lastly later least less let lets like
    liked little look looking lot lots love made make makes many may maybe me mean might mind mine more most much must
    my myself need needed needs neither never new next nice no none nor not nothing now of off often oh ok okay on once
    one ones only or order other others our out over own past per perhaps please pls plus possible possibly prefer
    preferably pretty purchase quite rather ready really recommend recommendation right said same say search
    searching see seen sell sent shall she shop shopping should show since so some somebody someone something soon sort
    sorry still stuff such suggest suggestion sure take tell than that thats the their them then there theres these
    they theyre thing think this those though through till to together too toward try trying under until up us use used
    useful using very want wanted wanting wants was way we well were weve what whatever whats when where whether which
    while who whose why will wish with within without wont would yeah year yes yet you youd your youre
    best better worse worst idea option choice product item instead ideally around roughly nearly
    """
)
"""Words that carry no wish; they are never keywords."""

GREETINGS: Final = word_set("hi hello hey hiya howdy greetings morning afternoon evening")
THANKS: Final = word_set("thanks thank thx cheers ta bye goodbye")
COURTESIES: Final = GREETINGS | THANKS | word_set("lol haha hmm um well wow cool awesome perfect alright")

FILLERS: Final = word_set("already interested arent another fan")
PASSED: Final = STOP_WORDS | COURTESIES | FILLERS

CHAT: Final = word_set(
    """
    able across against along amazing anyway appreciate asked asking beautiful believe bit bought brilliant brought
    browse call called care chance check checked choose chose collect collects consider considering content count
    couple cover curious currently day days decide decided definitely delighted depend desperate easily enjoy enjoys
    especially essential etc exactly excellent excited expect explore extra fantastic feel feels fond forward found fun
    generally glad gorgeous guess guy guys happy hear heard help helpful hope hopefully hoping hunt hunting ideal
    imagine include including kinda last left live lives living loads local lovely loves manage match matches mentioned
    minute moment mostly move moved moving notice obviously offer offers open otherwise pair pairs particular
    particularly pick point present probably problem proper quick quickly range reach read reason regarding replace
    replacing require required requires run section seem seems seriously similar simply spend spending start started
    stay stick suit suitable suits sweet talk tend tends thinking today tomorrow tonight totally trouble truly turn
    turned turns unsure usually visit wait wear wearing wears weather week weekend wonder wonderful wondering work
    works worth wouldnt write yesterday
    idea thing sort way plan shouldnt mustnt pay paying spending cannot coloured colored shaped styled goes went gone
    priced smell smells
    """
)
"""Words of conversation: they carry no wish unless the catalogue has them."""

PRICE_OPINIONS: Final = word_set("cheap cheaper cheapest affordable inexpensive expensive pricey budget")
"""Said without a number they set no limit: no rule can act on them, so they stay unread."""
ORDERINGS: Final = frozenset(
    {
        *((word,) for word in ("popular", "bestseller", "bestsellers", "bestselling", "trending", "newest", "latest")),
        *product(
            ("best", "top", "most", "good"), ("seller", "sellers", "selling", "sold", "rated", "loved", "popular")
        ),
        *product(("most", "least", "more", "less"), ("expensive", "pricey", "affordable", "costly")),
        *product(("lowest", "highest"), ("price", "prices", "priced", "rated", "cost")),
    }
)
"""Orders the ranking does not know; they stay unread."""

NEGATORS: Final = frozenset(
    {
        ("not",),
        ("not", "interested"),
        ("not", "interested", "in"),
        ("not", "keen", "on"),
        ("not", "into"),
        ("not", "a", "fan", "of"),
        ("isnt",),
        ("arent",),
        ("shouldnt", "be"),
        ("doesnt", "have"),
        ("doesnt", "contain"),
        ("no",),
        ("non",),
        ("non", "-"),
        ("minus",),
        ("dislike",),
        ("cant", "stand"),
        ("allergic", "to"),
        ("free", "of"),
        ("free", "from"),
        ("dont", "need"),
        ("dont", "show"),
        ("dont", "recommend"),
        ("stop", "showing"),
        ("without",),
        ("except",),
        ("excluding",),
        ("exclude",),
        ("avoid",),
        ("hate",),
        ("hates",),
        ("dislikes",),
        ("doesnt", "like"),
        ("does", "not", "like"),
        ("cant", "bear"),
        ("that", "dont", "have"),
        ("that", "doesnt", "have"),
        ("which", "dont", "have"),
        ("which", "doesnt", "have"),
        ("does", "not", "have"),
        ("nothing",),
        ("never",),
        ("dont", "want"),
        ("dont", "like"),
        ("do", "not", "want"),
        ("anything", "but"),
        ("everything", "but"),
        ("all", "but"),
        ("other", "than"),
        ("apart", "from"),
        ("rather", "than"),
        ("instead", "of"),
    }
)
NEGATION_GAP: Final = word_set(
    """
    a an any the in of made too want need like with from by for anything something be another
    any more other me show recommend have contain containing that is are interested"""
)
ASSENTS: Final = frozenset({("why", "not"), ("not", "only"), ("no", "problem"), ("no", "worries"), ("not", "bad")})
"""They sound like refusals and are none."""
PRAISES: Final = frozenset(
    {
        *product(("good", "great", "perfect", "better", "best", "solid", "ideal", "close"), ("fit", "match")),
        *product(("fit", "fits", "suit", "suits", "match", "matches"), ("my", "me", "the", "what", "your"), ("needs",)),
        *product(("fit", "fits", "suit", "suits", "match", "matches"), ("my", "me", "what", "perfectly", "well")),
    }
)
"""Said of a product, they tell how well it suits, and nothing of what it is."""
CONNECTORS: Final = frozenset({"or", "nor", "and", "/", "&"})

STOCK_PHRASES: Final = frozenset(
    {
        ("in", "stock"),
        ("available", "now"),
        ("available", "today"),
        ("available", "right", "now"),
        ("available", "immediately"),
        ("currently", "available"),
        ("not", "sold", "out"),
        ("not", "out", "of", "stock"),
        ("that", "are", "available"),
        ("is", "available"),
        ("ready", "to", "ship"),
    }
)

START_OVER: Final = frozenset(
    {
        ("start", "over"),
        ("start", "again"),
        ("start", "afresh"),
        ("from", "scratch"),
        ("forget", "everything"),
        ("forget", "all", "that"),
        ("new", "search"),
        ("reset",),
    }
)
FORGETTERS: Final = frozenset(
    {
        ("any",),
        ("all",),
        ("no",),
        ("no", "particular"),
        ("no", "specific"),
        ("no", "preferred"),
        ("forget",),
        ("ignore",),
        ("drop",),
        ("skip",),
        ("remove",),
        ("whatever",),
        ("whichever",),
        ("never", "mind"),
        ("nevermind",),
        ("dont", "care", "about"),
        ("dont", "care", "what"),
        ("dont", "mind", "about"),
        ("dont", "mind", "what"),
        ("dont", "mind", "which"),
        ("doesnt", "matter", "what"),
        ("doesnt", "matter", "which"),
    }
)
FORGET_GAP: Final = word_set("the my a that this about")
MATTERS_NOT: Final = frozenset(
    {
        ("doesnt", "matter"),
        ("dont", "matter"),
        ("does", "not", "matter"),
        ("isnt", "important"),
        ("is", "not", "important"),
        ("is", "irrelevant"),
        ("is", "no", "object"),
    }
)
FIELD_WORDS: Final = {
    "price": "price",
    "budget": "price",
    "limit": "price",
    "cost": "price",
    "brand": "brand",
    "maker": "brand",
    "manufacturer": "brand",
    "category": "category",
    "type": "category",
    "kind": "category",
    "stock": "in_stock",
}
"""Folded words that name a field of the wishes; attribute names come from the catalogue."""

TOLD_BY: Final = {"climate": "weather", "scent": "scented", "size": "sized"}
"""Words beside the values of an attribute that only say which it is, as in "cold weather"."""

COLOUR: Final = "colour"
"""The folded form of the attribute name "color" or "colour"."""
COLOURS: Final = word_set(
    """
    red blue green yellow orange purple violet pink brown black white grey silver gold golden beige cream ivory navy
    teal turquoise maroon burgundy lilac lavender magenta cyan indigo khaki olive peach coral crimson scarlet mint
    charcoal bronze copper multicolour multicoloured colourful
    """
)

NEAR_COLOURS: Final = (
    word_set("red maroon burgundy crimson scarlet rust"),
    word_set("blue navy turquoise teal indigo"),
    word_set("green olive khaki teal lime mint"),
    word_set("yellow gold golden mustard"),
    word_set("orange peach coral rust"),
    word_set("purple violet lavender lilac mauve magenta"),
    word_set("pink magenta peach rose"),
    word_set("brown tan bronze copper beige khaki coffee mushroom taupe"),
    word_set("black charcoal"),
    word_set("grey charcoal silver steel"),
    word_set("white ivory cream"),
    word_set("cream ivory beige nude skin"),
)
"""Colours that stand in for each other where the wished one is not to be had."""

EXTENDERS: Final = word_set("also too plus or")
REFINERS: Final = word_set("with in featuring having")
PACKINGS: Final = word_set("set pack box case bag pair")
PRESENTS: Final = word_set("gift present")
