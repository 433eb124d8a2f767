"""How long a reply waits for its writer: whatever a writer does, the reply gets sentences or an error, in time.

A base model may fail, hang, or never stop. It runs in a thread of its own, which is left behind when time is up: a
thread that does not answer cannot be ended from outside.
"""

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Final, TypeVar

from recommender.conversation.channel import Channel, TooLateError
from recommender.conversation.context import WritingContext
from recommender.conversation.writer import SentenceWriter
from recommender.errors import WriterError
from recommender.text import clean

FIRST_SECONDS: Final = 20.0
REPLY_SECONDS: Final = 60.0
MAX_HUNG: Final = 4
MAX_SENTENCE: Final = 4_000
"""Characters of a sentence that are read; one so long fails the check."""
MAX_WAITING: Final = 40
"""Sentences that a writer may be ahead of who reads them: a whole reply, so that it need not stop half-way."""
MAX_EXPLANATION: Final = 300
THREAD_NAME: Final = "writer of a reply"
AGENT_THREAD_NAME: Final = "agent of a reply"
Made = TypeVar("Made")


class Patience:
    """How long one writer is waited for. Keep it as long as the writer: it knows the threads that never came back.

    Parameters
    ----------
    first_seconds : waited for the first sentence, until it is released or replaced
    reply_seconds : waited in all; time in which nobody asks for the next sentence does not count
    max_hung : a writer that hangs in so many threads is not asked again until one of them returns
    """

    def __init__(
        self, first_seconds: float = FIRST_SECONDS, reply_seconds: float = REPLY_SECONDS, max_hung: int = MAX_HUNG
    ) -> None:
        self.first_seconds = first_seconds
        self.reply_seconds = reply_seconds
        self._max_hung = max_hung
        self._lock = threading.Lock()
        self._left: list[tuple[threading.Thread, float]] = []

    def require_writer_back(self) -> None:
        """Raises WriterError while the writer hangs in too many threads."""
        with self._lock:
            self._left = [(thread, due) for thread, due in self._left if thread.is_alive()]
            hung = sum(due <= time.monotonic() for _, due in self._left)
        if hung >= self._max_hung:
            raise WriterError(f"it hangs in {hung} earlier replies and is not asked again until one of them ends")

    def leave(self, thread: threading.Thread, *, in_time: bool) -> None:
        """Somebody stopped waiting for `thread`; one that was left in time has a while to end before it counts."""
        with self._lock:
            self._left.append((thread, time.monotonic() + (self.first_seconds if in_time else 0.0)))

    def settle(self, seconds: float) -> None:
        """Wait a moment for the threads left behind, so that a process does not end in the midst of their work."""
        until = time.monotonic() + seconds
        with self._lock:
            left = [thread for thread, _ in self._left]
        for thread in left:
            thread.join(max(0.0, until - time.monotonic()))


class PatientWriter:
    """A writer for one reply, with limited patience: it raises `WriterError` and nothing else, and in time."""

    def __init__(self, writer: SentenceWriter, patience: Patience, until: float = math.inf) -> None:
        """``until``: the deadline of the reply, by `time.monotonic`."""
        self._writer = writer
        self._patience = patience
        self._until = until
        self._waited = 0.0
        self._past_first = False

    def write(self, context: WritingContext) -> Generator[str, None, None]:
        """The writer's sentences; close it when no more of them are wanted."""
        with closing(self._made(lambda: self._writer.write(context))) as sentences:
            for sentence in sentences:
                yield _text(sentence)
                self._past_first = True
        if not self._past_first:
            raise WriterError("it wrote nothing")

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        (second,) = self._made(lambda: iter([self._writer.rewrite(context, sentence, problems)]))
        return None if second is None else _text(second)

    def _made(self, make: Callable[[], Iterator[Made]]) -> Generator[Made, None, None]:
        """What `make` gives, made in a thread that is left behind when time is up or nobody asks for more."""
        self._patience.require_writer_back()
        channel: Channel[Made] = Channel(MAX_WAITING)
        thread = _started(lambda: channel.fill(make))
        in_time = True
        try:
            while one := self._next(channel):
                yield from one
        except TooLateError:
            in_time = self._is_due
            raise WriterError(self._too_late()) from None
        finally:
            channel.close()
            if not channel.ended:
                self._patience.leave(thread, in_time=in_time)
        if channel.error is not None:
            raise _writer_error(channel.error)

    def _next(self, channel: Channel[Made]) -> tuple[Made, ...]:
        start = time.monotonic()
        try:
            return channel.get(min(self._limit - self._waited, self._until - start))
        finally:
            self._waited += time.monotonic() - start

    @property
    def _limit(self) -> float:
        whole = self._patience.reply_seconds
        return whole if self._past_first else min(self._patience.first_seconds, whole)

    @property
    def _is_due(self) -> bool:
        """Whether the reply's deadline is over, which says nothing against the writer."""
        return time.monotonic() >= self._until

    def _too_late(self) -> str:
        if self._is_due:
            return "the reply's deadline came first"
        return f"it took longer than {self._limit:g} s for {'the reply' if self._past_first else 'its first sentence'}"


def a_writer_runs() -> bool:
    """Whether some writer or agent of this process is still in its thread, wanted or not."""
    return any(thread.name in (THREAD_NAME, AGENT_THREAD_NAME) for thread in threading.enumerate())


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=THREAD_NAME, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise WriterError(f"there is no thread for it ({error})") from error
    return thread


def _text(sentence: object) -> str:
    """A sentence, if it is one; a writer from elsewhere need not keep to the types."""
    if not isinstance(sentence, str):
        raise WriterError(f"it wrote a {type(sentence).__name__} where text was due")
    return sentence[:MAX_SENTENCE]


def _writer_error(error: BaseException) -> WriterError:
    """A writer's own error in its own words, any other with its type."""
    if isinstance(error, WriterError):
        return WriterError(" ".join(str(error).split())[:MAX_EXPLANATION])
    return WriterError(clean(f"{type(error).__name__}: {error}", MAX_EXPLANATION))
