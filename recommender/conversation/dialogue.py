"""The state of a conversation: wishes folded over the shopper's messages, later ones winning."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommender.conversation.lexicon import COLOUR
from recommender.conversation.understanding import KEYWORDS, SmallTalk, Turn, agree, understand
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.errors import BadRequestError
from recommender.text import plain, words
from schemas import Message, Wishes
from schemas.catalog import Attributes
from schemas.conversation import MAX_MESSAGES


class BadMessagesError(BadRequestError):
    """Messages that hold no request."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """``request`` is the text of the shopper's last message, ``small_talk`` what it is besides wishes."""

    wishes: Wishes
    small_talk: SmallTalk | None
    request: str


def read_dialogue(messages: Sequence[Message], vocabulary: Vocabulary) -> Dialogue:
    """The wishes after all the shopper's messages; those of other roles are not read.

    Raises
    ------
    BadMessagesError
        There is no message with the role "user", or there are more than ``MAX_MESSAGES``.
    """
    if len(messages) > MAX_MESSAGES:
        raise BadMessagesError(f"got {len(messages)} messages; at most {MAX_MESSAGES} are read, send the latest")
    texts = [message.text for message in messages if message.role == "user"]
    if not texts:
        roles = ", ".join(message.role for message in messages) or "none"
        raise BadMessagesError(
            f"a message with the role 'user' is needed; got {len(messages)} messages with roles: {roles}"
        )
    wishes, turn = Wishes(), Turn(Wishes())
    for text in texts:
        turn = understand(text, vocabulary)
        wishes = fold_turn(wishes, turn, vocabulary)
    return Dialogue(wishes, turn.small_talk, texts[-1])


def fold_turn(wishes: Wishes, turn: Turn, vocabulary: Vocabulary) -> Wishes:
    """The wishes after one more message.

    A new subject (category or keywords) replaces the old one with its colours, brands and other attributes, and keeps
    prices, stock and refusals; a message that only adds a colour or "with hearts" narrows the subject it finds.
    """
    kept = Wishes() if turn.start_over else _forget(wishes, turn.forget, vocabulary)
    new = turn.wishes
    if _is_new_subject(kept, turn):
        kept = kept.model_copy(update={"category": (), "brand": (), "keywords": (), "attributes": {}})
    minimum, maximum = agree(kept.min_price, kept.max_price, (new.min_price, new.max_price))
    wanted = _merge(_fields(kept), _fields(new), extend=turn.extends)
    wanted = _minus(wanted, new.without)
    keywords = _without_words((*kept.keywords, *new.keywords), new.without.get(KEYWORDS, ()))
    without = _merge(_minus(kept.without, {**_fields(new), KEYWORDS: new.keywords}), new.without, extend=True)
    return Wishes(
        min_price=minimum,
        max_price=maximum,
        in_stock=kept.in_stock or new.in_stock,
        category=wanted.pop(CATEGORY, ()),
        brand=wanted.pop(BRAND, ()),
        attributes=wanted,
        without=without,
        keywords=keywords,
        recipient=new.recipient or kept.recipient,
        occasion=new.occasion or kept.occasion,
        unread=new.unread,
    )


def _is_new_subject(wishes: Wishes, turn: Turn) -> bool:
    new = turn.wishes
    if new.category:
        return not turn.extends and not set(new.category) <= set(wishes.category)
    return bool(new.keywords) and not turn.refines and not set(new.keywords) <= set(wishes.keywords)


def _fields(wishes: Wishes) -> Attributes:
    fields = {CATEGORY: wishes.category, BRAND: wishes.brand, **wishes.attributes}
    return {name: values for name, values in fields.items() if values}


def _merge(old: Attributes, new: Attributes, *, extend: bool) -> Attributes:
    """The values of both; of a field in both the new ones, or with ``extend`` all. New fields come last."""
    merged = {name: values for name, values in old.items() if name not in new}
    for name, values in new.items():
        before = old.get(name, ()) if extend else ()
        merged[name] = tuple(dict.fromkeys((*before, *values)))
    return merged


def _minus(fields: Attributes, taken: Attributes) -> Attributes:
    left = {
        name: tuple(value for value in values if value not in taken.get(name, ())) for name, values in fields.items()
    }
    return {name: values for name, values in left.items() if values}


def _without_words(keywords: tuple[str, ...], refused: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in dict.fromkeys(keywords) if word not in refused)


def _forget(wishes: Wishes, fields: frozenset[str], vocabulary: Vocabulary) -> Wishes:
    if not fields:
        return wishes
    update: dict[str, object] = {name: () for name in (CATEGORY, BRAND) if name in fields}
    if "price" in fields:
        update |= {"min_price": None, "max_price": None}
    if "in_stock" in fields:
        update["in_stock"] = False
    update["attributes"] = _outside(wishes.attributes, fields)
    update["without"] = _outside(wishes.without, fields)
    forgotten = wishes.model_copy(update=update)
    return _forget_colour_words(forgotten, vocabulary) if COLOUR in {_folded(name) for name in fields} else forgotten


def _outside(fields: Attributes, names: frozenset[str]) -> Attributes:
    folded = {_folded(name) for name in names}
    return {name: values for name, values in fields.items() if _folded(name) not in folded}


def _folded(name: str) -> str:
    return " ".join(words(name))


def _forget_colour_words(wishes: Wishes, vocabulary: Vocabulary) -> Wishes:
    def others(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in values if plain(word) not in vocabulary.colours)

    without = {name: others(values) if name == KEYWORDS else values for name, values in wishes.without.items()}
    return wishes.model_copy(
        update={
            "keywords": others(wishes.keywords),
            "without": {name: values for name, values in without.items() if values},
        }
    )
