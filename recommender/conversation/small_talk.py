"""Sentences that ask for no product: greetings, questions for the staff, chat, insults, talk of what was shown."""

from collections.abc import Collection, Iterator
from enum import StrEnum
from itertools import product
from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import TokenKind, word_set


class SmallTalk(StrEnum):
    """What a message is besides a wish, the weightiest last.

    ``SERVICE``: orders, returns, delivery, payment; ``OFF_TOPIC``: nothing that a shop is for; ``FOLLOW_UP``: the
    products shown before ("the second one"), which are not known here.
    """

    THANKS = "thanks"
    GREETING = "greeting"
    FOLLOW_UP = "follow_up"
    COMPLAINT = "complaint"
    OFF_TOPIC = "off_topic"
    SERVICE = "service"


Phrases = frozenset[tuple[str, ...]]


def _phrases(text: str) -> Phrases:
    return frozenset(tuple(phrase.split()) for phrase in text.replace("\n", " ").split(";"))


def _pairs(firsts: str, seconds: str) -> Phrases:
    return frozenset((*first.split(), second) for first, second in product(firsts.split("; "), seconds.split()))


SERVICE: Final = (
    _pairs("my; our", "order orders parcel package delivery shipment refund invoice receipt account password")
    | _pairs("return; exchange; cancel; track", "my it this these them an")
    | _pairs("delivery; shipping; postage", "cost costs time times fee fees charge charges date options policy")
    | _pairs("do you; can you; will you; could you; you; does it", "ship deliver")
    | _pairs("payment; returns; return; refund; privacy; cancellation", "policy method methods options")
    | _pairs("customer", "service services support care")
    | _pairs("order", "number status confirmation history")
    | _phrases(
        "refund; refunds; send it back; send them back; take it back; how much is delivery; how much is shipping; "
        "free delivery; free shipping; next day delivery; opening hours; opening times; pay with; pay by; "
        "accept paypal; discount code; voucher code; promo code; phone number; to a human; real person; "
        "arrived broken; arrived damaged; was damaged; hasnt arrived; not arrived; never arrived; delete my data"
    )
)
OFF_TOPIC: Final = _phrases(
    "what the weather; whats the weather; what is the weather; how the weather; how is the weather; weather forecast; "
    "weather like; "
    "weather today; a joke; who are you; are you a robot; are you a bot; are you human; are you real; "
    "are you an ai; what time is it; whats the time; what the time; what is the time; whats your name; "
    "what your name; what is your name; "
    "your prompt; system prompt; your instructions; meaning of life; capital of; president of; do you love me; "
    "the news; who won; who made you; what can you do"
)
HOW_ARE_YOU: Final = _phrases("how are you; hows it going; how it going; how do you do; nice to meet you")
FOLLOW_UPS: Final = _phrases(
    "that one; this one; not that; not those; not these; not this; show me others; show others; others; other ones; "
    "another one; more options; other options; something else; anything else; show me more; more please; more like; "
    "tell me more; none of these; none of those; none of them; the one"
) | _pairs("the", "first second third fourth fifth last")
POINTERS: Final = word_set("first second third fourth fifth last previous above different similar options show these")
INSULTS: Final = word_set(
    "useless stupid dumb terrible awful rubbish idiot idiotic horrible hopeless annoying crap bad boring pathetic suck "
    "sucks fail ridiculous moron shit damn fuck fucking hate wrong unhelpful nonsense silly lying liar"
)
_ENDS: Final = frozenset(".!?;")
_ANYWHERE: Final = ((SERVICE, SmallTalk.SERVICE), (OFF_TOPIC, SmallTalk.OFF_TOPIC))


def read_small_talk(tokens: Tokens, vocabulary: Vocabulary) -> SmallTalk | None:
    """The weightiest small talk of a message; sentences that can hold no wish are marked as read."""
    found = {_of_sentence(tokens, start, end, vocabulary) for start, end in sentences(tokens)}
    texts = {token.text for token in tokens.all}
    if not texts.isdisjoint(lexicon.GREETINGS) or _has(tokens, 0, len(tokens.all), HOW_ARE_YOU):
        found.add(SmallTalk.GREETING)
    if not texts.isdisjoint(lexicon.THANKS):
        found.add(SmallTalk.THANKS)
    return max((kind for kind in found if kind), key=list(SmallTalk).index, default=None)


def sentences(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """The token ranges [start, end) of the sentences, each with the mark that ends it."""
    start = 0
    for position, token in enumerate(tokens.all):
        if token.text in _ENDS or position == len(tokens.all) - 1:
            yield start, position + 1
            start = position + 1


def _of_sentence(tokens: Tokens, start: int, end: int, vocabulary: Vocabulary) -> SmallTalk | None:
    kind = next((kind for phrases, kind in _ANYWHERE if _has(tokens, start, end, phrases)), None)
    if kind is None and _is_only(tokens, start, end, INSULTS, vocabulary) and _any(tokens, start, end, INSULTS):
        kind = SmallTalk.COMPLAINT
    if kind is None and _is_only(tokens, start, end, POINTERS, vocabulary) and _has(tokens, start, end, FOLLOW_UPS):
        kind = SmallTalk.FOLLOW_UP
    if kind is not None:
        tokens.mark(start, end)
    return kind


def _has(tokens: Tokens, start: int, end: int, phrases: Phrases) -> bool:
    return any(tokens.phrase_at(position, phrases) for position in range(start, end))


def _any(tokens: Tokens, start: int, end: int, texts: Collection[str]) -> bool:
    return any(token.text in texts for token in tokens.all[start:end])


def _is_only(tokens: Tokens, start: int, end: int, texts: Collection[str], vocabulary: Vocabulary) -> bool:
    """Whether a sentence holds these words and plain English only, and nothing that the catalogue knows."""
    return all(
        token.kind is TokenKind.MARK
        or (token.kind is TokenKind.WORD and token.text in lexicon.PASSED)
        or (token.text in texts and token.folded not in vocabulary.single_words)
        for token in tokens.all[start:end]
    )
