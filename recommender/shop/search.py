"""Search: products for a text, a photo or both.

What the rules and the catalogue's words make of the text becomes hard constraints, relaxed where nothing fits; the
meaning of text and photo orders what is left, together with the shopper's behaviour.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from PIL.Image import Image

from recommender.base_model.photo_things import photo_vector
from recommender.base_model.protocols import Encoder
from recommender.content import Content
from recommender.conversation.relaxing import find, to_constraints
from recommender.conversation.understanding import understand
from recommender.errors import BadRequestError
from recommender.shop.requests import ANYTHING_IN_STOCK, Request, Requests
from recommender.shop.serving import View
from schemas import Constraints, Recommendations, Wishes
from schemas.events import MAX_QUERY_LENGTH
from schemas.personal_data import without_personal_data


@dataclass(frozen=True)
class Query:
    """What is searched for: ``text`` ("" for none), ``photo`` (RGB, decoded), or both.

    ``constraints`` always hold; of what the text asks for, as much as can be had.
    """

    k: int
    text: str = ""
    photo: Image | None = None
    user_id: str | None = None
    constraints: Constraints = ANYTHING_IN_STOCK
    personalize: bool = True

    def __post_init__(self) -> None:
        if not self.text.strip() and self.photo is None:
            raise BadRequestError("a search needs a text or a photo; both are missing")
        if len(self.text) > MAX_QUERY_LENGTH:
            raise BadRequestError(
                f"a search text has at most {MAX_QUERY_LENGTH:,} characters, got {len(self.text):,}; shorten it"
            )


@dataclass(frozen=True)
class Searched:
    """``request`` is what ranking was asked for the answer: with those wishes of the text that could be had."""

    answer: Recommendations
    request: Request


class Search:
    """Answers searches from a view of the shop; thread-safe. `encoder` is called once per search: let it keep one."""

    def __init__(self, requests: Requests, encoder: Callable[[], Encoder]) -> None:
        self._requests = requests
        self._encoder = encoder

    def answer(self, view: View, query: Query) -> Searched:
        """The `k` best items for a query. What the shopper bought before is among them: they may look for it again.

        The text is read without personal data.

        Raises
        ------
        ArtifactError : the artifacts hold no embeddings, or another encoder's
        """
        query = replace(query, text=without_personal_data(query.text))
        wishes = understand(query.text, view.vocabulary).wishes
        content = content_of(view, self._encoder(), query.text, query.photo, wishes)
        shopper = self._requests.shopper(view, query.user_id)
        all_read = to_constraints(wishes, view.vocabulary) if _says_all(wishes) else None
        ranked: dict[str, Request] = {}

        def rank(constraints: Constraints, k: int) -> Recommendations:
            meant = content.as_read() if constraints == all_read else content
            in_stock = wishes.in_stock or query.constraints.in_stock
            wanted = constraints.model_copy(update={"include_bought": True, "in_stock": in_stock})
            asked = Request(view, shopper, k, wanted, query.user_id, query.personalize, meant, within=query.constraints)
            answer = self._requests.answer(asked)
            ranked[answer.request_id] = asked
            return answer

        found = find(wishes, rank, view.vocabulary, query.k)
        relaxed = tuple(str(dropped) for dropped in (*found.foreign_prices, *found.relaxed))
        answer = found.recommendations.model_copy(update={"relaxed": relaxed})
        return Searched(answer, ranked[answer.request_id])


def _says_all(wishes: Wishes) -> bool:
    """Whether the rules read what is wanted, and nothing else is said: no occasion, and no word left unread."""
    wanted = wishes.category or wishes.brand or wishes.attributes or wishes.keywords
    return bool(wanted) and not (wishes.recipient or wishes.occasion or wishes.unread)


def content_of(view: View, encoder: Encoder, text: str, photo: Image | None, wishes: Wishes) -> Content:
    """A text ("" for none) and a photo, compared with the products; `wishes` are those that were read in the text."""
    embeddings = view.embeddings_of(encoder)
    return Content.of(
        embeddings,
        text=encoder.embed_text([text])[0] if text.strip() else None,
        photo=None if photo is None else photo_vector(encoder, photo)[0],
        wanted=wanted_words(wishes),
    )


def wanted_words(wishes: Wishes) -> Iterator[str]:
    """What was asked for, in words of the catalogue and in those that it does not have."""
    soft = (wishes.recipient, wishes.occasion, wishes.unread)
    return chain(wishes.category, wishes.brand, wishes.keywords, *wishes.attributes.values(), *soft)
