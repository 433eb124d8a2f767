"""Control tokens of a tokenizer, kept out of text: no words of a shopper or a catalogue may begin a turn or a photo."""

import re
from typing import Any, Final

_JOINER: Final = "\u2060"


class ControlTokens:
    """Those that stand for more than their characters: the special ones, and what the chat template writes."""

    def __init__(self, tokenizer: Any, template: str) -> None:
        added = [(token.content, token.special) for token in tokenizer.added_tokens_decoder.values()]
        control = [name for name, special in added if special or (name in template and not name.isspace())]
        longest_first = sorted(filter(None, control), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def broken_up(self, text: str) -> str:
        """The text with an invisible character in each of them, so that it reads the same and is none."""
        return self._pattern.sub(lambda found: found[0][0] + _JOINER + found[0][1:], text)
