"""A sentence as the second checker reads it: its clauses, and the products that each is about."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from schemas import ProductRow, RankedItem, Seen, Wishes
from tests.quality.checker_lexicon import Facts, Lexicon
from tests.quality.checker_text import Title, Token, cut, printed_words, stems, with_money, with_titles
from tests.quality.checker_words import listed

_BREAKS: Final = frozenset(",;:()\u2013\u2014")
_JOINS: Final = listed("while whereas but so because since although though")
_VERBS: Final = listed("is are costs cost comes come was at for has have sells looks makes fits")
_OF_ALL: Final = listed("these they them all everything nothing none those each every")
_OF_FIRST: Final = listed("it its it's")
_OF_ONE: Final = listed("it its it's this that one")
_TALK: Final = listed("i i'd i'll i'm i've me my we us you your you'd you'll let shall do would hello thank sorry")

_QUOTED: Final = re.compile("\u201c[^\u201c\u201d]*\u201d")
_IDIOMS: Final = re.compile(
    r"\bplain and simple\b|\bby and large\b|\bin a nutshell\b|\bhands down\b|\bnothing short of\b|"
    r"\b(?:at the )?top of (?:my|the|your) list\b|\bone of a number\b"
)
"""Set phrases that mean none of their words."""


class Grounds(Protocol):
    """What may bear a sentence out."""

    items: Sequence[RankedItem]
    messages: Sequence[str]
    wishes: Wishes
    relaxed: Sequence[str]
    asked: int
    seen: Sequence[Seen]
    quantities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of tokens, and the items it is about: none, where it speaks of no product."""

    tokens: tuple[Token, ...]
    items: tuple[int, ...]
    titles: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """``abstract`` is the sentence in small letters with T<n> for a title and M for an amount."""

    text: str
    tokens: tuple[Token, ...]
    clauses: tuple[Clause, ...]
    titles: tuple[Title, ...]
    grounds: Grounds
    lexicon: Lexicon
    wish_words: frozenset[str]
    of_all: bool

    @property
    def abstract(self) -> str:
        return " ".join(token.low.replace("n't", " n't").replace("'ve", " 've") for token in self.tokens)

    @property
    def subjects(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(item for clause in self.clauses for item in clause.items))

    @property
    def named(self) -> tuple[int, ...]:
        """The items whose titles stand in the sentence."""
        return tuple(dict.fromkeys(i for t in self.tokens if t.kind == "title" for i in self.titles[t.ref].items))

    @property
    def is_question(self) -> bool:
        return self.text.rstrip().endswith("?")

    def row(self, item: int) -> ProductRow:
        return self.grounds.items[item].row

    def facts(self, item: int) -> Facts:
        return _facts(self.row(item))

    def holds(self, items: Sequence[int], is_true: Callable[[int], bool]) -> bool:
        """Whether something is true of all the items; of those that share a title, one is enough."""
        by_title: dict[tuple[str, ...], list[bool]] = {}
        for item in items:
            by_title.setdefault(_printed(self.row(item).title), []).append(is_true(item))
        return bool(by_title) and all(any(found) for found in by_title.values())

    def has(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.abstract)


_known: dict[int, tuple[ProductRow, Facts]] = {}


def _facts(row: ProductRow) -> Facts:
    if id(row) not in _known:
        _known[id(row)] = (row, Facts(row))
    return _known[id(row)][1]


def read(text: str, grounds: Grounds, lexicon: Lexicon, before: str) -> Reading:
    titles = _titles(grounds.items)
    words = frozenset(_wish_words(grounds))
    tokens = _tokens(text, titles)
    if not any(token.kind == "title" for token in tokens):
        tokens = _tokens(_QUOTED.sub(lambda match: _without_wishes(match[0], words), text), titles)
    earlier = [token for token in _tokens(before, titles) if token.kind == "title" and titles[token.ref].items]
    clauses, of_all = _clauses(tokens, titles, earlier, len(grounds.items))
    return Reading(text, tuple(tokens), tuple(clauses), tuple(titles), grounds, lexicon, words, of_all)


