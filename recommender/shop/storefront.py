"""Shop: the Python API that storefronts call inside a request."""

import os
import uuid
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, overload

from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.base_model.choosing import NONE, open_writer
from recommender.base_model.protocols import Encoder, Transcriber, Writer
from recommender.base_model.speech.choosing import open_transcriber
from recommender.explain import influences
from recommender.photo_files import PhotoFolder
from recommender.photo_index import PhotoIndex
from recommender.shop.asked import log_answer
from recommender.shop.chats import ChatRequest, Chats, Services
from recommender.shop.checks import deadline_of, message, one_of, require_folder, require_id, require_rules
from recommender.shop.encoders import bundled_encoder
from recommender.shop.lazy_writer import LazyWriter
from recommender.shop.leanings import alike
from recommender.shop.newcomers import Newcomers
from recommender.shop.photo_questions import Photo, decoded
from recommender.shop.picking import seeded
from recommender.shop.prepared import PREPARED, prepared_for
from recommender.shop.privacy import Erased, erase
from recommender.shop.requests import ANYTHING_IN_STOCK, NO_RULES, Request, Requests, nobody
from recommender.shop.search import Query, Search
from recommender.shop.serving import Serving
from recommender.shop.shopper import Shopper
from recommender.shop.voice_notes import VoiceNotes, heard_in
from schemas import (
    Availability,
    Constraints,
    Event,
    Explanation,
    Message,
    Mode,
    Prepared,
    Product,
    Recommendations,
    Reply,
    ReplyChunk,
    Rules,
    Surface,
)
from signals.catalog import CatalogStore
from signals.conversations import ConversationStore
from signals.database import open_database
from signals.errors import WriteFailedError
from signals.events import EventStore
from signals.exposure import ignored_items
from signals.impressions import ImpressionLog
from signals.live import LiveEvents
from signals.privacy import export_shopper
from signals.report import IngestReport

BASE_MODEL: Final = "BASE_MODEL"
TRANSCRIBER: Final = "TRANSCRIBER"
SETTLE_SECONDS: Final = 1.0
FLUSH_SECONDS: Final = 30.0


