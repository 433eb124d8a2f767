"""Constrained writing: which tokens may come next, so that a model can write allowed words and slots and nothing else.

The grammar is compiled by llguidance, which walks the tokenizer's trie by bytes: a slot cut into several tokens, and a
token that spans the end of a slot and the mark behind it, need no care here. Its lexer never goes back: terminals that
may stand at the same place must not be alike unless they are one terminal.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
start: LEAD? sentence%(more)s
sentence: %(topics)s
link: MARK? SPACE | SPACE DASH SPACE
LEAD: " " | "- "
BREAK: " " | "\\n" | "\\n\\n" | "\\n- "
MARK: "," | ";" | ":"
SPACE: " "
DASH: "\u2013"
END: "." | "!" | "?"
"""
_TOPIC: Final = """\
topic{n}: {body} END
part{n}: plain{n} | "(" row{n} ")" | "\u201c" row{n} "\u201d"
row{n}: plain{n} (link plain{n})*
plain{n}: {plain}
"""
_FREE: Final = "part{n} (link part{n})*"
_NEEDY: Final = "(part{n} link)* ({needed}) (link part{n})*"


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
    terminals = _terminals(allowed)
    rules = [(number, _rules_of(number, terminals)) for number in range(len(allowed.topics))]
    topics = {f"topic{number}": text for number, text in rules if text}
    if not topics:
        raise WriterError("a prompt must allow at least one word or slot")
    more = f" (BREAK sentence){{0,{allowed.max_sentences - 1}}}" if allowed.max_sentences > 1 else ""
    spellings = (f"{terminal.name}: /{terminal.spelt}/\n" for terminal in terminals)
    return "".join([_RULES % {"more": more, "topics": " | ".join(topics)}, *topics.values(), *spellings])


@dataclass(frozen=True, slots=True)
class _Terminal:
    """Words, or slots, that may stand in the same topics, and that the same topics need."""

    name: str
    spelt: str
    is_slot: bool
    topics: frozenset[int]
    needed: frozenset[int]


def _terminals(allowed: Allowed) -> list[_Terminal]:
    """Each word and slot is of one terminal, so that the lexer need not choose; most words are of the first."""
    topics, slots, plain = allowed.topics, allowed.slots, allowed.words
    needs = {text for topic in topics for text in topic.needs}
    everywhere = frozenset(range(len(topics)))
    groups = {(False, everywhere, frozenset[int]()): plain - needs}
    for text in sorted((slots | allowed.own_words | needs) - (plain - needs)):
        needed = frozenset(number for number, topic in enumerate(topics) if text in topic.needs)
        own = frozenset(number for number, topic in enumerate(topics) if text in topic.slots or text in topic.words)
        group = (text in slots, everywhere if text in plain else own | needed, needed)
        groups[group] = groups.get(group, frozenset()) | {text}
    return [
        _Terminal(f"T{number}", _either(sorted(texts)) if is_slot else _spelt(texts), is_slot, own, needed)
        for number, ((is_slot, own, needed), texts) in enumerate(groups.items())
        if texts
    ]


def _rules_of(number: int, terminals: Sequence[_Terminal]) -> str:
    """Of the sentences of one topic; empty where it has nothing to be made of, or not what it needs."""
    own = [terminal for terminal in terminals if number in terminal.topics]
    words = " | ".join(terminal.name for terminal in own if not terminal.is_slot)
    slots = " | ".join(terminal.name for terminal in own if terminal.is_slot)
    needed = " | ".join(terminal.name for terminal in own if number in terminal.needed)
    if not own:
        return ""
    compound = f'word{number} ("-" word{number})*' if words else ""
    return _TOPIC.format(
        n=number,
        plain=" | ".join(filter(None, (compound, slots))),
        body=_NEEDY.format(n=number, needed=needed) if needed else _FREE.format(n=number),
    ) + (f"word{number}: {words}\n" if words else "")


@lru_cache(maxsize=64)
def _spelt(words: frozenset[str]) -> str:
    """Most words are the same for every prompt."""
    return "|".join(_spellings(words))


def _either(slots: Iterable[str]) -> str:
    return "|".join(map(_literal, slots))


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
