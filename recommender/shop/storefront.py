"""Shop: the Python API that storefronts call inside a request."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.conversation.respond import stream
from recommender.errors import BadRequestError
from recommender.shop.requests import ANYTHING_IN_STOCK, Request, Requests
from recommender.shop.serving import Serving
from recommender.shop.shopper import Shopper
from schemas import (
    Availability,
    Constraints,
    Event,
    Message,
    Mode,
    Product,
    Recommendations,
    Reply,
    ReplyChunk,
    Surface,
)
from schemas.ids import MAX_ID_LENGTH, Identifier
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.events import EventStore
from signals.impressions import ImpressionLog
from signals.ingest import IngestReport, record

_IDENTIFIER = TypeAdapter(Identifier)
Choice = TypeVar("Choice", bound=StrEnum)


class Shop:
    """One shop: a database and a folder of artifacts. Thread-safe; close it, or use it in a ``with`` block."""

    def __init__(self, engine: Engine, artifacts: Path) -> None:
        self._engine = engine
        self._catalog = CatalogStore(engine)
        self._serving = Serving(self._catalog, ArtifactStore(artifacts))
        self._requests = Requests(self._catalog, EventStore(engine), self._serving)
        self._impressions = ImpressionLog(engine)

    @classmethod
    def open(cls, database: str = "sqlite:///shop.db", artifacts: str | Path = "artifacts/") -> Self:
        """Open the shop behind a SQLAlchemy database URL, with what ``recommender train`` left in `artifacts`.

        Raises
        ------
        SignalsError : the database cannot be reached, or needs ``recommender migrate``
        ArtifactError : no artifacts yet, or damaged ones
        """
        return cls(open_database(database, must_exist=True), Path(artifacts))

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
        self._catalog.set_availability(
            _one_of(Availability, availability), quantity, item_id=item_id, variant_id=variant_id
        )
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
        BadRequestError : `k` outside 1 to 10,000, or an id that cannot be one
        UnknownIdError : an excluded item that the catalogue does not have
        """
        _check("user_id", user_id)
        _check("session_id", session_id)
        view = self._serving.view()
        shopper = self._requests.shopper(view, user_id)
        answer = self._requests.answer(Request(view, shopper, k, constraints, user_id, personalize))
        self._impressions.log(answer, endpoint="recommend", session_id=session_id, constraints=constraints)
        return answer

    def similar(self, item_id: str, k: int = 10, constraints: Constraints = ANYTHING_IN_STOCK) -> Recommendations:
        """The `k` items that go best with one item, which itself is left out.

        Raises
        ------
        UnknownIdError : an item that the catalogue does not have, or that is newer than the artifacts
        """
        _check("item_id", item_id)
        view = self._serving.view()
        shopper = Shopper.of(self._requests.item(view, item_id))
        without_itself = constraints.model_copy(update={"exclude": (*constraints.exclude, item_id)})
        answer = self._requests.answer(Request(view, shopper, k, without_itself))
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
        _check("user_id", user_id)
        _check("session_id", session_id)
        view, session = self._serving.view(), session_id or uuid.uuid4().hex
        shopper = self._requests.shopper(view, user_id)
        conversation = [_message(message) for message in messages]
        ranked: dict[str, tuple[Recommendations, Constraints]] = {}

        def rank(constraints: Constraints, k: int) -> Recommendations:
            answer = self._requests.answer(Request(view, shopper, k, constraints, user_id))
            ranked[answer.request_id] = (answer, constraints)
            return answer

        chunks = stream(
            conversation,
            rank=rank,
            vocabulary=view.vocabulary,
            session_id=session,
            mode=_one_of(Mode, mode),
            surface=_one_of(Surface, surface),
        )

        def logged() -> Iterator[ReplyChunk]:
            for chunk in chunks:
                if chunk.type == "items":
                    shown, constraints = ranked[chunk.request_id]
                    self._impressions.log(shown, endpoint="chat", session_id=session, constraints=constraints)
                yield chunk

        return logged()


def _message(message: Message | Mapping[str, object]) -> Message:
    try:
        return Message.model_validate(message)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequestError(f"a message is wrong at {place!r}: {first['msg']}") from error


def _one_of(kind: type[Choice], value: Choice | str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise BadRequestError(f"unknown {kind.__name__.lower()} {value!r}; allowed: {', '.join(kind)}") from None


def _check(name: str, value: str | None) -> None:
    """Ids are checked at the door, so that what is asked can also be stored."""
    if value is None:
        return
    try:
        _IDENTIFIER.validate_python(value)
    except ValidationError as error:
        raise BadRequestError(
            f"{name} {value!r:.60} cannot be an id: {error.errors()[0]['msg']}; "
            f"allowed are 1 to {MAX_ID_LENGTH} characters without control characters"
        ) from error
