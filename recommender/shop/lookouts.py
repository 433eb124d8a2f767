"""What the agents of contemplating look into the shop by: rankings of one view, none of them logged or shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.base_model.protocols import Encoder
from recommender.content import Content
from recommender.conversation.agents.base import Tools
from recommender.conversation.understanding import understand
from recommender.shop.requests import Request, Requests
from recommender.shop.search import content_of
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from schemas import Constraints, Recommendations

NOBODY: Final = Shopper.unknown()


@dataclass(frozen=True)
class Lookouts:
    """``content`` is what the shopper's photo says, None where there is none."""

    requests: Requests
    view: View
    shopper: Shopper
    encoder: Callable[[], Encoder]
    content: Content | None

    def tools(self) -> Tools:
        return Tools(self._rank, self._popular, self._search, self._neighbours, self._history)

    def _rank(self, constraints: Constraints, k: int) -> Recommendations:
        return self.requests.answer(Request(self.view, self.shopper, k, constraints, content=self.content))

    def _popular(self, constraints: Constraints, k: int) -> Recommendations:
        return self.requests.answer(Request(self.view, NOBODY, k, constraints, personalize=False))

    def _search(self, text: str, constraints: Constraints, k: int) -> Recommendations:
        wishes = understand(text, self.view.vocabulary).wishes
        content = content_of(self.view, self.encoder(), text, None, wishes)
        return self.requests.answer(Request(self.view, self.shopper, k, constraints, content=content))

    def _neighbours(self, item_id: str, constraints: Constraints, k: int) -> Recommendations:
        one = Shopper.of(self.requests.item(self.view, item_id))
        without = constraints.model_copy(update={"exclude": (*constraints.exclude, item_id)})
        return self.requests.answer(Request(self.view, one, k, without))

    def _history(self) -> Sequence[str]:
        return tuple(dict.fromkeys(deed.item_id for deed in reversed(self.shopper.deeds)))
