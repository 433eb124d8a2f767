"""Contemplating: the agents work while ranking answers a first time; what they propose in time is ranked once more."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from recommender.conversation.agents.base import Brief, Tools
from recommender.conversation.agents.crew import Crew
from recommender.conversation.agents.merging import RankAgain, merge, rank_again, total_of
from recommender.conversation.agents.needs import Needs
from recommender.conversation.dialogue import Dialogue, Leaning
from recommender.conversation.relaxing import Found, find, to_constraints
from recommender.conversation.vocabulary import Vocabulary
from schemas import Message, Money, Seen, Trace, Wishes
from schemas.conversation import AgentRun, AgentState, Proposal

DEADLINE_MS: Final = 10_000
MIN_DEADLINE_MS: Final = 50
MAX_DEADLINE_MS: Final = 600_000
AGENTS_SHARE: Final = 0.5
"""Of the deadline; the rest is for the second ranking and for writing."""
WRITER_SHARE: Final = 0.95
"""Of the deadline, until when a writer is waited for; the rest is for the template's sentences."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """``begun`` is when the reply was asked for, by `time.monotonic`; it is to be complete ``ms`` later."""

    begun: float
    ms: int

    @classmethod
    def from_now(cls, ms: int) -> "Deadline":
        return cls(time.monotonic(), ms)

    @property
    def until(self) -> float:
        return self.begun + self.ms / 1_000

    @property
    def agents_until(self) -> float:
        return self.begun + AGENTS_SHARE * self.ms / 1_000

    @property
    def writer_until(self) -> float:
        return self.begun + WRITER_SHARE * self.ms / 1_000


@dataclass(frozen=True, slots=True)
class Contemplated:
    found: Found
    trace: Trace

    @property
    def total(self) -> Money | None:
        """What the items cost together, each as often as it is wanted; None where they are no set."""
        return total_of(self.trace.merged, self.found.recommendations.items)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which agents had no part in it, and why."""
        missing = (run for run in self.trace.agents if run.state is not AgentState.READY)
        return tuple(f"the agent {run.agent!r} was {run.state.value}: {run.reason}" for run in missing)


@dataclass(frozen=True, slots=True)
class Contemplation:
    """What one reply in contemplating has: the tools of its agents, the crew of the shop and a deadline.

    ``again`` gives the ranking with a leaning of the conversation.
    """

    tools: Tools
    again: Callable[[Leaning], RankAgain]
    crew: Crew
    deadline: Deadline

    def find(
        self, dialogue: Dialogue, needs: Needs, vocabulary: Vocabulary, seen: Sequence[Seen], k: int
    ) -> Contemplated:
        """The items for the shopper: of the second ranking if there is one in time, else of the first.

        Whatever becomes of the agents, there is an answer: that of ranking alone.
        """
        wishes, again = dialogue.wishes, self.again(dialogue.leaning)
        brief = Brief(wishes, needs, self._is_set(wishes, needs, vocabulary), vocabulary, seen, self.tools)
        shift = self.crew.start(brief, self.deadline.begun, self.deadline.agents_until)
        before = time.monotonic()
        first = find(wishes, lambda constraints, n: again(constraints, n, ()), vocabulary, k, exclude=dialogue.excluded)
        took = time.monotonic() - before
        runs = shift.collect()
        merged = merge(proposals_of(runs))
        second = None
        if merged != Proposal() and time.monotonic() + took < self.deadline.until:
            second = rank_again(merged, wishes, again, vocabulary, k, dialogue.excluded)
        found = first if second is None else replace(second, foreign_prices=first.foreign_prices)
        trace = Trace(
            deadline_ms=self.deadline.ms,
            items_ms=round(1_000 * (time.monotonic() - self.deadline.begun), 2),
            wishes=wishes,
            excluded=dialogue.excluded,
            k=k,
            agents=runs,
            merged=merged if second is not None else Proposal(),
            first_request_id=first.recommendations.request_id,
            request_id=found.recommendations.request_id,
        )
        return Contemplated(found, trace)

    def _is_set(self, wishes: Wishes, needs: Needs, vocabulary: Vocabulary) -> bool:
        """Whether several things are wanted, rather than one that is all of it: "a milk jug and a sugar bowl"."""
        words_alone = all(part.wishes.keywords for part in needs.parts)
        if not needs.parts or needs.together or not words_alone:
            return bool(needs.parts)
        return not self.tools.rank(to_constraints(wishes, vocabulary), 1).items


def without_needs(messages: Sequence[Message], needs: Needs) -> list[Message]:
    """The messages with the last of the shopper's cut to its wishes for one thing: `Needs.asked`."""
    last = max(at for at, message in enumerate(messages) if message.role == "user")
    return [*messages[:last], messages[last].model_copy(update={"content": needs.asked}), *messages[last + 1 :]]


def proposals_of(runs: Sequence[AgentRun]) -> dict[str, Proposal]:
    """What was ready, by agent."""
    return {run.agent: run.proposal for run in runs if run.state is AgentState.READY}
