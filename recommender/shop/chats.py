"""One answer in a chat: from messages and photos to the chunks of a reply, logged as they are shown."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from recommender.base_model.protocols import Encoder
from recommender.conversation.agents.contemplating import Contemplation, Deadline
from recommender.conversation.agents.crew import Crew
from recommender.conversation.patience import Patience
from recommender.conversation.respond import stream
from recommender.conversation.writer import SentenceWriter
from recommender.shop.asked import log_answer
from recommender.shop.lookouts import Lookouts
from recommender.shop.photo_questions import PhotoQuestions, photos_of
from recommender.shop.requests import NO_RULES, Request, Requests
from recommender.shop.serving import View
from schemas import Boost, Constraints, Message, Mode, Recommendations, ReplyChunk, Rules, Surface
from signals.impressions import ImpressionLog

Ranked = tuple[Recommendations, Request]
"""A list with what ranking was asked for it."""


@dataclass(frozen=True)
class Question:
    """``deadline``: until when the whole reply is to be there, in contemplating; None in other modes."""

    messages: Sequence[Message]
    session_id: str
    user_id: str | None
    mode: Mode
    surface: Surface
    deadline: Deadline | None = None


class Chats:
    """Answers questions from a view of the shop; thread-safe. ``writer`` None: the template writes."""

    def __init__(
        self,
        requests: Requests,
        photos: PhotoQuestions,
        impressions: ImpressionLog,
        writer: SentenceWriter | None,
        encoder: Callable[[], Encoder],
    ) -> None:
        self._requests = requests
        self._encoder = encoder
        self._crew = Crew()
        self._photos = photos
        self._impressions = impressions
        self._writer = writer
        self._patience = Patience()

    def stream(self, view: View, question: Question) -> Generator[ReplyChunk, None, None]:
        """The reply piece by piece. The photos of the shopper's last message count, earlier ones do not.

        Raises
        ------
        BadRequestError : at the call, for messages that hold no question and photos that cannot be read
        """
        asked = [message for message in question.messages if message.role == "user"]
        photos = photos_of(asked[-1]) if asked else ()
        shopper = self._requests.shopper(view, question.user_id)
        look = self._photos.look(view, photos)
        ranked: dict[str, Ranked] = {}

        def rank(constraints: Constraints, k: int, boosts: Sequence[Boost] = ()) -> Recommendations:
            rules = Rules(boosts=tuple(boosts)) if boosts else NO_RULES
            request = Request(view, shopper, k, constraints, question.user_id, content=look.content, rules=rules)
            answer = self._requests.answer(request)
            ranked[answer.request_id] = (answer, request)
            return answer

        contemplation = None
        if question.deadline is not None:
            tools = Lookouts(self._requests, view, shopper, self._encoder, look.content).tools()
            contemplation = Contemplation(tools, rank, self._crew, question.deadline)
        chunks = stream(
            question.messages,
            rank=rank,
            vocabulary=view.vocabulary,
            session_id=question.session_id,
            mode=question.mode,
            surface=question.surface,
            photos=photos,
            seen=look.seen,
            notes=look.notes,
            writer=self._writer,
            patience=self._patience,
            contemplation=contemplation,
        )
        return self._logged(chunks, ranked, question.session_id)

    def settle(self, seconds: float) -> None:
        """Wait a moment for writers and agents that nobody listens to any more."""
        self._patience.settle(seconds)
        self._crew.settle(seconds)

    def _logged(
        self, chunks: Generator[ReplyChunk, None, None], ranked: Mapping[str, Ranked], session_id: str
    ) -> Generator[ReplyChunk, None, None]:
        with closing(chunks):
            for chunk in chunks:
                if chunk.type == "items":
                    log_answer(self._impressions, *ranked[chunk.request_id], endpoint="chat", session_id=session_id)
                yield chunk
