"""The tokens of one message, and which of them a rule has already read."""

from collections.abc import Collection, Sequence
from typing import Final

from recommender.conversation.vocabulary import MAX_PHRASE_TOKENS
from recommender.text import Token

_LONGEST_RULE: Final = 5


class Tokens:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.all = tuple(tokens)
        self._texts = tuple(token.text for token in self.all)
        self._read = [False] * len(self.all)

    def is_read(self, position: int) -> bool:
        return self._read[position]

    def mark(self, start: int, end: int) -> None:
        self._read[start:end] = [True] * (end - start)

    def text_at(self, position: int) -> str:
        return self.all[position].text if 0 <= position < len(self.all) else ""

    def folded_at(self, position: int) -> str:
        return self.all[position].folded if 0 <= position < len(self.all) else ""

    def unread_run(self, position: int) -> list[str]:
        """The folded tokens from a position up to one that has been read, as many as a phrase can have."""
        run: list[str] = []
        for index in range(position, min(len(self.all), position + MAX_PHRASE_TOKENS)):
            if self._read[index]:
                break
            run.append(self.all[index].folded)
        return run

    def phrase_at(self, position: int, phrases: Collection[tuple[str, ...]]) -> int:
        """The length of the longest of these phrases that begins at a position, 0 for none."""
        if position >= len(self.all) or self._read[position]:
            return 0
        for length in range(min(_LONGEST_RULE, len(self.all) - position), 0, -1):
            if self._texts[position : position + length] in phrases and not any(
                self._read[position : position + length]
            ):
                return length
        return 0

    def mark_phrases(self, phrases: Collection[tuple[str, ...]]) -> bool:
        """Marks every occurrence of these phrases as read; whether there was one."""
        found = False
        for position in range(len(self.all)):
            length = self.phrase_at(position, phrases)
            self.mark(position, position + length)
            found = found or length > 0
        return found
