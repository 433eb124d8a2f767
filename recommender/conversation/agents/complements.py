"""Complements: what goes with a thing that the shopper has, and is not one more of the same."""

from collections.abc import Sequence
from typing import Final

from recommender.conversation.agents.base import NOTHING, Brief
from recommender.conversation.agents.merging import added
from recommender.conversation.agents.owned import find_owned
from recommender.conversation.agents.pools import falling
from recommender.conversation.relaxing import to_constraints
from recommender.conversation.vocabulary import CATEGORY, Vocabulary
from recommender.text import fold, word_set, words
from schemas import ProductRow, Wishes
from schemas.conversation import Proposal

N: Final = 20
WORN_BY: Final = frozenset({"gender", "age group", "age_group"})
PEOPLE: Final = word_set("man woman boy girl kid child baby unisex")
ANYBODY: Final = "Unisex"


class Complements:
    name: Final = "complements"
    share: Final = 1.0

    def propose(self, brief: Brief) -> Proposal:
        """Neighbours of what is owned, of another kind, for the same people."""
        owned = find_owned(brief)
        if not owned:
            return NOTHING
        wishes = _beside(owned[0].row, brief.wishes, brief.vocabulary)
        constraints = to_constraints(wishes, brief.vocabulary)
        found = [falling(brief.tools.neighbours(item.item_id, constraints, N).items, N) for item in owned]
        return Proposal(candidates=added(found, [1 / len(found)] * len(found)), wishes=wishes)


def _beside(row: ProductRow, wishes: Wishes, vocabulary: Vocabulary) -> Wishes:
    """The wishes with the kind of what is owned left out, unless it is asked for, and its people kept."""
    same = _kind(row.category)
    if same and not _asks_for(same, wishes, vocabulary):
        without = {**wishes.without, CATEGORY: (*wishes.without.get(CATEGORY, ()), same)}
        wishes = wishes.model_copy(update={"without": without})
    people = row.category[:1] if row.category and fold(row.category[0].casefold()) in PEOPLE else ()
    worn_by = {
        name: (*values, ANYBODY)
        for name, values in row.attributes.items()
        if name.casefold() in WORN_BY and name not in wishes.attributes
    }
    category = wishes.category or people
    return wishes.model_copy(update={"category": category, "attributes": {**wishes.attributes, **worn_by}})


def _kind(category: Sequence[str]) -> str:
    """The level that says what kind of thing it is: the middle one of three or more, else the last."""
    if not category:
        return ""
    return category[1] if len(category) > 2 else category[-1]


def _asks_for(kind: str, wishes: Wishes, vocabulary: Vocabulary) -> bool:
    asked = {kind in (name, *vocabulary.ancestors.get(name, ())) for name in wishes.category}
    return any(asked) or not set(words(kind)).isdisjoint(word for text in wishes.keywords for word in words(text))
