"""Catalogue search: what words mean where no rule read them, and what comes nearest where nothing fits."""

from typing import Final

from recommender.conversation.agents.base import NOTHING, Question
from recommender.conversation.agents.nearest import nearest
from recommender.conversation.agents.pools import falling
from recommender.conversation.relaxing import to_constraints, without_foreign_prices
from schemas.conversation import Proposal

N: Final = 10


class CatalogueSearch:
    name: Final = "catalogue search"
    share: Final = 1.0

    def propose(self, question: Question) -> Proposal:
        if question.is_set:
            return NOTHING
        wishes, _ = without_foreign_prices(question.wishes, question.vocabulary)
        constraints = to_constraints(wishes, question.vocabulary)
        if not question.tools.rank(constraints, 1).items:
            return nearest(wishes, question.tools.rank, question.vocabulary) or NOTHING
        if not wishes.unread:
            return NOTHING
        found = question.tools.search(question.needs.asked, constraints, N)
        return Proposal(candidates=falling(found.items))
