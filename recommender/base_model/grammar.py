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
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer

from recommender.base_model.sampling import TokenIds
from recommender.errors import WriterError
from recommender.prompts import Allowed, Topic

KEPT: Final = 16
MAX_PARTS: Final = 32
"""Words and slots before what a sentence needs, as many after it: a small model may lose its way and find no end."""
MAX_HYPHENS: Final = 3
WORDS_BEFORE_SLOT: Final = 2
"""At the most, where a slot stands before the name of its product: "At [[P1.price]], [[P1]] is"."""

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
_PARTS: Final = """\
part{n}: plain{n} | "(" row{n} ")" | "\u201c" row{n} "\u201d"
row{n}: plain{n} (link plain{n}){{0,{most}}}
plain{n}: {plain}
more{n}: (link part{n}){{0,{most}}}
"""
_LEAD: Final = """\
lead{n}: {words}
before{n}: (lead{n} link){{0,{most}}}
"""


class Vocabulary:
    """A tokenizer prepared for grammars; once for each model, since that takes most of a second for a large one.

    A grammar takes longer to compile than a copy of it to make, and shoppers who see the same products have the same
    one: the last `KEPT` stay.
    """

    def __init__(self, tokens: LLTokenizer) -> None:
        self._tokens = tokens
        self._matcher = lru_cache(maxsize=KEPT)(self._compiled)

    @classmethod
    def of(cls, tokenizer: Any, end_tokens: Sequence[int]) -> Self:
        """Of a fast tokenizer of transformers. Raises `WriterError` for any other."""
        try:
            return cls(from_tokenizer(tokenizer, eos_token=list(end_tokens)))
        except ValueError as error:
            raise WriterError(f"constrained writing needs a fast tokenizer: {error}") from error

    def constraint(self, allowed: Allowed) -> "Constraint":
        """Of one answer. Raises `WriterError` where the grammar cannot be compiled."""
        return Constraint(self._matcher(allowed).deep_copy())

    def _compiled(self, allowed: Allowed) -> LLMatcher:
        return LLMatcher(self._tokens, LLMatcher.grammar_from_lark(grammar_of(allowed)), log_level=0)


class Constraint:
    """Follows one answer, token by token. Not thread-safe."""

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher = matcher
        self._settled: list[int] | None = None
        """The token that must come next, if there is one; None: not asked yet."""
        self._check()

    @property
    def ended(self) -> bool:
        """Whether nothing may follow but the end."""
        return self._matcher.is_stopped()

    def allows(self, token: int) -> bool:
        """Whether this one is among `choices`; where the text is settled that is the one that spells most of it."""
        if self._settled is None:
            self._settled = self._matcher.compute_ff_tokens()[:1]
        allowed: bool = token in self._settled if self._settled else self._matcher.validate_tokens([token]) == 1
        self._check()
        return allowed

    def choices(self) -> TokenIds:
        """The tokens that may come next, ascending; the end among them where a sentence is complete."""
        mask = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        self._check()
        return np.flatnonzero(np.unpackbits(mask, bitorder="little"))

    def take(self, token: int) -> None:
        self._settled = None
        self._matcher.consume_token(token)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise WriterError(f"the grammar of this prompt does not work: {self._matcher.get_error()}")


def grammar_of(allowed: Allowed) -> str:
    """In the Lark form of llguidance: sentences of words (as they are or with a capital), slots between marks, marks.

    Nothing but a mark or a space touches a slot, and a hyphen stands between two words only.
    """
    terminals = _terminals(allowed.topics)
    rules = ((number, _rules_of(number, topic, terminals)) for number, topic in enumerate(allowed.topics))
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
    topics: frozenset[int]
    needed: frozenset[int] = frozenset()
    is_slot: bool = False
    is_plain: bool = True


def _terminals(topics: Sequence[Topic]) -> list[_Terminal]:
    """Each word and slot is of one terminal, so that the lexer need not choose."""
    slots = frozenset(slot for topic in topics for slot in topic.slots)
    special = slots.union(*(topic.own_words.union(topic.needs) for topic in topics))
    groups: dict[tuple[frozenset[int], frozenset[int], bool], list[str]] = {}
    for text in sorted(special):
        may = frozenset(n for n, topic in enumerate(topics) if _has(topic, text))
        must = frozenset(n for n, topic in enumerate(topics) if text in topic.needs)
        groups.setdefault((may, must, text in slots), []).append(text)
    plain = ((words - special, own) for own, words in _shared(tuple(topic.words for topic in topics)))
    spelt = [(_spelt(words), own, frozenset[int](), False, True) for words, own in plain]
    for (may, must, is_slot), texts in groups.items():
        text = "|".join(map(_literal, texts)) if is_slot else _spelt(frozenset(texts))
        spelt.append((text, may, must, is_slot, False))
    return [_Terminal(f"T{number}", *terminal) for number, terminal in enumerate(spelt) if terminal[0]]


def _has(topic: Topic, text: str) -> bool:
    return text in topic.slots or text in topic.words or text in topic.own_words


@lru_cache(maxsize=64)
def _shared(lists: tuple[frozenset[str], ...]) -> tuple[tuple[frozenset[int], frozenset[str]], ...]:
    """The words of some lists, apart by the lists they are in; most prompts have the same lists."""
    groups: dict[frozenset[int], set[str]] = {}
    for word in frozenset[str]().union(*lists):
        groups.setdefault(frozenset(n for n, words in enumerate(lists) if word in words), set()).add(word)
    return tuple((own, frozenset(words)) for own, words in sorted(groups.items(), key=lambda group: sorted(group[0])))


def _rules_of(number: int, topic: Topic, terminals: Sequence[_Terminal]) -> str:
    """Of the sentences of one topic; empty where it has nothing to be made of."""
    own = [terminal for terminal in terminals if number in terminal.topics]
    words = " | ".join(terminal.name for terminal in own if not terminal.is_slot)
    slots = " | ".join(terminal.name for terminal in own if terminal.is_slot)
    needed = " | ".join(terminal.name for terminal in terminals if number in terminal.needed)
    plain = " | ".join(filter(None, (f'word{number} ("-" word{number}){{0,{MAX_HYPHENS}}}' if words else "", slots)))
    if not plain and not needed:
        return ""
    rules = _PARTS.format(n=number, plain=plain, most=MAX_PARTS) if plain else ""
    rules += f"word{number}: {words}\n" if words else ""
    more = f" more{number}" if plain else ""
    if not topic.needs:
        body = f"part{number}{more}"
    elif any(_has(topic, text) for text in topic.needs):
        first = f"word{number} link " if topic.begins_with_word and words else ""
        body = f"{first}(part{number} link){{0,{MAX_PARTS}}} ({needed}){more}"
    else:
        lead = " | ".join(terminal.name for terminal in own if terminal.is_plain)
        rules += _LEAD.format(n=number, words=lead, most=MAX_PARTS) if lead else ""
        before = f"before{number} " if lead else ""
        begin = f"(lead{number} link){{0,{WORDS_BEFORE_SLOT}}} " if lead else ""
        slot = f"({begin}({slots}) link)? " if slots else ""
        body = f"{slot}{before}({needed}){more}"
    return f"topic{number}: {body} END\n{rules}"


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
