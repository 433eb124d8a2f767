"""Shop: the Python API that storefronts call inside a request."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from pydantic import ValidationError
from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.catalog import Mask, cheapest_first, offer_satisfies
from recommender.conversation.respond import stream
from recommender.errors import BadRequestError
from recommender.explain import Deed, reasons
from recommender.ranking import Ranked
from recommender.serving import Serving, View
from recommender.shopper import Shopper
from schemas import (
    Availability,
    Constraints,
    Event,
    EventKind,
    Message,
    Mode,
    Product,
    ProductRow,
    RankedItem,
    Recommendations,
    Reply,
    ReplyChunk,
    Surface,
)
from schemas.recommendation import MAX_K
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.events import EventStore, RecentEvent
from signals.impressions import ImpressionLog
from signals.ingest import IngestReport, record
from signals.weights import EventWeights

HISTORY_EVENTS = 200
TRADE = (EventKind.PURCHASE, EventKind.REFUND)
TRADE_EVENTS = 100_000
SPARE = 10
ANYTHING_IN_STOCK = Constraints()
_WEIGHTS = EventWeights().model_dump()
Picked = tuple[int, float, ProductRow]
"""Item index, score and the row as read from SQL just now."""


class Shop:
    """One shop: a database and a folder of artifacts. Thread-safe; close it, or use it in a ``with`` block."""

    def __init__(self, engine: Engine, artifacts: Path) -> None:
        self._engine = engine
        self._catalog = CatalogStore(engine)
        self._events = EventStore(engine)
        self._serving = Serving(self._catalog, ArtifactStore(artifacts))
        self._impressions = ImpressionLog(engine)

    @classmethod
    def open(cls, database: str = "sqlite:///shop.db", artifacts: str | Path = "artifacts/") -> Self:
        """Open the shop behind a SQLAlchemy database URL, with what ``recommender train`` left in `artifacts`.

        Raises
        ------
        SignalsError : the database cannot be reached, or needs ``recommender migrate``
        ArtifactError : no artifacts yet, or damaged ones
        """
        return cls(open_database(database), Path(artifacts))

    def close(self) -> None:
        """Write what is still queued and let go of the database."""
        self._impressions.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record(self, events: Iterable[Event | Mapping[str, object]]) -> IngestReport:
        """Store events; returns when they are durable. The next answer knows them, without training."""
        return record(self._engine, events)

    def upsert(self, products: Iterable[Product]) -> IngestReport:
        """Add or change products: price and stock count at once, a new product from the next training on."""
        report = self._catalog.upsert(products)
        self._serving.refresh()
        return report

    def set_availability(
        self,
        availability: Availability,
        quantity: int | None = None,
        *,
        item_id: str | None = None,
        variant_id: str | None = None,
    ) -> None:
        """Set the stock of a variant, or of all variants of an item."""
        self._catalog.set_availability(availability, quantity, item_id=item_id, variant_id=variant_id)
        self._serving.refresh()

    def reload(self) -> str:
        """Serve the artifacts that are current now; returns their version."""
        return self._serving.reload()

    def titles(self) -> Mapping[str, str]:
        """Title of each product, by item id."""
        return self._serving.view().titles

    def recommend(
        self,
        user_id: str | None,
        k: int = 10,
        constraints: Constraints = ANYTHING_IN_STOCK,
        *,
        personalize: bool = True,
        session_id: str | None = None,
    ) -> Recommendations:
        """The `k` best items for a shopper among those that satisfy `constraints`, exact.

        An unknown or missing `user_id` is a new shopper (``cold_start``). `personalize=False` gives the ranking
        that everybody gets.

        Raises
        ------
        BadRequestError : `k` outside 1 to 10,000
        UnknownIdError : an excluded item that the catalogue does not have
        """
        shopper = self._shopper(user_id)
        answer = self._rank(shopper, k, constraints, user_id=user_id, personalize=personalize)
        self._impressions.log(answer, endpoint="recommend", session_id=session_id, constraints=constraints)
        return answer

    def similar(self, item_id: str, k: int = 10, constraints: Constraints = ANYTHING_IN_STOCK) -> Recommendations:
        """The `k` items that go best with one item, which itself is left out."""
        view = self._serving.view()
        shopper = Shopper.of(view.artifacts.items.index(item_id))
        without_itself = constraints.model_copy(update={"exclude": (*constraints.exclude, item_id)})
        answer = self._rank(shopper, k, without_itself)
        self._impressions.log(answer, endpoint="similar", constraints=without_itself)
        return answer

    def chat(
        self,
        messages: Sequence[Message | Mapping[str, object]],
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        mode: Mode = Mode.SHOPPING,
        surface: Surface = Surface.WEB,
    ) -> Reply:
        """Answer the last of `messages` (chat-completions format) with ranked items and grounded sentences."""
        chunks = self.stream(messages, user_id=user_id, session_id=session_id, mode=mode, surface=surface)
        return next(chunk for chunk in chunks if chunk.type == "done").reply

    def stream(
        self,
        messages: Sequence[Message | Mapping[str, object]],
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        mode: Mode = Mode.SHOPPING,
        surface: Surface = Surface.WEB,
    ) -> Iterator[ReplyChunk]:
        """As ``chat``, piece by piece: the items, then each sentence once it has been checked, then the whole reply.

        Raises
        ------
        BadRequestError : at the call, for messages that are none or that hold no question
        """
        shopper, session = self._shopper(user_id), session_id or uuid.uuid4().hex
        conversation = [_message(message) for message in messages]
        ranked: dict[str, tuple[Recommendations, Constraints]] = {}

        def rank(constraints: Constraints, k: int) -> Recommendations:
            answer = self._rank(shopper, k, constraints, user_id=user_id)
            ranked[answer.request_id] = (answer, constraints)
            return answer

        vocabulary = self._serving.view().vocabulary
        chunks = stream(conversation, rank=rank, vocabulary=vocabulary, session_id=session, mode=mode, surface=surface)

        def logged() -> Iterator[ReplyChunk]:
            for chunk in chunks:
                if chunk.type == "items":
                    shown, constraints = ranked[chunk.request_id]
                    self._impressions.log(shown, endpoint="chat", session_id=session, constraints=constraints)
                yield chunk

        return logged()

    def _shopper(self, user_id: str | None) -> Shopper:
        if user_id is None:
            return Shopper.unknown()
        view = self._serving.view()
        recent = self._events.recent(user_id, limit=HISTORY_EVENTS)
        whole = len(recent) < HISTORY_EVENTS
        trade = recent if whole else self._events.recent(user_id, limit=TRADE_EVENTS, kinds=TRADE)
        kept = _net_quantities(trade)
        deeds = [
            Deed(event.item_id, view.titles.get(event.item_id), EventKind(event.kind), event.occurred_at)
            for event in reversed(recent)
            if event.item_id is not None and (event.kind != EventKind.PURCHASE or kept[event.item_id] > 0)
        ]
        return Shopper.from_events(deeds, kept, _WEIGHTS, view.artifacts.items)

    def _rank(
        self,
        shopper: Shopper,
        k: int,
        constraints: Constraints,
        *,
        user_id: str | None = None,
        personalize: bool = True,
    ) -> Recommendations:
        if not 1 <= k <= MAX_K:
            raise BadRequestError(f"k must be between 1 and {MAX_K:,}, got {k:,}")
        view = self._serving.view()
        picked = self._pick(view, shopper, k, constraints, personalize)
        if len(picked) < k:
            view = self._serving.refresh()
            picked = self._pick(view, shopper, k, constraints, personalize)
        return _answer(view, shopper, picked, k, user_id, personalize)

    def _pick(self, view: View, shopper: Shopper, k: int, constraints: Constraints, personalize: bool) -> list[Picked]:
        """The best `k` items whose price and stock, read again from SQL, still satisfy the constraints."""
        variants = view.columns.satisfying(constraints)
        eligible = view.columns.items_of(variants)
        eligible[view.artifacts.items.indexes(constraints.exclude)] = False
        if personalize and not constraints.include_bought:
            eligible[shopper.bought] = False
        n = k + SPARE
        while True:
            ranked = view.ranker.rank(shopper.query, eligible, n, personalize=personalize)
            picked = self._confirm(view, ranked, variants, constraints, k)
            if len(picked) == k or len(ranked.items) < n:
                return picked
            n *= 4

    def _confirm(self, view: View, ranked: Ranked, variants: Mask, constraints: Constraints, k: int) -> list[Picked]:
        """The first `k` items of which a variant's offer, read now, satisfies the constraints: the cheapest such."""
        as_of = datetime.now(UTC)
        offers = self._catalog.offers(view.artifacts.items.ids(ranked.items))
        picked: list[Picked] = []
        for item, score in zip(ranked.items, ranked.scores, strict=True):
            rows = view.columns.rows_of(int(item), variants)
            current = [(row, offers.get(view.columns.variant_id(row))) for row in rows]
            kept = [(row, offer) for row, offer in current if offer is not None and offer_satisfies(offer, constraints)]
            if kept and len(picked) < k:
                row, offer = min(kept, key=lambda pair: cheapest_first(pair[1]))
                picked.append((int(item), float(score), view.columns.product_row(row, offer, as_of)))
        return picked


