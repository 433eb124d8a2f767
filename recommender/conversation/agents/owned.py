"""The products that a shopper means by what they say they have."""

from typing import Final

from recommender.conversation.agents.base import Brief
from recommender.conversation.relaxing import to_constraints
from recommender.conversation.understanding import understand
from recommender.text import words
from schemas import RankedItem

CANDIDATES: Final = 50
MEANT: Final = 3


def find_owned(brief: Brief) -> tuple[RankedItem, ...]:
    """The product of the title that was said; else the few best known of what fits the words; none without words."""
    said = brief.needs.owned
    if not said:
        return ()
    wishes = understand(said, brief.vocabulary).wishes
    if not (wishes.category or wishes.keywords):
        return ()
    anything = {"in_stock": False, "include_bought": True}
    constraints = to_constraints(wishes, brief.vocabulary).model_copy(update=anything)
    found = brief.tools.popular(constraints, CANDIDATES).items
    exact = tuple(item for item in found if words(item.row.title) == words(said))
    return exact[:MEANT] or found[:MEANT]
