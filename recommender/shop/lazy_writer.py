"""A base model as the shop's writer, loaded by the first reply that needs it: ranking alone never pays for it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from recommender.base_model.protocols import Writer
from recommender.conversation.context import WritingContext
from recommender.conversation.model_writer import ModelWriter
from recommender.errors import WriterError

RETRY_SECONDS: Final = 60.0
LOADING_SECONDS: Final = 10.0


class LazyWriter:
    """Writes with what ``load`` returns. Thread-safe; one thread loads, and others wait a moment for it.

    Parameters
    ----------
    load : may raise anything; its error ends the replies of ``retry_seconds``, then it is called again
    """

    def __init__(
        self,
        load: Callable[[], Writer | None],
        *,
        retry_seconds: float = RETRY_SECONDS,
        loading_seconds: float = LOADING_SECONDS,
    ) -> None:
        self._load = load
        self._retry_seconds = retry_seconds
        self._loading_seconds = loading_seconds
        self._loading = threading.Lock()
        self._writer: ModelWriter | None = None
        self._failure: tuple[str, float] | None = None

    def write(self, context: WritingContext) -> Iterator[str]:
        yield from self._ready(self._loading_seconds).write(context)

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        return self._ready(self._loading_seconds).rewrite(context, sentence, problems)

    def warm(self) -> None:
        """Load now, however long it takes; raises WriterError if that fails."""
        self._ready(-1)

    def _ready(self, seconds: float) -> ModelWriter:
        """The loaded writer; waits at most `seconds` (-1: without end) for a thread that loads it."""
        if self._writer is not None:
            return self._writer
        if not self._loading.acquire(timeout=seconds):
            raise WriterError("the base model is still being loaded")
        try:
            return self._writer or self._loaded()
        finally:
            self._loading.release()

    def _loaded(self) -> ModelWriter:
        if self._failure is not None and time.monotonic() < self._failure[1]:
            raise WriterError(self._failure[0])
        try:
            self._writer = ModelWriter(_required(self._load()))
        except Exception as error:  # whatever keeps a base model from loading is said in the reply
            text = str(error) if isinstance(error, WriterError) else f"{type(error).__name__}: {error}"
            self._failure = (f"the base model cannot be loaded: {text}", time.monotonic() + self._retry_seconds)
            raise WriterError(self._failure[0]) from error
        return self._writer


def _required(writer: Writer | None) -> Writer:
    if writer is None:
        raise WriterError("there is none")
    return writer
