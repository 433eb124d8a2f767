"""Constrained writing: which tokens may come next, so that a model can write allowed words and slots and nothing else.

The grammar is compiled by llguidance, which walks the tokenizer's trie by bytes: a slot cut into several tokens, and a
token that spans the end of a slot and the mark behind it, need no care here. Its lexer never goes back: terminals that
may stand at the same place must not begin alike unless they are one terminal.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer

from recommender.errors import WriterError
from recommender.prompts import Allowed

TokenIds = npt.NDArray[np.int64]

_RULES: Final = """
start: LEAD? sentence %(more)s
sentence: part (link part)* END
part: plain | "(" plain (link plain)* ")" | "\u201c" plain (link plain)* "\u201d"
plain: %(plain)s
link: MARK? SPACE | SPACE DASH SPACE
LEAD: " " | "- "
BREAK: " " | "\\n" | "\\n\\n" | "\\n- "
MARK: "," | ";" | ":"
SPACE: " "
DASH: "\u2013"
END: "." | "!" | "?"
"""
_COMPOUND: Final = 'WORD ("-" WORD)*'


class Vocabulary:
    """A tokenizer prepared for grammars; once for each model, since that takes most of a second for a large one."""

    def __init__(self, tokens: LLTokenizer) -> None:
        self._tokens = tokens

    @classmethod
    def of(cls, tokenizer: Any, end_tokens: Sequence[int]) -> Self:
        """Of a fast tokenizer of transformers. Raises `WriterError` for any other."""
        try:
            return cls(from_tokenizer(tokenizer, eos_token=list(end_tokens)))
        except ValueError as error:
            raise WriterError(f"constrained writing needs a fast tokenizer: {error}") from error

    def constraint(self, allowed: Allowed) -> "Constraint":
        """Of one answer. Raises `WriterError` where the grammar cannot be compiled."""
        return Constraint(LLMatcher(self._tokens, LLMatcher.grammar_from_lark(grammar_of(allowed)), log_level=0))


class Constraint:
    """Follows one answer, token by token. Not thread-safe."""

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher = matcher
        self._check()

    @property
    def ended(self) -> bool:
        """Whether nothing may follow but the end."""
        return self._matcher.is_stopped()

    def choices(self) -> TokenIds:
        """The tokens that may come next, ascending; the end among them where a sentence is complete."""
        mask = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        self._check()
        return np.flatnonzero(np.unpackbits(mask, bitorder="little"))

    def take(self, token: int) -> None:
        self._matcher.consume_token(token)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise WriterError(f"the grammar of this prompt does not work: {self._matcher.get_error()}")


def grammar_of(allowed: Allowed) -> str:
    """In the Lark form of llguidance: sentences of words (as they are or with a capital), slots between marks, marks.

    Nothing but a mark or a space touches a slot, and a hyphen stands between two words only.
    """
    words = "|".join(filter(None, (_spelt(allowed.words), _spelt(allowed.own_words - allowed.words))))
    slots = "|".join(map(_literal, sorted(allowed.slots)))
    terminals = {"WORD": words, "SLOT": slots}
    plain = [rule for rule, spelt in ((_COMPOUND, words), ("SLOT", slots)) if spelt]
    if not plain:
        raise WriterError("a prompt must allow at least one word or slot")
    more = f"(BREAK sentence){{0,{allowed.max_sentences - 1}}}" if allowed.max_sentences > 1 else ""
    rules = _RULES % {"more": more, "plain": " | ".join(plain)}
    return rules + "".join(f"{name}: /{spelt}/\n" for name, spelt in terminals.items() if spelt)


@lru_cache(maxsize=64)
def _spelt(words: frozenset[str]) -> str:
    """Most words are the same for every prompt."""
    return "|".join(_spellings(words))


def _spellings(words: Iterable[str]) -> Iterator[str]:
    for word in sorted(filter(None, words)):
        capital = word[0].upper()
        if len(capital) == 1 and capital != word[0]:
            yield f"[{word[0]}{capital}]{_literal(word[1:])}"
        else:
            yield _literal(word)


def _literal(text: str) -> str:
    """For the expressions of Rust, where a backslash before some other marks has a meaning of its own."""
    return re.sub(r"([\\.+*?()|\[\]{}^$/])", r"\\\1", text)
