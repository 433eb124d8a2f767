"""What a reply is written by: the template, or a base model behind its prompt."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from recommender.conversation.context import WritingContext


class SentenceWriter(Protocol):
    def write(self, context: WritingContext) -> Iterator[str]:
        """Sentences with handles and slots, in reading order.

        Raises
        ------
        WriterError
            It cannot write or go on.
        """

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        """A second try at a sentence that failed the check; None to leave it to the template."""
