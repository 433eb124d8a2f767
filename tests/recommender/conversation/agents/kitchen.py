"""A small kitchen shop, its tools for agents, and contemplating over them."""

from collections.abc import Sequence
from itertools import count

from recommender.conversation.agents.base import Agent, Brief, Tools
from recommender.conversation.agents.contemplating import Contemplation, Deadline
from recommender.conversation.agents.crew import AGENTS, Crew
from recommender.conversation.agents.needs import read_needs
from recommender.conversation.dialogue import read_dialogue
from recommender.conversation.respond import stream
from recommender.conversation.vocabulary import Vocabulary
from recommender.conversation.writer import SentenceWriter
from schemas import Boost, Constraints, Mode, Recommendations, Reply
from tests.recommender.conversation.shops import Ranking, ranked, row, said, whole

ROWS = (
    row("pot-red", "Red Teapot", "18", category=("Kitchen", "Teapots"), color="Red"),
    row("pot-blue", "Blue Teapot", "14", category=("Kitchen", "Teapots"), color="Blue"),
    row("mug-navy", "Navy Mug", "9", category=("Kitchen", "Mugs"), color="Navy"),
    row("mug-red", "Red Mug", "7", category=("Kitchen", "Mugs"), color="Red"),
    row("mug-plain", "Plain Mug", "4", category=("Kitchen", "Mugs"), color="White"),
    row("mug-cheap", "Tin Mug", "2", category=("Kitchen", "Mugs"), color="Grey"),
    row("tray", "Oak Tray", "30", category=("Kitchen", "Trays"), material="Oak"),
    row("lamp", "Desk Lamp", "40", category=("Office", "Lamps"), color="Blue"),
)
"""In the order of how well liked they are."""
WORDS = Vocabulary.from_rows(ROWS)
LONG_MS = 60_000
"""A deadline that nothing here comes near to."""


class Kitchen(Ranking):
    """Ranks the rows in their order, what is boosted before, the most first; every request has an id of its own."""

    def __init__(self) -> None:
        super().__init__(ROWS)
        self._ids = count(1)
        self.boosted: list[Sequence[Boost]] = []

    def again(self, constraints: Constraints, k: int, boosts: Sequence[Boost]) -> Recommendations:
        self.boosted.append(boosts)
        by = {item: boost.by for boost in boosts for item in boost.of.items}
        found = self(constraints, len(ROWS)).items
        order = sorted(found, key=lambda item: -by.get(item.item_id, 0.0))[:k]
        answer = self(constraints, k)
        items = ranked([item.row for item in order])
        return answer.model_copy(update={"items": items, "request_id": f"request-{next(self._ids)}"})

    def look(self, _: str, constraints: Constraints, k: int) -> Recommendations:
        """What goes with something, and what a text means: the last rows first."""
        answer = self(constraints, len(ROWS))
        return answer.model_copy(update={"items": ranked([item.row for item in reversed(answer.items)][:k])})

    def tools(self) -> Tools:
        return Tools(self, self, self.look, self.look, lambda: ())


def contemplation(agents: Sequence[Agent] = AGENTS, ms: int = LONG_MS, crew: Crew | None = None) -> Contemplation:
    kitchen = Kitchen()
    return Contemplation(kitchen.tools(), lambda _: kitchen.again, crew or Crew(agents), Deadline.from_now(ms))


def contemplate(text: str, how: Contemplation | None = None, writer: SentenceWriter | None = None) -> Reply:
    how = how or contemplation()
    return whole(
        stream(
            said(text),
            rank=how.tools.rank,
            vocabulary=WORDS,
            session_id="s",
            mode=Mode.CONTEMPLATING,
            writer=writer,
            contemplation=how,
        )
    )


def brief(text: str) -> Brief:
    """As an agent is asked, where nothing is owned."""
    needs, tools = read_needs(text, WORDS), Kitchen().tools()
    wishes = read_dialogue(said(needs.asked), WORDS).wishes
    return Brief(wishes, needs, bool(needs.parts), WORDS, (), tools)


def shown(reply: Reply) -> list[str]:
    return [item.item_id for item in reply.items]