class Shop:
    """One shop: a database and a folder of artifacts. Thread-safe; close it, or use it in a ``with`` block."""

    def __init__(
        self,
        engine: Engine,
        artifacts: Path,
        writer: LazyWriter | None = None,
        encoder: Callable[[], Encoder] = bundled_encoder,
        rules: Rules = NO_RULES,
        opted_in: Callable[[str], bool] = nobody,
        transcriber: Callable[[], Transcriber] = lambda: open_transcriber(None),
        photos: Path | None = None,
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._writer = writer
        self._encoder = encoder
        self._catalog = CatalogStore(engine)
        self._store = ArtifactStore(artifacts)
        self._serving = Serving(self._catalog, self._store)
        self._requests = Requests(self._catalog, EventStore(engine), self._serving, opted_in)
        self._impressions = ImpressionLog(engine)
        self._events = LiveEvents(engine)
        self._search = Search(self._requests, encoder)
        self._voice_notes = VoiceNotes(transcriber)
        conversations = ConversationStore(engine)
        services = Services(
            self._requests, encoder, self._voice_notes, self._impressions, conversations, self._events.record
        )
        self._chats = Chats(services, writer)
        self._newcomers: Newcomers | None = None
        if photos is not None:
            index = PhotoIndex(artifacts)
            self._newcomers = Newcomers(self._catalog, self._serving, index, PhotoFolder(photos), encoder)
            self._newcomers.start()

    @classmethod
    def open(
        cls,
        database: str = "sqlite:///shop.db",
        artifacts: str | Path = "artifacts/",
        base_model: str | Writer | None = None,
        *,
        encoder: Encoder | None = None,
        rules: Rules = NO_RULES,
        opted_in: Callable[[str], bool] = nobody,
        transcriber: str | Transcriber | None = None,
        photos: str | Path | None = None,
    ) -> Self:
        """Open the shop behind a SQLAlchemy database URL, with what ``recommender train`` left in `artifacts`.

        Parameters
        ----------
        base_model : what writes the replies. None: what the environment variable BASE_MODEL names, else the bundled
            compact model; "none": only the template; else a hub id, a local folder, or an endpoint as
            "https://host/v1#model-name". It is loaded by the first reply that needs it, or by `warm`.
        encoder : embeds texts and photos; None: the bundled one. The artifacts must have been trained with the same.
        rules : business rules of `recommend`, where a request has none of its own; searches and chats follow none
        opted_in : whether a shopper, by user id, agreed that reasons tell of what they did with products of health,
            pregnancy and the like; without that these are never explained from behaviour
        transcriber : what listens to voice notes. None: what the environment variable TRANSCRIBER names, else
            "embedded"; "none": nothing; else a hub id or a local folder. It is loaded by the first voice note.
        photos : the folder that the products' relative image paths start from. With it this shop embeds, in the
            background, what is newer than the artifacts: it can be found and recommended within seconds. Without it the
            shop serves of newer products what another one, or ``recommender photos index``, has embedded.

        Raises
        ------
        SignalsError : the database cannot be reached, or needs ``recommender migrate``
        ArtifactError : no artifacts yet, or damaged ones
        BadRequestError : rules that are not `schemas.Rules`, or `photos` that is no folder
        """
        require_rules(rules)
        folder = None if photos is None else require_folder(Path(photos))
        writer = _writer(os.environ.get(BASE_MODEL) or None if base_model is None else base_model)
        engine = open_database(database, must_exist=True)
        listener = _transcriber(os.environ.get(TRANSCRIBER) or None if transcriber is None else transcriber)
        used = bundled_encoder if encoder is None else lambda: encoder
        return cls(engine, Path(artifacts), writer, used, rules, opted_in, listener, folder)

    def warm(self) -> None:
        """Load the base model and the encoder now, so that no reply waits for them.

        Without a base model and without embeddings in the artifacts only a photo could need the encoder, which then
        loads it.

        Raises
        ------
        WriterError : the base model cannot be loaded
        RecommenderError : the encoder cannot be loaded
        """
        if self._writer is not None:
            self._writer.warm()
        if self._writer is not None or self._serving.view().artifacts.embeddings is not None:
            self._encoder()

    def close(self) -> None:
        """Write what is still queued and let go of the database."""
        if self._newcomers is not None:
            self._newcomers.close()
        self._chats.settle(SETTLE_SECONDS)
        self._events.close()
        self._impressions.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @overload
    def record(self, events: Iterable[Event | Mapping[str, object]]) -> IngestReport: ...

    @overload
    def record(self, events: Iterable[Event | Mapping[str, object]], *, wait: Literal[True]) -> IngestReport: ...

    @overload
    def record(
        self, events: Iterable[Event | Mapping[str, object]], *, wait: Literal[False]
    ) -> Future[IngestReport]: ...

    def record(
        self, events: Iterable[Event | Mapping[str, object]], *, wait: bool = True
    ) -> IngestReport | Future[IngestReport]:
        """Store events, all or none. Once they are durable, the next answer knows them, without training.

        What several threads record at the same time is written together.

        Parameters
        ----------
        wait : return when the events are durable; False: at once, with the future of the report, which a coroutine
            waits for as ``await asyncio.wrap_future(shop.record(events, wait=False))``

        Raises
        ------
        InvalidRecordError : one of `events` breaks `schemas.Event`
        UnknownItemError : one of them is on an item that the catalogue does not hold
        BacklogFullError : the database does not keep up; also with ``wait=False``, after 5 s
        DatabaseError : they could not be stored, though that was tried for a minute where the failure may pass; with
            ``wait=False`` it is raised by the future
        """
        stored = self._events.record(events)
        return stored.result() if wait else stored

    def upsert(self, products: Iterable[Product]) -> IngestReport:
        """Add or change products: price and stock count at once.

        A new product, and what a text or a photo says anew, count from when the photo index has them: within seconds
        where a shop was opened with ``photos``, else after `recommender photos index` or a training.
        """
        report = self._catalog.upsert(products)
        self._serving.refresh()
        if self._newcomers is not None:
            self._newcomers.look()
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
            one_of(Availability, availability), quantity, item_id=item_id, variant_id=variant_id
        )
        self._serving.refresh()

    def reload(self) -> str:
        """Serve the artifacts that are current now; returns their version."""
        return self._serving.reload()

    def erase(self, user_id: str) -> Erased:
        """Erase a shopper from the database and the artifacts; this shop knows nothing of them from the next request.

        Models that cannot be had without the shopper are ``pending`` until ``recommender train``, which has to run
        within 30 days. Other processes take over the changed artifacts when they reload; a request that they are
        answering at this moment may still be logged, so erase after the shopper has left.

        Raises
        ------
        UnknownShopperError : nothing was ever stored of the shopper
        """
        require_id("user_id", user_id)
        self._write_queued()
        erased = erase(self._engine, self._store, user_id)
        self._serving.reload()
        return erased

    def export_shopper(self, user_id: str) -> dict[str, Any]:
        """Everything stored about a shopper, as `signals.privacy.export_shopper` gives it.

        Raises
        ------
        UnknownShopperError : nothing is stored of the shopper
        """
        require_id("user_id", user_id)
        self._write_queued()
        return export_shopper(self._engine, user_id)

    def _write_queued(self) -> None:
        """Return when what this shop was told and has shown so far is in the database."""
        self._events.record(()).result()
        with suppress(WriteFailedError):
            self._impressions.flush(FLUSH_SECONDS)

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
        rules: Rules | None = None,
    ) -> Recommendations:
        """The `k` best items for a shopper among those that satisfy `constraints`, as the rules have them.

        Exact up to `recommender.ranking.EXACT_ITEMS` products; beyond, overlap@10 with brute force is above 0.99.

        An unknown or missing `user_id` is a new shopper (``cold_start``). `personalize=False` gives the ranking
        that everybody gets.

        Parameters
        ----------
        rules : business rules; None: those of the shop, ``Rules()``: none

        Raises
        ------
        BadRequestError : `k` outside 1 to 10,000, or 1,000 with diversity; an id that cannot be one; rules that are
            not `schemas.Rules`
        UnknownIdError : an excluded item, or one of a rule, that the catalogue does not have
        """
        require_id("user_id", user_id)
        require_id("session_id", session_id)
        followed = seeded(require_rules(self._rules if rules is None else rules))
        view = self._serving.view()
        shopper = self._requests.shopper(view, user_id)
        capped = self._capped(user_id, followed) if personalize else ()
        request = Request(view, shopper, k, constraints, user_id, personalize, rules=followed, capped=capped)
        answer = self._requests.answer(request)
        log_answer(self._impressions, answer, request, endpoint="recommend", session_id=session_id)
        return answer

    def _capped(self, user_id: str | None, rules: Rules) -> tuple[str, ...]:
        """What the frequency cap leaves out."""
        if user_id is None or rules.cap is None:
            return ()
        since = datetime.now(UTC) - timedelta(days=rules.cap.days)
        return ignored_items(self._engine, user_id, shown=rules.cap.shown, since=since)

    def recommendations_of(self, user_id: str) -> Prepared | None:
        """What the batch in use prepared for a shopper (``recommender batch --publish``), as it may be shown now.

        Nothing is ranked: items that are no longer to be had, and those bought or disliked since, are left out. None
        where no batch has prepared anything for them; ask `recommend` then.
        """
        require_id("user_id", user_id)
        view = self._serving.view()
        shown = prepared_for(self._engine, self._catalog, view, self._requests.shopper(view, user_id), user_id)
        if shown is not None:
            self._impressions.log(shown.recommendations, endpoint=PREPARED)
        return shown

    def similar(self, item_id: str, k: int = 10, constraints: Constraints = ANYTHING_IN_STOCK) -> Recommendations:
        """The `k` items that go best with one item, which itself is left out; with a newer one, what it is like.

        Raises
        ------
        UnknownIdError : an item that the catalogue does not have, or that is newer than artifacts and photo index
        """
        require_id("item_id", item_id)
        view = self._serving.view()
        item = self._requests.item(view, item_id)
        content = alike(view, item_id) if item >= view.artifacts.n_fitted else None
        without_itself = constraints.model_copy(update={"exclude": (*constraints.exclude, item_id)})
        request = Request(view, Shopper.of(item), k, without_itself, content=content)
        answer = self._requests.answer(request)
        log_answer(self._impressions, answer, request, endpoint="similar")
        return answer

    def explain(self, user_id: str, item_id: str) -> Explanation:
        """What of a shopper's history moves the score of one item: for each item of it the score without that one.

        Raises
        ------
        UnknownIdError : an item that the catalogue does not have, or that is newer than artifacts and photo index
        """
        require_id("user_id", user_id)
        require_id("item_id", item_id)
        view = self._serving.view()
        shopper, item = self._requests.shopper(view, user_id), self._requests.item(view, item_id)
        score, found = influences(view.ranker, shopper.query, shopper.deeds, item)
        version = view.artifacts.manifest.version
        return Explanation(
            user_id=user_id, item_id=item_id, score=score, influences=tuple(found), model_version=version
        )

    def search(
        self,
        text: str | None = None,
        photo: Photo | None = None,
        user_id: str | None = None,
        k: int = 10,
        constraints: Constraints = ANYTHING_IN_STOCK,
        *,
        audio: bytes | None = None,
        session_id: str | None = None,
    ) -> Recommendations:
        """The `k` items that fit a text, a photo, spoken words or all best, and the shopper, within `constraints`.

        Parameters
        ----------
        photo : the bytes of a file, a Pillow image, or a data URL; strings of other kinds are never opened
        audio : the bytes of a sound file, at most 60 seconds; its words follow the text, and are ``heard``

        Raises
        ------
        BadRequestError : neither text nor photo nor audio
        BadPhotoError : a photo that cannot be read
        BadAudioError : a sound that cannot be read, or in which no words are heard
        TranscriberError : nothing can listen to the sound
        ArtifactError : artifacts without embeddings, or with those of another encoder
        """
        require_id("user_id", user_id)
        require_id("session_id", session_id)
        view = self._serving.view()
        heard = None if audio is None else heard_in(audio, self._voice_notes, view)
        asked = " ".join(filter(None, (text, heard.text if heard else None)))
        query = Query(k, asked, None if photo is None else decoded(photo), user_id, constraints)
        found = self._search.answer(view, query)
        log_answer(self._impressions, found.answer, found.request, endpoint="search", session_id=session_id)
        return found.answer.model_copy(update={"heard": heard})

    def chat(
        self,
        messages: Sequence[Message | Mapping[str, object]],
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        mode: Mode = Mode.SHOPPING,
        surface: Surface = Surface.WEB,
        deadline_ms: int | None = None,
    ) -> Reply:
        """Answer the last of `messages` (chat-completions format) with ranked items and grounded sentences.

        With a `session_id` the conversation goes on where it stands: send its messages so far, the latest of them, or
        only the new one. Without one it is what `messages` say.
        """
        chunks = self.stream(
            messages, user_id=user_id, session_id=session_id, mode=mode, surface=surface, deadline_ms=deadline_ms
        )
        return next(chunk for chunk in chunks if chunk.type == "done").reply

    def stream(
        self,
        messages: Sequence[Message | Mapping[str, object]],
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        mode: Mode = Mode.SHOPPING,
        surface: Surface = Surface.WEB,
        deadline_ms: int | None = None,
    ) -> Generator[ReplyChunk, None, None]:
        """As ``chat``, piece by piece: the items, then each sentence once it has been checked, then the whole reply.

        Close it to stop the writer.

        Parameters
        ----------
        deadline_ms : in contemplating, after how many milliseconds from this call the whole reply is to be there, 50 to
            600,000; None: 10,000. What is ready by then is the answer. Looking at photos, listening and ranking are
            always waited for.

        Raises
        ------
        BadRequestError : at the call, for messages that are none or that hold no question, for photos and voice notes
            that are too many or cannot be read, and for a deadline out of range or of another mode
        """
        require_id("user_id", user_id)
        require_id("session_id", session_id)
        chosen = one_of(Mode, mode)
        deadline = deadline_of(chosen, deadline_ms)
        request = ChatRequest(
            messages=[message(each) for each in messages],
            session_id=session_id or uuid.uuid4().hex,
            user_id=user_id,
            mode=chosen,
            surface=one_of(Surface, surface),
            resumes=session_id is not None,
            deadline=deadline,
        )
        return self._chats.stream(self._serving.view(), request)


def _writer(base_model: str | Writer | None) -> LazyWriter | None:
    if base_model == NONE:
        return None
    if base_model is None or isinstance(base_model, str):
        return LazyWriter(lambda: open_writer(base_model))
    return LazyWriter(lambda: base_model)


def _transcriber(transcriber: str | Transcriber | None) -> Callable[[], Transcriber]:
    if transcriber is None or isinstance(transcriber, str):
        return lambda: open_transcriber(transcriber)
    return lambda: transcriber
