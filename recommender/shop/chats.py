"""One answer in a chat: from messages and photos to the chunks of a reply, logged as they are shown."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from recommender.conversation.patience import Patience
from recommender.conversation.respond import stream
from recommender.conversation.writer import SentenceWriter
from recommender.shop.asked import log_answer
from recommender.shop.photo_questions import PhotoQuestions, photos_of
from recommender.shop.requests import Request, Requests
from recommender.shop.serving import View
from recommender.shop.voice_notes import VoiceNotes, listened
from schemas import Constraints, Message, Mode, Recommendations, ReplyChunk, Surface
from signals.impressions import ImpressionLog

Ranked = tuple[Recommendations, Request]
"""A list with what ranking was asked for it."""


@dataclass(frozen=True)
class Question:
    messages: Sequence[Message]
    session_id: str
    user_id: str | None
    mode: Mode
    surface: Surface


class Chats:
    """Answers questions from a view of the shop; thread-safe. ``writer`` None: the template writes."""

    def __init__(
        self,
        requests: Requests,
        photos: PhotoQuestions,
        voice_notes: VoiceNotes,
        impressions: ImpressionLog,
        writer: SentenceWriter | None,
    ) -> None:
        self._requests = requests
        self._photos = photos
        self._voice_notes = voice_notes
        self._impressions = impressions
        self._writer = writer
        self._patience = Patience()

    def stream(self, view: View, question: Question) -> Generator[ReplyChunk, None, None]:
        """The reply piece by piece. Photos and the voice note of the shopper's last message count, earlier ones do not.

        Raises
        ------
        BadRequestError : at the call, for messages that hold no question, and photos and sounds that cannot be read
        """
        asked = [message for message in question.messages if message.role == "user"]
        photos = photos_of(asked[-1]) if asked else ()
        said = listened(question.messages, self._voice_notes, view)
        shopper = self._requests.shopper(view, question.user_id)
        look = self._photos.look(view, photos)
        ranked: dict[str, Ranked] = {}

        def rank(constraints: Constraints, k: int) -> Recommendations:
            request = Request(view, shopper, k, constraints, question.user_id, content=look.content)
            answer = self._requests.answer(request)
            ranked[answer.request_id] = (answer, request)
            return answer

        chunks = stream(
            said.messages,
            rank=rank,
            vocabulary=view.vocabulary,
            session_id=question.session_id,
            mode=question.mode,
            surface=question.surface,
            photos=photos,
            seen=look.seen,
            notes=(*said.notes, *look.notes),
            heard=said.heard,
            writer=self._writer,
            patience=self._patience,
        )
        return self._logged(chunks, ranked, question.session_id)

    def settle(self, seconds: float) -> None:
        """Wait a moment for writers that nobody listens to any more."""
        self._patience.settle(seconds)

    def _logged(
        self, chunks: Generator[ReplyChunk, None, None], ranked: Mapping[str, Ranked], session_id: str
    ) -> Generator[ReplyChunk, None, None]:
        with closing(chunks):
            for chunk in chunks:
                if chunk.type == "items":
                    log_answer(self._impressions, *ranked[chunk.request_id], endpoint="chat", session_id=session_id)
                yield chunk