def _net_quantities(trade: Iterable[RecentEvent]) -> dict[str, int]:
    """How many of each item ever bought were not sent back; 0 or less where all were."""
    kept: Counter[str] = Counter()
    for event in trade:
        if event.item_id is not None and event.kind in TRADE:
            kept[event.item_id] += event.quantity if event.kind == EventKind.PURCHASE else -event.quantity
    return kept


def _message(message: Message | Mapping[str, object]) -> Message:
    try:
        return Message.model_validate(message)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequestError(f"a message is wrong at {place!r}: {first['msg']}") from error


def _answer(
    view: View, shopper: Shopper, picked: Sequence[Picked], k: int, user_id: str | None, personalize: bool
) -> Recommendations:
    personal = personalize and len(shopper.query.items) > 0
    query, deeds = (shopper.query, shopper.deeds) if personal else (Shopper.unknown().query, ())
    indexes = np.array([item for item, _, _ in picked], dtype=np.int32)
    why = reasons(view.artifacts.blend, query, deeds, indexes)
    items = tuple(
        RankedItem(item_id=row.item_id, rank=rank, score=score, row=row, reasons=parts)
        for rank, ((_, score, row), parts) in enumerate(zip(picked, why, strict=True), start=1)
    )
    short = k - len(items)
    return Recommendations(
        request_id=uuid.uuid4().hex,
        user_id=user_id,
        items=items,
        k=k,
        shortfall=short,
        shortfall_reason=f"only {len(items):,} items satisfy every constraint" if short else None,
        cold_start=not len(shopper.query.items),
        personalized=personal,
        model_version=view.artifacts.manifest.version,
        as_of=items[0].row.as_of if items else datetime.now(UTC),
    )
