"""Taste: what goes with the shopper's own latest items."""

from typing import Final

from recommender.conversation.agents.base import NOTHING, Brief
from recommender.conversation.agents.merging import added
from recommender.conversation.agents.pools import falling
from recommender.conversation.relaxing import to_constraints
from schemas.conversation import Proposal

LATEST: Final = 3
N: Final = 10


class Taste:
    name: Final = "taste"
    share: Final = 0.6

    def propose(self, brief: Brief) -> Proposal:
        own = brief.tools.history()[:LATEST]
        constraints = to_constraints(brief.wishes, brief.vocabulary)
        found = [falling(brief.tools.neighbours(item_id, constraints, N).items) for item_id in own]
        return Proposal(candidates=added(found, [1 / len(own)] * len(own))) if own else NOTHING
