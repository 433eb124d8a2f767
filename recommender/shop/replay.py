"""A past answer once more: the same question to the shop as it was known then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.catalog import CatalogColumns
from recommender.errors import BadRequestError, UnknownIdError
from recommender.shop.requests import Request, Requests
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from schemas import Constraints, EventKind, Recommendations
from signals.catalog import CatalogStore
from signals.catalog_entries import Offer
from signals.events import EventStore, RecentEvent
from signals.impressions import ImpressionLog, LoggedRequest

REPLAYED = ("recommend", "similar")


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

    Titles and attributes are those of now, for of them no past is kept; so is what a rule has flagged since.

    Raises
    ------
    UnknownIdError : no request of this id
    BadRequestError : a request whose words or photos decided too: those are not kept
    ArtifactError : its models are no longer there
    """
    log = ImpressionLog(engine)
    request = log.request(request_id)
    if request is None:
        raise UnknownIdError(
            f"unknown request {request_id!r}; its id is `request_id` of the answer or of the impression"
        )
    if request.endpoint not in REPLAYED:
        raise BadRequestError(
            f"request {request_id!r} was a {request.endpoint}, whose words and photos are not kept; "
            f"only {' and '.join(REPLAYED)} can be answered again"
        )
    then = _Then(engine, ArtifactStore(artifacts), request.model_version, request.as_of)
    shown = tuple(log.read(request_id)["item_id"])
    return Replay(request, shown, then.answer(request))


class _Then:
    """The shop as it was known at a moment; what a request asks of `CatalogStore`, `EventStore` and `Serving`."""

    def __init__(self, engine: Engine, store: ArtifactStore, version: str, as_of: datetime) -> None:
        self._catalog, self._events, self._as_of = CatalogStore(engine), EventStore(engine), as_of
        artifacts = store.load(version)
        self._view = View.of(artifacts, CatalogColumns(self._catalog.rows(as_of=as_of), artifacts.items))

    def answer(self, request: LoggedRequest) -> Recommendations:
        requests = Requests(self, self, self)
        constraints = request.constraints or Constraints()
        if request.endpoint == "similar":
            shopper = Shopper.of(requests.item(self._view, constraints.exclude[-1]))
        else:
            shopper = requests.shopper(self._view, request.user_id)
        return requests.answer(
            Request(self._view, shopper, request.k, constraints, request.user_id, request.personalize)
        )

    def offers(self, item_ids: Iterable[str]) -> Mapping[str, Offer]:
        return self._catalog.offers(item_ids, self._as_of)

    def unknown(self, item_ids: Iterable[str]) -> list[str]:
        return self._catalog.unknown(item_ids)

    def recent(self, user_id: str, limit: int, kinds: Iterable[EventKind]) -> Sequence[RecentEvent]:
        return self._events.recent(user_id, limit, kinds, known_at=self._as_of)

    def refresh(self) -> View:
        return self._view
