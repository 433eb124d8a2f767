"""A past answer once more: the same question to the shop as it was known then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.catalog import CatalogColumns
from recommender.conversation.agents.contemplating import proposals_of
from recommender.conversation.agents.merging import merge, rank_again
from recommender.conversation.relaxing import find
from recommender.errors import BadRequestError, UnknownIdError
from recommender.ids import IdMap
from recommender.photo_index import PhotoIndex
from recommender.shop.asked import content_again
from recommender.shop.leanings import leaning_shopper
from recommender.shop.prepared import BATCHED
from recommender.shop.requests import Request, Requests
from recommender.shop.serving import View, grown_by
from recommender.shop.shopper import Shopper
from schemas import Asked, Boost, Columns, Constraints, Recommendations, Trace
from signals.catalog import CatalogStore
from signals.catalog_entries import Offer
from signals.events import EventStore, Kinds, RecentEvent
from signals.impressions import ImpressionLog, LoggedRequest

WORDLESS = ("recommend", "similar")
"""What is asked without words and photos."""


@dataclass(frozen=True)
class Replay:
    """``shown``: the item ids of then, best first; ``again``: the answer made anew."""

    request: LoggedRequest
    shown: tuple[str, ...]
    again: Recommendations

    @property
    def is_same(self) -> bool:
        """Whether the same items come in the same order."""
        return self.shown == tuple(item.item_id for item in self.again.items)


def replay(engine: Engine, artifacts: Path, request_id: str) -> Replay:
    """Answer a logged request again, with the models, the events, the prices and the stock of its time.

    Of a search and a chat the items come again and their order, from the constraints that its words had become and the
    vectors of its text and photos: the words and the photos are not kept. So nothing is written anew, no reason says
    that an item has words of the text, and which wishes gave way is not told. Titles and attributes are those of now,
    for of them no past is kept; so is what a rule has flagged since, and what photos show.

    Raises
    ------
    UnknownIdError : no request of this id
    BadRequestError : a search or a chat logged by a version that did not keep what it was ranked by
    ArtifactError : its models are no longer there, or hold what was to be erased
    """
    log = ImpressionLog(engine)
    request = log.request(request_id)
    if request is None:
        raise UnknownIdError(
            f"unknown request {request_id!r}; its id is `request_id` of the answer or of the impression"
        )
    asked = _asked(request)
    then = _Then(engine, ArtifactStore(artifacts), request.model_version, request.as_of)
    shown = tuple(log.read(request_id)["item_id"])
    return Replay(request, shown, then.answer(request, asked))


def replay_trace(engine: Engine, artifacts: Path, trace: Trace) -> Replay:
    """Merge the proposals of a reply in contemplating again, and rank with them as the shop was known then.

    Raises
    ------
    UnknownIdError, BadRequestError, ArtifactError : as `replay`, about the ranking whose items were shown
    """
    before = replay(engine, artifacts, trace.request_id)
    then = _Then(engine, ArtifactStore(artifacts), before.request.model_version, before.request.as_of)
    return replace(before, again=then.contemplated(before.request, _asked(before.request), trace))


def _asked(request: LoggedRequest) -> Asked:
    if request.endpoint in BATCHED:
        raise BadRequestError(f"request {request.request_id!r} showed what a batch had prepared; no request ranked it")
    if request.asked is not None:
        return request.asked
    if request.endpoint in WORDLESS:
        return Asked(personalize=request.personalized)
    raise BadRequestError(
        f"request {request.request_id!r} was a {request.endpoint} before what its words and photos meant was kept; "
        f"of those days only {' and '.join(WORDLESS)} can be answered again"
    )


class _Then:
    """The shop as it was known at a moment; what a request asks of `CatalogStore`, `EventStore` and `Serving`."""

    def __init__(self, engine: Engine, store: ArtifactStore, version: str, as_of: datetime) -> None:
        self._catalog, self._events, self._as_of = CatalogStore(engine), EventStore(engine), as_of
        artifacts = store.load(version)
        artifacts.manifest.require_answerable(datetime.now(UTC))
        rows = self._catalog.rows(as_of=as_of)
        artifacts = grown_by(artifacts, PhotoIndex(store.folder), IdMap.from_ids(rows[Columns.ITEM]))
        self._view = View.of(artifacts, CatalogColumns(rows, artifacts.items))

    def contemplated(self, request: LoggedRequest, asked: Asked, trace: Trace) -> Recommendations:
        """The ranking of what the agents proposed, or of the shopper's wishes alone where that was shown."""

        def rank(constraints: Constraints, k: int, boosts: Sequence[Boost]) -> Recommendations:
            rules = asked.rules.model_copy(update={"boosts": tuple(boosts)})
            same = replace(request, constraints=constraints, k=k)
            return self.answer(same, asked.model_copy(update={"rules": rules}))

        vocabulary = self._view.vocabulary
        if trace.request_id == trace.first_request_id:
            alone = find(
                trace.wishes,
                lambda constraints, k: rank(constraints, k, ()),
                vocabulary,
                trace.k,
                exclude=trace.excluded,
            )
            return alone.recommendations
        again = rank_again(merge(proposals_of(trace.agents)), trace.wishes, rank, vocabulary, trace.k, trace.excluded)
        if again is None:
            raise BadRequestError("the set of this trace is not to be had again; prices or stock of then are not known")
        return again.recommendations

    def answer(self, request: LoggedRequest, asked: Asked) -> Recommendations:
        requests = Requests(self, self, self)
        constraints = request.constraints or Constraints()
        if request.endpoint == "similar":
            shopper = Shopper.of(requests.item(self._view, constraints.exclude[-1]))
        else:
            shopper = requests.shopper(self._view, request.user_id)
        shopper = leaning_shopper(requests, self._view, shopper, asked.liked, asked.dwelt_on, asked.beside)
        content = content_again(asked, self._view.artifacts.embeddings)
        question = (self._view, shopper, request.k, constraints, request.user_id, asked.personalize)
        return requests.answer(
            Request(*question, content=content, within=asked.within, rules=asked.rules, capped=asked.capped)
        )

    def offers(self, item_ids: Iterable[str]) -> Mapping[str, Offer]:
        return self._catalog.offers(item_ids, self._as_of)

    def unknown(self, item_ids: Iterable[str]) -> list[str]:
        return self._catalog.unknown(item_ids)

    def recent_parts(self, user_id: str, parts: Iterable[tuple[int, Kinds]]) -> list[Sequence[RecentEvent]]:
        return self._events.recent_parts(user_id, parts, known_at=self._as_of)

    def refresh(self) -> View:
        return self._view
