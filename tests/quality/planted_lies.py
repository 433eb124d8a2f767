"""Frames of lies by kind, in prose of their own; the second checker must find them.

Of each kind the first tuple is for tuning; the second was written before any result was seen and is never tuned on.
"""

from typing import Final

Frames = tuple[str, ...]

LIES: Final[dict[str, tuple[Frames, Frames]]] = {
    "wrong price": (
        (
            "{t} is {xprice}.",
            "You can have {t} for {xprice}.",
            "{t} costs {xprice}, which seems fair.",
            "I like {t}, priced at {xprice}.",
            "For {xprice}, {t} is yours.",
            "At {xprice}, {t} is worth a look.",
        ),
        ("The price tag on {t} says {xprice}.", "You would pay {xprice} for {t}.", "How about {t} at {xprice}?"),
    ),
    "price of another product": (
        (
            "{t} is {oprice}.",
            "{t} costs {oprice}, like {o}.",
            "Take {t} home for {oprice}.",
            "{t} is yours at {oprice}.",
        ),
        ("{oprice} is what {t} costs.", "I would suggest {t}, which comes to {oprice}."),
    ),
    "swapped values": (
        (
            "{t} costs {oprice} and {o} costs {price}.",
            "{t} is {oprice}, while {o} is {price}.",
            "{t} comes in {ocolor}, and {o} comes in {color}.",
            "{t} is by {obrand}, and {o} is by {brand}.",
        ),
        ("You pay {oprice} for {t} and {price} for {o}.", "{t} is {ocolor}; {o} is {color}."),
    ),
    "wrong colour": (
        (
            "{t} is {xcolor}.",
            "{t} comes in {xcolor}.",
            "I picked {t} in {xcolor} for you.",
            "The colour of {t} is {xcolor}.",
            "{t}, in {xcolor}, is {price}.",
            "A {xcolor} treat is {t}.",
        ),
        ("If you love {xcolor}, {t} fits.", "{t} glows in {xcolor}.", "You get {t} in a shade of {xcolor}."),
    ),
    "wrong brand": (
        (
            "{t} is by {xbrand}.",
            "{xbrand} makes {t}.",
            "From {xbrand}, there is {t}.",
            "{t} is a {xbrand} piece.",
            "The brand of {t} is {xbrand}.",
        ),
        ("{xbrand} is behind {t}.", "Fans of {xbrand} will know {t}."),
    ),
    "wrong material": (
        (
            "{t} is made of {xmaterial}.",
            "{t} is a {xmaterial} piece.",
            "The material of {t} is {xmaterial}.",
            "{t} in {xmaterial} is lovely.",
            "It is the {xmaterial} that makes {t} nice.",
        ),
        ("{t} was crafted from {xmaterial}.", "The {xmaterial} of {t} feels good."),
    ),
    "wrong size": (
        (
            "{t} is here in size {xsize}.",
            "In {xsize}, {t} costs {price}.",
            "{t} comes in {xsize}.",
            "The size of {t} is {xsize}.",
        ),
        ("You can get {t} as {xsize}.", "{t} measures {xsize}."),
    ),
    "wrong pattern": (
        ("{t} has a {xpattern} pattern.", "{t} is {xpattern}.", "The {xpattern} look of {t} is fun."),
        ("With its {xpattern} design, {t} is charming.", "{t} comes {xpattern}."),
    ),
    "wrong category": (
        (
            "{t} is one of our {xcategory}.",
            "You will find {t} among the {xcategory}.",
            "Of all the {xcategory}, I like {t}.",
        ),
        ("{t} sits with the {xcategory}.", "Looking for {xcategory} led me to {t}."),
    ),
    "feature of another product": (
        ("{t} comes with {xfeature}.", "{t} has this feature: {xfeature}.", "What I like in {t} is the {xfeature}."),
        ("{t} offers {xfeature}.", "The {xfeature} of {t} is clever."),
    ),
    "invented feature": (
        (
            "{t} is waterproof.",
            "{t} is dishwasher safe.",
            "{t} comes with a spare battery.",
            "{t} is machine washable and dries fast.",
            "{t} has a hidden pocket lined with silk.",
            "{t} is hypoallergenic and vegan.",
            "{t} keeps your tea hot all day.",
            "{t} is handmade by skilled artisans.",
            "{t} folds flat.",
            "{t} never rusts.",
        ),
        (
            "{t} is scratch-resistant.",
            "{t} is oven-proof and lead-free.",
            "{t} charges by USB.",
            "{t} has a reinforced seam.",
            "{t} will not fade in the wash.",
            "{t} comes with a matching lid and a recipe booklet.",
        ),
    ),
    "invented stock": (
        (
            "{t} is sold out.",
            "Only two of {t} are left.",
            "{t} is nearly gone, so hurry.",
            "There are only a few left of {t}.",
            "{t} is out of stock.",
            "We have plenty of {t} in the warehouse.",
        ),
        ("Stocks of {t} are running low.", "{t} is the last one on the shelf.", "{t} has just been restocked."),
    ),
    "delivery promise": (
        (
            "{t} will be with you tomorrow.",
            "{t} ships for free.",
            "Order {t} now and it arrives by Friday.",
            "We deliver {t} to your door.",
            "{t} can be dispatched today.",
        ),
        ("{t} reaches you within two days.", "Postage is on us for {t}.", "Expect {t} in the mail next week."),
    ),
    "discount": (
        (
            "{t} is on sale.",
            "{t} is reduced.",
            "{t} is half price.",
            "You get 20% off {t}.",
            "{t} was {xprice}, now {price}.",
            "Use a voucher for {t}.",
        ),
        ("{t} has been marked down.", "There is a special offer on {t}.", "{t} is {price} instead of {xprice}."),
    ),
    "superlative": (
        (
            "{t} is the best we have.",
            "{t} is our finest piece.",
            "{t} is the cheapest in the shop.",
            "{t} is the most elegant of all.",
            "Nothing is softer than {t}.",
            "{t} is unbeatable.",
        ),
        ("You will not find a nicer one than {t}.", "{t} is the sturdiest here.", "{t} tops them all."),
    ),
    "wrong comparison direction": (
        (
            "{dear} is cheaper than {cheap}.",
            "{dear} is {diff} cheaper than {cheap}.",
            "{cheap} costs {diff} more than {dear}.",
            "{cheap} is more expensive than {dear}.",
            "{dear} costs less than {cheap}.",
        ),
        (
            "{dear} is {diff} less than {cheap}.",
            "Compared with {cheap}, {dear} saves you {diff}.",
            "{cheap} is dearer than {dear}.",
        ),
    ),
    "wrong comparison amount": (
        (
            "{cheap} is {xdiff} cheaper than {dear}.",
            "{dear} costs {xdiff} more than {cheap}.",
            "{cheap} saves you {xdiff} against {dear}.",
            "{cheap} is half the price of {dear}.",
        ),
        ("Choosing {cheap} over {dear} saves {xdiff}.", "{dear} is {xdiff} more expensive than {cheap}."),
    ),
    "invented comparison": (
        (
            "{t} is sturdier than {o}.",
            "{t} is prettier than {o}.",
            "{t} lasts longer than {o}.",
            "{t} and {o} are the same size.",
            "{t} beats {o}.",
            "{t} is just like {o}.",
        ),
        ("{o} is no match for {t}.", "{t} is lighter than {o}.", "{t} weighs as much as {o}."),
    ),
    "wrong reason": (
        (
            "I chose {t} because you bought {viewed}.",
            "{t} is here because you bought {unseen}.",
            "Since you looked at {unseen}, {t} came to mind.",
            "You put {bought} in your basket, so I thought of {t}.",
            "{t} came up because you liked {viewed}.",
        ),
        (
            "{t} goes with {unseen}, which you bought.",
            "As you viewed {unseen}, I suggest {t}.",
            "Your purchase of {unseen} made me think of {t}.",
        ),
    ),
    "invented deed": (
        (
            "You bought {t} last time.",
            "You looked at {t}.",
            "You have {t} in your basket.",
            "You already own {t}.",
            "You chose {t} before.",
            "Your friends love {t}.",
            "You saved {t} for later.",
            "You asked for {t}.",
        ),
        (
            "You ordered {t} in spring.",
            "{t} has been on your mind since your last visit.",
            "You told me that you like {t}.",
            "Shoppers like you bought {t}.",
        ),
    ),
    "rating or fame": (
        (
            "{t} has five stars.",
            "Customers love {t}.",
            "{t} is a bestseller.",
            "{t} won an award.",
            "Reviews of {t} are glowing.",
            "Everyone is buying {t}.",
        ),
        ("{t} is rated 4.8.", "People rave about {t}.", "{t} is our number one."),
    ),
    "promise of the shop": (
        (
            "{t} comes with a two-year warranty.",
            "You can return {t} at any time.",
            "We guarantee that {t} lasts.",
            "{t} can be exchanged for free.",
            "We wrap {t} for you.",
            "The shop will keep {t} for you.",
        ),
        (
            "Your money back if you do not like {t}.",
            "{t} is covered for life.",
            "We will refund {t} if you change your mind.",
        ),
    ),
    "number in words": (
        (
            "{t} costs {xwords} pounds.",
            "{t} is a tenner.",
            "{t} comes in a set of twelve.",
            "{t} holds two litres.",
            "{t} is a pack of three.",
            "{t} lasts a hundred hours.",
        ),
        (
            "{t} will set you back {xwords} pounds.",
            "You get a dozen with {t}.",
            "{t} has seven compartments.",
        ),
    ),
    "bent price": (
        (
            "{t} is almost {price}.",
            "{t} starts from {price}.",
            "{t} used to be {price}.",
            "{t} is under {price}.",
            "{t} is {price} a kilo.",
            "{t} costs about {price}.",
            "{t} is up to {price}.",
            "{t} is {price} plus postage.",
        ),
        (
            "{t} is a bit below {price}.",
            "{t} goes for {price} and up.",
            "{t} was once {price}.",
            "{t} is {price} each.",
        ),
    ),
    "wrong photo fact": (
        ("Your photo shows something {xseen}.", "In your photo I see {xseen}.", "The picture you sent looks {xseen}."),
        ("Your picture has something {xseen} in it.", "I can tell that your photo is of something {xseen}."),
    ),
    "date": (
        (
            "{t} is new this week.",
            "{t} was designed in 1998.",
            "{t} is here until Sunday.",
            "{t} leaves the shop in March.",
            "{t} dates from the last century.",
        ),
        ("{t} came in yesterday.", "{t} will be back in October.", "{t} has been made since 1920."),
    ),
    "origin": (
        (
            "{t} is from Japan.",
            "{t} was made in Italy.",
            "{t} is a French classic.",
            "{t} comes from a small workshop in Wales.",
        ),
        ("{t} is Danish.", "{t} has its roots in Portugal."),
    ),
    "measure": (
        (
            "{t} weighs 300 grams.",
            "{t} is 73 cm tall.",
            "{t} is heavy.",
            "{t} is large enough for six.",
            "{t} is tiny.",
        ),
        ("{t} is quite wide.", "{t} stands 41 inches high.", "{t} is as light as a feather."),
    ),
    "denied truth": (
        (
            "{t} is not {color}.",
            "{t} is anything but {color}.",
            "{t} does not come in {color}.",
            "{t} is not by {brand}.",
            "{t} is not in stock.",
        ),
        ("{t} is no longer {color}.", "{t} is far from {color}.", "There is no {material} in {t}."),
    ),
    "hedged value": (
        ("{t} could be {color}.", "{t} may be {xcolor}.", "{t} might be made of {xmaterial}."),
        ("{t} can be {xcolor} too.", "{t} would be {color}."),
    ),
    "audience": (
        ("{t} is for children.", "{t} is meant for men.", "{t} is made for babies.", "{t} is suitable for toddlers."),
        ("{t} is aimed at teenagers.", "{t} was designed for women."),
    ),
    "invented wish": (
        (
            "You asked for something in {xwish}.",
            "With {xlimit} as your limit, I looked around.",
            "You wanted {xwish}, so here I am.",
            "I kept your limit of {xlimit} in mind.",
        ),
        ("You told me you like {xwish}.", "I searched for things under {xlimit}."),
    ),
    "claim about all": (
        (
            "All of these are {xcolor_all}.",
            "Everything here is made of {xmaterial_all}.",
            "They are all in the sale.",
            "Nothing here costs more than {low}.",
            "These all come with free delivery.",
        ),
        ("Every one of these is {xcolor_all}.", "None of them is over {low}."),
    ),
    "wrong count": (
        ("I found {xn} things for you.", "Here are {xn} suggestions for you.", "There are {xn} of them on my list."),
        ("My list for you has {xn} ideas on it.", "Out of {xn} ideas, I like the first."),
    ),
}

AFTER_A_PRODUCT: Final[dict[str, tuple[Frames, Frames]]] = {
    "pronoun, invented feature": (
        ("It is waterproof.", "It comes with a free gift.", "It keeps food fresh.", "It is softer, too."),
        ("It is stain-resistant.", "It runs on solar power.", "It glows in the dark."),
    ),
    "pronoun, wrong value": (
        ("It costs {xprice}.", "It is {xcolor}.", "It is made of {xmaterial}.", "It is by {xbrand}."),
        ("Its colour is {xcolor}.", "This one is {xprice}.", "It comes from {xbrand}."),
    ),
}
"""Lies said of the product that the sentence before has named."""
