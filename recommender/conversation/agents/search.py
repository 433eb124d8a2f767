"""Catalogue search: what words mean where no rule read them, and what comes nearest where nothing fits."""

from typing import Final

from recommender.conversation.agents.base import NOTHING, Brief
from recommender.conversation.agents.nearest import nearest
from recommender.conversation.agents.pools import falling
from recommender.conversation.relaxing import to_constraints, without_foreign_prices
from schemas.conversation import Proposal

N: Final = 10


class CatalogueSearch:
    name: Final = "catalogue search"
    share: Final = 1.0

    def propose(self, brief: Brief) -> Proposal:
        if brief.is_set:
            return NOTHING
        wishes, _ = without_foreign_prices(brief.wishes, brief.vocabulary)
        constraints = to_constraints(wishes, brief.vocabulary)
        if not brief.tools.rank(constraints, 1).items:
            return nearest(wishes, brief.tools.rank, brief.vocabulary) or NOTHING
        if not wishes.unread:
            return NOTHING
        found = brief.tools.search(brief.needs.asked, constraints, N)
        return Proposal(candidates=falling(found.items))
