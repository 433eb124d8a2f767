"""Critic: what may not be shown, though the constraints let it through."""

from typing import Final

from recommender.conversation.agents.base import Brief
from recommender.conversation.agents.owned import find_owned
from recommender.conversation.agents.pools import best
from recommender.conversation.relaxing import to_constraints
from recommender.text import words
from schemas import ProductRow
from schemas.conversation import Proposal

LOOKED_AT: Final = 30
_DENIALS: Final = frozenset({"no", "not", "without", "non", "free", "zero"})


class Critic:
    name: Final = "critic"
    share: Final = 0.9

    def propose(self, brief: Brief) -> Proposal:
        """Vetoes what the shopper has already, and what only a description says to have something refused."""
        vetoed = [item.item_id for item in find_owned(brief)]
        if brief.wishes.without:
            refused = {word for values in brief.wishes.without.values() for text in values for word in words(text)}
            seen = best(brief.tools.rank, to_constraints(brief.wishes, brief.vocabulary), LOOKED_AT)
            vetoed += [item.item_id for item in seen if _says(item.row, refused)]
        return Proposal(vetoes=tuple(dict.fromkeys(vetoed)))


def _says(row: ProductRow, refused: set[str]) -> bool:
    """Whether the description says one of the words, other than to deny it: "leather", not "leather-free"."""
    said = words(row.description)
    return any(
        word in refused and _DENIALS.isdisjoint((*said[max(at - 2, 0) : at], *said[at + 1 : at + 2]))
        for at, word in enumerate(said)
    )
