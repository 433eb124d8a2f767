"""Words that state a fact about a product in any shop: fixed lists, by kind."""

from enum import StrEnum
from typing import Final

from recommender.conversation import numbers
from recommender.conversation.lexicon import COLOUR, COLOURS
from recommender.text import fold, word_set


class FactKind(StrEnum):
    NUMBER = "a number"
    MONEY = "money"
    STOCK = "stock"
    DATE = "a date or time"
    PROMISE = "a promise of the shop"
    COMPARISON = "a comparison"
    HISTORY = "what shoppers did"
    NEGATION = "a negation"
    APPROXIMATION = "an approximation"
    LABEL = "the name of a field"
    CATALOGUE = "a word of the catalogue"
    MARKUP = "markup"
    OTHER = "no plain word"


_GRADED: Final = word_set(
    """
    large small big tall long short wide light heavy soft strong warm cool fast quick new old bright dark high low
    thick thin great fine close deep rich fresh clean smart simple safe sharp smooth sweet tough young near broad
    """
)
_COMPARATIVES: Final = word_set(
    """
    more most less least better best worse worst fewer than cheap cheaper cheapest pricier priciest nicer nicest
    larger largest bigger biggest wider widest safer safest finer finest closer closest simpler simplest handier
    handiest prettier prettiest heavier heaviest easier easiest lovelier loveliest cosier cosiest earlier sturdier
    sturdiest thinner thinnest superior inferior premium ultimate unbeatable unrivalled unmatched top leading
    expensive inexpensive affordable pricey economical bargain value same similar equal equally identical alike unlike
    different difference both favourite favorite finest exceptional rare unique exclusive
    """
)
_MATERIALS: Final = word_set(
    """
    cotton wool woollen wooden wood bamboo oak pine leather suede silk linen velvet denim polyester nylon acrylic
    plastic rubber silicone ceramic porcelain stoneware glass crystal steel stainless iron brass metal aluminium
    paper cardboard wicker rattan marble stone slate enamel cashmere fleece felt
    """
)
_PATTERNS: Final = word_set(
    "striped stripe spotty spotted dotted floral checked tartan plaid paisley polkadot chevron patterned plain"
)
_FEATURES: Final = word_set(
    """
    waterproof washable dishwasher microwave oven recyclable recycled organic vegan natural handmade handcrafted
    wireless rechargeable cordless electric automatic foldable portable insulated breathable hypoallergenic
    reversible adjustable antique vintage durable unbreakable sustainable ethical fairtrade certified genuine
    authentic original official mens womens unisex xs xl xxl
    """
)

_KINDS: Final[dict[FactKind, frozenset[str]]] = {
    FactKind.NUMBER: frozenset({*numbers.SMALL_NUMBERS, *numbers.TENS, *numbers.SCALES})
    | word_set(
        """
        first second third fourth fifth sixth tenth half halve quarter twice double triple dozen couple pair several few
        many single million billion percent per cent hundreds thousands dozens fewer numerous
        """
    ),
    FactKind.MONEY: word_set(
        "pound pounds quid pence penny dollar dollars buck bucks euro euros cent cents gbp usd eur fiver tenner"
    ),
    FactKind.STOCK: word_set(
        """
        stock stocked stocks sold available unavailable availability left remaining remain last backorder preorder
        selling sells ready limited
        """
    ),
    FactKind.DATE: word_set(
        """
        today tomorrow tonight yesterday monday tuesday wednesday thursday friday saturday sunday january february march
        april june july august september october november december week weeks day days hour hours minute minutes month
        months year years weekend overnight soon immediately recently annual daily century
        """
    ),
    FactKind.PROMISE: word_set(
        """
        deliver delivers delivery delivered ship ships shipping shipped dispatch dispatched arrive arrives postage free
        discount discounts discounted sale sales deal deals offer offers off reduced reduction save saves saving savings
        voucher coupon cashback promotion clearance warranty warranties guarantee guaranteed guarantees return returns
        returnable refund refunds refundable exchange rated rating ratings star stars review reviews reviewed reviewer
        award awards awarded winning bestseller bestsellers bestselling popular trending loved beloved famous renowned
        recommended acclaimed new newest brand-new tested approved insured gift-wrapped
        """
    ),
    FactKind.COMPARISON: _COMPARATIVES | {form for word in _GRADED for form in (f"{word}er", f"{word}est")},
    FactKind.HISTORY: word_set(
        """
        bought purchase purchased purchases ordered viewed browsed basket cart wishlist clicked liked everyone everybody
        customer customers shopper shoppers people others buyer buyers previously
        """
    ),
    FactKind.NEGATION: word_set(
        """
        not no never none nothing neither nor without hardly barely isnt arent wasnt doesnt dont didnt cant cannot wont
        hasnt havent aint shouldnt wouldnt couldnt werent lacks lack lacking except unless
        """
    ),
    FactKind.APPROXIMATION: word_set(
        "under over below above almost nearly roughly approximately beyond within between around about plus minus circa"
    ),
}
FACT_WORDS: Final = {word: kind for kind, listed in _KINDS.items() for word in listed}

COMMON_VALUES: Final = {
    fold(word): field
    for field, listed in ((COLOUR, COLOURS), ("material", _MATERIALS), ("pattern", _PATTERNS), ("feature", _FEATURES))
    for word in listed
}
"""Folded colours, materials, patterns and features, facts whether this catalogue has them or not, and their field."""

LABELS: Final = {
    "price": "price",
    "cost": "price",
    "costing": "price",
    "priced": "price",
    "brand": "brand",
    "category": "category",
    "colour": "colour",
    "size": "size",
    "material": "material",
    "made": "material",
    "pattern": "pattern",
    "coloured": "colour",
    "sized": "size",
}
"""Folded words that name a field; said of a product they need a slot of that field."""

NOT_A_NUMBER_AFTER: Final = word_set("this that which every any each")
NOT_A_NUMBER_BEFORE: Final = word_set("i you we of that which to for")
"""What stands before or after a "one" that counts nothing."""
