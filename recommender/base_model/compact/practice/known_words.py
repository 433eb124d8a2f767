"""The words that the teacher says of a product without a slot: those of everyday shops, and no invented ones.

A small model copies badly what it never met; what it says in words of its own should be words it knows, the rest slots.
"""

from functools import cache
from itertools import chain
from typing import Final

from recommender.base_model.compact.practice.shelves import FIELDS, NOUNS, simulated_shelf
from recommender.conversation.lexicon import COLOURS
from recommender.text import fold

MAX_WORDS: Final = 3
CLOTHES: Final = (
    "shirts t-shirts tshirts tops kurtas jeans shorts trousers track pants tracksuits sweatshirts sweaters jackets "
    "blazers dresses skirts leggings tights sarees kurtis tunics dupattas briefs bras trunks boxers night suits "
    "nightdress socks ties belts caps hats scarves stoles mufflers gloves watches sunglasses handbags clutches wallets "
    "backpacks duffel bag laptop messenger rucksacks trolley waist pouch mobile casual formal sports shoes heels flats "
    "sandals flip flops earrings necklace chains pendant ring bangle bracelet jewellery set cufflinks perfume mist "
    "deodorant lipstick lip gloss nail polish eyeliner kajal foundation compact ethnic smart travel party home"
)


def is_known(value: str) -> bool:
    """Whether a value in lower case is one to three words of shops."""
    said = value.split()
    return 0 < len(said) <= MAX_WORDS and all(fold(word) in _known() for word in said)


@cache
def _known() -> frozenset[str]:
    rows = [row for seed in range(4) for row in simulated_shelf(seed).rows]
    of_rows = chain.from_iterable((row.category[-1], *chain(*row.attributes.values())) for row in rows)
    texts = (CLOTHES, *NOUNS, *COLOURS, *chain(*FIELDS.values()), *of_rows)
    return frozenset(fold(word) for text in texts for word in text.lower().split() if word.isalpha())
