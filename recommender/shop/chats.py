"""One answer in a chat: from messages and photos to the chunks of a reply, logged as they are shown."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from recommender.base_model.protocols import Encoder
from recommender.content import Content
from recommender.conversation.agents.contemplating import Contemplation, Deadline
from recommender.conversation.agents.crew import Crew
from recommender.conversation.agents.merging import RankAgain
from recommender.conversation.dialogue import NO_LEANING, Dialogue, Leaning, PastTurn
from recommender.conversation.patience import Patience
from recommender.conversation.relaxing import Rank
from recommender.conversation.respond import Resources, stream
from recommender.conversation.writer import SentenceWriter
from recommender.errors import RecommenderError
from recommender.shop.asked import log_answer
from recommender.shop.leanings import behaviour, leaned
from recommender.shop.lookouts import Lookouts
from recommender.shop.photo_questions import Look, PhotoQuestions, photos_of
from recommender.shop.requests import Request, Requests
from recommender.shop.serving import View
from recommender.shop.voice_notes import VoiceNotes, listened
from schemas import (
    Boost,
    Constraints,
    Event,
    Message,
    Mode,
    ProductRow,
    Recommendations,
    Reply,
    ReplyChunk,
    Rules,
    Surface,
)
from signals.conversations import ConversationStore
from signals.errors import SignalsError
from signals.impressions import ImpressionLog

Ranked = tuple[Recommendations, Request]
"""A list with what ranking was asked for it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChatRequest:
    """The messages of a chat, whose they are, and how they are to be answered.

    ``resumes``: the session has a past that may be known.

    ``deadline``: until when the whole reply is to be there, in contemplating; None in other modes.
    """

    messages: Sequence[Message]
    session_id: str
    user_id: str | None
    mode: Mode
    surface: Surface
    resumes: bool = True
    deadline: Deadline | None = None


@dataclass(frozen=True)
class Services:
    """What chats ask of the shop; ``record`` stores events without waiting for them."""

    requests: Requests
    encoder: Callable[[], Encoder]
    voice_notes: VoiceNotes
    impressions: ImpressionLog
    conversations: ConversationStore
    record: Callable[[Iterable[Event]], object]


class Chats:
    """Answers requests from a view of the shop; thread-safe. ``writer`` None: the template writes."""

    def __init__(self, services: Services, writer: SentenceWriter | None) -> None:
        self._services = services
        self._photos = PhotoQuestions(services.encoder)
        self._crew = Crew()
        self._writer = writer
        self._patience = Patience()

    def stream(self, view: View, chat: ChatRequest) -> Generator[ReplyChunk, None, None]:
        """The reply piece by piece. Photos and the voice note of the shopper's last message count, earlier ones do not.

        Raises
        ------
        BadRequestError : at the call, for messages that hold no question, and photos and sounds that cannot be read
        """
        began = time.perf_counter()
        asked = [message for message in chat.messages if message.role == "user"]
        photos = photos_of(asked[-1]) if asked else ()
        said = listened(chat.messages, self._services.voice_notes, view)
        look = self._photos.look(view, photos)
        answering = _Answering(self._services, view, chat, look, began)
        chunks = stream(
            said.messages,
            rank=answering.ranking(NO_LEANING),
            vocabulary=view.vocabulary,
            session_id=chat.session_id,
            mode=chat.mode,
            surface=chat.surface,
            photos=photos,
            seen=look.seen,
            several_in_photo=look.several,
            notes=(*said.notes, *look.notes),
            heard=said.heard,
            writer=self._writer,
            patience=self._patience,
            contemplation=answering.contemplation(self._crew),
            resources=answering.resources(),
        )
        return answering.logged(chunks)

    def settle(self, seconds: float) -> None:
        """Wait a moment for writers and agents that nobody listens to any more."""
        self._patience.settle(seconds)
        self._crew.settle(seconds)


