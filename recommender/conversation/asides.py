"""What is said without being wished: orders to the writer ("say it is free"), what is owned, what does not matter."""

from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.small_talk import sentences
from recommender.conversation.tokens import Tokens
from recommender.text import TokenKind, word_set

_ORDERS: Final = frozenset(
    {
        ("say",),
        ("pretend",),
        ("disregard",),
        ("claim",),
        ("repeat",),
        ("act", "as"),
        ("act", "like"),
        ("answer", "with"),
        ("answer", "that"),
        ("reply", "with"),
        ("reply", "that"),
        ("respond", "with"),
        ("write", "that"),
        ("tell", "me", "it"),
        ("tell", "me", "its"),
        ("tell", "me", "that"),
        ("tell", "me", "they"),
        ("tell", "everyone"),
        ("tell", "them"),
        ("ignore", "previous"),
        ("ignore", "your"),
        ("ignore", "everything"),
        ("ignore", "these"),
        ("ignore", "those"),
        ("ignore", "all", "previous"),
        ("ignore", "all", "your"),
        ("ignore", "all", "instructions"),
        ("ignore", "all", "rules"),
        ("ignore", "the", "above"),
        ("ignore", "the", "rules"),
        ("ignore", "the", "instructions"),
        ("forget", "your"),
        ("forget", "previous"),
        ("you", "must", "say"),
        ("from", "now", "on"),
    }
)
_BEFORE_ORDERS: Final = word_set("and then please you to must always also now should just but so or will")
_AFTER_SAY: Final = word_set("under below about around over above up max maximum between at less more")
_OWNED: Final = frozenset({("already", verb) for verb in ("have", "got", "own", "bought", "ordered")})
_CLAUSE_ENDS: Final = frozenset({",", ".", ";", "!", "?", "and", "but", "so", "-"})
_CLAUSE_STARTS: Final = _CLAUSE_ENDS | {"while", "as", "although", "though"}
_NOT_BEFORE: Final = word_set("isnt arent doesnt dont not wasnt")
_HOW_MUCH: Final = word_set("really that very so a an my the all too main big at of much")
_IMPORTANT: Final = word_set(
    "important importance priority issue concern matter matters necessary essential crucial relevant problem"
)
_DISMISSALS: Final = frozenset(
    {
        ("dont", "care", "about"),
        ("dont", "mind"),
        ("dont", "need", "to", "worry"),
        ("not", "bothered", "about"),
        ("not", "worried", "about"),
        ("not", "fussed", "about"),
        ("regardless", "of"),
        ("no", "matter"),
    }
)


def read_orders(tokens: Tokens) -> list[str]:
    """Marks what orders the writer about, up to the end of its sentence; the words of it that mean anything."""
    said: list[str] = []
    for start, end in sentences(tokens):
        order = next((position for position in range(start, end) if _is_order(tokens, position)), end)
        said += [token.text for token in tokens.all[order:end] if _is_content(token.kind, token.text)]
        tokens.mark(order, end)
    return said


def mark_owned(tokens: Tokens) -> None:
    """Marks "already have a lamp" up to the end of its clause: neither a wish nor a refusal."""
    for position in range(len(tokens.all)):
        if tokens.phrase_at(position, _OWNED):
            tokens.mark(position, _clause_end(tokens, position + 2))


def mark_dismissed(tokens: Tokens) -> None:
    """Marks the clauses of "battery life isn't important" and "I don't care about the size": they wish nothing."""
    for position in range(len(tokens.all)):
        length = tokens.phrase_at(position, _DISMISSALS)
        if length:
            tokens.mark(position, _clause_end(tokens, position + length))
        end = _unimportant_end(tokens, position)
        if end:
            tokens.mark(_clause_start(tokens, position), end)


def _unimportant_end(tokens: Tokens, position: int) -> int:
    """Where "isn't that important" ends, which begins at a position; 0 for none."""
    if tokens.text_at(position) not in _NOT_BEFORE or tokens.is_read(position):
        return 0
    end = position + 1
    while tokens.text_at(end) in _HOW_MUCH:
        end += 1
    return end + 1 if tokens.text_at(end) in _IMPORTANT else 0


def _clause_end(tokens: Tokens, position: int) -> int:
    while position < len(tokens.all) and tokens.text_at(position) not in _CLAUSE_ENDS:
        position += 1
    return position


def _clause_start(tokens: Tokens, position: int) -> int:
    while position and tokens.text_at(position - 1) not in _CLAUSE_STARTS:
        position -= 1
    return position


def _is_order(tokens: Tokens, position: int) -> bool:
    if not tokens.phrase_at(position, _ORDERS) or not _may_begin(tokens, position):
        return False
    following = tokens.all[position + 1 : position + 2]
    is_word = bool(following) and following[0].kind is TokenKind.WORD
    return tokens.text_at(position) != "say" or (is_word and following[0].text not in _AFTER_SAY)


def _may_begin(tokens: Tokens, position: int) -> bool:
    if position == 0 or tokens.all[position - 1].kind is not TokenKind.WORD:
        return True
    return tokens.text_at(position - 1) in _BEFORE_ORDERS


def _is_content(kind: TokenKind, text: str) -> bool:
    return kind in (TokenKind.WORD, TokenKind.NUMBER) and text not in lexicon.PASSED
