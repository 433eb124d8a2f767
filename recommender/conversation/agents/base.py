"""What an agent is, and what it is given: a brief with the tools to look into the shop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Protocol

from recommender.conversation.agents.needs import Needs
from recommender.conversation.relaxing import Rank
from recommender.conversation.vocabulary import Vocabulary
from schemas import Constraints, Recommendations, Seen, Wishes
from schemas.conversation import Proposal

Look = Callable[[str, Constraints, int], Recommendations]
NOTHING: Final = Proposal()


class TimeIsUpError(Exception):
    """A tool was asked after the agent's time."""


@dataclass(frozen=True, slots=True)
class Tools:
    """How agents look into the shop. Each call ranks; none may be called after the agent's time.

    Parameters
    ----------
    rank : for this shopper, with what their photo shows
    popular : for nobody in particular
    search : what a text means, within constraints
    neighbours : what goes with an item, given by its id
    history : the shopper's own items, the latest first
    """

    rank: Rank
    popular: Rank
    search: Look
    neighbours: Look
    history: Callable[[], Sequence[str]]

    def while_(self, in_time: Callable[[], bool]) -> "Tools":
        """The same tools, which raise TimeIsUpError once it is not in time any more."""

        def limited(tool: Callable[..., Any]) -> Callable[..., Any]:
            def called(*args: object) -> object:
                if not in_time():
                    raise TimeIsUpError("time is up")
                return tool(*args)

            return called

        return replace(self, **{field.name: limited(getattr(self, field.name)) for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Brief:
    """What the shopper asks: ``wishes`` are for what they do not own; ``is_set``: for the parts of a set together."""

    wishes: Wishes
    needs: Needs
    is_set: bool
    vocabulary: Vocabulary
    seen: Sequence[Seen]
    tools: Tools


class Agent(Protocol):
    """``share`` is its part of the time that agents have, above 0 and at most 1."""

    @property
    def name(self) -> str: ...
    @property
    def share(self) -> float: ...
    def propose(self, brief: Brief) -> Proposal:
        """What it has to say. May raise anything: that ends no answer."""
        ...
