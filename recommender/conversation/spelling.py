"""Words the catalogue nearly has: "stripes" where it says "Striped", "teapott" where it says "Teapot".

A word is corrected to the only catalogue word one edit away that begins with the same letter, and only in a message
most of whose words are understood, so that another language stays unread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase
from typing import Final

from recommender.conversation import lexicon, numbers, prices, purposes, small_talk
from recommender.conversation.vocabulary import Vocabulary, stem
from recommender.text import Token, TokenKind, fold

MIN_LENGTH: Final = 5
MIN_SUBSTITUTED_LENGTH: Final = 6
"""Shorter words lie too close to each other: a plant is no misspelt plate."""
MAX_TRIED: Final = 12
"""Words of one message that are tried; the rest of a longer one stay as they are."""

_RULES: Final = (
    *(lexicon.NEGATORS, lexicon.STOCK_PHRASES, lexicon.START_OVER, lexicon.FORGETTERS, lexicon.MATTERS_NOT),
    *(lexicon.ORDERINGS, lexicon.ASSENTS, small_talk.SERVICE, small_talk.OFF_TOPIC, small_talk.FOLLOW_UPS),
)
_PLAIN: Final = frozenset(word for phrases in _RULES for phrase in phrases for word in phrase).union(
    *(lexicon.PASSED, lexicon.PRICE_OPINIONS, lexicon.FIELD_WORDS, lexicon.PACKINGS, lexicon.PRESENTS, lexicon.COLOURS),
    *(
        lexicon.EXTENDERS,
        lexicon.REFINERS,
        small_talk.INSULTS,
        small_talk.POINTERS,
        prices.WORDS,
        purposes.WORDS,
        lexicon.CHAT,
    ),
    *(numbers.SMALL_NUMBERS, numbers.TENS, numbers.SCALES, numbers.NOTES, numbers.MONEY_WORDS),
)


def respell(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """The tokens with misspelt words of the catalogue corrected; offsets stay those of the message."""
    tokens = list(_joined(tokens, vocabulary))
    unknown = [index for index, token in enumerate(tokens) if _is_unknown(token, vocabulary)]
    corrected = {index: _correction(tokens[index], vocabulary) for index in unknown[:MAX_TRIED]}
    found = {index: word for index, word in corrected.items() if word}
    words = sum(token.kind is TokenKind.WORD for token in tokens)
    if len(unknown) - len(found) > words - len(unknown) + len(found):
        return list(tokens)
    return [
        replace(token, text=found[index], folded=found[index]) if index in found else token
        for index, token in enumerate(tokens)
    ]


def _is_unknown(token: Token, vocabulary: Vocabulary) -> bool:
    if token.kind is not TokenKind.WORD or token.text in _PLAIN or token.folded in _PLAIN:
        return False
    return token.folded not in vocabulary.single_words and token.folded not in vocabulary.names


def _joined(tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterator[Token]:
    """The tokens with "note book", "note-book" and "4k" as one word where the catalogue has it, as "notebook"."""
    position = 0
    while position < len(tokens):
        apart = 2 if tokens[position + 1 : position + 2] and tokens[position + 1].text == "-" else 1
        first, second = tokens[position], tokens[min(position + apart, len(tokens) - 1)]
        if first is not second and _is_one_word(first, second, vocabulary):
            kind = TokenKind.WORD
            yield Token(kind, first.text + second.text, first.text + second.folded, first.start, second.end)
            position += apart + 1
        else:
            yield first
            position += 1


def _is_one_word(first: Token, second: Token, vocabulary: Vocabulary) -> bool:
    """Plain English is never joined ("in door" is no "indoor"), nor is what titles rather have as two words."""
    joined = first.text + second.folded
    if joined not in vocabulary.single_words or second.kind is not TokenKind.WORD or second.text in _PLAIN:
        return False
    if first.kind is TokenKind.NUMBER:
        return first.end == second.start
    if (
        first.kind is not TokenKind.WORD
        or first.text in _PLAIN
        or f"{first.folded} {second.folded}" in vocabulary.terms
    ):
        return False
    both = set(vocabulary.items_with(first.folded)).intersection(vocabulary.items_with(second.folded))
    return joined in vocabulary.terms or len(both) < len(vocabulary.items_with(joined))


def _correction(token: Token, vocabulary: Vocabulary) -> str:
    """The catalogue's word of the same stem, else the only one that is an edit away; "" for none."""
    word = token.folded
    relative = vocabulary.stems.get(stem(word), "")
    if relative or len(token.text) < MIN_LENGTH or not word.isalpha():
        return relative
    edits = set(_edits(word))
    if token.text.endswith("s"):
        edits |= {fold(edit) for edit in (*edits, *_edits(token.text))}
    near = {edit for edit in edits if edit in vocabulary.single_words and edit not in lexicon.STOP_WORDS}
    near = {edit for edit in near if len(edit) >= MIN_LENGTH} or _doublings_undone(word, near)
    return near.pop() if len(near) == 1 else ""


def _doublings_undone(word: str, near: set[str]) -> set[str]:
    """Of short words only "navy" for "navvy": a letter struck twice."""
    undone = {word[:at] + word[at + 1 :] for at in range(1, len(word)) if word[at] == word[at - 1]}
    return near & undone


def _edits(word: str) -> Iterator[str]:
    """Every word one edit away that begins with the same letter; short words have no letter replaced."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            if len(word) >= MIN_SUBSTITUTED_LENGTH:
                yield head + letter + tail[1:]
