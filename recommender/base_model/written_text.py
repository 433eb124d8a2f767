"""Tokens turned into text while they are made; a character may take several tokens, and a token hold part of one."""

from typing import Any, Final

_UNFINISHED: Final = "\ufffd"


class WrittenText:
    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._pending: list[int] = []
        self._told = 0
        """How many of the pending tokens were given out: they are kept since the text of a token may need them."""

    def add(self, token: int) -> str:
        """What can be read now that could not before; empty while a character is unfinished."""
        self._pending.append(token)
        new = self._new()
        if new.endswith(_UNFINISHED):
            return ""
        self._pending = self._pending[self._told :]
        self._told = len(self._pending)
        return new

    def rest(self) -> str:
        """What is left when nothing follows."""
        return self._new()

    def _new(self) -> str:
        return self._decode(self._pending)[len(self._decode(self._pending[: self._told])) :]

    def _decode(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text
