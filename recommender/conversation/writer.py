"""The protocol of writers: what the template, and later a base model, must be able to do."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from recommender.conversation.context import WritingContext
from recommender.errors import RecommenderError


class WriterError(RecommenderError):
    """A writer that could not write or go on; the template writes the rest of the reply."""


class Writer(Protocol):
    def write(self, context: WritingContext) -> Iterator[str]:
        """Sentences with handles and slots, in reading order.

        Raises
        ------
        WriterError
            It cannot write or go on.
        """

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        """A second try at a sentence that failed the check; None to leave it to the template."""
