"""Photo: things of the kind that the shopper's photo shows, where they do not say which kind they want."""

from typing import Final

from recommender.conversation.agents.base import NOTHING, Brief
from recommender.conversation.agents.merging import added
from recommender.conversation.agents.pools import best, falling
from recommender.conversation.relaxing import to_constraints
from recommender.conversation.vocabulary import CATEGORY
from schemas.conversation import Proposal

N: Final = 10


class Photo:
    name: Final = "photo"
    share: Final = 0.8

    def propose(self, brief: Brief) -> Proposal:
        kinds = [seen for seen in brief.seen if seen.field == CATEGORY]
        wishes = brief.wishes
        if not kinds or wishes.category or wishes.keywords:
            return NOTHING
        found = []
        for seen in kinds:
            of_kind = wishes.model_copy(update={"category": (seen.value,)})
            found.append(falling(best(brief.tools.rank, to_constraints(of_kind, brief.vocabulary), N)))
        return Proposal(candidates=added(found, [seen.confidence for seen in kinds]))