def _without_wishes(quoted: str, wish_words: frozenset[str]) -> str:
    """A quotation, blank where all its words are the shopper's."""
    return "x" * len(quoted) if wish_words.issuperset(stems(quoted)) else quoted


def _tokens(text: str, titles: list[Title]) -> list[Token]:
    return with_money(with_titles(cut(_IDIOMS.sub(lambda match: "x" * len(match[0]), text)), titles))


def _titles(items: Sequence[RankedItem]) -> list[Title]:
    """The titles a reply may print: of its items and of what the reasons name; alike in print, they are one."""
    own: dict[tuple[str, ...], list[int]] = {}
    for index, item in enumerate(items):
        own.setdefault(_printed(item.row.title), []).append(index)
    named = {reason.title for item in items for reason in item.reasons if reason.title}
    history = {_printed(title): title for title in sorted(named)}
    return [
        *(Title(items[at[0]].row.title, words, tuple(at), words in history) for words, at in own.items()),
        *(Title(title, words, (), is_history=True) for words, title in history.items() if words not in own),
    ]


@lru_cache(maxsize=50_000)
def _printed(title: str) -> tuple[str, ...]:
    return printed_words(title)


def _wish_words(grounds: Grounds) -> Iterator[str]:
    wishes = grounds.wishes
    attributes = [
        value for field in (wishes.attributes, wishes.without) for values in field.values() for value in values
    ]
    said = (*grounds.messages, *grounds.relaxed, *wishes.category, *wishes.brand, *wishes.keywords, *wishes.unread)
    for text in (*said, *attributes):
        yield from stems(text)


def _clauses(tokens: list[Token], titles: list[Title], earlier: list[Token], n_items: int) -> tuple[list[Clause], bool]:
    cuts = list(_cut_at_breaks(tokens))
    own = [[token for token in part if token.kind == "title" and titles[token.ref].items] for part in cuts]
    named = [token for titled in own for token in titled]
    said = {token.low for token in tokens}
    of_all = not named and bool(said & _OF_ALL) and n_items > 0
    default = _default(said, titles, earlier, of_all, n_items)
    clauses = []
    subject: tuple[int, ...] = tuple(titles[named[0].ref].items) if named else default
    for part, titled in zip(cuts, own, strict=True):
        if titled:
            subject = tuple(dict.fromkeys(item for token in titled for item in titles[token.ref].items))
        clauses.append(Clause(tuple(part), subject, tuple(titled)))
        if len(titled) > 1:
            subject = tuple(titles[titled[-1].ref].items)
    return clauses, of_all


def _default(said: set[str], titles: list[Title], earlier: list[Token], of_all: bool, n_items: int) -> tuple[int, ...]:
    """What a sentence without a title is about: all the items, the one named before, or none."""
    if of_all:
        return tuple(range(n_items))
    if earlier and (said & _OF_ONE or not said & _TALK):
        return tuple(titles[earlier[-1].ref].items)
    if n_items and said & _OF_FIRST and not said & _TALK:
        return (0,)
    return ()


def _cut_at_breaks(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for index, token in enumerate(tokens):
        joins = token.low in _JOINS and not (part and part[-1].low in ("anything", "nothing"))
        if token.text in _BREAKS or joins or (token.low == "and" and _joins_clauses(part, tokens[index:])):
            if part:
                yield part
            part = []
        part.append(token)
    if part:
        yield part


def _joins_clauses(before: list[Token], after: list[Token]) -> bool:
    """Whether an "and" stands between two clauses: each names a product and the first has said something of its own."""
    has_title = any(token.kind == "title" for token in before)
    said = any(token.low in _VERBS or token.kind == "money" for token in before)
    following = [token for token in after[1:6] if token.kind == "title" or token.text in _BREAKS]
    return has_title and said and bool(following) and following[0].kind == "title"
