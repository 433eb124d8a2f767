"""What is said without being wished: orders to the writer ("say it is free") and things already owned."""

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
_OWNED_ENDS: Final = frozenset({",", ".", ";", "!", "?", "and", "but", "so", "-"})


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
            end = position + 2
            while end < len(tokens.all) and tokens.text_at(end) not in _OWNED_ENDS:
                end += 1
            tokens.mark(position, end)


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