class _Answering:
    """One request on its way: who asks, the turns before it, and what was ranked for it.

    The question is chosen by an order that a list was taken from already, where one is of the same leaning and
    constraints and of no rules: to rank again for it was a third of the time in which a chat kept the interpreter.
    """

    def __init__(self, services: Services, view: View, chat: ChatRequest, look: Look, began: float) -> None:
        self._services = services
        self._view = view
        self._chat = chat
        self._look = look
        self._shopper = services.requests.shopper(view, chat.user_id)
        stored = services.conversations.turns(chat.session_id, chat.user_id) if chat.resumes else []
        self._past = [PastTurn(turn.text, turn.state) for turn in stored]
        self._ranked: dict[str, Ranked] = {}
        self._plain: list[tuple[Leaning, Constraints, Request]] = []
        self._began = began
        self._seconds_to: dict[str, float] = {}
        self._dialogue: Dialogue | None = None

    def resources(self) -> Resources:
        return Resources(
            past=self._past,
            rows=self._rows,
            lean=self.ranking,
            bought=self._bought,
            doubtful=self._look.doubtful,
            candidates=self._candidates,
            heard=self._hear,
        )

    def contemplation(self, crew: Crew) -> Contemplation | None:
        """The agents of this answer; None in the modes that have none."""
        deadline = self._chat.deadline
        if deadline is None:
            return None
        lookouts = Lookouts(
            self._services.requests, self._view, self._shopper, self._services.encoder, self._look.content
        )
        return Contemplation(lookouts.tools(), self._ranking_again, crew, deadline)

    def ranking(self, leaning: Leaning) -> Rank:
        again = self._ranking_again(leaning)
        return lambda constraints, k: again(constraints, k, ())

    def _ranking_again(self, leaning: Leaning) -> RankAgain:
        def rank(constraints: Constraints, k: int, boosts: Sequence[Boost]) -> Recommendations:
            request = self._request(leaning, constraints, k)
            if boosts:
                request = replace(request, rules=Rules(boosts=tuple(boosts)))
            else:
                self._plain.append((leaning, constraints, request))
            answer = self._services.requests.answer(request)
            self._ranked[answer.request_id] = (answer, request)
            return answer

        return rank

    def logged(self, chunks: Generator[ReplyChunk, None, None]) -> Generator[ReplyChunk, None, None]:
        """The chunks, their list logged as it is shown and the turn kept before the last of them."""
        with closing(chunks):
            for chunk in chunks:
                self._seconds_to.setdefault(chunk.type, round(time.perf_counter() - self._began, 4))
                if chunk.type == "items":
                    self._log(*self._ranked[chunk.request_id])
                elif chunk.type == "done":
                    self._keep(chunk.reply)
                yield chunk

    def _log(self, answer: Recommendations, request: Request) -> None:
        session_id = self._chat.session_id
        log_answer(self._services.impressions, answer, request, endpoint="chat", session_id=session_id)

    def _request(self, leaning: Leaning, constraints: Constraints, k: int) -> Request:
        request = Request(
            self._view, self._shopper, k, constraints, self._chat.user_id, content=self._content_of(leaning)
        )
        return leaned(request, leaning, self._services.requests)

    def _content_of(self, leaning: Leaning) -> Content | None:
        if not leaning.about or self._view.artifacts.embeddings is None:
            return self._look.content
        try:
            encoder = self._services.encoder()
            vector = encoder.embed_text([leaning.about])[0]
            return Content.of(self._view.embeddings_of(encoder), text=vector)
        except RecommenderError as error:
            _log.warning("a comparison went without the words of the request: %s", error)
            return self._look.content

    def _rows(self, item_ids: Sequence[str]) -> Sequence[ProductRow]:
        found = self._view.artifacts.items.find(item_ids)
        return self._view.columns.quoted(found[found >= 0].tolist(), datetime.now(UTC))

    def _bought(self) -> Sequence[str]:
        return self._view.artifacts.items.ids(self._shopper.bought)

    def _candidates(self, leaning: Leaning, constraints: Constraints, n: int) -> Sequence[ProductRow]:
        asked = (request for *same, request in self._plain if same == [leaning, constraints])
        return (next(asked, None) or self._request(leaning, constraints, n)).leading(n)

    def _hear(self, dialogue: Dialogue) -> None:
        """Likes, dislikes and dwelling are behaviour: they count from the next request on, of whatever kind."""
        self._dialogue = dialogue
        if self._chat.user_id is None:
            return
        events = behaviour(dialogue, self._chat.user_id, self._chat.session_id)
        try:
            if events:
                self._services.record(events)
        except SignalsError as error:
            _log.warning("%d events of a conversation were not stored: %s", len(events), error)

    def _keep(self, reply: Reply) -> None:
        """Keep the turn. An answer is given even where it cannot be kept: then the next turn goes on from the last."""
        if self._dialogue is None:
            return
        try:
            self._services.conversations.append(
                self._chat.session_id,
                self._dialogue.number,
                user_id=self._chat.user_id,
                request_id=reply.request_id,
                text=self._dialogue.request,
                state=reply.state,
                reply=self._account(reply),
            )
        except SignalsError as error:
            _log.warning("a turn of conversation %r was not stored: %s", self._chat.session_id, error)

    def _account(self, reply: Reply) -> dict[str, object]:
        """How the answer was made, for whoever asks later how conversations go."""
        return {
            "mode": reply.mode.value,
            "surface": self._chat.surface.value,
            "seconds": self._seconds_to["done"],
            "seconds_to": {piece: after for piece, after in self._seconds_to.items() if piece != "done"},
            "origins": dict(Counter(sentence.origin.value for sentence in reply.sentences)),
            "facts": len(reply.claims),
            "items": len(reply.items),
            "relaxed": list(reply.relaxed),
            "asked": None if reply.question is None else reply.question.field,
            "notes": list(reply.notes),
            "trace": None if reply.trace is None else reply.trace.model_dump(mode="json", exclude_defaults=True),
        }
